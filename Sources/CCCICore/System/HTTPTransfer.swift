import CCurl

/// One request on its way. After `send` has handed it over, the loop's thread alone touches it.
final class HTTPTransfer: @unchecked Sendable {
  let request: HTTPRequest
  /// Whose queue it stands in: a socket, or scheme, host and port.
  let lane: String
  var answer: CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>?
  var cancelled = false
  private(set) var handle: UnsafeMutableRawPointer?

  private var headers: [(name: String, value: String)] = []
  private var body: [UInt8] = []
  private var overflown = false
  private var lines: UnsafeMutablePointer<curl_slist>?
  private let words = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

  init(_ request: HTTPRequest) throws(HTTPError) {
    guard !request.headers.contains(where: Self.isBroken) else { throw HTTPError(.badRequest, "a header holds a control character") }
    guard request.url.utf8.allSatisfy({ $0 > 32 && $0 != 127 }) else {
      throw HTTPError(.badRequest, "the URL holds a space or a control character")
    }
    self.request = request
    lane = request.socket ?? request.url.split(separator: "/", maxSplits: 2).prefix(2).joined(separator: "//")
    words.initialize(repeating: 0)
  }

  deinit {
    release()
    words.deallocate()
  }

  /// Endless requests would hold their place for ever.
  var isCounted: Bool { request.limit != nil }

  /// The handle goes first, on the thread that used it.
  func finish(_ result: Result<HTTPResponse, HTTPError>) {
    release()
    answer?.resume(returning: result)
    answer = nil
  }

  func result(_ code: CURLcode) -> Result<HTTPResponse, HTTPError> {
    if overflown { return .failure(HTTPError(.tooLarge, "the body is longer than \(request.maxBody) bytes")) }
    guard code == CURLE_OK else { return .failure(HTTPError(code, words: words.baseAddress.map { String(cString: $0) } ?? "")) }
    var status = 0
    ccurl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
    return .success(HTTPResponse(status: status, headers: headers, body: body))
  }

  /// Makes the handle; nil when libcurl has no memory for it, or does not know an option we rely on.
  func prepare() -> UnsafeMutableRawPointer? {
    guard let handle = ccurl_easy_init() else { return nil }
    self.handle = handle
    var setup = HTTPSetup(handle)
    setup.address(request)
    setup.method(request)
    lines = setup.headers(request)
    setup.string(CURLOPT_PROXY, "")
    setup.pointer(CURLOPT_ERRORBUFFER, words.baseAddress)
    let context = Unmanaged.passUnretained(self).toOpaque()
    setup.pointer(CURLOPT_WRITEDATA, context)
    setup.callback(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      HTTPTransfer.of(context)?.receive(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
    }
    setup.pointer(CURLOPT_HEADERDATA, context)
    setup.callback(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      HTTPTransfer.of(context)?.receive(header: UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
    }
    return setup.worked ? handle : nil
  }

  /// A line feed in a header would begin another one.
  private static func isBroken(_ header: (name: String, value: String)) -> Bool {
    header.name.isEmpty || header.name.contains(":") || "\(header.name)\(header.value)".utf8.contains { $0 < 32 && $0 != 9 }
  }

  private func release() {
    if let handle { ccurl_easy_cleanup(handle) }
    if let lines { ccurl_slist_free_all(lines) }
    (handle, lines) = (nil, nil)
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> HTTPTransfer? {
    context.map { Unmanaged<HTTPTransfer>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Any answer but the count ends the transfer.
  private func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
    if let onChunk = request.onChunk {
      onChunk(Array(bytes))
      return bytes.count
    }
    guard body.count + bytes.count <= request.maxBody else {
      overflown = true
      return 0
    }
    body.append(contentsOf: bytes)
    return bytes.count
  }

  /// A status line begins anew: what came before was a `100 Continue`.
  private func receive(header bytes: UnsafeRawBufferPointer) -> Int {
    let line = String(decoding: bytes, as: UTF8.self)
    if line.hasPrefix("HTTP/") {
      headers = []
    } else if let colon = line.firstIndex(of: ":") {
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      let end = value.lastIndex { !$0.isWhitespace }
      headers.append((line[..<colon].lowercased(), end.map { String(value[...$0]) } ?? ""))
    }
    return bytes.count
  }
}
