/// A build, as far as its fate is concerned.
public struct DroneBuild: Sendable, Equatable, Decodable {
  public var number: Int
  public var status: Status
  /// What `POST …/builds` was given.
  public var params: [String: String]

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
  }

  enum CodingKeys: String, CodingKey { case number, status, params }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    number = try values.decode(Int.self, forKey: .number)
    status = Status(try values.decode(String.self, forKey: .status))
    params = (try? values.decodeIfPresent([String: String].self, forKey: .params)) ?? [:]
  }
}
