import FoundationEssentials
import Testing

@testable import CCCICore

@Suite("The history of tasks")
struct TaskHistoryTests {
  private func event(_ action: String, _ task: String, at: Double, exit: Int? = nil, stack: String = "s") -> EngineEvent {
    var attributes = [EngineLabel.taskID: task, EngineLabel.serviceName: "\(stack)_app", EngineLabel.stack: stack]
    attributes["exitCode"] = exit.map { "\($0)" }
    return EngineEvent(type: "container", action: action, id: "c-\(task)", attributes: attributes, time: second(at))
  }

  @Test("a task that no listing ever showed failed when its container died with an error")
  func unlisted() throws {
    var history = TaskHistory(stack: "s", since: dawn)
    history.add(event("start", "t", at: 1))
    history.add(event("die", "t", at: 2, exit: 7))
    #expect(history.lives["t"]?.failed == false)
    history.add(.made([.made("app")], [.made("u", at: 3)], at: 10))
    let life = try #require(history.lives["t"])
    #expect(life.failed && life.exitCode == 7 && life.service == "app" && life.seconds(from: dawn, to: second(10)) == 1)
  }

  @Test("a container that swarm stopped is no failure, whatever its exit code")
  func stopped() {
    var history = TaskHistory(stack: "s", since: dawn)
    history.add(event("die", "t", at: 2, exit: 137))
    history.add(.made([.made("app")], [.made("t", .shutdown, desired: .shutdown, at: 2, exit: 137)], at: 10))
    history.add(.made([.made("app")], [], at: 20))
    #expect(history.lives["t"]?.failed == false)
  }

  @Test("a death that the listing does not show yet is decided later")
  func pending() {
    var history = TaskHistory(stack: "s", since: dawn)
    history.add(event("die", "t", at: 2, exit: 1))
    history.add(.made([.made("app")], [.made("t", at: 1)], at: 2.05))
    #expect(history.lives["t"]?.failed == false)
    history.add(.made([.made("app", "0/1")], [.made("t", .failed, at: 2, exit: 1)], at: 2.15))
    #expect(history.lives["t"]?.failed == true)
  }

  @Test("events of other stacks are passed over")
  func others() {
    var history = TaskHistory(stack: "s", since: dawn)
    history.add(event("die", "t", at: 2, exit: 1, stack: "sibling"))
    #expect(history.lives.isEmpty)
  }

  @Test("a life is measured from the start of the container and only inside the span")
  func spans() throws {
    var history = TaskHistory(stack: "s", since: dawn)
    history.add(.made([.made("app")], [.made("t", at: 100)], at: 110))
    history.add(event("start", "t", at: 40))
    let life = try #require(history.lives["t"])
    #expect(life.seconds(from: second(50), to: second(120)) == 70)
    #expect(life.seconds(from: second(200), to: second(120)) == 0)
  }
}
