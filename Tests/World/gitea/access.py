"""Who asks, and what they may do."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from answers import error, not_found
from forge import Forge
from model import ADMIN, NONE, READ, WRITE, Account, Repository, Token
from wire import Request


@dataclass(frozen=True)
class Caller:
    """`token` is none for nobody and for who came with a password; `bad`: credentials that are nobody's."""

    user: Account | None = None
    token: Token | None = None
    bad: bool = False

    @property
    def name(self) -> str:
        return self.user.name if self.user else ""


NOBODY = Caller()
WRONG = Caller(bad=True)


def caller_of(forge: Forge, request: Request) -> Caller:
    """Every form of A.1: `token`, `Bearer`, Basic with the token as either half, Basic with a password, the query."""
    header = request.headers.get("authorization", "")
    kind, _, value = header.partition(" ")
    match kind.lower():
        case "token" | "bearer":
            return by_token(forge, value.strip())
        case "basic":
            return by_basic(forge, value)
    if forge.settings.query_tokens:
        for key in ("token", "access_token"):
            if text := request.query.get(key):
                return by_token(forge, text)
    return WRONG if header else NOBODY


def by_token(forge: Forge, text: str) -> Caller:
    user, token = forge.tokens.get(text, (None, None))
    return Caller(user, token) if user else WRONG


def by_basic(forge: Forge, value: str) -> Caller:
    try:
        name, _, word = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return WRONG
    # The user's name beside a token does not count.
    found = by_token(forge, name if word in ("", "x-oauth-basic") else word)
    if not found.bad:
        return found
    user = forge.account(name)
    # With two factors a password is not enough.
    if user and user.password and user.password == word and not user.two_factor:
        return Caller(user)
    return WRONG


def admitted(forge: Forge, caller: Caller) -> Caller:
    """Before 1.22 a bad token is silently nobody, since then it is refused (A.1)."""
    if not caller.bad:
        return caller
    if forge.version.bad_token_is_refused:
        raise error(forge, 401, "invalid username, password or token")
    return NOBODY


def demand_user(forge: Forge, caller: Caller) -> Account:
    if caller.user is None:
        raise error(forge, 401, "token is required" if forge.version.since(1, 16) else "Only signed in user is allowed to call APIs.")
    return caller.user


def demand_scope(forge: Forge, caller: Caller, level: str, category: str) -> None:
    """GET wants `read:`, everything else `write:`; `write:` holds `read:` (A.1)."""
    token = caller.token
    if token is None or token.scopes is None or not category or not forge.version.has_scopes or token.has(level, category):
        return
    held = ",".join(token.scopes)
    message = f"token does not have at least one of required scope(s), required=[{level}:{category}], token scope={held}"
    raise error(forge, 403, message)


def mode_of(forge: Forge, user: Account | None, repo: Repository) -> int:
    """`NONE`, `READ`, `WRITE` or `ADMIN`."""
    mode = NONE if repo.private else READ
    if user is None:
        return mode
    if user.admin or repo.owner is user:
        return ADMIN
    if membership := repo.owner.members.get(user.key):
        mode = max(mode, membership.mode)
    return max(mode, repo.collaborators.get(user.key, NONE))


def demand_repo(forge: Forge, caller: Caller, repo: Repository) -> int:
    """What the caller may; a repository that may not be read does not exist, and some tokens see public ones only."""
    mode = mode_of(forge, caller.user, repo)
    if mode == NONE:
        raise not_found(forge)
    if repo.private and caller.token and caller.token.public_only and forge.version.has_scopes:
        raise error(forge, 403, "token scope is limited to public repos")
    return mode


def demand_writer(forge: Forge, mode: int) -> None:
    if mode < WRITE:
        raise error(forge, 403, "user should have a permission to write to a repo")


def demand_admin(forge: Forge, mode: int) -> None:
    if mode < ADMIN:
        raise error(forge, 403, "user should be an owner or a collaborator with admin write of a repository")
