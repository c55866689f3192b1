extension Settings.KeycloakSettings {
  /// The client of the host's own Keycloak; nil when it has none.
  func client(_ host: Host, _ settings: Settings) throws(Failure) -> Keycloak? {
    guard let url, let passwordFile else { return nil }
    let password = try TokenFile.read(passwordFile, key: "[keycloak] password_file")
    return Keycloak(host: host, url: url, administrator: user, password: password, authorities: settings.host.authorities)
  }

  /// Removes the realm of a run that has ended. Never throws: what stays is in the report, and waits for the janitor.
  func removeRealm(_ realm: String, _ host: Host, _ settings: Settings) async -> Teardown.Report {
    do throws(Failure) {
      guard let keycloak = try client(host, settings) else { throw Failure(.config, "no [keycloak] in the settings any more") }
      try await keycloak.delete(realm)
      return Teardown.Report()
    } catch {
      return Teardown.Report(leftovers: ["realm \(realm)"], complaints: [error.sentence])
    }
  }
}
