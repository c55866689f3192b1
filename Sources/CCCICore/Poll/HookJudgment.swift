/// What a delivery is worth: a hint to look at one repository now, if it is signed. Pure.
public enum HookJudgment {
  public enum Answer: Sendable, Equatable {
    /// Look at this repository, `owner/name`.
    case look(String)
    /// Answer with this status, and say why in the log.
    case refuse(Int, String)
  }

  /// - Parameter secret: empty or nil: everything is refused.
  public static func decide(_ request: HookRequest, secret: String?, enrolment: Enrolment) -> Answer {
    guard let secret, !secret.isEmpty else { return .refuse(403, "no secret is configured: every delivery is refused") }
    guard let signature = request.only("x-gitea-signature"), matches(signature, secret: secret, request.body) else {
      return .refuse(401, "a delivery with a wrong signature")
    }
    guard let name = repository(request.body) else { return .refuse(400, "a delivery about no repository") }
    guard let entry = enrolment.entry(name) else { return .refuse(404, "a delivery about a repository that is not looked at") }
    return .look(entry.slug)
  }

  /// Every byte is compared, whatever the others are: the time tells nothing.
  static func matches(_ signature: String, secret: String, _ body: [UInt8]) -> Bool {
    let digits = Array("0123456789abcdef".utf8)
    let wanted = SHA256.hmac(key: Array(secret.utf8), body).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    let given = Array(signature.utf8)
    guard given.count == wanted.count else { return false }
    return zip(given, wanted).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  /// Nothing else is read of it.
  private static func repository(_ body: [UInt8]) -> String? {
    struct Delivery: Decodable {
      struct Repository: Decodable {
        var fullName: String
        enum CodingKeys: String, CodingKey { case fullName = "full_name" }
      }
      var repository: Repository
    }
    do throws(Failure) {
      return try JSONCoding.decode(Delivery.self, from: body, path: "delivery").repository.fullName
    } catch { return nil }
  }
}
