import CSys
import Glibc

/// Runs programs to their end, and nothing of them longer than that.
///
/// Each call leads a session of its own and is marked in its environment. When the limit passes or the task is cancelled, its whole
/// family gets TERM, two seconds, then KILL, wherever it has gone. A grandchild that keeps a pipe open holds up nobody.
public enum CommandRunner {
  /// See `Host.run`.
  public static func run(_ command: Command) async throws(Failure) -> CommandResult {
    if Task.isCancelled { throw .cancelled }
    let call = try Call(command)
    let watch = CallWatch()
    // A task of its own: cancelling must end the family our way, not stop the code that does it.
    let work = Task.detached { () async -> Result<CommandResult, Failure> in
      do throws(Failure) {
        return .success(try await command.terminal ? TerminalCall.run(call, watch) : PipedCall.run(call, watch))
      } catch {
        return .failure(error)
      }
    }
    return try await withTaskCancellationHandler {
      await work.value
    } onCancel: {
      watch.cancel()
    }.get()
  }

  /// Waits until our child has ended, without reaping it. The wait is short: its output has ended already.
  static func ended(_ process: Int32) async {
    var pause = Duration.microseconds(200)
    while csys_has_ended(process) == 0 {
      do {
        try await Task.sleep(for: pause)
      } catch {
        return  // Only our own detached tasks come here, and nobody cancels them.
      }
      pause = min(pause * 2, .milliseconds(20))
    }
  }

  /// A write to a program that has gone is an error to be handled, not a signal to die of.
  static let ignoringBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
}
