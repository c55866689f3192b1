import FoundationEssentials

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
