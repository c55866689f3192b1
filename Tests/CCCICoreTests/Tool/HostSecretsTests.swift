import CCCICore
import Testing

@Suite struct HostSecretsTests {
  @Test func `every file below the folder is masked, whole and by its lines`() throws {
    let folder = try TemporaryFolder()
    for path in ["secrets.d/1/drone", "elsewhere"] { try Files.createDirectory(folder(path)) }
    for (path, text) in [
      ("secrets.d/1/plain", "plain-secret\n"), ("secrets.d/1/drone/rpc", "nested-secret"), ("elsewhere/token", "linked-secret"),
      ("secrets.d/1/key", "-----BEGIN-----\nline-of-a-key-1\nline-of-a-key-2\n"), ("secrets.d/1/short", "on\n"),
    ] { try Files.write(Array(text.utf8), to: folder(path)) }
    try Files.symlink(folder("secrets"), to: "secrets.d/1")
    try Files.symlink(folder("secrets.d/1/link"), to: folder("elsewhere/token"))
    try Files.symlink(folder("secrets.d/1/dead"), to: "nowhere")
    try Files.symlink(folder("secrets.d/1/round"), to: ".")
    let mask = Mask()
    try HostSecrets(folder: folder("secrets")).add(to: mask)
    for secret in ["plain-secret", "nested-secret", "linked-secret", "line-of-a-key-1", "line-of-a-key-2"] {
      #expect(mask.masked("x \(secret) y") == "x ••• y", "\(secret)")
    }
    #expect(mask.masked("on") == "on")
    try HostSecrets(folder: folder("none")).add(to: Mask())
  }
}
