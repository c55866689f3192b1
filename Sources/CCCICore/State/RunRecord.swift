public import FoundationEssentials

/// `run.json`: the live record of a run and its teardown ledger. Written before the first side effect and at every phase.
public struct RunRecord: Sendable, Equatable, Codable, StateFile {
  public var schema = 1
  public var runID: String
  public var recipe: String
  public var ref: String?
  public var pr: Int?
  public var mode: Verdict.Mode
  public var pid: Int32
  /// The kernel's boot id: a pid of another boot names nobody.
  public var bootID: String
  /// The value of `CCCI_COOKIE` in the environment of every process of the run.
  public var cookie: String
  /// `<instance id>/<run id>`, as `CCCI_OWNER` of the app's `.env` carries it.
  public var owner: String
  public var phase: String
  public var started: Date
  public var heartbeat: Date
  public var deadline: Date
  public var finished: Date?
  /// Domains in the order of creation; teardown goes backwards.
  public var apps: [String]
  /// Backup snapshots taken by this run.
  public var snapshots: [String]
  /// The canonical that it works on: undeployed by whoever cleans up, never removed.
  public var canonical: String?
  /// The run's realm on the host's own Keycloak. Written before it is made.
  public var realm: String?
  public var locks: [String]
  public var keepUntil: Date?
  /// Commit of the `tests/` that were copied, or empty when they are in no repository.
  public var testsCommit: String
  public var trigger: String?
  /// What the answer needs, should somebody else have to give it.
  public var src: String
  public var tiers: [Tier]
  public var abraVersion: String
  public var host: String

  /// Something is still to come: the run's end, or that of an app that it kept or could not remove.
  public var isOpen: Bool { finished == nil || !apps.isEmpty }

  enum CodingKeys: String, CodingKey {
    case schema, recipe, ref, pr, mode, pid, cookie, owner, phase, started, heartbeat, deadline, finished, apps, snapshots, locks, trigger,
      src, tiers, host, realm, canonical
    case abraVersion = "abra_version"
    case runID = "run_id"
    case bootID = "boot_id"
    case keepUntil = "keep_until"
    case testsCommit = "tests_commit"
  }

  public init(
    runID: String, recipe: String, ref: String?, pr: Int?, mode: Verdict.Mode, pid: Int32, bootID: String, cookie: String, owner: String,
    phase: String, started: Date, deadline: Date, locks: [String], testsCommit: String, trigger: String?, src: String, tiers: [Tier],
    abraVersion: String, host: String
  ) {
    self.runID = runID
    self.recipe = recipe
    self.ref = ref
    self.pr = pr
    self.mode = mode
    self.pid = pid
    self.bootID = bootID
    self.cookie = cookie
    self.owner = owner
    self.phase = phase
    self.started = started
    self.heartbeat = started
    self.deadline = deadline
    self.apps = []
    self.snapshots = []
    self.locks = locks
    self.testsCommit = testsCommit
    self.trigger = trigger
    self.src = src
    self.tiers = tiers
    self.abraVersion = abraVersion
    self.host = host
  }
}
