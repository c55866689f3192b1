import CCCICore
import Testing

@Suite("Documents agree with the code")
struct DocumentTests {
  static let docs = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined() + "/docs"

  private func text(_ name: String) throws -> String { String(decoding: try Files.read("\(Self.docs)/\(name)"), as: UTF8.self) }

  @Test("docs/exit-codes.md lists every fixed code by number and name, and no other")
  func exitCodes() throws {
    let rows = try text("exit-codes.md").split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst().dropLast()
    let listed = rows.map { $0.split(separator: "|").prefix(2).map { $0.filter { $0 != " " } } }
    #expect(listed == ExitCode.fixed.map { ["\($0.status)", $0.name] })
  }

  @Test("docs/settings.md holds the table that the code makes")
  func settings() throws {
    #expect(try text("settings.md").contains(Settings.table), "the table should read:\n\(Settings.table)")
  }

  @Test("every decision has the three headings of a decision")
  func decisions() throws {
    let names = try Files.list("\(Self.docs)/decisions")
    #expect(!names.isEmpty)
    for name in names {
      let decision = try text("decisions/\(name)")
      for heading in ["**Context.**", "**Decision.**", "**Consequences.**"] { #expect(decision.contains(heading), "\(name)") }
      #expect(decision.split(separator: "\n").count <= 30, "\(name)")
    }
  }
}
