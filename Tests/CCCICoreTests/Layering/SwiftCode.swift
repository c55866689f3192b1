/// Swift source without its comments and without the text of its strings; what stands in an interpolation stays. Lines keep their numbers.
struct SwiftCode {
  private let bytes: [UInt8]
  private var place = 0
  private var kept: [UInt8] = []

  static func of(_ source: String) -> String {
    var code = SwiftCode(bytes: Array(source.utf8))
    code.readCode(untilParenthesis: false)
    return String(decoding: code.kept, as: UTF8.self)
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private func sees(_ text: String) -> Bool { bytes[place...].starts(with: text.utf8) }

  private mutating func readCode(untilParenthesis: Bool) {
    var depth = 0
    while place < bytes.count {
      let byte = bytes[place]
      switch byte {
      case UInt8(ascii: "/") where sees("//"):
        while place < bytes.count, bytes[place] != 10 { place += 1 }
        continue
      case UInt8(ascii: "/") where sees("/*"):
        skipComment()
        continue
      case UInt8(ascii: "#"), UInt8(ascii: "\""):
        guard let hashes = stringBegin else { break }
        place += hashes
        readString(hashes)
        continue
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"): depth -= 1
      default: break
      }
      if untilParenthesis, depth < 0 { return }
      kept.append(byte)
      place += 1
    }
  }

  /// Comments may stand in one another.
  private mutating func skipComment() {
    var depth = 0
    repeat {
      if sees("/*") { depth += 1 }
      if sees("*/") { depth -= 1 }
      if bytes[place] == 10 { kept.append(10) }
      place += sees("/*") || sees("*/") ? 2 : 1
    } while depth > 0 && place < bytes.count
  }

  /// The number of `#` before a string that begins here.
  private var stringBegin: Int? {
    let hashes = bytes[place...].prefix { $0 == UInt8(ascii: "#") }.count
    let quote = place + hashes
    return quote < bytes.count && bytes[quote] == UInt8(ascii: "\"") ? hashes : nil
  }

  private mutating func readString(_ hashes: Int) {
    let quote = sees("\"\"\"") ? "\"\"\"" : "\""
    let end = quote + String(repeating: "#", count: hashes)
    let escape = "\\" + String(repeating: "#", count: hashes)
    place += quote.count
    kept += Array("\"\"".utf8)
    while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "\"") where sees(end):
        place += end.count
        return
      case UInt8(ascii: "\\") where sees(escape + "("):
        place += escape.count + 1
        kept.append(UInt8(ascii: "("))
        readCode(untilParenthesis: true)
        kept.append(UInt8(ascii: ")"))
      case UInt8(ascii: "\\") where sees(escape):
        place += escape.count
      case 10:
        kept.append(10)
      default: break
      }
      place += 1
    }
  }
}

/// One word of code.
struct SwiftWord: Equatable {
  var text: String
  var line: Int
  /// How many `{` are open around it.
  var depth: Int
  /// The character right before and right behind it, blanks not counted before.
  var before: Character
  var behind: Character

  static func all(in code: String) -> [SwiftWord] {
    var words: [SwiftWord] = []
    var (line, depth) = (1, 0)
    var before: Character = " "
    var rest = code[...]
    while let character = rest.first {
      let text = rest.prefix { $0 == "_" || $0.isLetter || $0.isNumber }
      rest = rest.dropFirst(max(text.count, 1))
      if !text.isEmpty {
        words.append(SwiftWord(text: String(text), line: line, depth: depth, before: before, behind: rest.first ?? " "))
        before = "w"
      } else if character.isNewline {
        line += 1
      } else if character != " " {
        if character == "{" { depth += 1 }
        if character == "}" { depth -= 1 }
        before = character
      }
    }
    return words
  }
}
