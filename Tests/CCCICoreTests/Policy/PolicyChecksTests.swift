import Testing

@testable import CCCICore

@Suite struct PolicyChecksTests {
  /// A checkout beside a secret, with links in and out of it.
  private static func folder(_ files: [String: String] = [:]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for path in ["recipe/sub/deep", "recipe/.git", "recipe2", "secrets"] { try Files.createDirectory(folder(path)) }
    let all = [
      "recipe/file": "A=1\n", "recipe/sub/file": "B=2\n", "recipe/.git/config": "x", "recipe2/file": "x", "secrets/token": "x",
      "recipe/compose.yml": "services:\n  app:\n    image: a\n",
    ].merging(files) { $1 }
    for (path, text) in all { try Files.write(Array(text.utf8), to: folder(path)) }
    let links = ["in": "sub/file", "out": "../secrets/token", "git": ".git/config", "deep": "sub/deep", "hole": "nowhere", "up": ".."]
    for (name, target) in links { try Files.symlink(folder("recipe/\(name)"), to: target) }
    return folder
  }

  @Test(arguments: [
    ("file", true), ("./file", true), ("sub/../file", true), ("sub/deep/../file", true), ("in", true), ("sub/new", true), ("new/er", true),
    ("deep", true),
    ("out", false), ("git", false), ("hole", false), (".git/config", false), (".git", false), ("../secrets/token", false), ("..", false),
    ("../recipe2/file", false), ("sub/../../secrets/token", false), ("up/secrets/token", false), ("/etc/passwd", false), ("~/x", false),
    ("", false), ("~root/x", false), ("new/../../secrets/token", false), ("/proc/self/environ", false), ("hole/x", false),
    // By its letters `deep/../..` is one above the recipe; for the kernel it is the recipe.
    ("deep/../../file", false),
  ])
  func `a path is followed to its end, and only what ends in the recipe is the recipe's`(path: String, isInside: Bool) throws {
    let folder = try Self.folder()
    let place = try PolicyChecks.place(path, in: folder("recipe"), below: ".")
    if case .inside = place { #expect(isInside, "\(place)") } else { #expect(!isInside, "\(place)") }
  }

  @Test func `paths count from the first compose file's folder, and env files are read`() throws {
    let folder = try Self.folder()
    guard case .inside(let text?) = try PolicyChecks.place("file", in: folder("recipe"), below: "sub") else {
      Issue.record("outside")
      return
    }
    #expect(text.contains("A=1") && text.contains("B=2"))
    guard case .outside = try PolicyChecks.place("../../secrets/token", in: folder("recipe"), below: "sub") else {
      Issue.record("inside")
      return
    }
  }

  @Test func `a link to a secret in config, secret and env_file is refused by its name`() throws {
    let folder = try Self.folder([
      "recipe/compose.yml": """
      services:
        app: {image: a, env_file: [file, out], configs: [c], secrets: [s]}
      configs:
        c: {file: in}
      secrets:
        s: {file: ./git}
      """
    ])
    let found = try checks(folder)
    #expect(found.map(\.key) == ["env_file", "file"] && found.map(\.subject) == ["app", "secret s"])
    #expect(found.allSatisfy { $0.grace == .never } && found[0].why.contains("secrets/token"))
  }

  @Test func `what abra may make of abra.sh is judged too`() throws {
    let folder = try Self.folder([
      "recipe/compose.yml": """
      services:
        app:
          image: a
          labels: ["traefik.http.routers.${STACK_NAME}.rule=Host(`${DOMAIN}`) && Path(`/${X}`)"]
      """,
      "recipe/abra.sh": "export X=x # `) || Host(`drone.ci.example.org\n",
    ])
    let found = try checks(folder)
    #expect(found.map(\.grace) == [.never] && found[0].value.hasSuffix("|| Host(`drone.ci.example.org`)"), "\(found)")
    #expect(
      AbraExports.asRemembered("export A=b export STACK_NAME=other\n  export C=d\nexport E='f'\nexport G=h\r\n") == [
        "STACK_NAME": "other", "G": "h",
      ])
  }

  private func checks(_ folder: TemporaryFolder) throws -> [PolicyFinding] {
    let checks = PolicyChecks(recipe: try RecipeName("notes"), policy: ComposePolicy(PolicyFixture.context))
    let environment = try AppEnvironment.preview(
      sample: folder("recipe/.env.sample"), over: [("DOMAIN", PolicyFixture.domain.text), ("LETS_ENCRYPT_ENV", "")],
      checkout: folder("recipe"), domain: PolicyFixture.domain)
    return try checks.findings(in: folder("recipe"), environment: environment)
  }
}
