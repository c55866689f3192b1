"""Users, organisations, and who is a member of what. reference gitea-drone A.2, A.6."""

from __future__ import annotations

from urllib.parse import quote

from access import demand_user, mode_of
from answers import error, not_found
from api import PREFIX, Call, account_of, redirect, route
from model import ADMIN, MODES, Account
from shapes import user as shape
from wire import Answer

MODE_NAMES = {mode: name for name, mode in MODES.items()}


@route("GET", "/version", "")
def version(call: Call) -> Answer:
    return Answer.of_json({"version": call.forge.version.text})


@route("GET", "/user", "user")
def myself(call: Call) -> Answer:
    """About oneself one is told more than about others."""
    user = demand_user(call.forge, call.caller)
    return Answer.of_json(shape(call.forge, user) | {"is_admin": user.admin, "active": True})


@route("GET", "/users/{name}", "user")
def one_user(call: Call) -> Answer:
    return Answer.of_json(shape(call.forge, account_of(call, call.arguments["name"])))


@route("GET", "/orgs/{org}", "organization")
def one_org(call: Call) -> Answer:
    org = org_of(call)
    return Answer.of_json({"id": org.id, "name": org.name, "username": org.name, "full_name": org.full_name, "visibility": "public"})


@route("GET", "/orgs/{org}/members/{user}", "organization")
def member(call: Call) -> Answer:
    """The matrix of A.6: only a member is told of members; others are sent to the public list."""
    forge, me = call.forge, call.caller.user
    if me is None and forge.version.members_need_token:
        demand_user(forge, call.caller)
    org = org_of(call)
    target = target_of(call)
    if me and (me.admin or forge.membership(org, me)):
        return answer(call, forge.membership(org, target) is not None)
    if me is target:
        raise not_found(forge)
    location = f"{PREFIX}/orgs/{quote(org.name)}/public_members/{quote(target.name)}"
    return Answer(forge.version.member_redirect, b"", [("Location", location)])


@route("GET", "/orgs/{org}/public_members/{user}", "organization")
def public_member(call: Call) -> Answer:
    membership = call.forge.membership(org_of(call), target_of(call))
    return answer(call, membership is not None and membership.public)


@route("GET", "/repos/{owner}/{repo}/collaborators/{user}/permission", "repository")
def permission(call: Call) -> Answer:
    """Only for administrators of the repository, or about oneself (A.6)."""
    user, target = demand_user(call.forge, call.caller), target_of(call)
    if call.mode < ADMIN and user is not target:
        raise error(call.forge, 403, "Only admins can query all permissions, users can query only their own permissions")
    mode = MODE_NAMES[mode_of(call.forge, target, call.repo)]
    return Answer.of_json({"permission": mode, "role_name": mode, "user": shape(call.forge, target)})


def answer(call: Call, yes: bool) -> Answer:
    if not yes:
        raise not_found(call.forge)
    return Answer(204)


def org_of(call: Call) -> Account:
    """A user is no organisation: 404 (A.6)."""
    name = call.arguments["org"]
    org = call.forge.org(name)
    if org is None:
        moved = call.forge.moved_accounts.get(name.lower())
        raise redirect(call, 307, name, moved.name) if moved else not_found(call.forge)
    return org


def target_of(call: Call) -> Account:
    target = account_of(call, call.arguments["user"])
    if target.is_org:
        raise not_found(call.forge)
    return target
