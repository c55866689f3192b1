import FoundationEssentials
import Glibc

extension Failure {
  /// The engine gave no answer at all.
  static func engineSilent(_ error: HTTPError, socket: String, call: HTTPRequest) -> Failure {
    engineSilent(error, socket: socket, call: call, reachable: access(socket, R_OK | W_OK) == 0 ? 0 : errno)
  }

  /// The decision behind it; `reachable` is the `errno` of looking at the socket as the present user, 0 when it may be opened.
  static func engineSilent(_ error: HTTPError, socket: String, call: HTTPRequest, reachable: Int32) -> Failure {
    let start = "start it: systemctl start docker"
    switch error.kind {
    case .cancelled:
      return .cancelled
    case .timeout:
      return Failure(.unavailable, "docker engine: no answer in time on \(socket)", why: call.engineName)
    case .noLibrary:
      return Failure(.config, "libcurl: cannot be loaded", why: error.message, next: "on Debian: apt-get install libcurl4")
    case .resolve, .connect, .tls, .tooLarge, .badRequest, .broken:
      switch reachable {
      case EACCES, EPERM:
        let next = "run as root, or as a member of the group docker"
        return Failure(.denied, "docker engine: may not open \(socket)", why: "permission denied", next: next)
      case ENOENT:
        return Failure(.unavailable, "docker engine: does not answer on \(socket)", why: "no such socket", next: start)
      default:
        return Failure(.unavailable, "docker engine: does not answer on \(socket)", why: error.message, next: start)
      }
    }
  }

  /// The engine answered with an error status; `why` is its own `message`.
  ///
  /// 404 `noInput`; 409, 403 and "in use" `tryAgain` (in use, being removed, endpoints left); 406 and 503 `config` (no swarm, or no
  /// manager); 401 `denied`; other 4xx `bug` (we asked wrongly); other 5xx `unavailable`.
  static func engineRefused(_ response: HTTPResponse, call: HTTPRequest) -> Failure {
    let words = EngineJSON.message(of: response)
    let what = "docker engine: \(call.engineName) was refused (\(response.status))"
    return switch response.status {
    case 404: Failure(.noInput, what, why: words)
    case 403, 409: Failure(.tryAgain, what, why: words)
    case 406, 503: Failure(.config, what, why: words, next: "make this host a swarm manager: docker swarm init")
    case 400 where words.contains("in use"): Failure(.tryAgain, what, why: words)
    case 401: Failure(.denied, what, why: words)
    case 400..<500: Failure(.bug, what, why: words)
    default: Failure(.unavailable, what, why: words)
    }
  }
}

extension HTTPRequest {
  /// `GET /services`: the call without version, query and host.
  var engineName: String {
    let path = url.split(separator: "?", maxSplits: 1).first ?? ""
    let parts = path.split(separator: "/", omittingEmptySubsequences: true).dropFirst(3)
    return "\(method.rawValue) /\(parts.joined(separator: "/"))"
  }
}
