import Testing

@testable import CCCICore

@Suite struct ComposePolicyTests {
  private func answer(
    _ found: [PolicyFinding], published: [PolicyFinding]? = nil, allow: [PolicyAllowance] = []
  ) throws -> PolicyAnswer {
    let version = try #require(RecipeVersion("1.2.0+3"))
    return PolicyAnswer.of(
      found, published: published.map { [PolicyAnswer.Published(version: version, findings: $0)] } ?? [], allowances: allow,
      in: PolicyFixture.context)
  }

  @Test(arguments: try PolicyFixture.all("evil"))
  func `a malicious file is refused by subject, key and value, and by nothing else`(fixture: PolicyFixture) throws {
    let found = try fixture.found()
    #expect(!fixture.findings.isEmpty)
    #expect(found.map(\.identity) == fixture.findings, "\(found.map(\.sentence))")
    #expect(found.map(\.grace) == fixture.graces, "\(found.map(\.sentence))")
    let answer = try answer(found)
    #expect(answer.refusals.map(\.finding) == found && answer.accepted.isEmpty)
    for (refusal, wanted) in zip(answer.refusals, fixture.findings) {
      let lines = refusal.lines
      #expect(lines[0].hasPrefix("\(wanted.subject): \(wanted.key) = ") && !lines[0].hasSuffix("."))
      #expect((refusal.entry.isEmpty) == (refusal.finding.grace == .never) && lines.count > 1)
    }
  }

  @Test(arguments: try PolicyFixture.all("evil"))
  func `an entry as printed, with a reason, accepts exactly its own finding`(fixture: PolicyFixture) throws {
    let found = try fixture.found()
    for refusal in try answer(found).refusals where !refusal.entry.isEmpty {
      let folder = try TemporaryFolder()
      let text = refusal.entry.joined(separator: "\n").replacing("reason = \"\"", with: "reason = \"a test\"")
      try Files.write(Array(text.utf8), to: folder("recipe.toml"))
      let allow = try RecipeSettings.read(folder("recipe.toml")).allow
      let after = try answer(found, allow: allow)
      #expect(after.accepted.map(\.finding) == [refusal.finding], "\(text)")
      #expect(after.refusals.map(\.finding) == found.filter { $0 != refusal.finding } && after.unused.isEmpty)
      #expect(after.accepted[0].sentence.hasSuffix("accepted: recipe.toml allows it: a test"))
      #expect(!text.contains("note-ab12cd"), "the entry would be good for one commit only: \(text)")
    }
  }

  @Test(arguments: try PolicyFixture.all("evil"))
  func `what the published release does is accepted and shown, save what reaches other apps`(fixture: PolicyFixture) throws {
    let found = try fixture.found()
    let answer = try answer(found, published: found)
    #expect(answer.accepted.map(\.finding) == found.filter { $0.grace == .release })
    #expect(answer.refusals.map(\.finding) == found.filter { $0.grace != .release })
    #expect(answer.accepted.allSatisfy { $0.sentence.hasSuffix("accepted: the published release 1.2.0+3 does it") })
  }

  @Test func `what the release does on another service, key or value accepts nothing`() throws {
    let head = PolicyFinding("app", "cap_add", "SYS_ADMIN", why: "")
    for other in [
      PolicyFinding("db", "cap_add", "SYS_ADMIN", why: ""), PolicyFinding("app", "devices", "SYS_ADMIN", why: ""),
      PolicyFinding("app", "cap_add", "sys_admin", why: ""),
    ] {
      #expect(try answer([head], published: [other]).refusals.map(\.finding) == [head])
      let entry = PolicyAllowance(service: other.subject, key: other.key, value: other.value, reason: "x")
      let answer = try answer([head], allow: [entry])
      #expect(answer.refusals.map(\.finding) == [head] && answer.unused == [entry])
    }
  }

  @Test(arguments: try PolicyFixture.all("good"))
  func `a recipe as they are passes untouched, or with the entries for its ports`(fixture: PolicyFixture) throws {
    let found = try fixture.found()
    #expect(found.count == fixture.allowances.count, "\(found.map(\.sentence))")
    let answer = try answer(found, allow: fixture.allowances)
    #expect(answer.refusals.isEmpty && answer.unused.isEmpty)
  }

  @Test(arguments: [
    "compose-broken", "crash-loop", "custom-html", "evil-socket", "late-database", "noop-restore", "notes", "slow-migration",
    "wiped-volume",
    "wrong-http",
  ])
  func `every sample recipe of the world passes untouched`(recipe: String) throws {
    let folder = "\(PolicyFixture.tests)/World/recipes/\(recipe)/tree"
    let checks = PolicyChecks(recipe: try RecipeName(recipe), policy: ComposePolicy(PolicyFixture.context))
    let environment = try AppEnvironment.preview(
      sample: "\(folder)/.env.sample", over: [("DOMAIN", PolicyFixture.domain.text), ("LETS_ENCRYPT_ENV", "")], checkout: folder,
      domain: PolicyFixture.domain)
    #expect(try checks.findings(in: folder, environment: environment) == [])
  }

  @Test(arguments: try Files.list("\(PolicyFixture.folder)/unreadable"))
  func `what another reader might understand otherwise is not read at all`(name: String) throws {
    let bytes = try Files.read("\(PolicyFixture.folder)/unreadable/\(name)")
    let failure = try #require(throws: Failure.self) { try YAMLNode.parse(bytes, path: name) }
    let line = String(decoding: bytes, as: UTF8.self).prefix { $0 != "\n" }.dropFirst(2)
    #expect(failure.code == .badData && failure.what.hasPrefix("\(name): \(line): "), "\(failure)")
  }

  @Test(arguments: [
    ("${A}", false), ("$A${B:-c}x$$", false), ("$${A:-{}", false), ("${A:-a:b/c}", false), ("{{ env \"X\" }}", false), ("${A:?no}", false),
    ("${A:-{}", true), ("${A-$B}", true), ("x${A:-${B}}", true), ("${A-{} || x // }", true), ("$A\u{212A}", true), ("${a\u{17F}}", true),
    ("${A:-é}", false), ("$é", false), ("$$$A\u{17F}", true),
  ])
  func `a variable that docker would read otherwise is told`(text: String, isAmbiguous: Bool) {
    #expect(ComposePolicy.isAmbiguous(text) == isAmbiguous)
  }

  @Test func `the app's own variables are nobody's to change, and templates in them are found`() {
    let policy = ComposePolicy(PolicyFixture.context)
    let found = policy.findings(environment: [
      "STACK_NAME": "traefik_ci_example_org", "DOMAIN": "x", "LETS_ENCRYPT_ENV": "production", "A": "{{.Task.Name}}", "B": "{{.Nothing}}",
    ])
    #expect(found.map(\.key) == ["DOMAIN", "LETS_ENCRYPT_ENV", "STACK_NAME", "B"])
    #expect(found.map(\.grace) == [.never, .never, .never, .release] && found.allSatisfy { $0.subject == "app environment" })
    #expect(policy.findings(environment: ["DOMAIN": PolicyFixture.domain.text, "STACK_NAME": PolicyFixture.domain.stack]) == [])
  }

  @Test(arguments: [
    ("A=1\nB='x' # y\nC=\"a \\\" b\"\n# it's\n", nil), ("A=it's", nil), ("A=\"\n", "A=\""), ("export A: 'x\nB=1'\n", "export A: 'x"),
    ("A=\"a\\\"\r\nSTACK_NAME=traefik\r\nB=\"\"", "A=\"a\\\""),
  ])
  func `a quote of the sample that does not end on its line is found`(sample: String, line: String?) {
    #expect(ComposePolicy(PolicyFixture.context).findings(sample: sample).map(\.value) == [line].compactMap { $0 })
  }

  @Test func `the table decides every key that docker's format 3.8 knows, once, and is written down`() throws {
    let known: [String: Set<String>] = [
      "service": [
        "deploy", "build", "cap_add", "cap_drop", "cgroup_parent", "command", "configs", "container_name", "credential_spec", "depends_on",
        "devices", "dns", "dns_search", "domainname", "entrypoint", "env_file", "environment", "expose", "external_links", "extra_hosts",
        "healthcheck", "hostname", "image", "init", "ipc", "isolation", "labels", "links", "logging", "mac_address", "network_mode",
        "networks", "pid", "ports", "privileged", "read_only", "restart", "security_opt", "shm_size", "secrets", "sysctls", "stdin_open",
        "stop_grace_period", "stop_signal", "tmpfs", "tty", "ulimits", "user", "userns_mode", "volumes", "working_dir", "cgroupns_mode",
      ],
      "deploy": [
        "mode", "replicas", "labels", "update_config", "rollback_config", "resources", "restart_policy", "placement", "endpoint_mode",
      ],
      "healthcheck": ["disable", "interval", "retries", "test", "timeout", "start_period"], "logging": ["driver", "options"],
      "volume": ["name", "driver", "driver_opts", "external", "labels"],
      "network": ["name", "driver", "driver_opts", "ipam", "external", "internal", "attachable", "labels"],
      "config": ["name", "file", "external", "labels", "template_driver"],
      "secret": ["name", "file", "external", "labels", "driver", "driver_opts", "template_driver"],
      "top": ["version", "services", "networks", "volumes", "secrets", "configs"],
    ]
    let tables = [
      "service": PolicyTable.service, "deploy": PolicyTable.deploy, "healthcheck": PolicyTable.healthcheck, "logging": PolicyTable.logging,
      "volume": PolicyTable.volume, "network": PolicyTable.network, "config": PolicyTable.config, "secret": PolicyTable.secret,
      "top": PolicyTable.top,
    ]
    for (name, keys) in known {
      let table = try #require(tables[name]).map(\.name)
      #expect(keys.subtracting(table).isEmpty && Set(table).count == table.count, "\(name)")
    }
    let page = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/docs/compose-policy.md"
    #expect(String(decoding: try Files.read(page), as: UTF8.self).contains(PolicyTable.document), "\n\(PolicyTable.document)")
  }
}
