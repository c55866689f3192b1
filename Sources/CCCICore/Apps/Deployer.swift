public import FoundationEssentials

/// Puts one app on the swarm and waits until it serves: what runs, promotions and reconciliations share.
public struct Deployer: Sendable {
  public let host: Host
  public let engine: Engine
  public let abra: Abra
  public let serving: Serving
  public let domain: AppDomain
  /// Told what is being waited for, whenever that changes.
  public let says: @Sendable (String) -> Void

  public init(host: Host, engine: Engine, abra: Abra, serving: Serving, domain: AppDomain, says: @escaping @Sendable (String) -> Void) {
    self.host = host
    self.engine = engine
    self.abra = abra
    self.serving = serving
    self.domain = domain
    self.says = says
  }

  /// How long an app may take, and when it is given up earlier.
  public struct Patience: Sendable {
    public var deploy: Duration
    public var http: Duration
    public var loop: CrashLoop.Thresholds

    public init(deploy: Duration, http: Duration, loop: CrashLoop.Thresholds) {
      self.deploy = deploy
      self.http = http
      self.loop = loop
    }
  }

  /// Seconds that a task without a healthcheck must have been running: swarm calls it running the moment its process exists, so that one
  /// look in time would take a service that crashes at once for a healthy one.
  public static let steady = 5.0

  /// Waits for the stack to come to rest and answers what came of it.
  ///
  /// - Parameter judge: says when it is there; `Convergence.judge` for a deploy, `UpdateProof.judgement` for an update.
  public func settle(
    since: Date, patience: Patience,
    judge: @escaping @Sendable (StackView) -> Convergence.Judgement = { Convergence.judge($0, steady: Deployer.steady) }
  ) async throws(Failure) -> Finding {
    let watch = StackWatch(engine: engine, stack: domain.stack, since: since, thresholds: patience.loop) { reasons in
      says(reasons.joined(separator: "; "))
    }
    switch try await watch.wait(until: .now + patience.deploy, judge: judge).ending {
    case .converged:
      return .pass
    case .failed(let reasons, let view):
      return .fail(.rolledBack, Self.sentence(rolledBack: reasons), log: await log(of: view))
    case .crashLoop(let loop, let log):
      return Self.finding(loop, log)
    case .timedOut(let reasons, let cause):
      switch cause {
      case .infra(let why): return .error(.infra, why)
      case .fail(let why): return .fail(.notConverged, "not there after \(Int(patience.deploy.seconds)) s: \(why)")
      case nil: return .fail(.notConverged, "not there after \(Int(patience.deploy.seconds)) s: \(reasons.joined(separator: "; "))")
      }
    }
  }

  /// Watches for a crash loop while something else is waited for. nil when none came before the limit, or when it was cancelled.
  public func crashLoop(since: Date, patience: Patience, within limit: Duration) async -> Finding? {
    let watch = StackWatch(engine: engine, stack: domain.stack, since: since, thresholds: patience.loop)
    do throws(Failure) {
      guard case .crashLoop(let loop, let log) = try await watch.wait(until: .now + limit, judge: { _ in .waiting(reasons: []) }).ending
      else {
        return nil
      }
      return Self.finding(loop, log)
    } catch {
      return nil
    }
  }

  private static func finding(_ loop: CrashLoop.Verdict, _ log: [String]) -> Finding {
    let code = loop.exitCode.map { "exit code \($0)" } ?? loop.error
    let others = loop.others.isEmpty ? "" : ", and with it \(loop.others.joined(separator: ", "))"
    return .fail(.crashLoop, "crash loop: \(loop.service) failed \(loop.failures) times with \(code)\(others)", log: log)
  }

  /// Pulls every image that is not there, at the same time. A pull that fails is only said: swarm will try again and name the reason.
  public func pull(_ images: [String]) async throws(Failure) {
    var missing: [String] = []
    for image in Set(images).sorted() where try await !engine.hasImage(image) { missing.append(image) }
    guard !missing.isEmpty else { return }
    says("pulling \(missing.joined(separator: ", "))")
    await withTaskGroup(of: (String, Result<EnginePull, Failure>).self) { group in
      for image in missing {
        group.addTask {
          do throws(Failure) { return (image, .success(try await engine.pull(image))) } catch { return (image, .failure(error)) }
        }
      }
      for await (image, result) in group {
        switch result {
        case .success(.failed(let words)): says("\(image) cannot be pulled: \(words)")
        case .failure(let failure): says("\(image) cannot be pulled: \(failure.sentence)")
        case .success(.pulled), .success(.present): continue
        }
      }
    }
  }

  static func sentence(rolledBack reasons: [String]) -> String {
    let text = reasons.joined(separator: "; ")
    if text.contains("rollback") { return "rolled back: swarm went back to the old version: \(text)" }
    return "update paused: \(text)"
  }

  /// The last words of the newest failed task of a stack.
  private func log(of view: StackView) async -> [String] {
    guard let task = view.tasks.filter({ $0.state == .failed }).max(by: { $0.timestamp < $1.timestamp }) else { return [] }
    do throws(Failure) {
      let text =
        if let container = task.containerID { try await engine.logs(container: container, tail: 20) } else {
          try await engine.logs(task.id, tail: 20)
        }
      return text.split(separator: "\n").suffix(20).map(String.init)
    } catch {
      return ["no log: \(error.sentence)"]
    }
  }
}
