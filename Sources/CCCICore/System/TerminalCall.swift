import CSys
import Glibc

/// A call under a pseudo-terminal of 50 rows and 200 columns, which is its controlling terminal.
enum TerminalCall {
  static func run(_ call: Call, _ watch: CallWatch) async throws(Failure) -> CommandResult {
    let start = ContinuousClock.now
    var ours: Int32 = -1
    var theirs: Int32 = -1
    let opened = csys_open_terminal(&ours, &theirs, 50, 200)
    guard opened == 0 else {
      throw Failure(.ioError, "\(call.command.program): no terminal to run it under", why: SystemError(-opened).words)
    }
    let master = Descriptor(owning: ours)
    let terminal = Descriptor(owning: theirs)
    let leader = try launch(call, terminal)
    // Only the child's copies are left: when it and its children end, so does what we read.
    _ = consume terminal
    let family = CallFamily(leader: leader, cookie: call.cookie)
    let watcher = watch.start(family, limit: call.command.limit)
    let number = master.number
    let output = await PosixThread.run { drain(number, call, leader) }
    watch.finish()
    var (verdict, survivors) = await watcher.value
    _ = consume master
    if verdict == .ran, call.command.sweep { survivors = await PosixThread.run { family.kill() } }
    let code = csys_reap(leader)
    return call.result(try status(verdict, code), output, Tail(), start, survivors)
  }

  private static func status(_ verdict: CallWatch.Verdict, _ code: Int32) throws(Failure) -> CommandResult.Status {
    switch verdict {
    case .cancelled: throw .cancelled
    case .timedOut: .timedOut
    case .ran: code < 256 ? .exited(code) : .signaled(code - 256)
    }
  }

  private static func launch(_ call: Call, _ terminal: borrowing Descriptor) throws(Failure) -> Int32 {
    try Program.start(
      call.path, call.command.arguments, environment: call.environment, directory: call.command.directory,
      standard: (terminal.number, terminal.number, terminal.number), terminal: true)
  }

  /// Reads until the program has ended and what it said has arrived, 200 ms longer at most. Blocks.
  private static func drain(_ master: Int32, _ call: Call, _ leader: Int32) -> Tail {
    var tail = Tail()
    var gone: ContinuousClock.Instant?
    while let chunk = next(master, wait: gone == nil ? 20 : 10) {
      if !chunk.isEmpty {
        tail.append(chunk)
        call.command.onChunk?(.output, chunk)
      }
      if let gone, chunk.isEmpty || .now - gone > .milliseconds(200) { break }
      if gone == nil, csys_has_ended(leader) != 0 { gone = .now }
    }
    // Nobody has the other end open any more; the program may live on without it.
    var pause: UInt32 = 200
    while csys_has_ended(leader) == 0 {
      usleep(pause)
      pause = min(2 * pause, 20_000)
    }
    return tail
  }

  /// What has arrived within `wait` milliseconds; nil when nobody has the other end open any more.
  private static func next(_ master: Int32, wait: Int32) -> [UInt8]? {
    var watched = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    guard poll(&watched, 1, wait) > 0 else { return [] }
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    let count = chunk.withUnsafeMutableBytes { read(master, $0.baseAddress, $0.count) }
    if count > 0 { return Array(chunk[..<count]) }
    return count < 0 && errno == EINTR ? [] : nil
  }
}
