"""Comments, reactions and the timeline. reference gitea-drone A.2, A.3."""

from __future__ import annotations

from access import demand_user
from answers import bare, error, internal, not_found
from api import Call, demand_not_archived, route, text_in
from model import WRITE, Account, Comment, Issue
from paging import Page, Window, total
from shapes import comment as shape
from shapes import reaction, timeline_entry
from wire import Answer

HERE = "/repos/{owner}/{repo}/issues"


@route("GET", f"{HERE}/comments", "issue")
def of_repository(call: Call) -> Answer:
    """Without `page` everything comes in one answer, `limit` or not; with it, pages without a `Link` (A.2, A.3)."""
    window, page = Window.of(call.forge, call.request), Page.of(call.forge, call.request)
    if not call.repo.issues_on and not call.repo.pulls_on:
        raise not_found(call.forge)
    rows = [row for row in call.repo.comments if row.kind == "comment" and call.reads(row.issue)]
    found = window.of_comments(rows)
    shown = page.cut(found) if page.number else found
    return Answer.of_json([shape(call.forge, row) for row in shown], 200, counted(call, len(found)))


@route("GET", HERE + "/{index}/comments", "issue")
def of_issue(call: Call) -> Answer:
    """Everything, always: there are no pages (A.2). An unknown number is a 500 (A.1)."""
    window = Window.of(call.forge, call.request)
    issue = existing(call)
    found = window.of_comments([row for row in call.repo.comments if row.issue is issue and row.kind == "comment"])
    return Answer.of_json([shape(call.forge, row) for row in found], 200, counted(call, len(found)))


@route("GET", HERE + "/{index}/timeline", "issue")
def timeline(call: Call) -> Answer:
    """Comments and events alike. A list that was never begun is `null` in Go, and so is this one."""
    if not call.forge.version.has_timeline:
        return Answer.of_text("404 page not found\n", 404)
    window, page = Window.of(call.forge, call.request), Page.of(call.forge, call.request)
    issue = existing(call)
    found = window.of_comments([row for row in call.repo.comments if row.issue is issue])
    shown = page.cut(found) if page.number else found
    return Answer.of_json([timeline_entry(call.forge, row) for row in shown] or None, 200, total(len(shown)))


@route("GET", HERE + "/comments/{id}", "issue")
def one(call: Call) -> Answer:
    row = of_this_repository(call)
    return Answer.of_json(shape(call.forge, row)) if row.kind == "comment" else Answer(204)


@route("POST", HERE + "/{index}/comments", "issue")
def create(call: Call) -> Answer:
    """Reading is enough (A.2)."""
    user = demand_user(call.forge, call.caller)
    demand_not_archived(call)
    body = text_in(call.body(), "body")
    if not body:
        raise error(call.forge, 422, "[Body]: Required")
    issue = existing(call)
    if issue.locked and call.mode < WRITE:
        raise error(call.forge, 403, "You cannot comment on a locked issue.")
    if user.key in call.repo.owner.blocked:
        raise error(call.forge, 403, "user is blocked by the owner or the poster")
    return Answer.of_json(shape(call.forge, call.forge.comment(issue, user, body)), 201)


@route("PATCH", HERE + "/comments/{id}", "issue")
def edit(call: Call) -> Answer:
    """One's own with reading, anybody's with writing; the refusal has no body (A.1)."""
    user = demand_user(call.forge, call.caller)
    demand_not_archived(call)
    body = text_in(call.body(), "body")
    if not body:
        raise error(call.forge, 422, "[Body]: Required")
    row = changeable(call, user)
    if row.kind != "comment":
        return Answer(204)
    call.forge.edit(row, body, user)
    return Answer.of_json(shape(call.forge, row))


@route("DELETE", HERE + "/comments/{id}", "issue")
def delete(call: Call) -> Answer:
    user = demand_user(call.forge, call.caller)
    row = changeable(call, user)
    if row.kind == "comment":
        call.forge.delete(row, user)
    return Answer(204)


@route("GET", HERE + "/comments/{id}/reactions", "issue")
def reactions(call: Call) -> Answer:
    return Answer.of_json([reaction(call.forge, *entry) for entry in of_this_repository(call).reactions])


@route("POST", HERE + "/comments/{id}/reactions", "issue")
def react(call: Call) -> Answer:
    """201 when it is new, 200 when it was there; the comment's time of update stays (A.2)."""
    user = demand_user(call.forge, call.caller)
    row, content = reactable(call)
    for entry in row.reactions:
        if entry[0] == content and entry[1] is user:
            return Answer.of_json(reaction(call.forge, *entry))
    row.reactions.append((content, user, call.forge.clock.now()))
    return Answer.of_json(reaction(call.forge, *row.reactions[-1]), 201)


@route("DELETE", HERE + "/comments/{id}/reactions", "issue")
def unreact(call: Call) -> Answer:
    user = demand_user(call.forge, call.caller)
    row, content = reactable(call)
    row.reactions = [entry for entry in row.reactions if not (entry[0] == content and entry[1] is user)]
    return Answer(200)


def counted(call: Call, count: int) -> list[tuple[str, str]]:
    return total(count) if call.forge.version.counts_comments else []


def existing(call: Call) -> Issue:
    """500 for a number that does not exist; 404 for what may not be read (A.1)."""
    issue = call.issue()
    if issue is None:
        raise internal(call.forge)
    if not call.reads(issue):
        raise not_found(call.forge)
    return issue


def of_this_repository(call: Call) -> Comment:
    row = call.comment()
    if row is None:
        raise not_found(call.forge, f"comment does not exist [id: {call.arguments['id']}]")
    if row.issue.repo is not call.repo:
        raise bare(404)
    if not call.reads(row.issue):
        raise not_found(call.forge)
    return row


def changeable(call: Call, user: Account) -> Comment:
    row = of_this_repository(call)
    if row.author is not user and call.mode < WRITE:
        raise bare(403)
    return row


def reactable(call: Call) -> tuple[Comment, str]:
    row, content = of_this_repository(call), text_in(call.body(), "content")
    if content not in call.forge.settings.reactions:
        raise error(call.forge, 403, f"'{content}' is not an allowed reaction")
    return row, content
