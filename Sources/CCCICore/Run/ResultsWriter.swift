import FoundationEssentials

/// Stores a result: JUnit first, `results.json` last, so that whoever sees it sees all of it.
struct ResultsWriter: Sendable {
  let stage: Stage

  func write(_ results: Results) throws(Failure) {
    for tier in results.tiers {
      let xml = stage.console.mask.masked(JUnit.xml(tier, of: results.recipe))
      try Files.write(Array(xml.utf8), to: "\(stage.directory.junit)/\(tier.tier.rawValue).xml")
    }
    let text = String(decoding: try JSONCoding.encode(results), as: UTF8.self)
    try Files.write(Array(stage.console.mask.masked(text).utf8), to: stage.directory.results)
  }
}
