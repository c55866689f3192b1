import FoundationEssentials

@testable import CCCICore

/// A git host and a Drone behind the `Host` seam, with one clock each, and the faults of real ones.
final class FakeForge: Sendable {
  static let url = "https://git.example.org"
  static let drone = "https://drone.example.org"
  static let bot = GiteaUser(id: 7, login: "ccci-bot")
  static let member = GiteaUser(id: 41, login: "mira")
  static let stranger = GiteaUser(id: 66, login: "eve")
  static let repository = "recipes/cc-ci"

  struct Pull: Sendable {
    var sha: String
    var isOpen = true
  }

  struct Build: Sendable {
    var number: Int
    var params: [String: String]
    var status = "pending"
    var created: Date
    var started: Date?
    var finished: Date?
    var machine = ""
    /// This one had the run of its key, and did not only say that another has.
    var isRun = false
    var ends: Double = 0
  }

  struct State: Sendable {
    var elapsed = 0.0
    /// What the clocks say beside the time that has passed.
    var serverStep = 0.0
    var localStep = 0.0
    var comments: [Int: (slug: String, comment: GiteaComment)] = [:]
    var pulls: [String: Pull] = [:]
    var events: [(slug: String, pull: Int, event: GiteaEvent)] = []
    var statuses: [(sha: String, context: String, state: String)] = []
    var builds: [Build] = []
    var members: Set<String> = ["mira"]
    var nextID = 900
    /// Effects of requests that nobody waits for any more.
    var late: [(due: Double, effect: @Sendable (inout State) -> Void)] = []
    var requests: [String] = []
    /// Answers that are given instead of the real one while they are set.
    var overrides: [@Sendable (HTTPRequest) -> HTTPResponse?] = []
    var mayMark = true
    var hooks: [Int: (slug: String, hook: GiteaHook)] = [:]
    var botLogin = FakeForge.bot.login

    var serverNow: Date { FakeForge.start.addingTimeInterval((elapsed + serverStep).rounded(.down)) }

    mutating func id() -> Int {
      nextID += 1
      return nextID
    }
  }

  static let start = Date(timeIntervalSince1970: 1_780_300_000)
  let state = Locked(State())

  // MARK: what people do

  @discardableResult
  func comment(_ slug: String, _ pull: Int?, _ body: String, by user: GiteaUser = member) -> Int {
    state.withLock { state in
      let id = state.id()
      let now = state.serverNow
      state.comments[id] = (slug, GiteaComment(id: id, body: body, user: user, created: now, updated: now, pull: pull))
      return id
    }
  }

  func edit(_ id: Int, _ body: String) {
    state.withLock { state in
      let now = state.serverNow
      state.comments[id]?.comment.body = body
      state.comments[id]?.comment.updated = now
    }
  }

  func push(_ slug: String, _ pull: Int, _ sha: String) {
    state.withLock { state in
      let old = state.pulls["\(slug)#\(pull)"]?.sha ?? ""
      state.pulls["\(slug)#\(pull)"]?.sha = sha
      let body = #"{"is_force_push":true,"commit_ids":["\#(old)","\#(sha)"]}"#
      state.events.append((slug, pull, GiteaEvent(id: state.id(), type: "pull_push", body: body, created: state.serverNow)))
    }
  }

  func open(_ slug: String, _ pull: Int, sha: String) { state.withLock { $0.pulls["\(slug)#\(pull)"] = Pull(sha: sha) } }

  func pass(_ seconds: Double) {
    state.withLock { state in
      state.elapsed += seconds
      let due = state.late.filter { $0.due <= state.elapsed }
      state.late.removeAll { $0.due <= state.elapsed }
      for item in due { item.effect(&state) }
    }
  }

  var localNow: Date { state.withLock { FakeForge.start.addingTimeInterval($0.elapsed + $0.localStep) } }

  /// Our comments that answer a key.
  func answers(_ key: String) -> [GiteaComment] {
    state.withLock { state in
      state.comments.values.map(\.comment).filter { LivingComment.isOurs($0, key: key, bot: FakeForge.bot.id) }.sorted { $0.id < $1.id }
    }
  }

  func builds(of key: String) -> [Build] { state.withLock { $0.builds.filter { $0.params["CCCI_TRIGGER"] == key } } }

  // MARK: the seam

  var host: Host {
    Host(
      run: { command throws(Failure) in throw Failure(.bug, "\(command.program) was called") },
      send: { [self] request throws(HTTPError) in answer(request) }, now: { [self] in localNow }, sleep: { _ in })
  }

  /// The answer of a server that works.
  func answer(_ request: HTTPRequest) -> HTTPResponse { state.withLock { answer(request, &$0) } }

  func answer(_ request: HTTPRequest, _ state: inout State) -> HTTPResponse {
    let method = request.method.rawValue
    let isGitea = request.url.hasPrefix("\(Self.url)/api/v1")
    let rest = String(request.url.dropFirst(isGitea ? "\(Self.url)/api/v1".count : Self.drone.count))
    let path = String(rest.prefix { $0 != "?" })
    let query = Self.query(rest)
    state.requests.append("\(method) \(path)")
    for override in state.overrides { if let answer = override(request) { return answer } }
    let authorization = request.headers.first { $0.name == "Authorization" }?.value
    guard authorization == (isGitea ? "token gitea-token" : "Bearer drone-token") else {
      return Self.json(401, #"{"message":"Unauthorized"}"#)
    }
    let parts = path.split(separator: "/").map(String.init)
    return isGitea ? gitea(method, parts, query, request, &state) : drone(method, parts, query, &state)
  }

  private func gitea(_ method: String, _ parts: [String], _ query: [String: String], _ request: HTTPRequest, _ state: inout State)
    -> HTTPResponse
  {
    let now = state.serverNow
    let since = query["since"].flatMap { try? Date($0, strategy: .iso8601) } ?? .distantPast
    func dated(_ body: String, _ total: Int? = nil) -> HTTPResponse {
      var answer = Self.json(200, body)
      answer.headers.append((name: "date", value: HTTPDate.format(now)))
      if let total { answer.headers.append((name: "x-total-count", value: "\(total)")) }
      return answer
    }
    switch (method, parts.count) {
    case ("GET", 1) where parts[0] == "user": return Self.json(200, #"{"id":\#(Self.bot.id),"login":"\#(state.botLogin)"}"#)
    case ("GET", 4) where parts[0] == "orgs":
      return HTTPResponse(status: state.members.contains(parts[3]) ? 204 : 404)
    case ("GET", 3) where parts[1] == "issues":
      let rows = state.pulls.keys.sorted().compactMap { name -> String? in
        let comments = state.comments.values.filter { "\($0.slug)#\($0.comment.pull ?? 0)" == name }.map(\.comment)
        guard let updated = comments.map(\.created).max(), updated >= since else { return nil }
        let (slug, number) = (name.prefix { $0 != "#" }, name.drop { $0 != "#" }.dropFirst())
        guard slug.split(separator: "/").first.map(String.init) == query["owner"] else { return nil }
        return
          #"{"number":\#(number),"updated_at":"\#(updated.formatted(.iso8601))","comments":\#(comments.count),"repository":{"full_name":"\#(slug)"}}"#
      }
      let page = (Int(query["page"] ?? "1") ?? 1) - 1
      return dated("[\(rows.dropFirst(page * 50).prefix(50).joined(separator: ","))]", rows.count)
    case ("GET", 5) where parts[3] == "pulls":
      guard let pull = state.pulls["\(parts[1])/\(parts[2])#\(parts[4])"] else { return Self.json(404, #"{"message":"not found"}"#) }
      return Self.json(
        200,
        #"{"number":\#(parts[4]),"state":"\#(pull.isOpen ? "open" : "closed")","merged":false,"head":{"sha":"\#(pull.sha)","ref":"x$(id)"}}"#
      )
    case ("GET", 6) where parts[5] == "timeline":
      let events = state.events.filter { $0.slug == "\(parts[1])/\(parts[2])" && "\($0.pull)" == parts[4] && $0.event.created >= since }
      let rows = events.map {
        #"{"id":\#($0.event.id),"type":"\#($0.event.type)","body":\#(Self.quoted($0.event.body)),"created_at":"\#($0.event.created.formatted(.iso8601))"}"#
      }
      return Self.json(200, "[\(rows.joined(separator: ","))]")
    case ("GET", 5), ("GET", 6):
      if parts.last == "hooks" { return Self.json(404, "{}") }
      let found = state.comments.values.filter {
        $0.slug == "\(parts[1])/\(parts[2])" && $0.comment.updated >= since && (parts.count == 5 || "\($0.comment.pull ?? 0)" == parts[4])
      }.map(\.comment).sorted { ($0.created, $0.id) < ($1.created, $1.id) }
      return dated("[\(found.map { Self.json($0) }.joined(separator: ","))]")
    case ("POST", 6) where parts[5] == "comments":
      let id = state.id()
      let slug = "\(parts[1])/\(parts[2])"
      let comment = GiteaComment(id: id, body: Self.body(request), user: Self.bot, created: now, updated: now, pull: Int(parts[4]))
      state.comments[id] = (slug, comment)
      return Self.json(201, Self.json(comment))
    case ("PATCH", 6):
      guard let id = Int(parts[5]), state.comments[id] != nil else { return Self.json(404, #"{"message":"not found"}"#) }
      state.comments[id]?.comment.body = Self.body(request)
      state.comments[id]?.comment.updated = now
      return Self.json(200, state.comments[id].map { Self.json($0.comment) } ?? "{}")
    case ("POST", 5) where parts[3] == "statuses":
      guard state.mayMark else { return Self.json(403, #"{"message":"user should be a writer of the repo"}"#) }
      let text = String(decoding: request.body ?? [], as: UTF8.self)
      let word = { (key: String) in text.components(separatedBy: "\"\(key)\":\"").last?.prefix { $0 != "\"" } ?? "" }
      state.statuses.append((parts[4], String(word("context")), String(word("state"))))
      return Self.json(201, "{}")
    default: return Self.json(404, #"{"message":"no route"}"#)
    }
  }

  private func drone(_ method: String, _ parts: [String], _ query: [String: String], _ state: inout State) -> HTTPResponse {
    let now = state.serverNow
    switch (method, parts.count) {
    case ("GET", 2): return Self.json(200, #"{"id":1,"login":"ccci-bot","admin":false}"#)
    case ("GET", 4): return Self.json(403, #"{"message":"Forbidden"}"#)
    case ("POST", 5):
      let number = 1 + (state.builds.last?.number ?? 40)
      let build = Build(number: number, params: query.filter { $0.key != "branch" }, created: now)
      state.builds.append(build)
      return Self.json(200, Self.json(build))
    case ("GET", 5):
      let page = (Int(query["page"] ?? "1") ?? 1) - 1
      let rows = state.builds.reversed().dropFirst(page * 100).prefix(100).map { Self.json($0) }
      return Self.json(200, "[\(rows.joined(separator: ","))]")
    case ("GET", 6):
      guard let build = state.builds.first(where: { "\($0.number)" == parts[5] }) else { return Self.json(404, "{}") }
      var answer = Self.json(200, Self.json(build, stages: true))
      answer.headers.append((name: "date", value: HTTPDate.format(now)))
      return answer
    case ("DELETE", 6):
      guard let index = state.builds.firstIndex(where: { "\($0.number)" == parts[5] }) else { return Self.json(404, "{}") }
      if state.builds[index].finished == nil {
        state.builds[index].status = "killed"
        state.builds[index].finished = now
      }
      return Self.json(200, Self.json(state.builds[index]))
    default: return Self.json(404, "{}")
    }
  }

  // MARK: forms

  static func json(_ status: Int, _ body: String) -> HTTPResponse {
    HTTPResponse(status: status, headers: [(name: "content-type", value: "application/json")], body: Array(body.utf8))
  }

  static func quoted(_ text: String) -> String {
    do { return String(decoding: try JSONCoding.line(text), as: UTF8.self) } catch { return "\"\"" }
  }

  static func json(_ comment: GiteaComment, url: String = FakeForge.url) -> String {
    let page = comment.pull.map { "\(url)/x/y/pulls/\($0)" } ?? ""
    return
      #"{"id":\#(comment.id),"body":\#(quoted(comment.body)),"user":{"id":\#(comment.user.id),"login":"\#(comment.user.login)"},"original_author":"\#(comment.originalAuthor)","created_at":"\#(comment.created.formatted(.iso8601))","updated_at":"\#(comment.updated.formatted(.iso8601))","pull_request_url":"\#(page)","issue_url":""}"#
  }

  private static func json(_ build: Build, stages: Bool = false) -> String {
    let params = build.params.map { "\(quoted($0.key)):\(quoted($0.value))" }.joined(separator: ",")
    let time = { (date: Date?) in Int(date?.timeIntervalSince1970 ?? 0) }
    let stage = stages ? #","stages":[{"status":"\#(build.status)","machine":"\#(build.machine)","started":\#(time(build.started))}]"# : ""
    return
      #"{"number":\#(build.number),"status":"\#(build.status)","params":{\#(params)},"created":\#(time(build.created)),"started":\#(time(build.started)),"finished":\#(time(build.finished))\#(stage)}"#
  }

  private static func body(_ request: HTTPRequest) -> String {
    do { return try JSONCoding.decode([String: String].self, from: request.body ?? [], path: "")["body"] ?? "" } catch { return "" }
  }

  private static func query(_ path: String) -> [String: String] {
    guard let mark = path.firstIndex(of: "?") else { return [:] }
    let pairs = path[path.index(after: mark)...].split(separator: "&").map { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (decoded(parts[0]), parts.count > 1 ? decoded(parts[1]) : "")
    }
    return Dictionary(pairs) { first, _ in first }
  }

  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count > 1, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
