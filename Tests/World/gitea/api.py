"""What one request of the API is, and what every one passes before its handler."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from access import NOBODY, Caller, admitted, caller_of, demand_repo, demand_scope
from answers import Refusal, error, not_found, unknown_route
from forge import Forge
from model import Account, Comment, Issue, Repository
from router import UNKNOWN, Router
from wire import Answer, Request

PREFIX = "/api/v1"


@dataclass
class Call:
    """A request whose caller is known and whose scope suffices."""

    forge: Forge
    request: Request
    caller: Caller
    arguments: dict[str, str]
    # Of a route below /repos/{owner}/{repo}; otherwise never read.
    repository: Repository | None = None
    mode: int = 0

    @property
    def repo(self) -> Repository:
        assert self.repository
        return self.repository

    def issue(self) -> Issue | None:
        return self.repo.issues.get(number(self.arguments["index"]))

    def body(self) -> dict[str, object]:
        """An unreadable body is a 422, as every form that does not validate."""
        try:
            value = json.loads(self.request.body or b"{}")
        except ValueError as complaint:
            raise error(self.forge, 422, f"[]: DeserializationError {complaint}") from complaint
        if not isinstance(value, dict):
            raise error(self.forge, 422, "[]: DeserializationError")
        return value

    def reads(self, issue: Issue) -> bool:
        return self.repo.pulls_on if issue.is_pull else self.repo.issues_on

    def comment(self) -> Comment | None:
        return self.forge.comments.get(number(self.arguments["id"]))


Handler = Callable[[Call], Answer]
ROUTER: Router[Handler] = Router()
CATEGORIES: dict[str, str] = {}


def route(method: str, pattern: str, category: str) -> Callable[[Handler], Handler]:
    """`category`: the scope that the path belongs to; empty for what needs none (A.1)."""

    def keep(handler: Handler) -> Handler:
        full = PREFIX + pattern
        CATEGORIES[f"{method} {full}"] = category
        return ROUTER.add(method, full)(handler)

    return keep


def respond(forge: Forge, request: Request) -> tuple[Answer, str, str]:
    """The answer, the route's name, and the caller's."""
    found = ROUTER.find(request.method, request.segments)
    if found is None:
        return unknown_route(), UNKNOWN, ""
    caller, name = NOBODY, found.name
    try:
        caller = admitted(forge, caller_of(forge, request))
        level = "read" if request.method in ("GET", "HEAD") else "write"
        demand_scope(forge, caller, level, CATEGORIES[name])
        call = Call(forge, request, caller, found.arguments(request.segments))
        if "{repo}" in found.parts:
            enter_repository(call)
        answer = found.handler(call)
    except Refusal as refusal:
        answer = refusal.answer
    if forge.version.sets_cookie:
        answer.headers.append(("Set-Cookie", f"i_like_gitea={request.connection:016x}; Path=/; HttpOnly; SameSite=Lax"))
    return answer, name.replace(PREFIX, "", 1), caller.name


def enter_repository(call: Call) -> None:
    owner, name = call.arguments["owner"], call.arguments["repo"]
    repo = call.forge.repo(owner, name)
    if repo is None:
        raise elsewhere(call, owner, name)
    call.repository, call.mode = repo, demand_repo(call.forge, call.caller, repo)


def elsewhere(call: Call, owner: str, name: str) -> Refusal:
    """A renamed repository answers 301 (302 in 1.15), a renamed owner 307, both with a path only (A.1)."""
    forge = call.forge
    if moved := forge.moved_repos.get((owner.lower(), name.lower())):
        return redirect(call, forge.version.repo_redirect, f"{owner}/{name}", moved.full_name)
    if account := forge.moved_accounts.get(owner.lower()):
        return redirect(call, 307, owner, account.name)
    return not_found(forge)


def redirect(call: Call, status: int, old: str, new: str) -> Refusal:
    path = call.request.path.replace(quote(old), quote(new), 1)
    query = f"?{call.request.raw_query}" if call.request.raw_query else ""
    return Refusal(Answer(status, b"", [("Location", path + query)]))


def demand_not_archived(call: Call) -> None:
    if call.repo.archived:
        raise error(call.forge, 423, f"{call.repo.full_name} is archived")


def number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def text_in(body: dict[str, object], key: str) -> str:
    value = body.get(key)
    return value if isinstance(value, str) else ""


def account_of(call: Call, name: str) -> Account:
    account = call.forge.account(name)
    if account is None:
        if moved := call.forge.moved_accounts.get(name.lower()):
            raise redirect(call, 307, name, moved.name)
        raise not_found(call.forge)
    return account
