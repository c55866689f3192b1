import CCCICore
import FoundationEssentials
import Testing

/// The command lines of the host's units, as its modules write them, with the settings that its modules write: against the world. systemd is a
/// program of the test's, which does what the units say.
@Suite("Units of the host", .enabled(if: World.isUp, "CCCI_WORLD_TESTS is not set"), .timeLimit(.minutes(15)))
struct UnitTests {
  @Test("a night: the rebuild, the reconciler, the sweep of every recipe; then the poller's pass, the janitor's and the relay's")
  func night() async throws {
    let shared = SharedPlace("custom-html")
    let place = shared.place
    try Files.createDirectory(place.folder)
    try await shared.publish("1.1.0+1.27.1")
    let gitea = try await Server.start("gitea", Server.certificate + ["--name", "git.ci.localhost"], in: place)
    defer { gitea.stop() }
    let source = try Desk.source(in: place)
    // What the runner's unit gives to each step does not depend on where Drone is.
    let runner = try await Self.units(shared, gitea.url, drone: "https://drone.ci.localhost").step(in: place)
    let drone = try await Server.start(
      "drone", Server.certificate + ["--name", "drone.ci.localhost", "--runner", "exec", "--source", source] + runner, in: place
    )
    defer { drone.stop() }
    try await Desk.people(gitea, drone, source)
    try Desk.tokens(place)
    let units = try await Self.units(shared, gitea.url, drone: drone.url)
    try Files.write(Array(units.settings.utf8), to: "\(place.folder)/settings.toml")

    for rule in units.tmpfiles.map({ $0.split(separator: " ").map(String.init) }) where rule[0] == "d" && rule[1].hasPrefix(place.folder) {
      try Files.createDirectory(rule[1])
    }

    await World.newest.take()
    defer { World.newest.leave() }
    let reconciler = "ccci-reconcile-\(shared.name)"
    try Self.systemd(units, reconciler, in: place)
    let night = try await units.run("cc-ci-nightly", in: place)
    #expect(night.status == 0, "\(night)")
    let started = String(decoding: try Files.read("\(place.folder)/systemctl.log"), as: UTF8.self)
    #expect(started == "start cc-ci-rebuild.service\nrestart \(reconciler).service\n")
    #expect(try await shared.running() == "1.1.0+1.27.1")
    #expect(night.output.contains("build 1  custom-html  1.2.0+1.27.2 for the first time: success"), "\(night)")
    let results = try World.results("d1", of: place)
    #expect(results.verdict == .green && results.trigger?.hasPrefix("sweep/custom-html@1.2.0+1.27.2@") == true)

    for (unit, words) in [
      (reconciler, "current"), ("ccci-poll", ""), ("ccci-janitor", ""), ("ccci-alerts-relay", ""), ("ccci-alerts-heartbeat", ""),
    ] {
      let outcome = try await units.run(unit, in: place)
      #expect(outcome.status == 0 && outcome.output.contains(words), "\(unit): \(outcome)")
    }
    let mail = String(decoding: try Files.read("\(place.folder)/mail"), as: UTF8.self)
    #expect(mail.contains("heartbeat"), "\(mail)")
    try await shared.forget()
  }

  /// What the modules say for a host that is the world.
  struct Units: Decodable {
    struct Service: Decodable {
      var environment: [String: String?]
      var serviceConfig: Config
    }
    struct Config: Decodable {
      var start: String
      enum CodingKeys: String, CodingKey { case start = "ExecStart" }
    }
    var failed: [String]
    var settings: String
    var tmpfiles: [String]
    var services: [String: Service]

    /// A unit's words, with the programs that were built here in the place of those of the packages.
    func line(_ unit: String) throws -> [String] {
      let words = try #require(services[unit], "no unit \(unit)").serviceConfig.start.split(separator: " ").map(String.init)
      let name = words[0].split(separator: "/").last.map(String.init) ?? ""
      let program =
        name == "cc-ci-nightly"
        ? "\(World.root)/scripts/nightly"
        : words[0].contains("host-scripts") ? "\(World.root)/nix/scripts/\(name)" : "\(World.binaries)/\(name)"
      return [program] + words.dropFirst()
    }

    func environment(_ unit: String, in place: World.Installation) -> [String: String] {
      var environment = services[unit]?.environment.compactMapValues { $0 } ?? [:]
      environment["PATH"] = "\(place.folder)/bin:\(World.binaries):\(World.variable("PATH") ?? "/usr/bin:/bin")"
      // On a host: /etc/cc-ci/settings.toml.
      environment["CCCI_SETTINGS"] = "\(place.folder)/settings.toml"
      return environment
    }

    /// The stand-in's options for what drone-runner-exec hands to a step: its `PATH` is the unit's, with the programs that were built here.
    func step(in place: World.Installation) throws -> [String] {
      let unit = try #require(services["drone-runner-exec"], "no runner")
      let path = try #require(unit.environment["DRONE_RUNNER_PATH"] ?? nil).split(separator: ":")
      #expect(path.contains("/pkgs/cc-ci/bin") && path.contains("/pkgs/abra/bin") && path.contains("/pkgs/git/bin"))
      let known: [String] = path.compactMap { folder in
        switch folder {
        case "/pkgs/cc-ci/bin": World.binaries
        case "/pkgs/abra/bin": "\(World.folder)/bin"
        // Of other packages this machine has its own.
        default: nil
        }
      }
      let home = try #require(unit.environment["HOME"] ?? nil)
      let words = [
        "PATH": (known + ["/usr/bin", "/bin"]).joined(separator: ":"), "HOME": home, "CCCI_SETTINGS": "\(place.folder)/settings.toml",
      ]
      return words.flatMap { ["--runner-env", "\($0.key)=\($0.value)"] }
    }

    func run(_ unit: String, in place: World.Installation) async throws -> World.Outcome {
      let line = try line(unit)
      let result = try await World.host.run(
        Command(line[0], Array(line.dropFirst()), environment: environment(unit, in: place), directory: "/", limit: .seconds(400)))
      let status: Int32 = if case .exited(let code) = result.status { code } else { -1 }
      return World.Outcome(status: status, output: result.text, error: result.errorText)
    }
  }

  private static func units(_ shared: SharedPlace, _ gitea: String, drone: String) async throws -> Units {
    let place = shared.place
    let host = """
      { lib, ... }: {
        networking.hostName = "world";
        ccci = {
          enable = true;
          zone = "ci.localhost";
          sops.file = \(World.root)/nix/checks/host.nix;
          forge = { url = "\(gitea)"; tokenFile = "\(place.folder)/forge_token"; };
          drone = {
            enable = true;
            url = "\(drone)";
            tokenFile = "\(place.folder)/drone_token";
            repository = "recipes/cc-ci";
          };
          droneRunner.enable = true;
          poll = { enable = true; bot = "ccci-bot"; repositories = [ "mirror/custom-html" ]; };
          nightly = { enable = true; rebuild.enable = true; };
          traefik.enable = false;
          backupbot.enable = false;
          alerts.sinks.log = { command = [ "/usr/bin/tee" "-a" "\(place.folder)/mail" ]; heartbeat = true; };
          reconcile.enable = true;
          reconcile.apps."\(shared.name)" = { recipe = "\(shared.name)"; soak = "2s"; env = { TIMEOUT = "60"; LETS_ENCRYPT_ENV = ""; }; };
          settings.host = {
            shelf = "\(place.folder)/shelf";
            runs = "\(place.runs)";
            lock = "\(place.locks)";
            abra = "\(World.folder)/bin/abra";
            abra_dir = "\(World.folder)/abra-home";
            ca = "\(World.folder)/ca/bundle.pem";
          };
          settings.drone.poll = "1s";
          settings.forge.upstream = "https://git.ci.localhost:8443/coop-cloud/{recipe}.git";
        };
      }
      """
    try Files.write(Array(host.utf8), to: "\(place.folder)/host.nix")
    let said = try await World.shell(
      "/usr/bin/python3", ["-B", "\(World.root)/nix/checks/evaluation.py", "/pkgs", "\(place.folder)/host.nix"])
    let units = try JSONDecoder().decode(Units.self, from: Data(said.utf8))
    #expect(units.failed == [])
    return units
  }

  /// A `systemctl` that runs what a unit says, and notes what it was told. The rebuild of the host does nothing.
  private static func systemd(_ units: Units, _ reconciler: String, in place: World.Installation) throws {
    try Files.createDirectory("\(place.folder)/bin")
    let line = try units.line(reconciler).joined(separator: " ")
    let text = """
      #!/bin/sh
      echo "$*" >>'\(place.folder)/systemctl.log'
      case "$*" in
        'start cc-ci-rebuild.service') ;;
        'restart \(reconciler).service') exec \(line) ;;
        *) echo "no such unit: $*" >&2; exit 5 ;;
      esac

      """
    try Files.write(Array(text.utf8), to: "\(place.folder)/bin/systemctl", mode: 0o755)
  }
}
