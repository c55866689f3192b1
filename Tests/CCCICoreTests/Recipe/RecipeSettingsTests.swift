import CCCICore
import Testing

@Suite struct RecipeSettingsTests {
  /// Reads a text as `recipe.toml`.
  private static func read(_ text: String) throws -> RecipeSettings {
    let folder = try TemporaryFolder()
    try Files.write(Array(text.utf8), to: folder("recipe.toml"))
    return try RecipeSettings.read(folder("recipe.toml"))
  }

  @Test func `no file and an empty file are the defaults, which the manifest does not show`() throws {
    let folder = try TemporaryFolder()
    #expect(try RecipeSettings.read(folder("recipe.toml")) == RecipeSettings())
    let plain = try Self.read("# nothing\n")
    #expect(plain == RecipeSettings() && plain.notAtDefault.isEmpty)
    #expect(plain.healthPath == "/" && plain.healthOK == [200, 301, 302] && plain.deployTimeout == .seconds(600))
    #expect(plain.httpTimeout == .seconds(300) && plain.backupCapable == nil && plain.crashLoopFailures == 5)
    #expect(plain.crashLoopAfter == .seconds(90) && !plain.warmCanonical)
  }

  @Test func `every key is read, and shown in the manifest`() throws {
    let settings = try Self.read(
      """
      requires = []
      test_requires = []
      warm_canonical = true
      health_path = "/health?x=1"
      health_ok = [200, 204]
      deploy_timeout = "20m"
      http_timeout = "90s"
      backup_capable = false
      skip_generic = ["upgrade", "restore", "upgrade"]
      expected_na = { upgrade = "the data format changed", backup = "no data" }
      crash_loop = { failures = 7, after = "2m" }
      [env]
      MINIO_DOMAIN = "minio-{domain}"
      JSON = '{"url": "https://{domain}"}'
      [upgrade.env]
      NEW_KEY = "x"
      [[ready]]
      http = "/api"
      ok = [200, 401]
      [[ready]]
      http = "https://minio-{domain}/"
      [[ready]]
      tcp = 64738
      stable = 5
      [[ready]]
      tcp = 22
      [canary]
      except = ["cache"]
      """)
    var expected = RecipeSettings()
    expected.warmCanonical = true
    expected.healthPath = "/health?x=1"
    expected.healthOK = [200, 204]
    expected.deployTimeout = .seconds(1200)
    expected.httpTimeout = .seconds(90)
    expected.backupCapable = false
    expected.skipGeneric = [.upgrade, .restore]
    expected.expectedNA = [.upgrade: "the data format changed", .backup: "no data"]
    expected.crashLoopFailures = 7
    expected.crashLoopAfter = .seconds(120)
    expected.env = ["MINIO_DOMAIN": "minio-{domain}", "JSON": "{\"url\": \"https://{domain}\"}"]
    expected.upgradeEnv = ["NEW_KEY": "x"]
    expected.ready = [
      .http("/api", ok: [200, 401]), .http("https://minio-{domain}/", ok: [200]), .tcp(port: 64738, stable: 5), .tcp(port: 22, stable: 3),
    ]
    expected.canaryExcept = ["cache"]
    #expect(settings == expected)
    #expect(
      settings.notAtDefault == [
        "warm_canonical": "true", "health_path": "/health?x=1", "health_ok": "200, 204", "deploy_timeout": "1200s", "http_timeout": "90s",
        "backup_capable": "false", "skip_generic": "upgrade, restore", "expected_na.upgrade": "the data format changed",
        "expected_na.backup": "no data", "crash_loop.failures": "7", "crash_loop.after": "120s", "env.MINIO_DOMAIN": "minio-{domain}",
        "env.JSON": "{\"url\": \"https://{domain}\"}", "upgrade.env.NEW_KEY": "x", "canary.except": "cache",
        "ready": "/api, https://minio-{domain}/, tcp 64738 ×5, tcp 22 ×3",
      ])
  }

  @Test func `skipping all is skipping every tier that has generic assertions`() throws {
    #expect(try Self.read("skip_generic = [\"all\"]").skipGeneric == [.install, .upgrade, .backup, .restore])
    #expect(try Self.read("backup_capable = true").notAtDefault == ["backup_capable": "true"])
  }

  @Test(arguments: [
    ("health_pth = \"/\"", "health_pth", "did you mean health_path?"), ("Health_path = \"/\"", "Health_path", "did you mean health_path?"),
    ("helth_ok = [200]", "helth_ok", "did you mean health_ok?"), ("zzz = 1", "zzz", "known here:"),
    ("health_path = 1", "health_path", "string"),
    ("health_path = \"health\"", "health_path", "begin it with /"), ("health_path = \"/a b\"", "health_path", "begin it with /"),
    ("health_path = \"https://x/\"", "health_path", "begin it with /"), ("health_ok = 200", "health_ok", "list of whole numbers"),
    ("health_ok = []", "health_ok", "accepts nothing"), ("health_ok = [200, 404]", "health_ok", "404, 502, 503 and 504 are never accepted"),
    ("health_ok = [503]", "health_ok", "never accepted"),
    ("health_ok = [\"200\"]", "health_ok", "list of whole numbers"), ("health_ok = [99]", "health_ok", "from 100 to 599"),
    ("deploy_timeout = 600", "deploy_timeout", "string"), ("deploy_timeout = \"600\"", "deploy_timeout", "90s"),
    ("http_timeout = \"soon\"", "http_timeout", "no duration"), ("backup_capable = \"yes\"", "backup_capable", "true or false"),
    ("warm_canonical = 1", "warm_canonical", "true or false"), ("skip_generic = \"all\"", "skip_generic", "list of strings"),
    ("skip_generic = [\"upgrad\"]", "skip_generic", "did you mean upgrade?"), ("skip_generic = [\"custom\"]", "skip_generic", "no generic"),
    ("skip_generic = [1]", "skip_generic", "list of strings"), ("expected_na = \"upgrade\"", "expected_na", "must be a table"),
    ("[expected_na]\nupgrde = \"x\"", "expected_na.upgrde", "did you mean upgrade?"),
    ("[expected_na]\ninstall = \"x\"", "expected_na.install", "never optional"),
    ("[expected_na]\nupgrade = \"\"", "expected_na.upgrade", "reason"),
    ("[expected_na]\nupgrade = true", "expected_na.upgrade", "string"), ("[env]\nA = 1", "env.A", "string"),
    ("[env]\nA = \"{domian}\"", "env.A", "{domian}"), ("[env]\nA = \"minio.{domain}\"", "env.A", "minio-{domain}"),
    ("[env]\n\"A B\" = \"1\"", "env.A B", "name of a variable"), ("[env]\n\"A=B\" = \"1\"", "env.A=B", "name of a variable"),
    ("[env]\n\"A\\nB\" = \"1\"", "env.A", "name of a variable"), ("[env]\n1A = \"1\"", "env.1A", "name of a variable"),
    ("[env]\nLETS_ENCRYPT_ENV = \"production\"", "env.LETS_ENCRYPT_ENV", "set by cc-ci"),
    ("[env]\nCCCI_OWNER = \"x\"", "env.CCCI_OWNER", "set by cc-ci"),
    ("[env]\nDOMAIN = \"x\"", "env.DOMAIN", "set by cc-ci"), ("[env]\nSTACK_NAME = \"x\"", "env.STACK_NAME", "set by cc-ci"),
    ("[env]\nTIMEOUT = \"900\"", "env.TIMEOUT", "deploy_timeout"), ("[upgrade.env]\nTYPE = \"x\"", "upgrade.env.TYPE", "set by cc-ci"),
    ("[upgrade.env]\nA = \"{x}\"", "upgrade.env.A", "{x}"), ("[upgrade]\nenvs = 1", "upgrade.envs", "did you mean upgrade.env?"),
    ("upgrade = 1", "upgrade", "must be a table"), ("[ready]\nhttp = \"/\"", "ready", "list of tables"),
    ("[[ready]]\nhttp = \"/\"\ntcp = 1", "ready[0].http", "either http or tcp"),
    ("[[ready]]\nok = [200]", "ready[0].http", "either http or tcp"),
    ("[[ready]]\nhttp = \"x\"", "ready[0].http", "no leading /"), ("[[ready]]\nhttp = \"/\"\nstable = 2", "ready[0].http", "stable"),
    ("[[ready]]\nhttp = \"http://x/\"", "ready[0].http", "no leading /"), ("[[ready]]\nhttp = \"/\"\nok = [404]", "ready[0].ok", "404"),
    ("[[ready]]\nhttp = \"/\"\nok = [200, 502]", "ready[0].ok", "502"),
    ("[[ready]]\nhttp = \"/\"\nok = []", "ready[0].ok", "empty list"), ("[[ready]]\nhttp = \"/{domian}\"", "ready[0].http", "{domian}"),
    ("[[ready]]\ntcp = 0", "ready[0].tcp", "from 1 to 65535"),
    ("[[ready]]\ntcp = 80\nok = [200]", "ready[0].ok", "belongs to an http probe"),
    ("[[ready]]\nhttp = \"/\"\n[[ready]]\nhtpp = \"/\"", "ready[1].htpp", "did you mean ready[1].http?"),
    ("[crash_loop]\nfailures = 0", "crash_loop.failures", "from 1 to 100"), ("[crash_loop]\nafter = 90", "crash_loop.after", "string"),
    ("[crash_loop]\nfailure = 9", "crash_loop.failure", "did you mean crash_loop.failures?"),
    ("[canary]\nexcept = \"x\"", "canary.except", "list"),
    ("[canary]\nexcepts = []", "canary.excepts", "did you mean canary.except?"), ("requires = [\"key cloak\"]", "requires", "name recipes"),
    ("requires = \"keycloak\"", "requires", "list of strings"), ("test_requires = [\"../x\"]", "test_requires", "name recipes"),
    ("[[allow]]\nservice = \"app\"", "allow[0].key", "missing"),
    ("[[allow]]\nservice = \"app\"\nkey = \"ports\"\nvalue = \"1/tcp\"", "allow[0].reason", "say in a few words"),
    ("[[allow]]\nservice = \"app\"\nkey = \"ports\"\nvalue = \"1/tcp\"\nreason = \" \"", "allow[0].reason", "is empty"),
    ("[[allow]]\nservice = \"app\"\nkey = \"ports\"\nvalue = 1\nreason = \"x\"", "allow[0].value", "string"),
    ("[[allow]]\nservice = \"\"\nkey = \"ports\"\nvalue = \"\"\nreason = \"x\"", "allow[0].service", "is empty"),
    ("[[allow]]\nservic = \"app\"", "allow[0].servic", "did you mean allow[0].service?"), ("[allow]\nx = 1", "allow", "list of tables"),
    (
      String(repeating: "[[allow]]\nservice = \"a\"\nkey = \"b\"\nvalue = \"\"\nreason = \"x\"\n", count: 2), "allow[1].value",
      "twice"
    ), ("health_path = \"/\"\nhealth_path = \"/\"", "line 2", ""),
    ("health_path = /", "line 1", ""), ("[env\nA = \"1\"", "line 1", ""),
  ])
  func `a broken file names itself, the key and the way out`(text: String, key: String, words: String) throws {
    let failure = try #require(#expect(throws: Failure.self) { try Self.read(text) })
    #expect(failure.code == .badData)
    #expect(failure.what.contains("recipe.toml: \(key)"), "\(failure)")
    #expect("\(failure.sentence) \(failure.next)".contains(words), "\(failure)")
    #expect(words.isEmpty || !failure.next.isEmpty, "\(failure)")
  }
}
