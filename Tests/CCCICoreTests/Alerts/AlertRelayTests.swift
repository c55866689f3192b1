import CCCICore
import FoundationEssentials
import Glibc
import Testing

/// The built `ccci-alerts` with sinks that write down what they get.
private struct Post {
  let folder: TemporaryFolder
  let alerts: Alerts

  /// - Parameter sink: lines of `[alerts.sink]`.
  init(sink: String, more: String = "") throws {
    folder = try TemporaryFolder(inMemory: true)
    alerts = Alerts(shelf: folder("shelf"))
    let settings = """
      [host]
      zone = "ci.example.org"
      shelf = "\(folder("shelf"))"
      runs = "\(folder("runs"))"
      [alerts]
      retry = "0s"
      [alerts.sink]
      \(sink.replacing("{folder}", with: folder.path))
      \(more.replacing("{folder}", with: folder.path))
      """
    try Files.write(Array(settings.utf8), to: folder("settings.toml"))
  }

  /// A command sink that takes what it is given about as often as it fails, and writes down what it took.
  static let unsteady =
    #"command = ["/bin/sh", "-c", "read -r body; read -r chance < /proc/sys/kernel/random/uuid; case $chance in [0-7]*) exit 3 ;; esac; echo \"$body\" >> {folder}/bodies; echo $CCCI_ALERT_ID >> {folder}/got"]"#
  static let steady = #"command = ["/bin/sh", "-c", "cat >> {folder}/bodies; echo $CCCI_ALERT_ID >> {folder}/got"]"#

  func start(_ arguments: String...) throws(Failure) -> Int32 {
    let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { close(nothing) }
    return try Program.start(Self.binary, arguments, environment: environment, standard: (nothing, nothing, nothing))
  }

  func run(_ arguments: String...) async throws -> CommandResult { try await run(arguments) }

  func run(_ arguments: [String]) async throws -> CommandResult {
    try await CommandRunner.run(Command(Self.binary, arguments, environment: environment, limit: .seconds(120)))
  }

  var got: [String] {
    get throws { String(decoding: try Files.readIfPresent(folder("got")) ?? [], as: UTF8.self).split(separator: "\n").map(String.init) }
  }

  func raise(_ count: Int) throws -> [String] {
    try (0..<count).compactMap { number in
      try alerts.raise(Alert(app: "app\(number)", reason: .unhealthy, says: "number \(number)", ts: Date()))
    }
  }

  private var environment: [String: String] {
    ["CCCI_SETTINGS": folder("settings.toml"), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
  }

  /// Beside the test bundle.
  private static var binary: String {
    let root = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()
    return "\(getenv("CCCI_BINARIES").map { String(cString: $0) } ?? "\(root)/.build/debug")/ccci-alerts"
  }
}

@Suite(.timeLimit(.minutes(10))) struct AlertRelayTests {
  @Test func `1000 alerts reach a sink that fails half of the time by a relay that is killed: none lost, under 1 % twice`() async throws {
    let post = try Post(sink: Post.unsteady)
    let raised = try post.raise(1000)
    #expect(raised.count == 1000)
    var kills = 0
    // On a quick machine all is delivered before it was killed nine times.
    for _ in 0..<30 where kills < 9 {
      let process = try post.start("relay")
      try await Task.sleep(for: .milliseconds(Int.random(in: 20...300)))
      kill(process, SIGKILL)
      var status: Int32 = 0
      waitpid(process, &status, 0)
      if status & 0x7f == SIGKILL { kills += 1 }
    }
    #expect(kills > 0)
    var passes = 0
    while try await post.run("relay").status != .exited(0) {
      passes += 1
      try #require(passes < 40)
    }
    let got = try post.got
    #expect(Set(got) == Set(raised), "none lost, and nothing else")
    let twice = got.count - Set(got).count
    print("1000 alerts, \(kills) kills, \(passes + 1) further passes: \(twice) delivered twice")
    #expect(twice <= kills, "a kill repeats at most the one that was on its way")
    #expect(twice < 10)
    let before = got.count
    #expect(try await post.run("relay").ok)
    #expect(try post.got.count == before, "delivered ones are not due any more")
  }

  @Test func `two relays at once deliver each alert once`() async throws {
    let post = try Post(sink: Post.steady)
    let raised = try post.raise(60)
    async let one = post.run("relay", "--json")
    async let other = post.run("relay", "--json")
    let ends = try await [one, other]
    #expect(ends.allSatisfy { $0.ok })
    #expect(try post.got.sorted() == raised.sorted())
  }

  /// Takes every second request, and writes down what it took.
  private static let server = #"""
    import http.server, json, sys
    class Handler(http.server.BaseHTTPRequestHandler):
        count = 0
        def log_message(self, *_): pass
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            Handler.count += 1
            if Handler.count % 2 == 0:
                with open(sys.argv[1] + "/taken", "a") as file:
                    file.write(json.dumps([self.headers["Idempotency-Key"], self.headers["Content-Type"], json.loads(body)["id"]]) + "\n")
            self.send_response(204 if Handler.count % 2 == 0 else 503)
            self.send_header("Content-Length", "0")
            self.end_headers()
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    with open(sys.argv[1] + "/port", "w") as file: file.write(f"{server.server_port}\n")
    server.serve_forever()
    """#

  @Test func `an HTTP sink that fails half of the time gets each alert once, as JSON with its key`() async throws {
    let place = try TemporaryFolder()
    let script = Self.server
    let serving = Task.detached {
      try await CommandRunner.run(
        Command("python3", ["-c", script, place.path], environment: ["PATH": "/usr/bin:/bin"], limit: .seconds(120)))
    }
    defer { serving.cancel() }
    var port = ""
    for _ in 0..<500 where !port.hasSuffix("\n") {
      port = String(decoding: try Files.readIfPresent(place("port")) ?? [], as: UTF8.self)
      try await Task.sleep(for: .milliseconds(20))
    }
    let post = try Post(sink: "url = \"http://127.0.0.1:\(port.filter(\.isNumber))/\"")
    let raised = try post.raise(20)
    let first = try await post.run("relay")
    #expect(
      first.status == .exited(1) && first.text.contains("10 delivered, 10 failed, 0 not due yet\n  sink: answered 503"), "\(first.text)")
    for _ in 0..<40 where try await !post.run("relay").ok {}
    let taken = String(decoding: try Files.read(place("taken")), as: UTF8.self).split(separator: "\n").sorted()
    #expect(taken.map(String.init) == raised.sorted().map { #"["\#($0)", "application/json", "\#($0)"]"# })
  }

  @Test func `a sink that does not answer is tried again later`() async throws {
    let post = try Post(sink: "url = \"http://127.0.0.1:9/\"")
    let id = try #require(try post.raise(1).first)
    let result = try await post.run("relay")
    #expect(result.status == .exited(1) && result.text.contains("no answer"))
    #expect(try AlertDelivery.read(in: post.alerts).alerts[id]?["sink"]?.attempts == 1)
  }

  @Test func `an acknowledged alert is not relayed, and check counts only those that wait`() async throws {
    let post = try Post(sink: Post.steady)
    let raised = try post.raise(3)
    #expect(try await post.run("list", "--check").status == .exited(1))
    #expect(try await post.run("ack", "2", raised[1]).status == .exited(64), "the beginning of three")
    #expect(try await post.run("ack", String(raised[0].dropLast(3)), raised[1]).ok)
    #expect(try await post.run("relay").ok)
    #expect(try post.got == [raised[2]])
    #expect(try await post.run("ack", "--all").ok)
    let list = try await post.run("list", "--check")
    #expect(list.ok && list.text == "no alerts\n")
    #expect(try await post.run("ack").status == .exited(64))
    #expect(try await post.run("ack", "nothing").status == .exited(66))
    #expect(try await post.run("show", raised[0]).text.contains("unhealthy"))
  }

  @Test func `a heartbeat goes once a day to the sinks that asked for it`() async throws {
    let post = try Post(
      sink: Post.steady + "\nheartbeat = true", more: "[alerts.other]\ncommand = [\"/bin/sh\", \"-c\", \"echo other >> {folder}/got\"]")
    #expect(try await post.run("heartbeat").ok)
    #expect(try await post.run("heartbeat").ok)
    let got = try post.got
    #expect(got.count == 1 && got[0].hasPrefix("heartbeat-2"), "\(got)")
    #expect(String(decoding: try Files.read(post.folder("bodies")), as: UTF8.self).contains(#""kind":"heartbeat""#))
    #expect(try await post.run("heartbeat", "--now").ok)
    #expect(try post.got.count == 2)
  }

  @Test func `a sink whose token is missing silences no other, and is tried again later`() async throws {
    let post = try Post(
      sink: "url = \"https://127.0.0.1:9/\"\ntoken_file = \"{folder}/none\"\nheartbeat = true",
      more: "[alerts.steady]\nheartbeat = true\n\(Post.steady)")
    let id = try #require(try post.raise(1).first)
    let result = try await post.run("relay")
    #expect(result.status == .exited(1) && result.text.contains("1 delivered, 1 failed"), "\(result.text) \(result.errorText)")
    #expect(result.text.contains("sink: \(post.folder("none")): does not exist: [alerts.sink] token_file names it"), "\(result.text)")
    #expect(try post.got == [id])
    let state = try AlertDelivery.read(in: post.alerts).alerts[id]
    #expect(state?["sink"]?.attempts == 1 && state?["steady"]?.delivered != nil)
    #expect(try await post.run("heartbeat").status == .exited(1))
    #expect(try post.got.count == 2)
  }

  @Test func `an alert that cannot be read keeps no other from its way, and what its name says is told once`() async throws {
    let post = try Post(sink: Post.steady + "\nheartbeat = true")
    let raised = try post.raise(2)
    let path = "\(post.alerts.folder)/\(raised[0]).json"
    try Files.write(Array(try Files.read(path).prefix(40)), to: path)
    try Files.write([], to: "\(post.alerts.folder)/strange.json")
    for _ in 0..<2 {
      let result = try await post.run("relay")
      #expect(result.status == .exited(65) && result.errorText.contains(path) && result.errorText.contains("hint: "), "\(result.errorText)")
      #expect(result.errorText.contains("strange.json"))
      #expect(try post.got == raised)
    }
    let bodies = String(decoding: try Files.read(post.folder("bodies")), as: UTF8.self)
    #expect(bodies.contains("its name is all that is known") && bodies.contains(#""app":"app0""#) && bodies.contains("number 1"))
    let beat = try await post.run("heartbeat")
    #expect(beat.status == .exited(65) && beat.text.contains("3 alerts waiting"), "\(beat.text)")
    #expect(try await post.run("list").status == .exited(65))
    #expect(try post.raise(1).count == 1, "what may have been said is said again")
    #expect(try post.raise(1).isEmpty)
  }

  @Test func `a heartbeat that nobody asks for is a setting that is missing`() async throws {
    let post = try Post(sink: Post.steady)
    for arguments in [[], ["--now"]] {
      let result = try await post.run(["heartbeat"] + arguments)
      #expect(result.status == .exited(72) && result.errorText.contains("no sink asks for a heartbeat"), "\(result.errorText)")
    }
    #expect(try post.got.isEmpty)
  }

  @Test func `without a sink a relay says what is missing, and a sink that is both or neither is refused`() async throws {
    for (sink, code) in [
      ("command = [\"/bin/true\"]\nurl = \"https://x\"", Int32(65)), ("heartbeat = true", 65), ("command = [\"true\"]", 65),
      ("url = \"http://x\"\ntoken_file = \"/x\"", 65), ("url = \"ftp://x\"", 65),
    ] {
      let post = try Post(sink: sink)
      #expect(try await post.run("relay").status == .exited(code), "\(sink)")
    }
  }
}
