/// Where a pull request's own tests run: an unprivileged user without capabilities, in mount and process namespaces of their own, with nothing of
/// this host's `/run` (secrets, the engine's socket), no home folders, and a named environment.
///
/// What they see of us is a copy, at `/tmp`: `tests` (the recipe's), `library` (`ccci_test`), and `work`, where alone they can write for us to read.
struct Cage: Sendable {
  /// On this host.
  let path: String
  /// Hidden beside `/run`, `/root` and `/home`: folders become empty, files and sockets nothing.
  let hidden: [String]

  /// What is needed; util-linux is on every system that runs docker.
  static let programs = [("unshare", "util-linux"), ("setpriv", "util-linux"), ("prlimit", "util-linux")]
  /// nobody
  static let user = "65534"

  static let tests = "/tmp/tests"
  static let library = "/tmp/library"
  static let work = "/tmp/work"

  /// Runs as root in the new namespaces, then gives everything up. The folder, what to hide until `--`, then the program.
  ///
  /// NixOS has its programs behind a link in `/run`.
  private static let script = """
    set -eu
    system=$(readlink /run/current-system || true)
    mount --bind "$1" /tmp
    shift
    while [ "$1" != -- ]; do
      if [ -d "$1" ]; then mount -t tmpfs -o mode=0755,size=1m tmpfs "$1"
      elif [ -e "$1" ]; then mount --bind /dev/null "$1"
      fi
      shift
    done
    shift
    [ -z "$system" ] || ln -s "$system" /run/current-system
    cd \(tests)
    ulimit -c 0
    ulimit -f 65536
    prlimit --nproc=512 -- setpriv --reuid=\(user) --regid=\(user) --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all -- "$@"
    """

  /// Makes the folder with its copies.
  static func make(at path: String, tests: String, library: String, hidden: [String]) throws(Failure) -> Cage {
    if try Files.status(path) != nil { try Files.removeTree(path) }
    try Files.createDirectory(path, mode: 0o755)
    try Files.copyTree(tests, to: "\(path)/tests")
    try Files.createDirectory("\(path)/library")
    for name in ["ccci_test"] where try Files.status("\(library)/\(name)") != nil {
      try Files.copyTree("\(library)/\(name)", to: "\(path)/library/\(name)")
    }
    if let fixtures = try Files.readIfPresent("\(library)/conftest.py") {
      try Files.write(fixtures, to: "\(path)/library/ccci_fixtures.py")
    }
    try Files.createDirectory("\(path)/work", mode: 0o777)
    try Files.write(Array(script.utf8), to: "\(path)/enter")
    return Cage(path: path, hidden: hidden)
  }

  /// A file for the tests to read; answers its path as they see it.
  func put(_ bytes: [UInt8], _ name: String) throws(Failure) -> String {
    try Files.write(bytes, to: "\(path)/library/\(name)")
    return "\(Self.library)/\(name)"
  }

  /// The arguments of `unshare` for a program with exactly this environment.
  func arguments(_ program: String, _ arguments: [String], environment: [String: String]) -> [String] {
    let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return [
      "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc", "--propagation", "private", "--", "/bin/sh", "-c", Self.script,
      "cage", path,
    ]
      + ["/run", "/root", "/home"] + hidden + ["--", "env", "-i"] + variables + [program] + arguments
  }
}
