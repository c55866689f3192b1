import Testing

@testable import CCCICore

@Suite struct FilesTextTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func `a text is read, through a link too, and what is not there is none`() throws {
    try Files.write(Array("a = \"ü\"\r\n".utf8), to: folder("text"))
    try Files.symlink(folder("link"), to: "text")
    #expect(try Files.textIfPresent(folder("text")) == "a = \"ü\"\r\n" && Files.textIfPresent(folder("link")) == "a = \"ü\"\r\n")
    #expect(try Files.textIfPresent(folder("none")) == nil)
    try Files.write([UInt8](repeating: 35, count: Files.longestText), to: folder("longest"))
    #expect(try Files.textIfPresent(folder("longest"))?.utf8.count == Files.longestText)
  }

  @Test(arguments: [
    ("latin1", "line 2: is not UTF-8"), ("nul", "line 3: a NUL byte"), ("folder", "is a folder"), ("dead", "is a link that leads nowhere"),
    ("round", "is a link that leads nowhere"), ("to-folder", "is a folder"), ("long", "too large: more than 1024 KiB"),
    ("cut", "line 1: is not UTF-8"),
  ])
  func `what is no text is refused by its name`(name: String, words: String) throws {
    try Files.write(Array("a\nb".utf8) + [0xE9, 10], to: folder("latin1"))
    try Files.write(Array("a\nb\nc".utf8) + [0], to: folder("nul"))
    try Files.createDirectory(folder("folder"))
    try Files.symlink(folder("dead"), to: "gone")
    try Files.symlink(folder("round"), to: "round")
    try Files.symlink(folder("to-folder"), to: "folder")
    try Files.write([UInt8](repeating: 35, count: Files.longestText + 1), to: folder("long"))
    try Files.write([0xC3], to: folder("cut"))
    let failure = #expect(throws: Failure.self) { try Files.textIfPresent(folder(name), as: "notes: \(name)") }
    #expect(failure?.code == .badData && failure?.sentence == "notes: \(name): \(words)" && failure?.next.isEmpty == false)
  }

  @Test(arguments: [
    ("\u{7F}ELF\u{2}", nil), ("#!/bin/sh\nexit 0\n", nil), ("#! /usr/bin/env\tpython3 -I\n", nil), ("#!/bin/sh", nil),
    ("", "line 1: names no interpreter"), ("exit 0\n", "line 1: names no interpreter"), ("#!\nexit 0\n", "line 1: names no interpreter"),
    ("#! \t\n", "line 1: names no interpreter"), ("\u{FEFF}#!/bin/sh\n", "line 1: names no interpreter"),
    ("#!/bin/sh\r\nexit 0\r\n", "line 1: ends with a carriage return, as lines do on Windows"),
    ("#!sh\n", "line 1: sh is no absolute path"), ("#!/bin/fish -l\n", "line 1: /bin/fish is not there"),
  ])
  func `an executable begins as the kernel wants it`(text: String, fault: String?) {
    #expect(ExecutableHead.fault(Array(text.utf8)) { ["/bin/sh", "/usr/bin/env"].contains($0) } == fault)
  }

  @Test(arguments: [
    ("", nil), ("usage: bad\n", "usage: bad"), ("E   SyntaxError: invalid syntax\n", "SyntaxError: invalid syntax"),
    (
      "ImportError while loading conftest\nE     File \"/run/s/tests/notes/conftest.py\", line 12\nE       import\nE   SyntaxError: no\n",
      "conftest.py: line 12: SyntaxError: no"
    ),
    ("File \"conftest.py\", line 3\nFile \"/a/b.py\", line 4, in x\nlast\n", "b.py: line 4: last"),
  ])
  func `what pytest says at its end is one line, with its place`(text: String, words: String?) { #expect(PytestWords.last(text) == words) }
}
