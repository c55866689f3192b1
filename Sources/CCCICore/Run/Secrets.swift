import FoundationEssentials

/// The app's swarm secrets, made by abra where they are missing, and masked from then on.
struct Secrets: Sendable {
  let stage: Stage

  private struct Made: Decodable {
    var name: String?
    var value: String?
  }

  /// abra ends with 1 when there was nothing to make. What is really missing stops the deploy, by name.
  func generate() async throws(Failure) -> Finding {
    let versions = try stage.app.values().keys.filter { $0.hasPrefix("SECRET_") && $0.hasSuffix("_VERSION") }
    guard !versions.isEmpty else { return .pass }
    let answer = try await stage.abra.generateSecrets(stage.domain)
    if answer.result.status == .timedOut { return .error(.harness, "abra app secret generate: \(answer.reason)") }
    let domain = stage.domain.text
    guard let start = answer.result.output.firstIndex(of: UInt8(ascii: "[")) else { return .pass }
    do {
      for made in try JSONDecoder().decode([Made].self, from: Data(answer.result.output[start...])) {
        guard let value = made.value else { continue }
        if let name = made.name { stage.ledger.note { $0.secrets[domain, default: [:]][name] = value } }
        guard !stage.console.mask.add(value) else { continue }
        stage.ledger.warn("secret \(made.name ?? "") is shorter than \(Mask.shortest) characters: it cannot be masked")
      }
    } catch {
      return .error(.harness, "abra app secret generate: its answer does not parse, so the secrets cannot be masked")
    }
    return .pass
  }
}
