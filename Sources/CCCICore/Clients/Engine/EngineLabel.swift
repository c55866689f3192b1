/// Labels that swarm and `docker stack` put on what they create.
public enum EngineLabel {
  /// On services, containers, networks, volumes, secrets and configs of a stack.
  public static let stack = "com.docker.stack.namespace"
  /// On containers and in container events: the task they run for.
  public static let taskID = "com.docker.swarm.task.id"
  /// On containers and in container events: `<stack>_<service>`.
  public static let serviceName = "com.docker.swarm.service.name"
  public static let serviceID = "com.docker.swarm.service.id"
}
