import CCCICore
import Testing

@Suite struct ImageReferenceTests {
  @Test(arguments: [
    ("nginx", "docker.io/library/nginx:latest"), ("nginx:1.27", "docker.io/library/nginx:1.27"),
    ("docker.io/nginx", "docker.io/library/nginx:latest"),
    ("index.docker.io/library/nginx:1", "docker.io/library/nginx:1"), ("bitnami/redis:7", "docker.io/bitnami/redis:7"),
    ("ghcr.io/a/b:v1", "ghcr.io/a/b:v1"), ("localhost/x", "localhost/x:latest"), ("localhost:5000/x:1", "localhost:5000/x:1"),
    ("host:5000/a/b/c", "host:5000/a/b/c:latest"), ("nginx@sha256:aa", "docker.io/library/nginx@sha256:aa"),
    ("nginx:1.27@sha256:aa", "docker.io/library/nginx:1.27@sha256:aa"),
    ("git.example.org/o/app:1.0-alpine", "git.example.org/o/app:1.0-alpine"),
  ])
  func `a reference is written out in full`(text: String, full: String) {
    #expect(ImageReference(text).description == full)
    #expect(ImageReference(full) == ImageReference(text) || text.contains("index."), "the full form names the same")
  }

  @Test(arguments: [
    ("nginx:1.27@sha256:aa", "nginx:1.27", true), ("docker.io/library/nginx:latest@sha256:aa", "nginx", true),
    ("nginx:1.27", "nginx:1.28", false),
    ("nginx:1.27@sha256:aa", "nginx:1.27@sha256:bb", false), ("nginx:1.27@sha256:aa", "nginx:1.28@sha256:aa", true),
    ("nginx@sha256:aa", "nginx@sha256:aa", true), ("nginx:1@sha256:aa", "nginx@sha256:aa", true),
    ("nginx:1@sha256:aa", "nginx@sha256:bb", false),
    ("ghcr.io/library/nginx:1", "nginx:1", false), ("me/nginx:1", "nginx:1", false), ("nginx:latest", "nginx", true),
    ("localhost:5000/nginx:1", "localhost:5001/nginx:1", false), ("nginx:1", "", false),
  ])
  func `what runs is what was asked for, or not`(running: String, wanted: String, same: Bool) {
    #expect(ImageReference(running).names(same: ImageReference(wanted)) == same)
    #expect(ImageReference(wanted).names(same: ImageReference(running)) == same)
  }

  @Test(arguments: [
    ("90s", Duration.seconds(90)), ("10m", .seconds(600)), ("2h", .seconds(7200)), ("500ms", .milliseconds(500)), ("0s", .zero),
    ("31536000s", .seconds(31_536_000)), ("", nil), ("90", nil), ("s", nil), ("-1s", nil), ("1.5h", nil), ("1 h", nil), ("1H", nil),
    ("1w", nil),
    ("９0s", nil), ("31536001s", nil), ("99999999999999999999s", nil), ("10m5s", nil), (" 10m", nil),
  ])
  func `durations are written as people write them`(text: String, duration: Duration?) {
    #expect(DurationText.parse(text) == duration)
  }
}
