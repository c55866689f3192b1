import Glibc
import Testing

@testable import CCCICore

@Suite struct ReaperTests {
  /// As a child between its fork and its `execve`: without the mark at first, and writing as soon as it has it.
  private static let late = """
    until [ -e "$3" ]; do sleep 0.01; done
    export CCCI_COOKIE="$1"
    exec setsid sh -c 'while :; do mkdir -p "$0/recipes/x$$"; : >"$0/recipes/x$$/f"; done' "$2"
    """

  @Test func `a process that was just being started keeps nothing open, and the run gets its answer`() async throws {
    let folder = try TemporaryFolder()
    let directory = RunDirectory(runs: folder("runs"), id: "t1")
    #expect(try directory.create())
    var record = Records.record("t1")
    record.cookie = RandomID.hex(32)
    try directory.write(record)
    try Files.createDirectory("\(directory.abra)/recipes")
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { close(null) }
    let child = try Program.start(
      "/bin/sh", ["-c", Self.late, "sh", record.cookie, directory.abra, folder("go")], environment: ["PATH": "/usr/bin:/bin"],
      standard: (null, null, null))
    let reaper = Reaper(host: .live(), engine: Engine(host: .live(), socket: "/nowhere"), servers: folder("servers"))
    let report = await reaper.reap([], cookie: record.cookie)
    #expect(report.isClean)
    try Files.write([], to: folder("go"))
    for _ in 0..<5000 where ProcessFamily.members(variable: ProcessFamily.variable, value: record.cookie).isEmpty { usleep(1000) }
    try await reaper.close(directory, reaped: [], report: report, status: 137, by: "guard")
    #expect(try Files.status(directory.abra) == nil)
    #expect(try directory.readRecord()?.finished != nil)
    #expect(try directory.readResults()?.exitCode == 137)
    #expect(waitpid(child, nil, 0) == child)
    #expect(ProcessFamily.members(variable: ProcessFamily.variable, value: record.cookie).isEmpty)
  }

  @Test func `a copy that cannot be removed leaves no run open`() async throws {
    let folder = try TemporaryFolder()
    let directory = RunDirectory(runs: folder("runs"), id: "t1")
    #expect(try directory.create())
    try directory.write(Records.record("t1"))
    // A folder where a file is to be removed.
    try Files.createDirectory("\(directory.deps)/x")
    let reaper = Reaper(host: .live(), engine: Engine(host: .live(), socket: "/nowhere"), servers: folder("servers"))
    await #expect(throws: Failure.self) {
      try await reaper.close(directory, reaped: [], report: Teardown.Report(), status: 137, by: "janitor")
    }
    #expect(try directory.readRecord()?.finished != nil)
  }
}
