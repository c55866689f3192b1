public import FoundationEssentials

/// Where a build stands in Drone's queue.
public struct QueuePlace: Sendable, Equatable {
  /// How many wait before it.
  public var ahead: Int
  /// The build that runs, or the first that waits before it.
  public var behind: Int?
  /// Seconds until it may begin; nil when nobody can say.
  public var wait: Int?
  /// Something in the queue will never end by itself.
  public var stuck: String?

  /// - Parameters:
  ///   - rows: what waits or runs, oldest first, ours among it.
  ///   - ours: number of our build.
  ///   - waiting: seconds since ours was made.
  ///   - timeout: seconds after which Drone ends a build.
  ///   - duration: how long a build usually takes; nil when that is not known.
  public static func of(
    _ ours: Int, in rows: [DroneQueued], waiting: Double, timeout: Double, now: Date, duration: (Int) -> Int?
  ) -> QueuePlace {
    let before = rows.prefix { $0.build != ours }
    let running = rows.filter { $0.status == .running && $0.build != ours }
    let pending = before.filter { $0.status == .pending }
    var place = QueuePlace(ahead: pending.count, behind: (running.first ?? pending.first)?.build)
    if let zombie = running.first(where: { $0.started > 0 && now.timeIntervalSince1970 - $0.started > timeout + 300 }) {
      place.stuck = "build \(zombie.build) has been running for longer than its time limit: its runner is gone"
    } else if let wedged = pending.first(where: { isWedged($0, now) }) {
      place.stuck = "build \(wedged.build) was taken by \(wedged.machine) and never begun"
    } else if running.isEmpty, pending.isEmpty, waiting > 60 {
      place.stuck = "nothing runs, and still it is not begun: the runner is away, paused, or busy with a build that was cancelled"
    }
    if place.stuck == nil { place.wait = estimate(running, pending, now, duration) }
    return place
  }

  /// Taken by a runner a minute ago and not begun: it never will be.
  static func isWedged(_ row: DroneQueued, _ now: Date) -> Bool {
    row.status == .pending && !row.machine.isEmpty && row.started == 0 && now.timeIntervalSince1970 - row.created > 60
  }

  private static func estimate(_ running: [DroneQueued], _ pending: [DroneQueued], _ now: Date, _ duration: (Int) -> Int?) -> Int? {
    var sum = 0
    for row in running {
      guard let whole = duration(row.build) else { return nil }
      sum += max(0, whole - Int(max(0, now.timeIntervalSince1970 - row.started)))
    }
    for row in pending {
      guard let whole = duration(row.build) else { return nil }
      sum += whole
    }
    return sum
  }

  /// The middle of what a recipe took lately; of all recipes when it is not known.
  static func usual(_ recipe: String?, _ known: [String: [Int]]) -> Int? {
    let own = recipe.flatMap { known[$0] } ?? []
    let values = (own.isEmpty ? known.values.flatMap { $0 } : own).sorted()
    return values.isEmpty ? nil : values[values.count / 2]
  }
}
