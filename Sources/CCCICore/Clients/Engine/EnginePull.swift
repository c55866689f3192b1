import FoundationEssentials

/// How the pull of one image ended.
public enum EnginePull: Sendable, Equatable {
  /// The registry had something newer, or we had nothing.
  case pulled
  /// It is here: up to date, or the registry did not give it but the host has it (an image that exists only locally).
  case present
  /// It is not here. The registry's own words: `toomanyrequests: You have reached your pull rate limit`.
  case failed(String)
}

/// Name and password for one registry.
public struct RegistryLogin: Sendable, Equatable {
  public var user: String
  public var password: String
  /// `registry.example.org`, or `https://index.docker.io/v1/` for Docker Hub.
  public var server: String

  public init(user: String, password: String, server: String) {
    self.user = user
    self.password = password
    self.server = server
  }

  /// The value of `X-Registry-Auth`: base64url of a JSON object.
  func header() throws(Failure) -> String {
    do {
      let data = try JSONEncoder().encode(["username": user, "password": password, "serveraddress": server])
      return data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
    } catch {
      throw Failure(.bug, "docker engine: cannot encode the login for \(server)", why: "\(error)")
    }
  }
}

/// What the stream of a pull said; fed with pieces, in order.
struct PullProgress: Sendable {
  /// Layers and their state, for a line of progress.
  private(set) var layers: [String: String] = [:]
  private(set) var complaint: String?
  private(set) var upToDate = false
  private var lines = EngineLines()

  private struct Line: Decodable {
    var status: String?
    var id: String?
    var error: String?
    /// In the body of an error status.
    var message: String?
  }

  mutating func add(_ piece: [UInt8]) {
    for line in lines.add(piece) { read(line) }
  }

  /// Takes in a last line without LF.
  mutating func finish() {
    if !lines.rest.isEmpty { read(lines.rest) }
  }

  /// A line that does not parse is passed over: it carries progress, and the end is judged by what is here.
  private mutating func read(_ line: [UInt8]) {
    guard case .success(let said) = Result(catching: { try JSONDecoder().decode(Line.self, from: Data(line)) }) else { return }
    complaint = said.error ?? said.message ?? complaint
    if let layer = said.id, let status = said.status { layers[layer] = status }
    if said.status?.hasPrefix("Status: Image is up to date") == true { upToDate = true }
  }

  /// `3 of 5 layers`.
  var summary: String {
    let done = layers.values.filter { $0 == "Pull complete" || $0 == "Already exists" }.count
    let known = layers.values.filter { !$0.hasPrefix("Pulling from") }.count
    return "\(done) of \(known) layers"
  }
}

extension Engine {
  /// Pulls one image by tag or digest. Fails only when the engine cannot be talked to: what the registry says is a result.
  ///
  /// `progress` gets a short line such as `3 of 5 layers` whenever it changes, on no particular thread.
  public func pull(
    _ reference: String, login: RegistryLogin? = nil, limit: Duration = .seconds(1800),
    progress: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws(Failure) -> EnginePull {
    let name = ImageName(reference)
    let query = EngineQuery().adding("fromImage", name.repository).adding("tag", name.tag)
    let state = Locked(PullProgress())
    var request = request(.post, "/images/create", query, limit: limit)
    if let login { request.headers.append((name: "X-Registry-Auth", value: try login.header())) }
    request.onChunk = { piece in
      let line: String? = state.withLock {
        let before = $0.summary
        $0.add(piece)
        return $0.summary == before ? nil : $0.summary
      }
      if let line { progress(line) }
    }
    let answer: HTTPResponse
    do {
      answer = try await host.send(request)
    } catch {
      throw .engineSilent(error, socket: socket, call: request)
    }
    let end = state.withLock {
      $0.finish()
      return $0
    }
    if end.upToDate { return .present }
    if answer.status < 400, end.complaint == nil { return .pulled }
    if try await hasImage(reference) { return .present }
    return .failed(end.complaint ?? "the engine answered \(answer.status)")
  }
}

/// An image reference cut as the engine wants it: `repository` and tag or digest, `latest` without one.
struct ImageName: Sendable, Equatable {
  var repository: String
  var tag: String

  init(_ reference: String) {
    if let at = reference.firstIndex(of: "@") {
      repository = ImageName(String(reference[..<at])).repository
      tag = String(reference[reference.index(after: at)...])
    } else if let colon = reference.lastIndex(of: ":"), !reference[colon...].contains("/") {
      repository = String(reference[..<colon])
      tag = String(reference[reference.index(after: colon)...])
    } else {
      repository = reference
      tag = "latest"
    }
  }
}
