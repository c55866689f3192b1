/// `/etc/cc-ci/settings.toml`, or the file that `CCCI_SETTINGS` names, with every default filled in.
public struct Settings: Sendable, Equatable {
  public var host = HostSettings()
  public var run = RunSettings()
  public var forge = ForgeSettings()
  public var drone = DroneSettings()
  public var hook = HookSettings()
  public var keycloak = KeycloakSettings()
  public var alerts = AlertSettings()
  public var reconcile = ReconcileSettings()
  public var nightly = NightlySettings()
  public var upgradeSkipsCanonicals = false

  public var disk: DiskBudget {
    DiskBudget(warn: run.diskWarn, act: run.diskAct, refuse: run.diskRefuse, floor: UInt64(run.diskFloor))
  }

  public static let usualPath = "/etc/cc-ci/settings.toml"

  public struct HostSettings: Sendable, Equatable {
    public var zone = ""
    public var shelf = "/var/lib/ci-warm"
    public var runs = "/var/lib/cc-ci-runs"
    public var tests: String?
    public var lock = "/run/lock/cc-ci"
    public var engine = "/var/run/docker.sock"
    public var abra = "abra"
    /// The host's ABRA_DIR, whose `servers/` and `catalogue/` every run shares.
    public var abraDirectory = "/root/.abra"
    public var server = "default"
    public var proxy = "proxy"
    /// PEM file of the authorities that checks trust instead of the system's.
    public var authorities: String?
  }

  public struct RunSettings: Sendable, Equatable {
    public var capacity = 1
    public var deadline: Duration = .seconds(52 * 60)
    /// What the teardown may take past the deadline, before the guard takes a silent run for hanging.
    public var teardown: Duration = .seconds(8 * 60)
    /// How long a run may then say nothing before its guard ends it. Its heart beats every 10 s.
    public var silence: Duration = .seconds(60)
    /// How long one group of a recipe's tests, or one of its hooks, may take.
    public var overlayLimit: Duration = .seconds(15 * 60)
    /// How long `--keep` keeps an app.
    public var keep: Duration = .seconds(24 * 3600)
    /// Runs are refused above this fraction of used bytes or inodes, in per cent.
    public var diskRefuse = 93
    public var diskWarn = 75
    /// The janitor removes what is easily made again.
    public var diskAct = 85
    /// How long the record of a run is kept.
    public var retention: Duration = .seconds(90 * 86_400)
    /// Bytes that must be free under the run directory and under docker's data, whatever the fraction.
    public var diskFloor = 1 << 30
  }

  public struct ForgeSettings: Sendable, Equatable {
    /// Where a recipe's published releases live; `{recipe}` is replaced.
    public var upstream = "https://git.coopcloud.tech/coop-cloud/{recipe}.git"
    /// The git host that the token belongs to; it is sent nowhere else.
    public var url: String?
    public var tokenFile: String?
    /// The account that the token must belong to.
    public var bot: String?
    /// `owner/name` of each recipe's repository whose comments are read.
    public var repositories: [String] = []
    /// Who may ask beside the members of the owner: ids in digits, or logins.
    public var allow: [String] = []
    /// How long `ccci-poll watch` waits between two passes.
    public var interval: Duration = .seconds(30)

    public func upstream(of recipe: RecipeName) -> String { upstream.replacing("{recipe}", with: recipe.text) }
  }

  public struct KeycloakSettings: Sendable, Equatable {
    /// The host's own Keycloak, on which each run gets a realm.
    public var url: String?
    public var user = "admin"
    public var passwordFile: String?
  }

  public struct DroneSettings: Sendable, Equatable {
    /// Where its API and its pages are.
    public var url: String?
    public var tokenFile: String?
    /// How often a run asks whether its build was cancelled.
    public var poll: Duration = .seconds(30)
    /// `owner/name` of cc-ci's own repository, whose pipeline runs recipes.
    public var repository: String?
    public var branch = "main"
    /// What Drone lets a build of that repository take.
    public var timeout: Duration = .seconds(3600)
  }

  public struct HookSettings: Sendable, Equatable {
    /// The secret that deliveries are signed with.
    public var secretFile: String?
    /// Where deliveries are to go to, as the git host sees it.
    public var address: String?
  }

  public struct NightlySettings: Sendable, Equatable {
    /// After it the sweep asks for no more builds.
    public var until: DayTime?
    /// Only recipes with a version that no sweep has tested yet.
    public var onlyNewer = false
  }
}
