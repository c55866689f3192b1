/// Phrases of release notes by which a maintainer says that a person must do something at an upgrade.
public enum NoteMarkers {
  /// A run of words. `(a|b)` is one word out of several, `[a]` one that may be missing. Whatever their case, and whatever white space or
  /// hyphens stand between them.
  public static let phrases = [
    "manual migration(s|)", "manual intervention(s|)", "manual step(s|)", "manually (run|migrate|upgrade)",
    "before [you] (upgrade|upgrading)", "must [be] (run|migrate|dump|export)", "breaking change(s|)", "not backward(s|) compatible",
    "dump and restore", "run the following",
  ]

  /// Words that take a phrase back when they stand before it in its sentence, with only these fillers between.
  static let negations: Set<String> = [
    "no", "not", "without", "never", "none", "neither", "nor", "zero", "isn't", "doesn't", "don't", "aren't",
  ]
  static let fillers: Set<String> = [
    "a", "an", "any", "the", "are", "is", "there", "were", "was", "do", "does", "need", "needs", "needed", "require", "requires",
    "required",
    "of", "to", "for", "further", "more", "other", "special", "additional", "known", "new", "should", "be", "have", "has", "contain",
    "contains", "include", "includes", "introduce", "introduces", "involve", "involves", "expect", "expected", "or",
  ]

  /// Phrases that are no warning by what comes after them: `manual migration is not needed`.
  static let releases = [
    "(is|are|was|were|will|should) not [be] (needed|required|necessary)", "(is|are|was|were) (unnecessary|optional)",
    "(isn't|aren't) (needed|required|necessary)",
    "not (needed|required|necessary)", "none", "no [longer] (needed|required|necessary)", "(is|are) no longer (needed|required|necessary)",
  ]

  /// The first phrase that the notes really say, as they say it; nil when there is none.
  public static func first(in notes: String) -> String? {
    let sentences = sentences(of: notes)
    for (index, sentence) in sentences.enumerated() {
      let isFollowedByNone = index + 1 < sentences.count && [["none"], ["nothing"]].contains(sentences[index + 1])
      for place in sentence.indices {
        guard let length = phrasesOfWords.lazy.compactMap({ $0.length(in: sentence[place...]) }).first else { continue }
        let isWhole = length == sentence.count
        if isTakenBack(sentence, at: place, length) || (isWhole && isFollowedByNone) { continue }
        return sentence[place..<(place + length)].joined(separator: " ")
      }
    }
    return nil
  }

  private static let phrasesOfWords = phrases.map { Phrase($0) }
  private static let releasesOfWords = releases.map { Phrase($0) }

  private static func isTakenBack(_ sentence: [String], at place: Int, _ length: Int) -> Bool {
    if let negation = negation(in: sentence, before: place) {
      // "Cannot be upgraded without manual intervention" is a warning.
      let isDouble = sentence[negation] == "without" && sentence[..<negation].contains { negations.contains($0) || failing.contains($0) }
      return !isDouble
    }
    let rest = sentence[(place + length)...]
    return releasesOfWords.contains { $0.length(in: rest) != nil }
  }

  /// Where the word stands that takes the phrase back.
  private static func negation(in sentence: [String], before place: Int) -> Int? {
    for before in (0..<place).reversed() {
      if negations.contains(sentence[before]) { return before }
      // One list: "no breaking changes or manual steps".
      guard fillers.contains(sentence[before]) || listed.contains(sentence[before]) else { return nil }
    }
    return nil
  }

  private static let failing: Set<String> = [
    "cannot", "can't", "won't", "impossible", "fails", "fail", "breaks", "break", "unable", "unless", "stops", "broken",
  ]
  private static let listed: Set<String> = [
    "breaking", "change", "changes", "manual", "manually", "migration", "migrations", "intervention", "interventions", "step",
    "steps", "and",
  ]

  /// A phrase of the list, taken apart.
  struct Phrase: Sendable {
    private let parts: [(words: Set<String>, isOptional: Bool)]

    init(_ text: String) {
      parts = text.split(separator: " ").map { (Self.alternatives($0), $0.hasPrefix("[")) }
    }

    /// How many words at the beginning of `words` are the phrase; nil when they are not.
    func length(in words: ArraySlice<String>) -> Int? {
      var place = words.startIndex
      for part in parts {
        if place < words.endIndex, part.words.contains(words[place]) { place += 1 } else if !part.isOptional { return nil }
      }
      return place - words.startIndex
    }

    /// `step(s|)` is `steps` and `step`.
    private static func alternatives(_ part: Substring) -> Set<String> {
      let plain = part.filter { $0 != "[" && $0 != "]" }
      guard let open = plain.firstIndex(of: "("), let close = plain.firstIndex(of: ")") else { return [plain] }
      let (head, tail) = (plain[..<open], plain[plain.index(after: close)...])
      let choices = plain[plain.index(after: open)..<close].split(separator: "|", omittingEmptySubsequences: false)
      return Set(choices.map { "\(head)\($0)\(tail)" })
    }
  }

  /// Words in lower case, sentence by sentence. A line that is broken in the middle of a sentence goes on; a list item, a heading and an empty line
  /// begin one.
  static func sentences(of text: String) -> [[String]] {
    var sentences: [[String]] = []
    var words: [String] = []
    var word = ""
    func endWord() {
      if !word.isEmpty { words.append(word) }
      word = ""
    }
    func endSentence() {
      endWord()
      while words.last == "," { words.removeLast() }
      if !words.isEmpty { sentences.append(words) }
      words = []
    }
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      let start = line.drop { $0 == " " || $0 == "\t" }
      if start.isEmpty || ["#", "-", "*", "+", ">"].contains(String(start.prefix(1))) { endSentence() }
      let scalars = Array(start)
      for (index, character) in scalars.enumerated() {
        let isEnd = index + 1 == scalars.count || scalars[index + 1].isWhitespace
        switch character {
        case "a"..."z", "0"..."9": word.append(character)
        case "A"..."Z": word += character.lowercased()
        case "'", "’": word.append("'")
        case ".", "!", "?", ";": if isEnd { endSentence() } else { word.append(character) }
        case ",":
          endWord()
          words.append(",")
        case "*", "_", "`", "~": continue
        default: endWord()
        }
      }
      endWord()
    }
    endSentence()
    return sentences
  }
}
