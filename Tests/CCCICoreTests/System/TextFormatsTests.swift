import CCCICore
import FoundationEssentials
import Testing

@Suite struct TOMLNodeTests {
  @Test func `every kind of value is converted`() throws {
    let text = """
      name = "n8n"
      [upgrade]
      skip = true
      wait = 90
      share = 1.5
      day = 1979-05-27
      at = 1979-05-27T07:32:00Z
      [[allow]]
      key = "volumes"
      [[allow]]
      paths = ["/a", "/b"]
      """
    let root = try TOMLNode.parse(text, path: "recipe.toml")
    #expect(root["name"] == .string("n8n"))
    #expect(root["upgrade"]?["skip"]?.bool == true && root["upgrade"]?["wait"]?.integer == 90)
    #expect(root["upgrade"]?["share"] == .double(1.5))
    #expect(root["upgrade"]?["day"]?.string == "1979-05-27" && root["upgrade"]?["at"]?.string == "1979-05-27T07:32:00Z")
    #expect(root["allow"]?.array?.map { $0["key"]?.string } == ["volumes", nil])
    #expect(root["allow"]?.array?.last?["paths"] == .array([.string("/a"), .string("/b")]))
    #expect(root["none"] == nil && root["name"]?["deeper"] == nil && root["name"]?.kind == "a text")
  }

  @Test func `an empty file is an empty table`() throws {
    #expect(try TOMLNode.parse("", path: "x") == .table([:]))
  }

  @Test(arguments: [("a = 1\nb = ", "line 2"), ("a = 1\na = 2", "line 2"), ("[t\n", "line 1"), ("a = 1\n\0b = 2", "line 2: a NUL byte")])
  func `a syntax error names path and line`(text: String, place: String) {
    let failure = #expect(throws: Failure.self) { try TOMLNode.parse(text, path: "recipe.toml") }
    #expect(failure?.code == .badData && failure?.what.hasPrefix("recipe.toml: \(place)") == true, "\(failure?.what ?? "")")
  }
}

@Suite struct JSONCodingTests {
  struct Record: Codable, Equatable {
    struct Tier: Codable, Equatable {
      var op: String
      var tries: Int?
    }
    var run: String
    var at: Date
    var tiers: [Tier]
    var green: Bool
    enum CodingKeys: String, CodingKey {
      case run = "run_id"
      case at
      case tiers
      case green
    }
  }
  let record = Record(run: "a/b", at: Date(timeIntervalSince1970: 1_740_830_400), tiers: [.init(op: "install")], green: true)

  @Test func `keys are sorted, slashes stay, dates are UTC, and a line feed ends it`() throws {
    let text = String(decoding: try JSONCoding.encode(record), as: UTF8.self)
    #expect(
      text == """
        {
          "at" : "2025-03-01T12:00:00Z",
          "green" : true,
          "run_id" : "a/b",
          "tiers" : [
            {
              "op" : "install"
            }
          ]
        }

        """)
    #expect(try JSONCoding.decode(Record.self, from: Array(text.utf8), path: "run.json") == record)
    #expect(String(decoding: try JSONCoding.line(["b": "1/2", "a": "x"]), as: UTF8.self) == #"{"a":"x","b":"1/2"}"#)
  }

  @Test(arguments: ["2025-03-01T12:00:00Z", "2025-03-01T13:00:00+01:00", "2025-03-01T12:00:00.123456789Z", "2025-03-01T13:00:00.5+01:00"])
  func `dates of other programs are understood`(text: String) throws {
    #expect(try JSONCoding.decode([Date].self, from: Array("[\"\(text)\"]".utf8), path: "x") == [record.at])
  }

  @Test(arguments: [
    (#"{"at":"2025-03-01T12:00:00Z","green":true,"tiers":[]}"#, "run_id: is missing"),
    (#"{"run_id":"a","at":"2025-03-01T12:00:00Z","green":true,"tiers":[{"op":"x"},{}]}"#, "tiers.1.op: is missing"),
    (#"{"run_id":1,"at":"2025-03-01T12:00:00Z","green":true,"tiers":[]}"#, "run_id: is not a text"),
    (#"{"run_id":"a","at":"2025-03-01T12:00:00Z","green":1,"tiers":[]}"#, "green: is not true or false"),
    (#"{"run_id":"a","at":"2025-03-01T12:00:00Z","green":true,"tiers":{}}"#, "tiers: is not a list"),
    (#"{"run_id":"a","at":"2025-03-01T12:00:00Z","green":true,"tiers":[{"op":"x","tries":"1"}]}"#, "tiers.0.tries: is not a number"),
    (#"{"run_id":null,"at":"2025-03-01T12:00:00Z","green":true,"tiers":[]}"#, "run_id: is null, not a text"),
    (#"{"run_id":"a","at":"yesterday","green":true,"tiers":[]}"#, "at: yesterday is not a date"),
    (#"{"run_id":"a","at":"2025-"#, "is cut off: the JSON text ends in the middle"),
    (#"{"run_id":"a"#, "is cut off: the JSON text ends in the middle"),
    ("", "is empty"), (" \n", "is empty"),
  ])
  func `what is wrong is told by path and key`(text: String, expected: String) {
    let failure = #expect(throws: Failure.self) { try JSONCoding.decode(Record.self, from: Array(text.utf8), path: "run.json") }
    #expect(failure?.what == "run.json: \(expected)")
    #expect(failure?.code == .badData)
  }

  @Test func `text that is no JSON is told as such`() {
    let failure = #expect(throws: Failure.self) { try JSONCoding.decode(Record.self, from: Array("<html>".utf8), path: "run.json") }
    #expect(failure?.what == "run.json: is not JSON: it begins with <html>")
  }
}
