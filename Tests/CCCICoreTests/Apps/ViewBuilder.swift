import CCCICore
import FoundationEssentials

/// Second 0 of every made-up stack.
let dawn = Date(timeIntervalSince1970: 1_800_000_000)

func second(_ seconds: Double) -> Date { dawn.addingTimeInterval(seconds) }

extension ServiceState {
  /// A service of the stack `s`: `.made("app", "0/1", .updating)`.
  static func made(_ name: String, _ count: String = "1/1", _ update: Update.State? = nil, started: Double = 0) -> ServiceState {
    let numbers = count.split(separator: "/").map { Int($0) ?? 0 }
    return ServiceState(
      id: "id-\(name)", name: "s_\(name)", shortName: name, desired: numbers[1], running: numbers[0], template: .made("a"),
      update: update.map { Update(state: $0, startedAt: second(started), message: "swarm says \($0.rawValue)") })
  }

  func with(_ change: (inout ServiceState) -> Void) -> ServiceState {
    var copy = self
    change(&copy)
    return copy
  }
}

extension TaskTemplate {
  /// `placement` is the part that swarm may ignore.
  static func made(_ work: String, placement: String = "") -> TaskTemplate { TaskTemplate(text: work + placement, work: work) }
}

extension TaskState {
  /// A task of the service, in that state since `at`.
  static func made(
    _ id: String, of service: String = "app", _ state: State = .running, desired: State = .running, at: Double = 0, exit: Int? = nil,
    error: String = "", health: Bool? = nil, template: TaskTemplate = .made("a")
  ) -> TaskState {
    TaskState(
      id: id, serviceID: "id-\(service)", state: state, desired: desired, timestamp: second(at), created: second(at), exitCode: exit,
      error: error, containerID: "c-\(id)", image: "i:1", template: template, hasHealthcheck: health != nil, healthy: health)
  }
}

extension StackView {
  /// Services for which no task is given get as many running ones as they count.
  static func made(_ services: [ServiceState], _ tasks: [TaskState] = [], at: Double = 1000) -> StackView {
    let silent = services.filter { service in !tasks.contains { $0.serviceID == service.id } }
    let filled = silent.flatMap { service in
      (0..<service.running).map { TaskState.made("\(service.shortName)-\($0)", of: service.shortName) }
    }
    return StackView(services: services, tasks: tasks + filled, at: second(at))
  }
}

/// Pseudo-random numbers that are the same in every run.
struct Dice: RandomNumberGenerator {
  private var state: UInt64

  init(seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
