/// One HTTP request, as libcurl will make it. Redirects are never followed: a caller that wants the target asks for it.
public struct HTTPRequest: Sendable {
  public enum Method: String, Sendable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
  }
  public var method: Method
  /// `http` or `https`; nothing else is allowed.
  public var url: String
  /// In order; names as sent.
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]?
  /// Talk HTTP over this unix socket; the URL's host is then only a name.
  public var socket: String?
  /// PEM file of the authorities to trust instead of the system's.
  public var authorities: String?
  /// From start to the last byte; nil for an endless stream.
  public var limit: Duration?
  public var connectLimit: Duration
  /// On a connection of its own. On a kept one that dies unanswered, libcurl sends a request a second time by itself: not for what must happen once.
  public var isAlone = false
  /// A longer body is an `HTTPError.tooLarge`. Not counted with `onChunk`.
  public var maxBody: Int
  /// Streaming: called with each piece of the body in order, on the client's thread; the response's `body` is then empty.
  public var onChunk: (@Sendable ([UInt8]) -> Void)?

  public init(
    _ method: Method = .get, _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil, socket: String? = nil,
    authorities: String? = nil, limit: Duration? = .seconds(30), connectLimit: Duration = .seconds(10), maxBody: Int = 8 << 20,
    onChunk: (@Sendable ([UInt8]) -> Void)? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.socket = socket
    self.authorities = authorities
    self.limit = limit
    self.connectLimit = connectLimit
    self.maxBody = maxBody
    self.onChunk = onChunk
  }
}

/// An answer, of any status.
public struct HTTPResponse: Sendable {
  public var status: Int
  /// Names in lower case, in order of arrival.
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]

  public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  public func header(_ name: String) -> String? { headers.first { $0.name == name.lowercased() }?.value }
  public var text: String { String(decoding: body, as: UTF8.self) }
}

/// Why there was no answer.
public struct HTTPError: Error, Sendable, Equatable {
  public enum Kind: Sendable, Equatable { case resolve, connect, tls, timeout, tooLarge, cancelled, badRequest, broken, noLibrary }
  public var kind: Kind

  /// True when the request cannot have reached anybody. Only of a request that was alone.
  public var isUnsent: Bool { [.resolve, .connect, .tls, .badRequest, .noLibrary].contains(kind) }

  /// libcurl's own words, such as `Connection refused`.
  public var message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}
