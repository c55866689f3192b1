import CCCICore
import Testing

@Suite("docs/enroll-recipe.md", .enabled(if: World.isUp, "CCCI_WORLD_TESTS is not set"), .timeLimit(.minutes(15)))
struct EnrollTests {
  @Test("word by word: a recipe that is red from nothing is green with what the document says")
  func newcomer() async throws {
    let clone = "\(World.folder)/\(World.unique("newcomer"))"
    defer { _ = try? Files.removeTree(clone) }
    for folder in ["scripts", "tests"] { try Files.copyTree("\(World.root)/\(folder)", to: "\(clone)/\(folder)") }
    let document = String(decoding: try Files.read("\(World.root)/docs/enroll-recipe.md"), as: UTF8.self)
    let place = World.Installation.own("newcomer")
    let path = ["PATH": "\(World.binaries):\(World.variable("PATH") ?? "")"].merging(place.environment) { $1 }

    #expect(document.contains("ccci-run sso-app --tiers install"))
    let first = try await World.run(["sso-app", "--tiers", "install"], in: clone, with: path)
    #expect(first.status == 1 && first.output.contains("secret not inserted"), "\(first)")

    let begun = try await World.host.run(
      Command("\(clone)/scripts/new-recipe", ["sso-app"], environment: World.environment(path), directory: clone, limit: .seconds(60)))
    #expect(begun.ok && begun.text.contains("abra generates no value for oidc_client, oidc_ca"), "\(begun.errorText)")
    let again = try await World.host.run(
      Command("\(clone)/scripts/new-recipe", ["sso-app"], environment: World.environment(path), directory: clone, limit: .seconds(60)))
    #expect(again.status == .exited(73))

    for (language, file) in [("toml", "recipe.toml"), ("sh", "install_steps.sh"), ("python", "test_login.py")] {
      let block = try #require(Self.block(language, of: document))
      try Files.write(Array(block.utf8), to: "\(clone)/tests/sso-app/\(file)", mode: language == "sh" ? 0o755 : 0o644)
    }
    let plan = try await World.run(["plan", "sso-app"], in: clone, with: path)
    #expect(plan.status == 0 && plan.output.contains("test_login.py") && plan.output.contains("hook     install_steps.sh"), "\(plan)")
    let run = try await World.run(["sso-app"], in: clone, with: path)
    #expect(run.status == 0 && run.output.contains("GREEN"), "\(run)")
  }

  private static func block(_ language: String, of document: String) -> String? {
    guard let start = document.firstRange(of: "```\(language)\n") else { return nil }
    let rest = document[start.upperBound...]
    return rest.firstRange(of: "```").map { String(rest[..<$0.lowerBound]) }
  }
}
