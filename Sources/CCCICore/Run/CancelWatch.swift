/// Asks Drone whether our own build was cancelled: its word to the runner is lost in about a quarter of all cases, and is never sent again.
struct CancelWatch: Sendable {
  let drone: Drone
  let repo: String
  let build: Int
  let every: Duration

  /// Nil when this is no build, or the settings name no Drone to ask.
  init?(_ settings: Settings, environment: [String: String], host: Host, mask: Mask) throws(Failure) {
    guard environment["DRONE"] == "true", let url = settings.drone.url, let file = settings.drone.tokenFile else { return nil }
    // Drone's own variables: a build's parameters cannot change these.
    guard let repo = environment["DRONE_REPO"], let build = environment["DRONE_BUILD_NUMBER"].flatMap({ Int($0) }), build > 0 else {
      return nil
    }
    let isPlain = repo.utf8.allSatisfy {
      (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || "-._/".utf8.contains($0)
    }
    guard isPlain, repo.split(separator: "/").count == 2, !repo.contains("..") else { return nil }
    let token = try TokenFile.read(file, key: "[drone] token_file")
    mask.add(token)
    drone = Drone(host: host, url: url, token: token, authorities: settings.host.authorities)
    self.repo = repo
    self.build = build
    every = settings.drone.poll
  }

  /// Ends the run when the build was killed; until then, or until it is cancelled, it looks again and again. A Drone that does not answer is
  /// said once and asked on.
  func watch(_ stops: Stops, says: @Sendable (String) -> Void) async {
    var hasComplained = false
    while true {
      do throws(Failure) {
        try await drone.host.sleep(every)
        guard try await drone.build(repo, build)?.status == .killed else { continue }
        return stops.end(
          Failure(
            .stopped(signal: 15), "build \(build) was cancelled in Drone", next: "nothing is left behind; start it again when you like"))
      } catch {
        if error == .cancelled { return }
        if !hasComplained { says("drone is not asked about a cancel: \(error.sentence)") }
        hasComplained = true
      }
    }
  }
}
