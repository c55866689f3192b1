import FoundationEssentials

/// JSON as every file and answer of cc-ci has it. Cheap to call: an encoder is made each time.
public enum JSONCoding {
  /// Keys sorted, indented, slashes as they are, dates as `2025-03-01T12:00:00Z`, one line feed at the end.
  public static func encode(_ value: some Encodable) throws(Failure) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    do {
      return try Array(encoder.encode(value)) + [10]
    } catch {
      throw Failure(.bug, "\(type(of: value)): cannot be encoded as JSON", why: "\(error)")
    }
  }

  /// The same on one line without the line feed, as request bodies and event lines have it.
  public static func line(_ value: some Encodable) throws(Failure) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    do {
      return try Array(encoder.encode(value))
    } catch {
      throw Failure(.bug, "\(type(of: value)): cannot be encoded as JSON", why: "\(error)")
    }
  }

  /// Dates may have an offset and fractions of a second, which are dropped.
  /// `badData` names `path` and the key path of the first missing key or wrong type: `run.json: tiers.0.op: is missing`. So is a file of ours
  /// of another form than is known here.
  public static func decode<T: Decodable>(_ type: T.Type, from bytes: [UInt8], path: String) throws(Failure) -> T {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .custom(date)
    let value: T
    do {
      value = try decoder.decode(type, from: Data(bytes))
    } catch let error as DecodingError {
      // Of another form: then that is what is wrong, and not the first key that differs.
      if T.self is any StateFile.Type { try check(schema(of: bytes), path) }
      throw JSONComplaint(error, in: bytes).failure(path: path)
    } catch let failure as Failure {
      throw Failure(.badData, "\(path): \(failure.what)", why: failure.why, next: failure.next)
    } catch {
      throw Failure(.badData, "\(path): is not the JSON that was expected", why: "\(error)")
    }
    if let file = value as? any StateFile { try check(file.schema, path) }
    return value
  }

  /// - Parameter schema: nil where there is none to be seen.
  private static func check(_ schema: Int?, _ path: String) throws(Failure) {
    guard let schema, schema != 1 else { return }
    throw Failure(
      .badData, "\(path): schema: is \(schema)", why: "another version of cc-ci has written it, this one reads 1",
      next: "use that version, or keep the file elsewhere")
  }

  private static func schema(of bytes: [UInt8]) -> Int? {
    struct Mark: Decodable { var schema: Int }
    // What is wrong with such a text has been found already.
    do { return try JSONDecoder().decode(Mark.self, from: Data(bytes)).schema } catch { return nil }
  }

  /// The library's own strategy forgets the key path, and refuses the fractions that Docker writes.
  @Sendable private static func date(_ decoder: any Decoder) throws -> Date {
    let text = try decoder.singleValueContainer().decode(String.self)
    let fraction = text.firstIndex(of: ".").map { $0..<(text[$0...].dropFirst().firstIndex { !$0.isNumber } ?? text.endIndex) }
    let whole = fraction.map { text[..<$0.lowerBound] + text[$0.upperBound...] } ?? text[...]
    do {
      return try Date(String(whole), strategy: .iso8601)
    } catch {
      let context = DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "\(text) is not a date", underlyingError: error)
      throw DecodingError.dataCorrupted(context)
    }
  }
}
