import FoundationEssentials
import Testing

@testable import CCCICore

@Suite("Crash loops")
struct CrashLoopTests {
  private typealias Story = StackStory

  @Test("a lone service that fails every six seconds is a loop after 90 seconds")
  func alone() throws {
    let (at, verdict) = try #require(StackStory(services: ["app": Story.crashing()]).verdict())
    #expect(at == 90)
    #expect(verdict.service == "app" && verdict.exitCode == 1 && verdict.failures == 15 && verdict.others.isEmpty)
    #expect(verdict.task == "app-14" && verdict.containerID == "c-app-14")
  }

  @Test("five failures are needed, however long it takes")
  func slow() throws {
    let slow = StackStory(services: ["app": Story.crashing(lives: 10, pause: 30)])
    #expect(try #require(slow.verdict()).at == 170)
  }

  @Test("a service that restarts until its database is healthy is no loop")
  func waitsForDatabase() {
    let app = Story.crashing(until: 400) + Story.steady(from: 402)
    let story = StackStory(services: ["app": app, "db": Story.steady(healthyAfter: 395)])
    #expect(story.verdict() == nil)
  }

  @Test("failures and time count from the moment the database is healthy")
  func countsFromHealthy() throws {
    let story = StackStory(services: ["app": Story.crashing(), "db": Story.steady(healthyAfter: 100)])
    let (at, verdict) = try #require(story.verdict())
    #expect(at == 190 && verdict.failures == 15)
  }

  @Test("a database without a healthcheck has settled after running for 240 seconds")
  func uncheckedDatabase() throws {
    let story = StackStory(services: ["app": Story.crashing(), "db": Story.steady(from: 10)])
    #expect(try #require(story.verdict()).at == 340)
  }

  @Test("nine minutes of migration in one task are no loop", arguments: [nil, 540.0])
  func migration(healthyAfter: Double?) {
    #expect(StackStory(services: ["app": Story.steady(healthyAfter: healthyAfter)]).verdict() == nil)
  }

  @Test("a long start that is killed as unhealthy again and again is no loop")
  func longStarts() {
    #expect(StackStory(services: ["app": Story.crashing(lives: 61, pause: 1, checked: true)]).verdict() == nil)
  }

  @Test("two services that loop together are found, with both names")
  func together() throws {
    let story = StackStory(services: ["app": Story.crashing(), "db": Story.crashing(lives: 2, pause: 6)])
    let (at, verdict) = try #require(story.verdict())
    #expect(verdict.service == "app" && verdict.others == ["db"])
    #expect(at > 90 && at < 130)
  }

  @Test("two services that fail together are no loop while one of them recovers")
  func recovering() {
    let app = Story.crashing(until: 300) + Story.steady(from: 302)
    let database = Story.crashing(until: 60) + Story.steady(from: 60)
    let story = StackStory(services: ["app": app, "db": database])
    #expect(story.verdict() == nil)
  }

  @Test("a third service that neither settles nor fails keeps the others from being loops")
  func third() {
    let story = StackStory(services: ["app": Story.crashing(), "db": Story.crashing(), "cache": Story.steady(healthyAfter: 5000)])
    #expect(story.verdict() == nil)
  }

  @Test("a one-shot that ended well and a service without replicas have settled")
  func oneShot() throws {
    let story = StackStory(services: ["app": Story.crashing(), "init": [.init(start: 0, end: 20, exit: 0)]])
    #expect(try #require(story.verdict()).at == 110)
    var history = TaskHistory(stack: "s", since: dawn)
    for now in 0...100 {
      var view = StackStory(services: ["app": Story.crashing()]).view(at: Double(now))
      view.services.append(.made("off", "0/0"))
      history.add(view)
    }
    #expect(CrashLoop.judge(history, now: second(100))?.service == "app")
  }

  @Test("what failed before the watch began does not count")
  func before() {
    var history = TaskHistory(stack: "s", since: second(200))
    history.add(StackStory(services: ["app": Story.crashing(until: 190) + Story.steady(from: 195)]).view(at: 300))
    #expect(CrashLoop.judge(history, now: second(300)) == nil)
  }

  @Test("while the present task has outlived every failed one there is no verdict")
  func outlived() throws {
    let failing = Story.crashing(until: 84)
    let recovers = StackStory(services: ["app": failing + [.init(start: 84, healthyAfter: 50)]])
    #expect(recovers.verdict() == nil)
    let fails = StackStory(services: ["app": failing + [.init(start: 84, end: 120, healthyAfter: 50)]])
    #expect(try #require(fails.verdict()).at == 120)
  }

  @Test("both numbers can be set")
  func thresholds() throws {
    let story = StackStory(services: ["app": Story.crashing()])
    #expect(try #require(story.verdict(thresholds: .init(failures: 2, after: 3))).at == 7)
  }

  @Test("failures are counted over polls although swarm lists only six tasks", arguments: [1.0, 10, 29])
  func historyLimit(step: Double) throws {
    let story = StackStory(services: ["app": Story.crashing()])
    let (at, verdict) = try #require(story.verdict(step: step))
    #expect(Double(verdict.failures) == ((at - 1) / 6).rounded(.down) + 1 || step > 24)
    #expect(verdict.failures >= 5)
  }

  @Test("random stacks: a verdict names a service that really loops", arguments: 1...4)
  func property(seed: Int) {
    var dice = Dice(seed: seed)
    var found = 0
    for _ in 0..<150 {
      let names = (0..<Int.random(in: 1...3, using: &dice)).map { "s\($0)" }
      let story = StackStory(services: Dictionary(uniqueKeysWithValues: names.map { ($0, lives(&dice)) }))
      guard let (at, verdict) = story.verdict(until: 600, step: 5) else { continue }
      found += 1
      check(verdict, at: at, in: story)
    }
    #expect(found > 0)
  }

  /// What must hold of any verdict, said without the words of the judge.
  private func check(_ verdict: CrashLoop.Verdict, at: Double, in story: StackStory) {
    #expect(at >= 90)
    let own = story.services[verdict.service] ?? []
    #expect(own.filter { $0.end <= at && $0.exit != 0 }.count >= verdict.failures && verdict.failures >= 5)
    let longest = own.map { life -> Double in min(life.end, at) - max(life.start, at - 90) }.max() ?? 0
    #expect(longest < 60)
    for (other, lives) in story.services where other != verdict.service {
      let failed = lives.filter { $0.end <= at }.count
      let hasSettled = lives.contains { life in
        let settled: Double = life.start + (life.healthyAfter ?? 240)
        return settled <= at && (life.end > at || life.exit == 0)
      }
      #expect(hasSettled || (failed >= 5 && verdict.others.contains(other)), "\(other) had not settled")
    }
  }

  /// Some failures, short or long, then perhaps a task that stays.
  private func lives(_ dice: inout Dice) -> [StackStory.Life] {
    let isChecked = Bool.random(using: &dice)
    let lengths: [Double] = Bool.random(using: &dice) ? [1, 2, 5] : [1, 5, 30, 70]
    var now = Double.random(in: 0...20, using: &dice).rounded()
    var result: [StackStory.Life] = []
    for _ in 0..<Int.random(in: 0...80, using: &dice) {
      let length = lengths.randomElement(using: &dice) ?? 1
      result.append(StackStory.Life(start: now, end: now + length, healthyAfter: isChecked ? length + 5 : nil))
      now += length + 5
    }
    guard Bool.random(using: &dice) else { return result }
    let health: Double? = isChecked ? Double.random(in: 1...60, using: &dice) : nil
    return result + [StackStory.Life(start: now, healthyAfter: health)]
  }
}
