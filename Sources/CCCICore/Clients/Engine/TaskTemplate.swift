/// What a service's tasks are made from, for comparing: swarm replaces a task when its template or endpoint differs from the service's.
///
/// Source: `Service.Spec.TaskTemplate` and `Task.Spec`, which are the same but for `Runtime` (only in the service).
public struct TaskTemplate: Sendable, Hashable {
  /// All of it as canonical JSON.
  public let text: String
  /// Without placement: constraints that the node still satisfies do not replace a running task (swarmkit `IsTaskDirty`).
  public let work: String

  public init(text: String, work: String) {
    self.text = text
    self.work = work
  }

  init(_ json: EngineJSON) {
    text = json.canonical(leaving: ["Runtime"])
    work = json.canonical(leaving: ["Runtime", "Placement"])
  }
}
