"""Pull requests, issues, the search feed, and commit statuses. reference gitea-drone A.2, A.4, A.5."""

from __future__ import annotations

import re
import subprocess

from access import demand_user, demand_writer, mode_of
from answers import error, internal, not_found
from api import Call, demand_not_archived, route, text_in
from model import NONE, Issue
from paging import Page, Window, links
from shapes import issue as issue_shape
from shapes import pull_request, repository, status
from wire import Answer

STATES = ("pending", "success", "error", "failure", "warning", "skipped")
SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
ORDERS = {
    "oldest": lambda item: item.created,
    "recentupdate": lambda item: -item.updated,
    "leastupdate": lambda item: item.updated,
    "mostcomment": lambda item: -item.comments,
    "leastcomment": lambda item: item.comments,
}


@route("GET", "/repos/{owner}/{repo}", "repository")
def one_repository(call: Call) -> Answer:
    return Answer.of_json(repository(call.forge, call.repo, call.mode))


@route("GET", "/repos/{owner}/{repo}/pulls", "repository")
def pulls(call: Call) -> Answer:
    demand_pulls(call)
    wanted = call.request.query.get("state", "open")
    found = [item for item in call.repo.issues.values() if item.is_pull and wanted in (item.state, "all")]
    found.sort(key=ORDERS.get(call.request.query.get("sort", ""), lambda item: (-item.created, -item.id)))
    page = Page.of(call.forge, call.request)
    shown = [pull_request(call.forge, item) for item in page.cut(found)]
    return Answer.of_json(shown, 200, links(call.forge, call.request, page, len(found)))


@route("GET", "/repos/{owner}/{repo}/pulls/{index}", "repository")
def pull(call: Call) -> Answer:
    """A plain issue's number is a 404 here, and so is an unknown one (A.1)."""
    demand_pulls(call)
    item = call.issue()
    if item is None or not item.is_pull:
        raise not_found(call.forge)
    return Answer.of_json(pull_request(call.forge, item))


@route("GET", "/repos/issues/search", "issue")
def search(call: Call) -> Answer:
    """The feed of changes: `since` is inclusive on the time of update, newest created first, no index that lags (A.4)."""
    forge, query = call.forge, call.request.query
    window, page = Window.of(forge, call.request), Page.of(forge, call.request)
    owner = query.get("owner", "") if forge.version.has_owner_filter else ""
    if owner and forge.account(owner) is None:
        raise error(forge, 400, "Owner not found")
    state, kind = query.get("state") or "open", query.get("type", "")
    found = []
    for item in forge.issues:
        if not window.holds(item.updated) or state not in (item.state, "all"):
            continue
        if kind and (kind == "pulls") is not item.is_pull:
            continue
        if (not owner or item.repo.owner.key == owner.lower()) and visible(call, item):
            found.append(item)
    found.sort(key=lambda item: (-item.created, -item.id))
    return Answer.of_json([issue_shape(forge, item) for item in page.cut(found)], 200, links(forge, call.request, page, len(found)))


def visible(call: Call, item: Issue) -> bool:
    repo, token = item.repo, call.caller.token
    if repo.gone or not (repo.pulls_on if item.is_pull else repo.issues_on):
        return False
    if repo.private and token and token.public_only:
        return False
    return mode_of(call.forge, call.caller.user, repo) > NONE


@route("GET", "/repos/{owner}/{repo}/issues/{index}", "issue")
def one_issue(call: Call) -> Answer:
    item = call.issue()
    if item is None or not call.reads(item):
        raise not_found(call.forge)
    return Answer.of_json(issue_shape(call.forge, item))


@route("POST", "/repos/{owner}/{repo}/statuses/{sha}", "repository")
def set_status(call: Call) -> Answer:
    """A reader gets 403 since 1.16.9, and could before (A.2). A commit that is not there is a 500."""
    user = demand_user(call.forge, call.caller)
    demand_not_archived(call)
    if call.forge.version.status_needs_write:
        demand_writer(call.forge, call.mode)
    body, sha = call.body(), call.arguments["sha"]
    words = {key: text_in(body, key) for key in ("state", "target_url", "description", "context")}
    if words["state"] not in STATES:
        raise error(call.forge, 422, f"unknown state {words['state']}")
    if not has_commit(call, sha):
        raise internal(call.forge)
    return Answer.of_json(status(call.forge, call.forge.add_status(call.repo, user, sha, words), call.repo), 201)


@route("GET", "/repos/{owner}/{repo}/statuses/{sha}", "repository")
def statuses(call: Call) -> Answer:
    """Newest first."""
    found = [row for row in reversed(call.repo.statuses) if row.sha == call.arguments["sha"]]
    page = Page.of(call.forge, call.request)
    shown = [status(call.forge, row, call.repo) for row in page.cut(found)]
    return Answer.of_json(shown, 200, links(call.forge, call.request, page, len(found)))


def has_commit(call: Call, sha: str) -> bool:
    if sha in call.repo.commits:
        return True
    root = call.forge.git_root
    folder = root / call.repo.owner.name / f"{call.repo.name}.git" if root else None
    if folder is None or not folder.is_dir() or not SHA.fullmatch(sha):
        return False
    command = ["git", "--git-dir", str(folder), "-c", f"safe.directory={folder}", "cat-file", "-e", f"{sha}^{{commit}}"]
    return subprocess.run(command, capture_output=True).returncode == 0


def demand_pulls(call: Call) -> None:
    if not call.repo.pulls_on:
        raise not_found(call.forge)
