// For `scripts/bench engine`: reads a stack's status again and again with our engine client, and prints the milliseconds of each read.
// Usage: engine-reads SOCKET STACK COUNT SERVICES; a read that does not show so many services is a failure.

import CCCICore
import Glibc

let console = Console(program: "engine-reads")
let words = CommandLine.arguments
guard words.count == 5, let count = Int(words[3]), let services = Int(words[4]) else {
  console.failure(Failure(.usage, "SOCKET, STACK, COUNT and SERVICES are wanted", next: "scripts/bench engine calls it"))
  exit(ExitCode.usage.status)
}
do throws(Failure) {
  let engine = Engine(host: .live(), socket: words[1])
  for _ in 0..<count {
    let start = ContinuousClock.now
    let view = try await engine.view(stack: words[2])
    guard view.services.count == services, !view.tasks.isEmpty else {
      throw Failure(.badData, "\(words[2]): \(view.services.count) services with \(view.tasks.count) tasks instead of \(services) services")
    }
    console.fact("\((ContinuousClock.now - start).seconds * 1000)")
  }
} catch {
  console.failure(error)
  exit(error.code.status)
}
