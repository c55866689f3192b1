/// How the making of a build went.
public enum DroneCreation: Sendable, Equatable {
  case made(DroneBuild)
  /// There is none, and asking again would give none: no pipeline takes it, its YAML is broken, Drone does not know the repository.
  case impossible(String)
  /// There is none for now.
  case refused(Failure)
  /// There may be one.
  case unclear(Failure)
}

/// A pipeline that is waiting or running, of any repository.
public struct DroneQueued: Sendable, Equatable, Decodable {
  public var slug: String
  public var build: Int
  public var status: DroneBuild.Status
  public var machine: String
  /// Unix seconds; 0 for not yet.
  public var started: Double
  public var created: Double
  public var type: String

  enum CodingKeys: String, CodingKey {
    case slug = "repo_slug"
    case build = "build_number"
    case status = "stage_status"
    case machine = "stage_machine"
    case started = "stage_started"
    case created = "build_created"
    case type = "stage_type"
  }

  public init(slug: String, build: Int, status: DroneBuild.Status, machine: String = "", started: Double = 0, created: Double = 0) {
    self.slug = slug
    self.build = build
    self.status = status
    self.machine = machine
    self.started = started
    self.created = created
    type = "exec"
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    slug = try values.decode(String.self, forKey: .slug)
    build = try values.decode(Int.self, forKey: .build)
    status = DroneBuild.Status(try values.decodeIfPresent(String.self, forKey: .status) ?? "")
    machine = try values.decodeIfPresent(String.self, forKey: .machine) ?? ""
    started = try values.decodeIfPresent(Double.self, forKey: .started) ?? 0
    created = try values.decodeIfPresent(Double.self, forKey: .created) ?? 0
    type = try values.decodeIfPresent(String.self, forKey: .type) ?? ""
  }
}

extension Drone {
  /// How long an answer may take: one of 45 s was seen, for a missing `.drone.yml`.
  public static let patience: Duration = .seconds(75)

  /// Makes a build of a branch with these parameters. Throws only when it was cancelled.
  public func create(_ repo: String, branch: String, params: [(name: String, value: String)]) async throws(Failure) -> DroneCreation {
    let path = "/api/repos/\(repo)/builds?\(URLText.query([("branch", branch)] + params))"
    var request = request(.post, path, limit: Self.patience)
    request.isAlone = true
    let response: HTTPResponse
    do throws(HTTPError) { response = try await host.send(request) } catch {
      let failure = failure(error)
      if error.kind == .cancelled { throw failure }
      return error.isUnsent ? .refused(failure) : .unclear(failure)
    }
    return creation(response, path)
  }

  /// Pure. Nothing in the 200s but a build with a number is one.
  func creation(_ response: HTTPResponse, _ path: String) -> DroneCreation {
    do throws(Failure) {
      let checked = try checked(response, path)
      guard let build = try decode(DroneBuild?.self, checked, path) else {
        return .impossible("no pipeline of its .drone.yml takes builds of the event custom, or its owner is inactive")
      }
      return build.status == .error ? .impossible("build \(build.number): \(build.error)") : .made(build)
    } catch {
      switch error.code {
      case .noInput:
        return .impossible("Drone does not know \(error.what.split(separator: "/").suffix(3).prefix(2).joined(separator: "/"))")
      case .denied: return .refused(error)
      default: return response.status == 429 ? .refused(error) : .unclear(error)
      }
    }
  }

  /// A page of builds, newest first, without stages. From 1.
  public func builds(_ repo: String, page: Int) async throws(Failure) -> [DroneBuild] {
    let path = "/api/repos/\(repo)/builds?page=\(page)&per_page=100"
    return try decode([DroneBuild].self, try checked(try await send(request(.get, path)), path), path)
  }

  /// Everything that waits or runs, oldest first. nil when the token is no administrator's, or Drone is too old or too free to know.
  public func incomplete() async throws(Failure) -> [DroneQueued]? {
    let path = "/api/builds/incomplete/v2"
    let response = try await send(request(.get, path))
    if [403, 404, 501].contains(response.status) { return nil }
    return try decode([DroneQueued].self, try checked(response, path), path).filter { $0.type == "exec" || $0.type.isEmpty }.reversed()
  }

  /// Cancels a build; false when there is none. One that is over stays as it is.
  public func cancel(_ repo: String, _ number: Int) async throws(Failure) -> Bool {
    let path = "/api/repos/\(repo)/builds/\(number)"
    let response = try await send(request(.delete, path))
    if response.status == 404 { return false }
    _ = try checked(response, path)
    return true
  }

  /// The page of a build for people.
  public func page(_ repo: String, _ number: Int) -> String { "\(url)/\(repo)/\(number)" }
}
