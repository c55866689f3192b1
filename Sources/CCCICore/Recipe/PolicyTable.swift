/// What the policy decides of one key of a compose file.
struct PolicyKey: Sendable {
  /// How its value is judged.
  indirect enum Rule: Sendable {
    /// Whatever it says.
    case accepted
    /// These values only.
    case only([String])
    /// No value.
    case refused
    /// A mapping of these keys.
    case keys([PolicyKey])
    /// A mapping of names that the recipe chooses, each a mapping of these keys.
    case named([PolicyKey])
    /// By code of its own.
    case judged(PolicyJudge)
  }

  var name: String
  var rule: Rule
  /// For an accepted key what it does, else why it is not accepted: the words of a refusal.
  var words: String

  init(_ name: String, _ rule: Rule, _ words: String) {
    self.name = name
    self.rule = rule
    self.words = words
  }
}

/// The values that are judged by code.
enum PolicyJudge: String, Sendable, CaseIterable {
  case mounts, ports, environment, envFile, labels, networks, grants, template, hosts, replicas, identity, file
}

/// The policy itself: every key that docker's compose format 3.8 knows, and what was decided of it. A key that is not here is refused.
///
/// `docs/compose-policy.md` is printed from it.
enum PolicyTable {
  static let top: [PolicyKey] = [
    PolicyKey("version", .accepted, "the format"),
    PolicyKey("services", .named(service), ""),
    PolicyKey("volumes", .named(volume), ""),
    PolicyKey("networks", .named(network), ""),
    PolicyKey("configs", .named(config), ""),
    PolicyKey("secrets", .named(secret), ""),
    PolicyKey("name", .refused, "the stack's name is abra's to give"),
    PolicyKey("include", .refused, "brings in a file that is judged nowhere"),
  ]

  static let service: [PolicyKey] = [
    PolicyKey("image", .accepted, "what runs"),
    PolicyKey("command", .accepted, "inside of its container"),
    PolicyKey("entrypoint", .accepted, "inside of its container"),
    PolicyKey("working_dir", .accepted, "inside of its container"),
    PolicyKey("user", .accepted, "inside of its container; root there is not root here"),
    PolicyKey("init", .accepted, "docker's own init"),
    PolicyKey("environment", .judged(.environment), "accepted; templates of swarm only where they name the task itself"),
    PolicyKey("env_file", .judged(.envFile), "a file of the recipe; its values as in `environment`"),
    PolicyKey("configs", .judged(.grants), "those that the files declare"),
    PolicyKey("secrets", .judged(.grants), "those that the files declare"),
    PolicyKey(
      "volumes", .judged(.mounts), "named volumes and tmpfs; `/etc/timezone` and `/etc/localtime` read-only; no other path of the host"),
    PolicyKey("tmpfs", .accepted, "memory of its own"),
    PolicyKey("networks", .judged(.networks), "those that the files declare; on the proxy's network no alias but an own name"),
    PolicyKey("ports", .judged(.ports), "publishes a port of this host"),
    PolicyKey("expose", .accepted, "documentation"),
    PolicyKey("labels", .judged(.labels), "see Labels"),
    PolicyKey("deploy", .keys(deploy), ""),
    PolicyKey("healthcheck", .keys(healthcheck), ""),
    PolicyKey("logging", .keys(logging), ""),
    PolicyKey("hostname", .judged(.template), "accepted; templates as in `environment`"),
    PolicyKey("domainname", .accepted, "inside of its container"),
    PolicyKey("extra_hosts", .judged(.hosts), "names in its own container; not `host-gateway`"),
    PolicyKey("dns", .accepted, "whom it asks"),
    PolicyKey("dns_search", .accepted, "whom it asks"),
    PolicyKey("depends_on", .accepted, "ignored by swarm"),
    PolicyKey("links", .accepted, "ignored by swarm"),
    PolicyKey("restart", .accepted, "ignored by swarm"),
    PolicyKey("cap_drop", .accepted, "takes away"),
    PolicyKey("read_only", .accepted, "takes away"),
    PolicyKey("ulimits", .accepted, "limits"),
    PolicyKey("shm_size", .accepted, "memory of its own"),
    PolicyKey("stdin_open", .accepted, "inside of its container"),
    PolicyKey("tty", .accepted, "inside of its container"),
    PolicyKey("stop_grace_period", .accepted, "a teardown does not wait for it"),
    PolicyKey("stop_signal", .accepted, "inside of its container"),
    PolicyKey(
      "security_opt", .only(["no-new-privileges", "no-new-privileges:true", "no-new-privileges=true"]),
      "loosens what confines the container"),
    PolicyKey("privileged", .only(["false"]), "is root on this host"),
    PolicyKey("cap_add", .refused, "gives the container a capability"),
    PolicyKey("devices", .refused, "is a device of this host"),
    PolicyKey("device_cgroup_rules", .refused, "opens devices of this host"),
    PolicyKey("gpus", .refused, "is a device of this host"),
    PolicyKey("network_mode", .refused, "is a network namespace that is not the container's own"),
    PolicyKey("pid", .refused, "is a process namespace that is not the container's own"),
    PolicyKey("ipc", .only(["private", "none"]), "is a memory namespace that is not the container's own"),
    PolicyKey("uts", .refused, "is this host's name"),
    PolicyKey("userns_mode", .refused, "is a user namespace that is not the container's own"),
    PolicyKey("cgroupns_mode", .only(["private"]), "is a cgroup namespace that is not the container's own"),
    PolicyKey("cgroup", .only(["private"]), "is a cgroup namespace that is not the container's own"),
    PolicyKey("cgroup_parent", .refused, "takes the container out of docker's limits"),
    PolicyKey("sysctls", .refused, "sets the kernel's parameters"),
    PolicyKey("group_add", .refused, "is a group of this host's files"),
    PolicyKey("isolation", .only(["default"]), "is not how containers are isolated here"),
    PolicyKey("runtime", .refused, "is another way to run containers on this host"),
    PolicyKey("credential_spec", .refused, "is a credential of this host"),
    PolicyKey("oom_score_adj", .refused, "decides which of this host's processes dies first"),
    PolicyKey("mac_address", .refused, "is an address on a shared network"),
    PolicyKey("container_name", .refused, "is a name outside of the stack"),
    PolicyKey("external_links", .refused, "is a container of somebody else"),
    PolicyKey("volumes_from", .refused, "is the data of another container"),
    PolicyKey("build", .refused, "would be built on this host"),
    PolicyKey("extends", .refused, "brings in a file that is judged nowhere"),
  ]

  static let deploy: [PolicyKey] = [
    PolicyKey("mode", .only(["replicated"]), "runs the service in a way that this host does not control"),
    PolicyKey("replicas", .judged(.replicas), "at most 10"),
    PolicyKey("labels", .judged(.labels), "see Labels"),
    PolicyKey("update_config", .keys(update), ""),
    PolicyKey("rollback_config", .keys(update), ""),
    PolicyKey(
      "restart_policy",
      .keys([
        PolicyKey("condition", .accepted, "when"), PolicyKey("delay", .accepted, "when"), PolicyKey("max_attempts", .accepted, "how often"),
        PolicyKey("window", .accepted, "when"),
      ]), ""),
    PolicyKey(
      "resources",
      .keys([
        PolicyKey(
          "limits",
          .keys([
            PolicyKey("cpus", .accepted, "limits"), PolicyKey("memory", .accepted, "limits"), PolicyKey("pids", .accepted, "limits"),
          ]), ""),
        PolicyKey(
          "reservations",
          .keys([
            PolicyKey("cpus", .accepted, "what must be free"), PolicyKey("memory", .accepted, "what must be free"),
            PolicyKey("generic_resources", .refused, "is a device of this host"),
            PolicyKey("devices", .refused, "is a device of this host"),
          ]), ""),
      ]), ""),
    PolicyKey(
      "placement",
      .keys([
        PolicyKey("constraints", .accepted, "there is one node"), PolicyKey("preferences", .accepted, "there is one node"),
        PolicyKey("max_replicas_per_node", .accepted, "limits"),
      ]), ""),
    PolicyKey("endpoint_mode", .only(["vip", "dnsrr"]), "is no way that swarm knows"),
  ]

  static let update: [PolicyKey] = ["parallelism", "delay", "failure_action", "monitor", "max_failure_ratio", "order"].map {
    PolicyKey($0, .accepted, "how swarm updates it")
  }

  static let healthcheck: [PolicyKey] = ["test", "interval", "timeout", "retries", "start_period", "start_interval", "disable"].map {
    PolicyKey($0, .accepted, "inside of its container")
  }

  static let logging: [PolicyKey] = [
    PolicyKey("driver", .only(["json-file", "local", "none"]), "makes this host's docker write to somewhere else"),
    PolicyKey(
      "options",
      .keys(
        ["max-size", "max-file", "compress", "mode", "max-buffer-size", "tag", "labels", "labels-regex", "env", "env-regex"].map {
          PolicyKey($0, .accepted, "how the log is kept")
        }), ""),
  ]

  static let volume: [PolicyKey] = [
    PolicyKey("name", .judged(.identity), "begins with the stack's name"),
    PolicyKey("external", .judged(.identity), "only with a name that begins with the stack's"),
    PolicyKey("labels", .judged(.labels), "see Labels"),
    PolicyKey("driver", .only(["local"]), "is a plugin with powers of its own"),
    PolicyKey("driver_opts", .refused, "can mount any path or device of this host"),
    PolicyKey("cluster_spec", .refused, "is storage outside of this host"),
  ]

  static let network: [PolicyKey] = [
    PolicyKey("name", .judged(.identity), "begins with the stack's name"),
    PolicyKey("external", .judged(.identity), "only the proxy's network, or a name that begins with the stack's"),
    PolicyKey("labels", .judged(.labels), "see Labels"),
    PolicyKey("driver", .only(["overlay"]), "is a network of this host itself"),
    PolicyKey(
      "driver_opts",
      .keys([
        PolicyKey("encrypted", .accepted, "between nodes"), PolicyKey("com.docker.network.driver.mtu", .accepted, "the size of a packet"),
      ]), ""),
    PolicyKey("attachable", .accepted, "for containers that this host starts"),
    PolicyKey("internal", .accepted, "takes away"),
    PolicyKey("enable_ipv6", .accepted, "within the network"),
    PolicyKey(
      "ipam",
      .keys([
        PolicyKey("driver", .only(["default"]), "is a plugin with powers of its own"),
        PolicyKey("config", .refused, "takes addresses that may be somebody else's"),
        PolicyKey("options", .refused, "is for plugins"),
      ]), ""),
  ]

  static let config: [PolicyKey] = content + [PolicyKey("template_driver", .only(["golang"]), "is no driver that swarm knows")]

  static let secret: [PolicyKey] =
    content + [
      PolicyKey("template_driver", .only(["golang"]), "is no driver that swarm knows"),
      PolicyKey("driver", .refused, "is a plugin with powers of its own"),
      PolicyKey("driver_opts", .refused, "is for plugins"),
    ]

  private static let content: [PolicyKey] = [
    PolicyKey("file", .judged(.file), "a file of the recipe, links followed"),
    PolicyKey("name", .judged(.identity), "begins with the stack's name"),
    PolicyKey("external", .judged(.identity), "only with a name that begins with the stack's"),
    PolicyKey("labels", .judged(.labels), "see Labels"),
    PolicyKey("environment", .refused, "reads the environment of the program that deploys"),
    PolicyKey("content", .refused, "is no key of docker's"),
  ]
}
