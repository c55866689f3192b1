"""What a test tells the forge to hold: each function makes one thing out of a JSON object and returns what it made."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from hashlib import sha1
from pathlib import Path

from control import Refused
from forge import Forge
from model import MODES, Account, Comment, Issue, Membership, Pull, Repository

Words = dict[str, object]
Seed = Callable[[Forge, Words], Words]


def text(words: Words, key: str, default: str | None = None) -> str:
    value = words.get(key, default)
    if not isinstance(value, str):
        raise Refused(f"`{key}` is wanted as text")
    return value


def whole(words: Words, key: str) -> int | None:
    value = words.get(key)
    if value is not None and not isinstance(value, int):
        raise Refused(f"`{key}` is wanted as a number")
    return value


def account(forge: Forge, name: str) -> Account:
    found = forge.account(name)
    if found is None:
        raise Refused(f"no such account: {name}")
    return found


def repository(forge: Forge, full_name: str) -> Repository:
    owner, _, name = full_name.partition("/")
    found = forge.repo(owner, name)
    if found is None:
        raise Refused(f"no such repository: {full_name}")
    return found


def issue(forge: Forge, words: Words) -> Issue:
    repo, number = repository(forge, text(words, "repo")), whole(words, "number")
    if number not in repo.issues:
        raise Refused(f"no such issue: {repo.full_name}#{number}")
    return repo.issues[number]


def comment(forge: Forge, words: Words) -> Comment:
    number = whole(words, "id")
    if number not in forge.comments:
        raise Refused(f"no such comment: {number}")
    return forge.comments[number]


def user(forge: Forge, words: Words) -> Words:
    """`login`, `id`, `password`, `two_factor`, `admin`, `token` (all scopes) or `tokens` [{`text`, `scopes`}]."""
    login = text(words, "login")
    given = {key: words[key] for key in ("password", "two_factor", "admin", "full_name") if key in words}
    made = forge.account(login) or forge.add_account(login, whole(words, "id"), **given)
    tokens = list(words.get("tokens") or [])  # type: ignore[call-overload]
    if "token" in words:
        tokens.append({"text": words["token"]})
    for token in tokens:
        forge.add_token(made, token["text"], token.get("scopes"))
    return {"id": made.id, "login": made.name}


def org(forge: Forge, words: Words) -> Words:
    """`name`, `members` {login: `public` or `private`, or {`public`, `mode`}}."""
    name = text(words, "name")
    made = forge.account(name) or forge.add_account(name, whole(words, "id"), is_org=True)
    for login, how in dict(words.get("members") or {}).items():  # type: ignore[call-overload]
        rights = how if isinstance(how, dict) else {"public": how == "public"}
        made.members[account(forge, login).key] = Membership(bool(rights.get("public")), MODES[rights.get("mode", "read")])
    for login in list(words.get("leave") or []):  # type: ignore[call-overload]
        made.members.pop(login.lower(), None)
    return {"id": made.id, "name": made.name, "members": sorted(made.members)}


def repo(forge: Forge, words: Words) -> Words:
    """`repo` (`owner/name`), `private`, `archived`, `issues`, `pulls`, `collaborators`, `fork_of`.

    On one that exists the words change it. An unknown owner becomes an organisation.
    """
    owner, _, name = text(words, "repo").partition("/")
    keeper = forge.account(owner) or forge.add_account(owner, is_org=True)
    made = forge.repo(owner, name) or forge.add_repo(keeper, name)
    made.private = bool(words.get("private", made.private))
    made.archived = bool(words.get("archived", made.archived))
    made.issues_on, made.pulls_on = bool(words.get("issues", made.issues_on)), bool(words.get("pulls", made.pulls_on))
    for login, mode in dict(words.get("collaborators") or {}).items():  # type: ignore[call-overload]
        made.collaborators[account(forge, login).key] = MODES[mode]
    if "fork_of" in words:
        made.fork_of = repository(forge, text(words, "fork_of"))
    return {"id": made.id, "repo": made.full_name}


def pull(forge: Forge, words: Words) -> Words:
    """`repo`, `number`, `author`, `title`, `body`, `branch`, `sha`, `base`, `base_sha`, `fork` (`owner/name`), `agit`, `draft`, `at`.

    Without a `sha` it is one that follows from repository and number.
    """
    where = repository(forge, text(words, "repo"))
    number = whole(words, "number") or max(where.issues, default=0) + 1
    fork = text(words, "fork", "")
    if fork and forge.repo(*fork.split("/", 1)) is None:
        repo(forge, {"repo": fork, "fork_of": where.full_name})
    head_repo = repository(forge, fork) if fork else where
    sha = text(words, "sha", "") or sha_of(f"{where.full_name}#{number}")
    made = Pull(
        text(words, "branch", "change"), sha, head_repo, text(words, "base", "main"), text(words, "base_sha", "1" * 40),
        bool(words.get("agit")), False, bool(words.get("draft")))
    item = forge.add_issue(
        where, account(forge, text(words, "author")), number, made, whole(words, "at"),
        title=text(words, "title", ""), body=text(words, "body", ""))
    return {"id": item.id, "number": item.number, "sha": sha}


def plain_issue(forge: Forge, words: Words) -> Words:
    """`repo`, `number`, `author`, `title`, `body`, `at`."""
    where = repository(forge, text(words, "repo"))
    item = forge.add_issue(
        where, account(forge, text(words, "author")), whole(words, "number"), None, whole(words, "at"),
        title=text(words, "title", ""), body=text(words, "body", ""))
    return {"id": item.id, "number": item.number}


def new_comment(forge: Forge, words: Words) -> Words:
    """`repo`, `number`, `author`, `body`, `at`, `updated`, `original_author`; `kind` for another row than a comment."""
    where, who, body = issue(forge, words), account(forge, text(words, "author")), text(words, "body")
    if kind := text(words, "kind", ""):
        return {"id": forge.event(where, who, kind, body, whole(words, "at")).id}
    extra = {"updated": whole(words, "updated"), "original_author": text(words, "original_author", "")}
    made = forge.comment(where, who, body, whole(words, "at"), **extra)
    return {"id": made.id, "created": made.created, "updated": made.updated}


def edit(forge: Forge, words: Words) -> Words:
    """`id`, `body`, `by`, `at`."""
    row = comment(forge, words)
    by = text(words, "by", "") or (row.author.name if row.author else "")
    forge.edit(row, text(words, "body"), account(forge, by), whole(words, "at"))
    return {"id": row.id, "updated": row.updated}


def delete(forge: Forge, words: Words) -> Words:
    """`id`, `by`."""
    row = comment(forge, words)
    by = text(words, "by", "") or (row.author.name if row.author else "")
    forge.delete(row, account(forge, by))
    return {"id": row.id}


def push(forge: Forge, words: Words) -> Words:
    """`repo`, `number`, `sha`, `by`, `force`, `at`.

    With repositories on disk `refs/pull/<n>/head` moves too, unless `ref` is false: it may lag (A.5).
    """
    item = issue(forge, words)
    if item.pull is None:
        raise Refused("no pull request")
    sha = text(words, "sha", "") or sha_of(item.pull.head_sha)
    by = text(words, "by", "") or item.author.name
    row = forge.push(item, sha, account(forge, by), bool(words.get("force")), whole(words, "at"))
    folder = forge.git_root and forge.git_root / item.repo.owner.name / f"{item.repo.name}.git"
    if folder and folder.is_dir() and words.get("ref", True):
        git(folder, "update-ref", f"refs/pull/{item.number}/head", sha)
    return {"sha": sha, "id": row.id}


def change(forge: Forge, words: Words) -> Words:
    """`repo`, `number` and any of `state`, `merged`, `locked`, `draft`, `branch_gone`, `branch`, `sha` (without a trace), `by`."""
    item = issue(forge, words)
    by = account(forge, text(words, "by", "") or item.author.name)
    if "state" in words or "merged" in words:
        forge.set_state(item, text(words, "state", "closed"), bool(words.get("merged")), by)
    item.locked = bool(words.get("locked", item.locked))
    if item.pull:
        item.pull.draft = bool(words.get("draft", item.pull.draft))
        item.pull.branch_gone = bool(words.get("branch_gone", item.pull.branch_gone))
        item.pull.head_ref = text(words, "branch", item.pull.head_ref)
        item.pull.head_sha = text(words, "sha", item.pull.head_sha)
    return {"number": item.number, "state": item.state}


def rename(forge: Forge, words: Words) -> Words:
    """`repo` to `to` (`name` or `owner/name`), or `account` to `to`."""
    to = text(words, "to")
    if "account" in words:
        forge.rename_account(account(forge, text(words, "account")), to)
        return {"account": to}
    moved = repository(forge, text(words, "repo"))
    owner, _, name = to.rpartition("/")
    forge.rename_repo(moved, account(forge, owner) if owner else moved.owner, name)
    return {"repo": moved.full_name}


def remove(forge: Forge, words: Words) -> Words:
    """`repo`, `account` or `token`: gone, with what that does to pull requests and comments."""
    if "repo" in words:
        forge.delete_repo(repository(forge, text(words, "repo")))
    elif "account" in words:
        forge.delete_account(account(forge, text(words, "account")))
    else:
        forge.revoke(text(words, "token"))
    return {}


def block(forge: Forge, words: Words) -> Words:
    """`owner` blocks `user`."""
    account(forge, text(words, "owner")).blocked.add(account(forge, text(words, "user")).key)
    return {}


def adopt(forge: Forge, words: Words) -> Words:
    """Repositories on disk: `git` (folder), `public` (owners that anybody reads), `author` of the pull requests in `refs/pull/`."""
    root = Path(text(words, "git"))
    public = list(words.get("public") or [])  # type: ignore[call-overload]
    forge.git_root = root
    for folder in sorted(root.glob("*/*.git")):
        owner, name = folder.parent.name, folder.stem
        repo(forge, {"repo": f"{owner}/{name}", "private": owner not in public})
        adopt_pulls(forge, folder, f"{owner}/{name}", text(words, "author", owner))
    return {"repos": sorted(found.full_name for found in forge.repos.values())}


def adopt_pulls(forge: Forge, folder: Path, full_name: str, author: str) -> None:
    heads = git(folder, "for-each-ref", "--format=%(refname) %(objectname)", "refs/pull/*/head")
    tip = git(folder, "rev-parse", "--verify", "--quiet", "refs/heads/main") if heads else ""
    held = repository(forge, full_name).issues
    for line in heads.splitlines():
        ref, sha = line.split()
        number = int(ref.split("/")[2])
        if number not in held:
            pull(forge, {"repo": full_name, "number": number, "author": author, "sha": sha, "base_sha": tip, "branch": f"pull-{number}"})


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "--git-dir", str(folder), "-c", f"safe.directory={folder}", *arguments]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise Refused(f"{' '.join(command)}: {result.stderr.strip()}")
    return result.stdout.strip()


def sha_of(words: str) -> str:
    return sha1(words.encode()).hexdigest()


# In the order in which `POST /seed` makes them: what comes later names what came before.
SEEDS: dict[str, Seed] = {
    "users": user, "orgs": org, "repos": repo, "adopt": adopt, "pulls": pull, "issues": plain_issue, "comments": new_comment, "edits": edit,
    "deletes": delete, "pushes": push, "changes": change, "renames": rename, "removals": remove, "blocks": block,
}
