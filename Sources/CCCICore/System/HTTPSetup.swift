import CCurl

/// The options of one libcurl handle, set one after the other; `worked` turns false when one is refused.
struct HTTPSetup {
  private let handle: UnsafeMutableRawPointer
  private(set) var worked = true

  init(_ handle: UnsafeMutableRawPointer) { self.handle = handle }

  /// Where to, how, and how long.
  mutating func address(_ request: HTTPRequest) {
    string(CURLOPT_URL, request.url)
    string(CURLOPT_PROTOCOLS_STR, "http,https")
    if let socket = request.socket { string(CURLOPT_UNIX_SOCKET_PATH, socket) }
    if let authorities = request.authorities {
      string(CURLOPT_CAINFO, authorities)
      string(CURLOPT_CAPATH, nil)
    }
    long(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    long(CURLOPT_TIMEOUT_MS, request.limit.map(Self.milliseconds) ?? 0)
    long(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(request.connectLimit))
    long(CURLOPT_TCP_KEEPALIVE, 1)
    if request.isAlone { long(CURLOPT_FRESH_CONNECT, 1) }
    long(CURLOPT_NOSIGNAL, 1)
    // Without it, cancelling waits for a name that does not resolve.
    long(CURLOPT_QUICK_EXIT, 1)
  }

  mutating func method(_ request: HTTPRequest) {
    switch (request.method, request.body) {
    case (.get, nil): long(CURLOPT_HTTPGET, 1)
    case (.head, _): long(CURLOPT_NOBODY, 1)
    case (.delete, nil): string(CURLOPT_CUSTOMREQUEST, "DELETE")
    case (let method, let body):
      let body = body ?? []
      size(CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
      // Copied by libcurl: the array may go.
      body.withUnsafeBytes { bytes in
        var empty: UInt8 = 0
        withUnsafeMutablePointer(to: &empty) { nothing in
          pointer(CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress) ?? UnsafeMutableRawPointer(nothing))
        }
      }
      string(CURLOPT_CUSTOMREQUEST, method.rawValue)
    }
  }

  /// The list must live as long as the handle.
  mutating func headers(_ request: HTTPRequest) -> UnsafeMutablePointer<curl_slist>? {
    var list: UnsafeMutablePointer<curl_slist>?
    let named = Set(request.headers.map { $0.name.lowercased() })
    // `Name:` takes away what libcurl would add, `Name;` sends it empty.
    var lines = ["content-type", "expect"].filter { !named.contains($0) }.map { "\($0):" }
    if !named.contains("user-agent") { lines.append("User-Agent: cc-ci") }
    lines += request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
    for line in lines { list = ccurl_slist_append(list, line) }
    pointer(CURLOPT_HTTPHEADER, list)
    return list
  }

  mutating func string(_ option: CURLoption, _ value: String?) { note(ccurl_set_string(handle, option, value)) }
  mutating func long(_ option: CURLoption, _ value: Int) { note(ccurl_set_long(handle, option, value)) }
  mutating func size(_ option: CURLoption, _ value: curl_off_t) { note(ccurl_set_size(handle, option, value)) }
  mutating func pointer(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) { note(ccurl_set_pointer(handle, option, value)) }
  mutating func callback(_ option: CURLoption, _ value: @escaping ccurl_data_callback) { note(ccurl_set_callback(handle, option, value)) }

  private mutating func note(_ code: CURLcode) { worked = worked && code == CURLE_OK }

  /// At least one: libcurl takes 0 for no limit.
  private static func milliseconds(_ duration: Duration) -> Int {
    let (seconds, attoseconds) = duration.components
    return max(1, Int(min(seconds, 1_000_000_000)) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
  }
}
