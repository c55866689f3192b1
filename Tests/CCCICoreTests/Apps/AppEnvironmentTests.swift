import CCCICore
import Testing

@Suite struct AppEnvironmentTests {
  private let domain = AppDomain("note-ab12cd.ci.example.org")

  private func app(_ folder: TemporaryFolder, _ text: String) throws -> AppEnvironment {
    try Files.write(Array(text.utf8), to: folder("app.env"))
    return AppEnvironment(path: folder("app.env"), recipe: try RecipeName("notes"), domain: domain)
  }

  @Test func `what cc-ci sets overrules every spelling of the recipe's sample`() throws {
    let folder = try TemporaryFolder()
    let app = try app(
      folder,
      """
      TYPE=other:1.0.0+1
      DOMAIN=warm-keycloak.ci.example.org
      export DOMAIN=warm-keycloak.ci.example.org
      LETS_ENCRYPT_ENV=production
      LETS_ENCRYPT_ENV: production
      STACK_NAME=warm-keycloak_ci_example_org
      export STACK_NAME="traefik_ci_example_org"
      STACK_NAME : traefik_ci_example_org
      CCCI_OWNER=somebody
      SECRET_DB_VERSION=v1 # length=64
      """)
    let values = app.always(owner: "me/d1", deployTimeout: .seconds(600))
    try app.set(values + [("MINIO", "minio-{domain}.{zone}")], zone: "ci.example.org")
    #expect(
      try app.values() == [
        "TYPE": "notes", "DOMAIN": domain.text, "LETS_ENCRYPT_ENV": "", "STACK_NAME": domain.stack, "CCCI_OWNER": "me/d1", "TIMEOUT": "600",
        "SECRET_DB_VERSION": "v1", "MINIO": "minio-note-ab12cd.ci.example.org.ci.example.org",
      ])
    let text = String(decoding: try Files.read(app.path), as: UTF8.self)
    #expect(!text.contains("keycloak") && !text.contains("traefik") && !text.contains("production") && text.contains("v1 # length=64"))
    #expect(try Files.status(app.path)?.mode == 0o600)
  }

  @Test func `compose sees the recipe's exports over the app's values, in the app's own stack`() throws {
    let folder = try TemporaryFolder()
    let app = try app(folder, "CONF_VERSION=v1\nIMAGE=a\nSTACK_NAME=somebody_else\n")
    #expect(try app.interpolation(checkout: folder.path) == ["CONF_VERSION": "v1", "IMAGE": "a", "STACK_NAME": domain.stack])
    try Files.write(Array("export CONF_VERSION=v7\nexport DOMAIN=\(domain)\n".utf8), to: folder("abra.sh"))
    #expect(
      try app.interpolation(checkout: folder.path) == [
        "CONF_VERSION": "v7", "IMAGE": "a", "STACK_NAME": domain.stack, "DOMAIN": domain.text,
      ])
    let preview = try AppEnvironment.preview(sample: app.path, over: [("IMAGE", "b")], checkout: folder.path, domain: domain)
    #expect(preview["IMAGE"] == "b" && preview["CONF_VERSION"] == "v7" && preview["STACK_NAME"] == domain.stack)
    #expect(
      try AppEnvironment.preview(sample: folder("none"), over: [], checkout: "/nowhere", domain: domain) == ["STACK_NAME": domain.stack])
  }

  @Test(arguments: ["STACK_NAME=traefik_ci_example_org", "STACK_NAME=", "DOMAIN=warm-keycloak.ci.example.org", " STACK_NAME=\"x\" # y"])
  func `a recipe that exports another app's name is refused`(export: String) throws {
    let folder = try TemporaryFolder()
    let app = try app(folder, "")
    try Files.write(Array("CONF=1\n  export \(export)\n".utf8), to: folder("abra.sh"))
    let failure = #expect(throws: Failure.self) { try app.interpolation(checkout: folder.path) }
    #expect(failure?.code == .badData && failure?.what.contains("abra.sh exports") == true)
  }

  @Test func `an upgrade brings the sample's new keys, and changes none that are there`() throws {
    let folder = try TemporaryFolder()
    let app = try app(folder, "A=mine\nEMPTY=\n# end")
    try Files.write(
      Array("A=theirs\nEMPTY=x\nNEW=\"$A b\"\n#OFF=1\nLATER=2\nSECRET_X_VERSION=v1 # generate=false\n".utf8), to: folder(".env.sample"))
    #expect(try app.adopt(sample: folder(".env.sample")) == ["NEW", "LATER", "SECRET_X_VERSION"])
    #expect(try app.values() == ["A": "mine", "EMPTY": "", "NEW": "mine b", "LATER": "2", "SECRET_X_VERSION": "v1"])
    // abra reads there that nobody makes it.
    #expect(String(decoding: try Files.read(app.path), as: UTF8.self).contains("SECRET_X_VERSION=v1 # generate=false\n"))
    #expect(try app.adopt(sample: folder(".env.sample")) == [] && app.adopt(sample: folder("none")) == [])
  }
}
