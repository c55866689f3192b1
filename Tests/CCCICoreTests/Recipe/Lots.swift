/// A generator of test values that throws the same at every run (SplitMix64).
struct Lots: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func number(_ range: ClosedRange<Int>) -> Int { range.lowerBound + Int(next() % UInt64(range.count)) }

  mutating func isOne(in sides: Int) -> Bool { next() % UInt64(sides) == 0 }

  mutating func pick<Value>(_ values: [Value]) -> Value { values[number(0...values.count - 1)] }

  /// So many of the pieces, one behind the other.
  mutating func text(of pieces: [String], _ count: ClosedRange<Int>) -> String {
    var text = ""
    for _ in 0..<number(count) { text += pick(pieces) }
    return text
  }
}
