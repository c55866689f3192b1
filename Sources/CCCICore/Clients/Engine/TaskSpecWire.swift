/// The typed part of a task template.
struct TaskSpecWire: Decodable {
  var container: Container?
  var networks: [Network]?

  enum CodingKeys: String, CodingKey {
    case container = "ContainerSpec"
    case networks = "Networks"
  }

  struct Network: Decodable {
    var target: String?
    enum CodingKeys: String, CodingKey { case target = "Target" }
  }

  struct Container: Decodable {
    var image: String?
    var labels: [String: String]?
    var mounts: [Mount]?
    var healthcheck: Healthcheck?

    enum CodingKeys: String, CodingKey {
      case image = "Image"
      case labels = "Labels"
      case mounts = "Mounts"
      case healthcheck = "Healthcheck"
    }

    var mountStates: [ServiceState.Mount] {
      (mounts ?? []).map {
        ServiceState.Mount(type: $0.type ?? "volume", source: $0.source ?? "", target: $0.target ?? "", readOnly: $0.readOnly ?? false)
      }
    }
  }

  struct Mount: Decodable {
    var type: String?
    var source: String?
    var target: String?
    var readOnly: Bool?

    enum CodingKeys: String, CodingKey {
      case type = "Type"
      case source = "Source"
      case target = "Target"
      case readOnly = "ReadOnly"
    }
  }

  struct Healthcheck: Decodable {
    var test: [String]?
    enum CodingKeys: String, CodingKey { case test = "Test" }

    /// `["NONE"]` switches the image's own check off; an empty test inherits it.
    var isSet: Bool { !(test ?? []).isEmpty && test != ["NONE"] }
  }
}
