import CCCICore
import Testing

@Suite struct RecipeTreeTests {
  /// A checkout beside a secret.
  private static func checkout() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for path in ["recipe/sub/deep", "recipe/.git/hooks", "secrets"] { try Files.createDirectory(folder(path)) }
    for path in ["recipe/compose.yml", "recipe/sub/file", "recipe/.git/config", "secrets/token"] { try Files.write([65], to: folder(path)) }
    try Files.symlink(folder("recipe/.git/link"), to: "/etc/passwd")
    return folder
  }

  @Test(arguments: [
    (".env.sample", "/run/secrets/token"), ("sub/x", "../../secrets/token"), ("tests", "../secrets"), ("x", "/etc/passwd"),
    ("x", "nowhere"),
    ("sub/deep/x", "../../.git/config"), ("x", ".git"), ("x", "."), ("x", "x"), ("sub/x", "../sub/../../secrets/token"), ("x", "/dev/zero"),
    ("x", "/proc/self/environ"), ("sub/deep/x", "../../../recipe2"),
  ])
  func `a link that leads out of the recipe, or nowhere, is refused by name`(name: String, target: String) throws {
    let folder = try Self.checkout()
    try Files.createDirectory(folder("recipe2"))
    try RecipeTree.check(folder("recipe"), of: try RecipeName("notes"))
    try Files.symlink(folder("recipe/\(name)"), to: target)
    let failure = #expect(throws: Failure.self) { try RecipeTree.check(folder("recipe"), of: try RecipeName("notes")) }
    #expect(failure?.code == .badData && failure?.what.hasPrefix("notes: \(name): is a link") == true, "\(String(describing: failure))")
  }

  @Test func `what abra could not read of a recipe is refused by name`() throws {
    let folder = try Self.checkout()
    let recipe = try RecipeName("notes")
    func sentence() -> String? {
      do throws(Failure) { try RecipeTree.checkTexts(folder("recipe"), of: recipe) } catch { return error.sentence }
      return nil
    }
    #expect(sentence() == "notes: .env.sample: does not exist")
    try Files.write(Array("TYPE=notes\nTITLE=caf".utf8) + [0xE9], to: folder("recipe/.env.sample"))
    #expect(sentence() == "notes: .env.sample: line 2: is not UTF-8")
    try Files.write(Array("TYPE=notes\n".utf8), to: folder("recipe/.env.sample"))
    #expect(sentence() == nil)
    try Files.createDirectory(folder("recipe/abra.sh"))
    #expect(sentence() == "notes: abra.sh: is a folder")
  }

  @Test(arguments: [
    ("x", "compose.yml"), ("sub/x", "../compose.yml"), ("x", "sub/deep"), ("sub/deep/x", "../file"), ("x", "./sub/../sub/file"),
  ])
  func `a link within the recipe is the recipe's own business`(name: String, target: String) throws {
    let folder = try Self.checkout()
    try Files.symlink(folder("recipe/\(name)"), to: target)
    try RecipeTree.check(folder("recipe"), of: try RecipeName("notes"))
  }
}
