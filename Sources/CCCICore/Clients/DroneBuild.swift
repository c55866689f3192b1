public import FoundationEssentials

/// A build, as far as its fate is concerned.
public struct DroneBuild: Sendable, Equatable, Decodable {
  public var number: Int
  public var status: Status
  /// What `POST …/builds` was given.
  public var params: [String: String]
  /// The build that this one repeats; 0 for none.
  public var parent: Int
  /// Why there is no pipeline, when the status is `error`.
  public var error: String
  public var created: Date?
  public var started: Date?
  public var finished: Date?
  /// Empty in lists, and before a build is taken up.
  public var stages: [Stage]
  /// Drone's own clock when it was asked: the times of a build are compared with no other.
  public var observed: Date?

  /// Drone's words. One that we do not know is kept, and is neither an end nor a cancel.
  public enum Status: Sendable, Equatable {
    case waiting, pending, running, blocked, declined, skipped, success, failure, error, killed
    case other(String)

    init(_ text: String) {
      self =
        switch text {
        case "waiting_on_dependencies": .waiting
        case "pending": .pending
        case "running": .running
        case "blocked": .blocked
        case "declined": .declined
        case "skipped": .skipped
        case "success": .success
        case "failure": .failure
        case "error": .error
        case "killed": .killed
        default: .other(text)
        }
    }

    public var isOver: Bool {
      switch self {
      case .waiting, .pending, .running, .blocked, .other: false
      case .declined, .skipped, .success, .failure, .error, .killed: true
      }
    }

    public var word: String {
      switch self {
      case .waiting: "waiting"
      case .other(let text): text
      case .pending, .running, .blocked, .declined, .skipped, .success, .failure, .error, .killed: "\(self)"
      }
    }
  }

  /// One pipeline of a build.
  public struct Stage: Sendable, Equatable, Decodable {
    public var status: Status
    /// Who took it; empty while nobody has.
    public var machine: String
    public var started: Date?

    enum CodingKeys: String, CodingKey { case status, machine, started }

    public init(status: Status, machine: String, started: Date?) {
      self.status = status
      self.machine = machine
      self.started = started
    }

    public init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      status = Status(try values.decodeIfPresent(String.self, forKey: .status) ?? "")
      machine = try values.decodeIfPresent(String.self, forKey: .machine) ?? ""
      started = DroneBuild.date(try values.decodeIfPresent(Double.self, forKey: .started))
    }
  }

  enum CodingKeys: String, CodingKey { case number, status, params, parent, error, created, started, finished, stages }

  public init(
    number: Int, status: Status, params: [String: String] = [:], parent: Int = 0, error: String = "", created: Date? = nil,
    started: Date? = nil, finished: Date? = nil, stages: [Stage] = []
  ) {
    self.number = number
    self.status = status
    self.params = params
    self.parent = parent
    self.error = error
    self.created = created
    self.started = started
    self.finished = finished
    self.stages = stages
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    number = try values.decode(Int.self, forKey: .number)
    status = Status(try values.decode(String.self, forKey: .status))
    params = (try? values.decodeIfPresent([String: String].self, forKey: .params)) ?? [:]
    parent = try values.decodeIfPresent(Int.self, forKey: .parent) ?? 0
    error = try values.decodeIfPresent(String.self, forKey: .error) ?? ""
    created = Self.date(try values.decodeIfPresent(Double.self, forKey: .created))
    started = Self.date(try values.decodeIfPresent(Double.self, forKey: .started))
    finished = Self.date(try values.decodeIfPresent(Double.self, forKey: .finished))
    stages = try values.decodeIfPresent([Stage].self, forKey: .stages) ?? []
    observed = nil
  }

  /// Unix seconds, of which 0 means not yet.
  private static func date(_ seconds: Double?) -> Date? {
    seconds.flatMap { $0 > 0 ? Date(timeIntervalSince1970: $0) : nil }
  }
}
