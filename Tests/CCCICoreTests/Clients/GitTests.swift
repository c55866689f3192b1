import FoundationEssentials
import Testing

@testable import CCCICore

@Suite struct GitTests {
  @Test(arguments: [
    "https://git.example.org/o/r.git", "https://git.example.org:3000/o/r", "https://git.example.org/a@b", "https://[::1]/x",
  ])
  func `an https address is taken as it is`(url: String) throws {
    #expect(try Git.checked(url) == url)
  }

  @Test(arguments: [
    "", "http://git.example.org/o/r", "HTTPS://git.example.org/o/r", "file:///etc", "ext::sh -c id", "git@git.example.org:o/r", "ssh://x/y",
    "/srv/git/r",
    "--upload-pack=id", "https://-oProxyCommand=id/x", "https://user:token@git.example.org/o/r", "https://token@git.example.org",
    "http://token@git.example.org", "ssh://token@x/y", "https://a b/c",
    "https://a/\nb", "https://a/b\u{7F}", "https://é.org/x", "https://a/\0", "https://a/" + String(repeating: "x", count: 500),
    " https://a/b", "https://",
    "https:///x",
  ])
  func `any other address could read this host, run a program or carry a secret`(url: String) {
    let failure = #expect(throws: Failure.self) { try Git.checked(url) }
    #expect(failure?.code == .usage && failure?.next.isEmpty == false && failure?.what.contains("token@") != true)
  }

  private static let head = String(repeating: "a", count: 40)

  @Test func `the token goes by a variable, to its own host, and only over the network`() async throws {
    let prompter = Prompter(output: "\(Self.head)\n")
    let git = Git(programs: prompter.programs, authorities: "/ca.pem", credential: ("https://git.example.org/", "t0ken-t0ken"))
    #expect(try await git.fetch("/r", from: "https://git.example.org/o/r", ["+refs/heads/*:refs/remotes/origin/*"], tags: true) == nil)
    try await git.checkOut("/r", try #require(CommitID(Self.head)))
    try await git.copy("/r", to: "/s", at: try #require(CommitID(Self.head)))
    // As Basic: Gitea's git takes nothing else in every version.
    let header = "Authorization: Basic \(Data("ccci:t0ken-t0ken".utf8).base64EncodedString())"
    let network = prompter.commands.filter { $0.environment.values.contains { $0.contains("t0ken") || $0 == header } }
    #expect(
      network.map { $0.arguments[2] } == ["fetch"] && network[0].environment["GIT_CONFIG_VALUE_3"] == header
        && network[0].environment["GIT_CONFIG_KEY_3"] == "http.https://git.example.org/.extraHeader")
    #expect(network[0].environment["GIT_SSL_CAINFO"] == "/ca.pem" && network[0].arguments.contains("--no-recurse-submodules"))
    #expect(prompter.commands.allSatisfy { command in !command.arguments.contains { $0.contains("t0ken") } })
    for command in prompter.commands {
      let environment = command.environment
      #expect(
        environment["GIT_TERMINAL_PROMPT"] == "0" && environment["GIT_CONFIG_GLOBAL"] == "/dev/null"
          && environment["GIT_CONFIG_NOSYSTEM"] == "1")
      #expect(environment["GIT_CONFIG_KEY_0"] == "core.hooksPath" && environment["GIT_CONFIG_VALUE_0"] == "/dev/null")
      #expect(environment["GIT_ALLOW_PROTOCOL"] == (command.arguments.contains("clone") ? "file" : "https"))
    }
  }

  @Test func `a checkout that is not where it should be is a defect, not the recipe's fault`() async throws {
    let git = Git(programs: Prompter(output: "\(Self.head)\n").programs, authorities: nil, credential: nil)
    let failure = await #expect(throws: Failure.self) { try await git.checkOut("/r", try commit("b")) }
    #expect(failure?.code == .bug && failure?.what.contains("HEAD is not bbbbbbbb") == true)
  }

  @Test func `releases are the tags that are versions, annotated or not`() async throws {
    let (a, b) = (Self.head, String(repeating: "b", count: 40))
    let tags = [
      "1.0.0+1\ttag\t\(b)\t\(a)", "1.1.0+1\tcommit\t\(b)\t", "v2\tcommit\t\(b)\t", "2.0.0+1\ttag\t\(b)\t", "tags/3.0.0+1\tcommit\t\(b)\t",
      "broken",
    ]
    let releases = try await Git(programs: Prompter(output: tags.joined(separator: "\n")).programs, authorities: nil, credential: nil)
      .releases("/r")
    #expect(releases.map(\.version.text) == ["1.0.0+1", "1.1.0+1"] && releases.map(\.isAnnotated) == [true, false])
    #expect(releases.map(\.commit.text) == [a, b])
  }

  @Test(arguments: [
    ("fatal: repository 'x' not found\n", "repository 'x' not found"), ("warning: y\nerror: RPC failed; z\nmore\n", "RPC failed; z"),
    ("something else\n", "something else"), ("", "128"),
  ])
  func `git's reason is its own last word`(error: String, reason: String) {
    #expect(Git.reason(CommandResult(status: .exited(128), error: Array(error.utf8))).contains(reason))
  }

  @Test func `without a folder there is no commit, and none is made up`() async throws {
    let git = Git(programs: Prompter(error: "fatal: not a repository", code: 128).programs, authorities: nil, credential: nil)
    #expect(try await git.headOfRepository(around: "/x") == nil)
    #expect(try await git.commit("/x", "HEAD") == nil)
    #expect(try await git.fetch("/x", from: "https://a/b", [], tags: false) == "not a repository")
    await #expect(throws: Failure.self) { try await git.releases("/x") }
  }
}
