import Testing

@testable import CCCICore

@Suite struct RecipeProposalTests {
  private static func proposal(
    _ compose: String, sample: String = "", refusals: [PolicyAnswer.Refusal] = []
  ) throws(Failure) -> RecipeProposal {
    let node = try YAMLNode.parse(Array(compose.utf8), path: "compose.yml")
    return RecipeProposal(
      recipe: try RecipeName("notes"), from: "1.0.0+2", sample: sample,
      facts: try ComposeFacts([ComposeFacts.File(path: "compose.yml", root: node)]), documents: [node], refusals: refusals)
  }

  private static let plain = "services:\n  app:\n    image: x\n"

  @Test func `a recipe that is nothing special gets a file that says so, and is read back as the defaults`() throws {
    let text = try Self.proposal(Self.plain).text
    #expect(text.contains("proposed from notes 1.0.0+2") && text.contains("# Nothing about this recipe is special."))
    #expect(try Self.read(text) == RecipeSettings())
  }

  @Test func `what its own files say becomes a setting, each with its reason`() throws {
    let compose = """
      services:
        app:
          image: x
          healthcheck:
            test: ["CMD", "curl", "-f", "http://localhost:8080/api/health"]
            start_period: 9m
          ports:
            - "64738:64738"
            - "64738:64738/udp"
            - target: 22
              published: 2222
        db:
          image: y
          volumes: [dumps:/dumps]
          deploy:
            labels:
              - backupbot.backup=true
              - backupbot.backup.volumes.dumps.path=dump.sql.gz
      volumes:
        dumps:
      """
    let sample = """
      DOMAIN=notes.example.com
      MINIO_DOMAIN=minio.example.com
      SELF=notes.example.com
      MAIL=a@example.com
      OTHER=elsewhere.org
      TIMEOUT=120
      OIDC_ISSUER=
      SECRET_TOKEN_VERSION=v1 # generate=false
      """
    let text = try Self.proposal(compose, sample: sample).text
    let settings = try Self.read(text)
    #expect(settings.healthPath == "/api/health" && settings.deployTimeout == .seconds(1080))
    #expect(settings.env == ["MINIO_DOMAIN": "minio-{domain}", "SELF": "{domain}"])
    #expect(settings.ready == [.tcp(port: 64738, stable: 3), .tcp(port: 2222, stable: 3)])
    for words in [
      "start_period of app is 9m", "# test_requires = [\"keycloak\"]", "no value for token", "Only dumps are backed up (dump.sql.gz)",
    ] {
      #expect(text.contains(words), "\(words)")
    }
  }

  @Test func `a volume without a backup label is named, and a refusal of the policy comes with its entry, in comments`() throws {
    let finding = PolicyFinding("app", "volumes", "/etc:/x", why: "is a path of this host")
    let refusal = PolicyAnswer.Refusal(finding: finding, entry: ["[[allow]]", "service = \"app\""])
    let text = try Self.proposal(Self.plain + "volumes:\n  data:\n", refusals: [refusal]).text
    #expect(
      text.contains("data would be lost") && text.contains("# The compose policy: app: volumes = \"/etc:/x\": is a path of this host."))
    #expect(text.contains("# [[allow]]\n# service = \"app\""))
    #expect(try Self.read(text) == RecipeSettings())
  }

  @Test(arguments: [
    ("curl http://localhost/health || exit 1", "/health"), ("CMD wget -q http://127.0.0.1:3000/a/b?c=1", "/a/b?c=1"),
    ("curl http://localhost", nil), ("curl http://localhost/$X", nil), ("pg_isready", nil), ("curl https://example.org/x", nil),
  ])
  func `a path is taken from a healthcheck of the app itself`(words: String, path: String?) {
    #expect(RecipeProposal.path(in: words) == path)
  }

  private static func read(_ text: String) throws -> RecipeSettings {
    let folder = try TemporaryFolder()
    try Files.write(Array(text.utf8), to: folder("recipe.toml"))
    return try RecipeSettings.read(folder("recipe.toml"))
  }
}
