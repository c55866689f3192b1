import FoundationEssentials
import Testing

@testable import CCCICore

@Suite struct ReconcileStateTests {
  private static let now = Date(timeIntervalSince1970: 1_800_000_000)
  private static let (old, new) = (RecipeVersion("1.0.0+1.0.0")!, RecipeVersion("1.1.0+1.1.0")!)

  private static func state(_ step: ReconcileState.Step, attempts: Int = 1) -> ReconcileState {
    var state = ReconcileState(app: "keycloak", ts: now)
    (state.step, state.from, state.to, state.attempts) = (step, old.text, new.text, attempts)
    return state
  }

  @Test(arguments: [
    (ReconcileState.Step.idle, ReconcileState.Next.decide), (.starting, .start(new)), (.repairing, .repair(new)),
    (.saving, .save(from: old, to: new)), (.proving, .prove(from: old, to: new)), (.restoring, .restore(from: old, to: new)),
    (.recovering, .recover(from: old, to: new)),
  ])
  func `from every step there is one way on`(step: ReconcileState.Step, next: ReconcileState.Next) throws {
    #expect(try Self.state(step).next() == next)
  }

  @Test func `a version that was begun three times without an end is rolled back`() throws {
    #expect(try Self.state(.proving, attempts: 2).next() == .prove(from: Self.old, to: Self.new))
    #expect(try Self.state(.proving, attempts: 3).next() == .restore(from: Self.old, to: Self.new))
    // Going back has no such end.
    #expect(try Self.state(.recovering, attempts: 30).next() == .recover(from: Self.old, to: Self.new))
  }

  @Test func `a step that is begun again counts, another begins at one`() {
    let once = Self.state(.saving).entering(.proving, at: Self.now)
    #expect(once.attempts == 1 && once.step == .proving)
    #expect(once.entering(.proving, at: Self.now).attempts == 2)
    #expect(once.entering(.proving, at: Self.now).entering(.restoring, at: Self.now).attempts == 1)
  }

  @Test(arguments: ReconcileState.Step.allCases.filter { $0 != .idle })
  func `a step without its versions is bad data`(step: ReconcileState.Step) {
    var state = Self.state(step)
    (state.from, state.to) = (nil, nil)
    #expect(throws: Failure.self) { try state.next() }
    (state.from, state.to) = ("nonsense", "latest")
    #expect(throws: Failure.self) { try state.next() }
  }

  @Test func `the end of a pass forgets its versions and remembers what was rejected`() throws {
    let ended = Self.state(.recovering).rejecting(Self.new.text).rejecting(Self.new.text).ended(.rolledBack, "why", at: Self.now)
    #expect(try ended.next() == .decide)
    #expect(ended.rejected == [Self.new.text] && ended.from == nil && ended.to == nil && ended.last == .rolledBack && ended.says == "why")
  }

  @Test func `it is written whole and read back; a cut one is bad data; the last good version stands in a line of its own`() throws {
    let shelf = try TemporaryFolder()
    let folder = ShelfFolder(shelf: shelf("shelf"), name: "keycloak")
    #expect(try folder.readReconcileState() == nil && folder.readLastGood() == nil)
    var state = Self.state(.proving)
    state.snapshot = "0a1b"
    try folder.write(state)
    #expect(try folder.readReconcileState() == state)
    let bytes = try Files.read(folder.reconcileState)
    try Files.write(Array(bytes.prefix(bytes.count / 2)), to: folder.reconcileState)
    #expect(throws: Failure.self) { try folder.readReconcileState() }
    try folder.write(lastGood: Self.new)
    #expect(try folder.readLastGood() == Self.new && String(decoding: Files.read(folder.lastGood), as: UTF8.self) == "\(Self.new)\n")
    try Files.write(Array("latest\n".utf8), to: folder.lastGood)
    #expect(throws: Failure.self) { try folder.readLastGood() }
  }
}
