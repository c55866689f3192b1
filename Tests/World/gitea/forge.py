"""The forge's content and everything that changes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from typing import Any

from clock import Clock
from mentions import found
from model import Account, Comment, Hook, Issue, Membership, Pull, Repository, Status, Token
from versions import Version

# (action, comment, who did it, the text before)
Listener = Callable[[str, Comment, Account, str], None]


class Forge:
    """Every write is one step for whoever reads: nothing here waits."""

    def __init__(self, version: Version, clock: Clock, root_url: str, zone: int) -> None:
        self.version = version
        self.clock = clock
        self.root_url = root_url.rstrip("/")
        self.zone = zone
        self.git_root: Path | None = None
        self.settings = Settings()
        self.accounts: dict[str, Account] = {}
        self.repos: dict[tuple[str, str], Repository] = {}
        self.tokens: dict[str, tuple[Account, Token]] = {}
        # Former names; a new owner of the name ends it.
        self.moved_repos: dict[tuple[str, str], Repository] = {}
        self.moved_accounts: dict[str, Account] = {}
        self.issues: list[Issue] = []
        self.comments: dict[int, Comment] = {}
        self.notified: list[dict[str, object]] = []
        self.listeners: list[Listener] = []
        self._ids = {kind: count(1) for kind in ("account", "repo", "issue", "comment", "status", "hook", "delivery")}

    def next_id(self, kind: str) -> int:
        return next(self._ids[kind])

    # Looking up: names compare without regard to case (A.6).

    def account(self, name: str) -> Account | None:
        return self.accounts.get(name.lower())

    def org(self, name: str) -> Account | None:
        account = self.account(name)
        return account if account and account.is_org else None

    def repo(self, owner: str, name: str) -> Repository | None:
        return self.repos.get((owner.lower(), name.lower()))

    def membership(self, org: Account, user: Account | None) -> Membership | None:
        return org.members.get(user.key) if user else None

    # Making.

    def add_account(self, name: str, number: int | None = None, **words: Any) -> Account:
        account = Account(number or self.next_id("account"), name, **words)
        self.accounts[account.key] = account
        self.moved_accounts.pop(account.key, None)
        return account

    def add_token(self, account: Account, text: str, scopes: Iterable[str] | None = None) -> Token:
        token = Token(text, None if scopes is None else tuple(scopes))
        account.tokens.append(token)
        self.tokens[text] = (account, token)
        return token

    def revoke(self, text: str) -> None:
        account, token = self.tokens.pop(text)
        account.tokens.remove(token)

    def add_repo(self, owner: Account, name: str, **words: Any) -> Repository:
        repo = Repository(self.next_id("repo"), owner, name, **words)
        self.repos[repo.key] = repo
        self.moved_repos.pop(repo.key, None)
        return repo

    def add_issue(
        self, repo: Repository, author: Account, number: int | None, pull: Pull | None, at: int | None = None, **words: Any
    ) -> Issue:
        when = self.clock.now() if at is None else at
        number = number or max(repo.issues, default=0) + 1
        title = words.pop("title", "") or f"change {number}"
        issue = Issue(self.next_id("issue"), repo, number, title, author, when, when, pull=pull, **words)
        repo.issues[number] = issue
        self.issues.append(issue)
        if pull:
            repo.commits |= {pull.head_sha, pull.base_sha}
        return issue

    # Changing.

    def comment(self, issue: Issue, author: Account, body: str, at: int | None = None, **words: Any) -> Comment:
        """A comment moves its issue's time of update in the same step (A.3)."""
        when = self.clock.now() if at is None else at
        comment = self._row(issue, author, body, when, "comment")
        comment.updated = words.pop("updated", None) or when
        comment.original_author = words.pop("original_author", "")
        issue.comments += 1
        issue.updated = max(issue.updated, when)
        self._notify(comment, "", author)
        for listener in self.listeners:
            listener("created", comment, author, "")
        return comment

    def edit(self, comment: Comment, body: str, by: Account, at: int | None = None) -> None:
        """Author and time of creation stay, whoever edits; the issue's time of update stays too (A.3)."""
        before, comment.body = comment.body, body
        comment.updated = self.clock.now() if at is None else at
        self._notify(comment, before, by)
        for listener in self.listeners:
            listener("edited", comment, by, before)

    def delete(self, comment: Comment, by: Account) -> None:
        """The row is gone; no tombstone (A.3)."""
        comment.issue.repo.comments.remove(comment)
        del self.comments[comment.id]
        if comment.kind == "comment":
            comment.issue.comments -= 1
            for listener in self.listeners:
                listener("deleted", comment, by, "")

    def event(self, issue: Issue, author: Account, kind: str, body: str, at: int | None = None) -> Comment:
        return self._row(issue, author, body, self.clock.now() if at is None else at, kind)

    def push(self, issue: Issue, sha: str, by: Account, force: bool, at: int | None = None) -> Comment:
        """A push to the head branch: the timeline shows the commits, the first of a forced one being the old head."""
        assert issue.pull
        commits = [issue.pull.head_sha, sha] if force else [sha]
        issue.pull.head_sha = sha
        issue.repo.commits.add(sha)
        row = self.event(issue, by, "pull_push", json.dumps({"is_force_push": force, "commit_ids": commits}, separators=(",", ":")), at)
        issue.updated = max(issue.updated, row.created)
        return row

    def set_state(self, issue: Issue, state: str, merged: bool, by: Account) -> None:
        now = self.clock.now()
        issue.state, issue.closed_at, issue.updated = state, now if state == "closed" else 0, now
        if issue.pull and merged:
            issue.pull.merged_at = now
        self.event(issue, by, "merge_pull" if merged else "close" if state == "closed" else "reopen", "")

    def delete_repo(self, repo: Repository) -> None:
        """Pull requests from it stay, without a head repository (A.5)."""
        repo.gone = True
        self.repos.pop(repo.key, None)
        for issue in self.issues:
            if issue.pull and issue.pull.head_repo is repo:
                issue.pull.head_repo = None

    def delete_account(self, account: Account) -> None:
        """Its words stay, and are Ghost's (A.3)."""
        del self.accounts[account.key]
        for token in account.tokens:
            self.tokens.pop(token.text, None)
        for comment in self.comments.values():
            if comment.author is account:
                comment.author = None

    def rename_repo(self, repo: Repository, owner: Account, name: str) -> None:
        former = repo.key
        del self.repos[former]
        repo.owner, repo.name = owner, name
        self.repos[repo.key] = repo
        self.moved_repos[former] = repo
        self.moved_repos.pop(repo.key, None)

    def rename_account(self, account: Account, name: str) -> None:
        former = account.key
        owned = [repo for repo in self.repos.values() if repo.owner is account]
        for repo in owned:
            del self.repos[repo.key]
        del self.accounts[former]
        for org in self.accounts.values():
            if former in org.members:
                org.members[name.lower()] = org.members.pop(former)
        account.name = name
        self.accounts[account.key] = account
        self.moved_accounts[former] = account
        self.moved_accounts.pop(account.key, None)
        self.repos |= {repo.key: repo for repo in owned}

    def add_status(self, repo: Repository, creator: Account, sha: str, words: dict[str, str]) -> Status:
        status = Status(
            self.next_id("status"), sha, words["state"], words.get("target_url", ""), words.get("description", ""),
            words.get("context", "") or "default", creator, self.clock.now())
        repo.statuses.append(status)
        return status

    def add_hook(self, repo: Repository, hook: Hook) -> Hook:
        repo.hooks.append(hook)
        return hook

    def _row(self, issue: Issue, author: Account, body: str, when: int, kind: str) -> Comment:
        comment = Comment(self.next_id("comment"), issue, author, body, when, when, kind)
        self.comments[comment.id] = comment
        issue.repo.comments.append(comment)
        return comment

    def _notify(self, comment: Comment, before: str, by: Account) -> None:
        """Mentions and cross references that a text newly makes are for ever (A.8)."""
        old = set(found(before))
        for kind, target in found(comment.body):
            if (kind, target) not in old:
                where = f"{comment.issue.repo.full_name}#{comment.issue.number}"
                self.notified.append({"kind": kind, "target": target, "where": where, "comment": comment.id, "by": by.name})


class Settings:
    """The forge's configuration, and the switches that only a test has."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.query_tokens = True  # DISABLE_QUERY_AUTH_TOKEN is its opposite
        self.webhooks = True
        self.allowed_hosts = "external"  # [webhook] ALLOWED_HOST_LIST
        self.deliver_timeout = 5.0
        self.reactions = ["+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"]
        self.default_page = 30
        self.largest_page = 50
        # So many of the next deliveries are sent twice under one uuid, and whether they wait for `release`.
        self.double_deliveries = 0
        self.hold_deliveries = False

    @property
    def json(self) -> dict[str, object]:
        return dict(vars(self))

    def set(self, words: dict[str, object]) -> None:
        for key, value in words.items():
            if key not in vars(self):
                raise ValueError(f"no such setting: {key}")
            setattr(self, key, value)
