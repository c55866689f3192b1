public import FoundationEssentials

/// How the posting of a comment went.
public enum GiteaPosting: Sendable, Equatable {
  case posted(GiteaComment)
  /// It is certain that there is none, now or for good.
  case refused(Failure)
  /// There may be one: a comment is stored before the rest of its posting can fail.
  case unclear(Failure)
}

extension Gitea {
  /// Everything said in a repository that was changed at or after a moment, also below issues, oldest first.
  ///
  /// In one piece, since pages would shift; when that is too much to take, page by page, and what alone is too much is passed over.
  public func comments(_ slug: String, since: Date) async throws(Failure) -> Dated<[GiteaComment]> {
    let path = "/repos/\(slug)/issues/comments?since=\(Self.stamp(since))"
    let response: HTTPResponse
    do throws(HTTPError) { response = try await host.send(request(.get, path)) } catch {
      guard error.kind == .tooLarge else { throw failure(error) }
      return try await pages(path)
    }
    let checked = try checked(response, path)
    return Dated(try decode([GiteaComment].self, checked, path), date: Self.date(checked))
  }

  /// Those of one pull request.
  public func comments(_ slug: String, pull: Int, since: Date) async throws(Failure) -> Dated<[GiteaComment]> {
    let path = "/repos/\(slug)/issues/\(pull)/comments?since=\(Self.stamp(since))"
    let response = try await answer(request(.get, path), path)
    return Dated(try decode([GiteaComment].self, response, path), date: Self.date(response))
  }

  /// Pull requests of an owner's repositories that were changed at or after a moment.
  public func changedPulls(of owner: String, since: Date) async throws(Failure) -> Dated<[GiteaIssue]> {
    var found: [GiteaIssue] = []
    var date: Date?
    // Rows that are closed meanwhile must not shift others out: hence state=all.
    for page in 1...200 {
      let query = URLText.query([
        ("type", "pulls"), ("state", "all"), ("owner", owner), ("since", Self.stamp(since)), ("limit", "50"), ("page", "\(page)"),
      ])
      let path = "/repos/issues/search?\(query)"
      let response = try await answer(request(.get, path), path)
      date = date ?? Self.date(response)
      let rows = try decode([GiteaIssue].self, response, path)
      found += rows
      let total = response.header("x-total-count").flatMap { Int($0) }
      // A server may give less than 50 a page, whatever it is asked for.
      if rows.isEmpty || found.count >= total ?? .max || (total == nil && rows.count < 50) { break }
    }
    return Dated(found, date: date)
  }

  public func post(_ slug: String, pull: Int, _ text: String) async throws(Failure) -> GiteaPosting {
    let path = "/repos/\(slug)/issues/\(pull)/comments"
    var request = request(.post, path, body: try JSONCoding.line(["body": text]))
    request.isAlone = true
    let response: HTTPResponse
    do throws(HTTPError) { response = try await host.send(request) } catch {
      let failure = failure(error)
      if error.kind == .cancelled { throw failure }
      return error.isUnsent ? .refused(failure) : .unclear(failure)
    }
    do throws(Failure) {
      let checked = try checked(response, path)
      return .posted(try decode(GiteaComment.self, checked, path))
    } catch {
      let isUnclear = response.status >= 500 || (200..<300).contains(response.status)
      return isUnclear ? .unclear(error) : .refused(error)
    }
  }

  /// False when the comment is no more.
  public func edit(_ slug: String, comment: Int, _ text: String) async throws(Failure) -> Bool {
    let path = "/repos/\(slug)/issues/comments/\(comment)"
    let response = try await send(request(.patch, path, body: try JSONCoding.line(["body": text])))
    if response.status == 404 { return false }
    _ = try checked(response, path)
    return true
  }

  private func pages(_ path: String) async throws(Failure) -> Dated<[GiteaComment]> {
    var found: [GiteaComment] = []
    var date: Date?
    for page in 1...2000 {
      // One at a time: among many, the one that is too long would hide the others.
      let path = "\(path)&limit=1&page=\(page)"
      let response: HTTPResponse
      do throws(HTTPError) { response = try await host.send(request(.get, path)) } catch {
        if error.kind == .tooLarge { continue }
        throw failure(error)
      }
      let checked = try checked(response, path)
      date = date ?? Self.date(checked)
      let comments = try decode([GiteaComment].self, checked, path)
      if comments.isEmpty { break }
      found += comments
    }
    return Dated(found, date: date)
  }
}
