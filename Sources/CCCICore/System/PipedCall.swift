import CSys
import Glibc
import Subprocess
import SystemPackage

/// A call whose output comes through pipes, by swift-subprocess.
///
/// The library's own cancellation and teardown stay unused: they lose descendants that outlive their leader.
enum PipedCall {
  private struct Ended: Sendable {
    var output = Tail()
    var error = Tail()
    var verdict = CallWatch.Verdict.ran
    var survivors = 0
  }

  static func run(_ call: Call, _ watch: CallWatch) async throws(Failure) -> CommandResult {
    let start = ContinuousClock.now
    do {
      let configuration = configuration(call)
      if let input = call.command.input {
        let outcome = try await Subprocess.run(configuration, input: .inputWriter, output: .sequence, error: .sequence) { execution in
          async let writing: Void = write(input, to: execution.standardInputWriter)
          let ended = try await follow(execution, call, watch)
          await writing
          return ended
        }
        return try result(outcome.closureResult, outcome.terminationStatus, call, start)
      }
      let outcome = try await Subprocess.run(configuration, input: .none, output: .sequence, error: .sequence) { execution in
        try await follow(execution, call, watch)
      }
      return try result(outcome.closureResult, outcome.terminationStatus, call, start)
    } catch let failure as Failure {
      throw failure
    } catch let error as SubprocessError where error.code == .executableNotFound {
      let why = error.underlyingError.map { SystemError($0.rawValue).words }
      throw Program.cannotRun(call.command.program, why ?? "not an executable file")
    } catch {
      throw Failure(.config, "\(call.command.program): cannot be run", why: "\(error)")
    }
  }

  /// Reads everything, waits for the end, and sees to what is left.
  private static func follow<Input: InputProtocol>(
    _ execution: Execution<Input, SequenceOutput, SequenceOutput>, _ call: Call, _ watch: CallWatch
  ) async throws -> Ended {
    let family = CallFamily(leader: execution.processIdentifier.value, cookie: call.cookie)
    let watcher = watch.start(family, limit: call.command.limit)
    async let output = drain(execution.standardOutput, .output, call, family.leader)
    async let error = drain(execution.standardError, .error, call, family.leader)
    var ended = Ended(output: await output, error: await error)
    await CommandRunner.ended(family.leader)
    watch.finish()
    (ended.verdict, ended.survivors) = await watcher.value
    if ended.verdict == .ran, call.command.sweep { ended.survivors = await PosixThread.run { family.kill() } }
    return ended
  }

  /// Reads to the end, or until the program has been gone for 200 ms and a grandchild is still talking.
  private static func drain(_ stream: SubprocessOutputSequence, _ name: Command.Stream, _ call: Call, _ leader: Int32) async -> Tail {
    var tail = Tail()
    var gone: ContinuousClock.Instant?
    do {
      for try await buffer in stream {
        let chunk = buffer.withUnsafeBytes { [UInt8]($0) }
        tail.append(chunk)
        call.command.onChunk?(name, chunk)
        if gone == nil, csys_has_ended(leader) != 0 { gone = .now }
        if let gone, .now - gone > .milliseconds(200) { break }
      }
    } catch {
      tail.append(Array("\n[cc-ci: the rest cannot be read: \(error)]\n".utf8))
    }
    return tail
  }

  /// A program need not read what it is given.
  private static func write(_ input: [UInt8], to writer: StandardInputWriter) async {
    do {
      _ = try await writer.write(input)
      try await writer.finish()
    } catch {
      // EPIPE: it has closed its input, or ended.
      return
    }
  }

  private static func configuration(_ call: Call) -> Configuration {
    var options = PlatformOptions()
    options.createSession = true
    let variables = call.environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) }
    return Configuration(
      executable: .path(FilePath(call.path)), arguments: Arguments(call.command.arguments),
      environment: .custom(Dictionary(uniqueKeysWithValues: variables)), workingDirectory: call.command.directory.map { FilePath($0) },
      platformOptions: options)
  }

  private static func result(_ ended: Ended, _ status: TerminationStatus, _ call: Call, _ start: ContinuousClock.Instant) throws(Failure)
    -> CommandResult
  {
    let status: CommandResult.Status =
      switch (ended.verdict, status) {
      case (.cancelled, _): throw .cancelled
      case (.timedOut, _): .timedOut
      case (.ran, .exited(let code)): .exited(code)
      case (.ran, .signaled(let signal)): .signaled(signal)
      }
    return call.result(status, ended.output, ended.error, start, ended.survivors)
  }
}
