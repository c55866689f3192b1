"""Webhooks of a repository. reference gitea-drone A.7."""

from __future__ import annotations

from access import demand_admin, demand_user
from answers import error, not_found
from api import Call, number, route, text_in
from model import Hook
from paging import Page, total
from shapes import hook as shape
from versions import Version
from wire import Answer

HERE = "/repos/{owner}/{repo}/hooks"
PLAIN = ("create", "delete", "fork", "push", "repository", "release")
ISSUES = ("issues", "issue_assign", "issue_label", "issue_milestone", "issue_comment")
REVIEWS = ("pull_request_review_approved", "pull_request_review_rejected", "pull_request_review_comment")
PULLS = (
    "pull_request", "pull_request_assign", "pull_request_label", "pull_request_milestone", "pull_request_comment", *REVIEWS,
    "pull_request_sync",
)
# Words that are asked for and stand for others.
STANDS_FOR = {
    "issues": ISSUES, "issues_only": ("issues",), "pull_request": PULLS, "pull_request_only": ("pull_request",), "pull_request_review": REVIEWS,
}
# What 1.15's PATCH never reads.
FIXED_IN_15 = ("pull_request_comment", "pull_request_review_comment")


def expanded(version: Version, asked: list[str]) -> list[str]:
    """The names that a hook then shows: some stand for many, and none at all for `push`."""
    wanted = {name for word in asked or ["push"] for name in STANDS_FOR.get(word, (word,))}
    if "pull_request_comment" in wanted and not version.since(1, 16):
        # Seen in 1.15: who asks for comments gets review comments too.
        wanted.add("pull_request_review_comment")
    return [name for name in (*PLAIN, *ISSUES, *PULLS) if name in wanted]


@route("GET", HERE, "repository")
def hooks(call: Call) -> Answer:
    demand_hooks(call)
    page = Page.of(call.forge, call.request)
    return Answer.of_json([shape(call.forge, hook) for hook in page.cut(call.repo.hooks)], 200, total(len(call.repo.hooks)))


@route("POST", HERE, "repository")
def create(call: Call) -> Answer:
    """Inactive unless asked otherwise."""
    demand_hooks(call)
    body = call.body()
    config = config_of(body)
    if text_in(body, "type") not in ("gitea", "gogs"):
        raise error(call.forge, 422, f"Invalid hook type: {text_in(body, 'type')}")
    for key in ("url", "content_type"):
        if key not in config:
            raise error(call.forge, 422, f"Missing config option: {key}")
    demand_content_type(call, config["content_type"])
    now = call.forge.clock.now()
    hook = Hook(
        call.forge.next_id("hook"), config["url"], config["content_type"], config.get("secret", ""),
        expanded(call.forge.version, events_of(body)), body.get("active") is True, text_in(body, "branch_filter"), text_in(body, "authorization_header"), now, now)
    return Answer.of_json(shape(call.forge, call.forge.add_hook(call.repo, hook)), 201)


@route("GET", HERE + "/{id}", "repository")
def one(call: Call) -> Answer:
    demand_hooks(call)
    return Answer.of_json(shape(call.forge, existing(call)))


@route("PATCH", HERE + "/{id}", "repository")
def edit(call: Call) -> Answer:
    """A new secret is ignored; what is left out is reset: events to `push`, the filter and the header to nothing (A.7)."""
    demand_hooks(call)
    hook, body = existing(call), call.body()
    config = config_of(body)
    hook.url = config.get("url", hook.url)
    if "content_type" in config:
        demand_content_type(call, config["content_type"])
        hook.content_type = config["content_type"]
    kept = [name for name in FIXED_IN_15 if name in hook.events]
    hook.events = expanded(call.forge.version, events_of(body))
    if not call.forge.version.since(1, 16):
        hook.events = [name for name in hook.events if name not in FIXED_IN_15] + kept
    hook.branch_filter, hook.authorization_header = text_in(body, "branch_filter"), text_in(body, "authorization_header")
    if isinstance(body.get("active"), bool):
        hook.active = body["active"] is True
    hook.updated = call.forge.clock.now()
    return Answer.of_json(shape(call.forge, hook))


@route("DELETE", HERE + "/{id}", "repository")
def delete(call: Call) -> Answer:
    demand_hooks(call)
    call.repo.hooks.remove(existing(call))
    return Answer(204)


def demand_hooks(call: Call) -> None:
    """Administrators only; where webhooks are switched off there are none."""
    demand_user(call.forge, call.caller)
    demand_admin(call.forge, call.mode)
    if not call.forge.settings.webhooks:
        raise not_found(call.forge)


def demand_content_type(call: Call, value: str) -> None:
    if value not in ("json", "form"):
        raise error(call.forge, 422, "Invalid content type")


def existing(call: Call) -> Hook:
    wanted = number(call.arguments["id"])
    for hook in call.repo.hooks:
        if hook.id == wanted:
            return hook
    raise not_found(call.forge)


def config_of(body: dict[str, object]) -> dict[str, str]:
    value = body.get("config")
    return {str(key): str(word) for key, word in value.items()} if isinstance(value, dict) else {}


def events_of(body: dict[str, object]) -> list[str]:
    value = body.get("events")
    return [str(name) for name in value] if isinstance(value, list) else []
