/// Switches one generic assertion off, in builds for tests only: a recipe with one defect must then no longer be caught by it.
///
/// A release build holds none of this.
enum Mutation {
  static func applied(to finding: Finding, of assertion: GenericAssertion, _ environment: [String: String]) -> Finding {
    #if DEBUG
      return environment["CCCI_MUTATE"] == assertion.rawValue ? .pass : finding
    #else
      return finding
    #endif
  }
}
