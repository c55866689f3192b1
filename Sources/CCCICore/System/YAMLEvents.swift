import CLibYAML

/// The events of a YAML text, one after the other, from libyaml.
final class YAMLEvents {
  /// What libyaml reports, in Swift values.
  enum Kind {
    case begin, end, documentBegin, documentEnd, sequenceEnd, mappingEnd
    case scalar(String, plain: Bool)
    case alias
    case sequence, mapping
  }

  struct Event {
    var kind: Kind
    /// 1 is the first line.
    var line: Int
    var anchor: String?
    var tag: String?
  }

  let path: String
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let text: UnsafeMutableBufferPointer<UInt8>

  init(_ bytes: [UInt8], path: String) {
    self.path = path
    text = .allocate(capacity: max(bytes.count, 1))
    _ = text.initialize(fromContentsOf: bytes)
    parser = .allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
    yaml_parser_initialize(parser)
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, text.baseAddress, bytes.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    text.deallocate()
  }

  func next() throws(Failure) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) != 0 else { throw syntaxFailure() }
    defer { yaml_event_delete(&event) }
    let line = Int(event.start_mark.line) + 1
    let anchor = cyaml_anchor(&event).map { String(cString: $0) }
    return Event(kind: try kind(&event, line), line: line, anchor: anchor, tag: cyaml_tag(&event).map { String(cString: $0) })
  }

  /// `<path>: line 12: <problem>`.
  func failure(_ line: Int, _ problem: String) -> Failure { Failure(.badData, "\(path): line \(line): \(problem)") }

  private func kind(_ event: inout yaml_event_t, _ line: Int) throws(Failure) -> Kind {
    switch event.type {
    case YAML_STREAM_START_EVENT: .begin
    case YAML_STREAM_END_EVENT: .end
    case YAML_DOCUMENT_START_EVENT: .documentBegin
    case YAML_DOCUMENT_END_EVENT: .documentEnd
    case YAML_SEQUENCE_START_EVENT: .sequence
    case YAML_SEQUENCE_END_EVENT: .sequenceEnd
    case YAML_MAPPING_START_EVENT: .mapping
    case YAML_MAPPING_END_EVENT: .mappingEnd
    case YAML_ALIAS_EVENT: .alias
    case YAML_SCALAR_EVENT:
      .scalar(
        String(decoding: UnsafeBufferPointer(start: cyaml_scalar_bytes(&event), count: cyaml_scalar_length(&event)), as: UTF8.self),
        plain: cyaml_scalar_is_plain(&event) != 0 && cyaml_tag(&event) == nil)
    default: throw failure(line, "libyaml reported something unknown")
    }
  }

  private func syntaxFailure() -> Failure {
    let problem = parser.pointee.problem.map { String(cString: $0) } ?? "out of memory"
    guard parser.pointee.error != YAML_READER_ERROR else {
      let offset = parser.pointee.problem_offset
      let line = 1 + text.prefix(offset).count { $0 == 10 }
      return failure(line, problem)
    }
    let context = parser.pointee.context.map { " \(String(cString: $0))" } ?? ""
    return failure(Int(parser.pointee.problem_mark.line) + 1, problem + context)
  }
}
