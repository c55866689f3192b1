import CSys
import Glibc

/// Starts programs by our own fork, where swift-subprocess offers too little: a controlling terminal, inherited locks.
public enum Program {
  /// Starts `path` as the leader of its own session, with default signals and no descriptor of ours but those named.
  ///
  /// `standard` become its 0, 1 and 2; `keeping` stay open under their own numbers. The answer is its process number, to be reaped by the
  /// caller or by init after us. What cannot be executed is a `config` failure.
  public static func start(
    _ path: String, _ arguments: [String], environment: [String: String], directory: String? = nil,
    standard: (input: Int32, output: Int32, error: Int32), terminal: Bool = false, keeping: [Int32] = []
  ) throws(Failure) -> Int32 {
    let process = withStrings([path] + arguments) { arguments in
      withStrings(environment.map { "\($0.key)=\($0.value)" }) { environment in
        withStrings([path] + (directory.map { [$0] } ?? [])) { paths in
          keeping.withUnsafeBufferPointer { kept in
            var program = csys_program(
              path: paths[0], arguments: arguments, environment: environment, directory: paths[1], input: standard.input,
              output: standard.output, error: standard.error, terminal: terminal ? 1 : 0, kept: kept.baseAddress, kept_count: kept.count)
            return csys_start(&program)
          }
        }
      }
    }
    guard process > 0 else { throw cannotRun(path, SystemError(-process).words) }
    return process
  }

  /// `<program>: cannot be run: <why>`.
  static func cannotRun(_ program: String, _ why: String) -> Failure {
    Failure(.config, "\(program): cannot be run", why: why, next: "install it, or put its folder on PATH")
  }

  /// The texts as C wants them: pointers, and a NULL behind the last.
  private static func withStrings(_ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Int32) -> Int32 {
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return (copies + [nil]).withUnsafeBufferPointer { pointers in pointers.baseAddress.map(body) ?? -EINVAL }
  }
}
