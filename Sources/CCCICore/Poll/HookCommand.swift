import ArgumentParser
import FoundationEssentials
import Glibc

/// `ccci-poll hook`.
struct HookCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "hook",
    abstract: "Take one webhook delivery from a connection on standard input and output, answer it, then look at that repository.")

  /// The other end has so long for the whole delivery.
  static let patience: Duration = .seconds(10)
  /// A pass that is at work is waited for so long.
  static let waiting: Duration = .seconds(60)

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    let start = try PollStart(tool)
    let deadline = ContinuousClock.now + Self.patience
    let answer = try receive(start, until: deadline)
    switch answer {
    case .refuse(let status, let why):
      _ = TimedInput.write(Self.response(status), to: STDOUT_FILENO, until: deadline)
      tool.console.progress("refused with \(status): \(why)")
    case .look(let slug):
      _ = TimedInput.write(Self.response(202), to: STDOUT_FILENO, until: deadline)
      // Gitea waits for 5 s, and a pass may take longer.
      TimedInput.hangUp([STDIN_FILENO, STDOUT_FILENO])
      try await look(slug, start)
    }
    return .ok
  }

  private func receive(_ start: PollStart, until deadline: ContinuousClock.Instant) throws(Failure) -> HookJudgment.Answer {
    let limit = HookRequest.longestHead + HookRequest.longestBody + 64
    let (bytes, ending) = try TimedInput.read(STDIN_FILENO, limit: limit, until: deadline) { HookRequest.read($0) != .incomplete }
    switch HookRequest.read(bytes) {
    case .incomplete: return .refuse(ending == .tooLate ? 408 : 400, "a delivery that did not come whole")
    case .bad(let status): return .refuse(status, "no delivery")
    case .whole(let request):
      let secret = try start.settings.hook.secretFile.map { (path) throws(Failure) in try TokenFile.read(path, key: "[hook] secret_file") }
      return HookJudgment.decide(request, secret: secret, enrolment: try Enrolment(start.settings.forge))
    }
  }

  private func look(_ slug: String, _ start: PollStart) async throws(Failure) {
    let end = ContinuousClock.now + Self.waiting
    while true {
      do throws(Failure) {
        _ = try await start.pass().run(only: slug)
        return
      } catch {
        guard error.code == .tryAgain, ContinuousClock.now < end else { throw error }
      }
      try await start.tool.host.sleep(.milliseconds(20))
    }
  }

  static func response(_ status: Int) -> [UInt8] {
    let words = [
      202: "Accepted", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
      408: "Request Timeout", 411: "Length Required", 413: "Content Too Large", 431: "Request Header Fields Too Large",
    ]
    return Array("HTTP/1.1 \(status) \(words[status] ?? "Error")\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)
  }
}
