import Testing

@testable import CCCICore

@Suite("The cause of a failed wait")
struct WaitCauseTests {
  private func cause(_ tasks: TaskState...) -> WaitCause? {
    WaitCause.of(.made([.made("app", "0/1"), .made("db")], tasks + [.made("d", of: "db")]))
  }

  @Test(
    "an image that does not come is nobody's fault, in the registry's words",
    arguments: [
      "No such image: i:1", "toomanyrequests: You have reached your pull rate limit", "manifest unknown: manifest unknown",
      "pull access denied for i, repository does not exist", "Get https://registry-1.docker.io/v2/: dial tcp: i/o timeout",
    ])
  func image(words: String) {
    #expect(cause(.made("t", .rejected, at: 999, error: words)) == .infra("app: image i:1 cannot be pulled: \(words)"))
  }

  @Test("a task that waits for an address or a node is nobody's fault", arguments: [TaskState.State.new, .allocated, .pending])
  func stuck(state: TaskState.State) {
    let words = "could not find an available IP while allocating VIP"
    let expected = "app: task is stuck in \(state) without an address (swarm's journal says why): \(words)"
    #expect(cause(.made("t", state, at: 900, error: words)) == .infra(expected))
  }

  @Test(
    "a young task is on its way and does not hide the failures before it",
    arguments: [TaskState.State.new, .pending, .preparing, .ready, .starting])
  func young(state: TaskState.State) {
    let failed = TaskState.made("t", .failed, desired: .shutdown, at: 990, exit: 3, error: "task: non-zero exit (3)")
    #expect(cause(failed, .made("u", state, at: 995)) == .fail("app: exit 3 (task: non-zero exit (3))"))
  }

  @Test("the newest story counts: a pull that failed once is forgotten when the task then failed by itself")
  func newest() {
    let rejected = TaskState.made("t", .rejected, at: 100, error: "No such image: i:1")
    #expect(cause(rejected, .made("u", .failed, at: 200, exit: 1)) == .fail("app: exit 1"))
  }

  @Test("a task that no node fits is told in swarm's words")
  func unfit() {
    let words = "no suitable node (scheduling constraints not satisfied on 1 node)"
    var task = TaskState.made("t", .pending, at: 900, error: words)
    task.attachments = [.init(network: "n", addresses: ["10.0.0.3/24"])]
    #expect(cause(task) == .infra("app: task is stuck in pending: \(words)"))
  }

  @Test("an image that is still being pulled at the end is nobody's fault")
  func preparing() {
    let expected = "app: task is stuck in preparing: image i:1 or its network was not ready in time"
    #expect(cause(.made("t", .preparing, at: 500)) == .infra(expected))
  }

  @Test("a file that the host lacks is nobody's fault, another rejection is the recipe's")
  func rejected() {
    let mount = #"invalid mount config for type "bind": bind source path does not exist: /etc/timezone"#
    #expect(cause(.made("t", .rejected, error: mount)) == .infra("app: the host lacks a file: \(mount)"))
    #expect(cause(.made("t", .rejected, error: "invalid mount")) == .fail("app: task was rejected: invalid mount"))
  }

  @Test("a container that could not be started, or is just slow, is the recipe's")
  func slow() {
    #expect(cause(.made("t", .starting, at: 500)) == .fail("not ready in time: app: 0 of 1 running (task starting)"))
  }

  @Test("infrastructure outweighs failures of other services")
  func worst() {
    let view = StackView.made(
      [.made("app", "0/1"), .made("db", "0/1")],
      [.made("a", .failed, exit: 1), .made("d", of: "db", .rejected, error: "No such image: i:1")])
    #expect(WaitCause.of(view) == .infra("db: image i:1 cannot be pulled: No such image: i:1"))
  }

  @Test("a stack that has converged has no cause")
  func none() {
    #expect(WaitCause.of(.made([.made("app")])) == nil)
  }
}
