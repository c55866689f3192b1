"""A corner of a Gitea stand-in for one test: an organisation, its people, a repository with a pull request from a fork."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count

import pytest

from standin import Reply, Standin, started

NUMBERS = count(1)
NOW = "1.25.4"
OLD = "1.15.11"
HEAD, NEXT = "2" * 40, "3" * 40


@dataclass
class Place:
    """People by what they are to `org`: the bot and mira are private members, pia is a public one, otto is nobody, root runs the site."""

    gitea: Standin
    number: int

    def name(self, who: str) -> str:
        return f"{who}{self.number}"

    def token(self, who: str) -> str:
        return f"token-of-{self.name(who)}"

    @property
    def org(self) -> str:
        return self.name("recipes")

    @property
    def full(self) -> str:
        return f"{self.org}/cryptpad"

    @property
    def repo(self) -> str:
        return f"/repos/{self.full}"

    def seed(self, kind: str, /, **words: object) -> dict[str, object]:
        made = self.gitea.control("POST", f"/{kind}", words)
        assert isinstance(made, dict)
        return made

    def say(self, body: str, who: str = "mira", number: int = 1, **words: object) -> int:
        made = self.seed("comments", repo=self.full, number=number, author=self.name(who), body=body, **words)
        return int(str(made["id"]))

    def __call__(self, method: str, path: str, body: object = None, who: str = "bot", **headers: str) -> Reply:
        return self.gitea(method, path, body, self.token(who) if who else "", **headers)

    def get(self, path: str, who: str = "bot", **headers: str) -> Reply:
        return self("GET", path, None, who, **headers)

    def settle(self) -> None:
        people = ["bot", "mira", "pia", "otto", "root"]
        users = [{"login": self.name(who), "token": self.token(who), "admin": who == "root"} for who in people]
        members = {self.name("bot"): "private", self.name("mira"): "private", self.name("pia"): "public"}
        pull = {"repo": self.full, "author": self.name("otto"), "sha": HEAD, "branch": "bump$(id)", "fork": f"{self.name('otto')}/cryptpad"}
        words = {"users": users, "orgs": [{"name": self.org, "members": members}], "repos": [{"repo": self.full}], "pulls": [pull]}
        words["issues"] = [{"repo": self.full, "number": 3, "author": self.name("otto")}]
        self.gitea.control("POST", "/seed", words)


class Servers:
    """One server a version, for the whole session."""

    def __init__(self, stack: ExitStack) -> None:
        self.stack = stack
        self.running: dict[str, Standin] = {}

    def of(self, version: str) -> Standin:
        if version not in self.running:
            standin = self.stack.enter_context(started("gitea", "--version", version))
            standin.prefix = "/api/v1"
            self.running[version] = standin
        return self.running[version]

    def place(self, version: str) -> Place:
        place = Place(self.of(version), next(NUMBERS))
        place.settle()
        return place


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(stack)


@pytest.fixture
def at(servers: Servers) -> Iterator[Servers]:
    """`at.place(version)`; afterwards no fault and no setting is left."""
    yield servers
    for server in servers.running.values():
        server.control("POST", "/reset")


@pytest.fixture
def now(at: Servers) -> Place:
    return at.place(NOW)


@pytest.fixture
def old(at: Servers) -> Place:
    return at.place(OLD)
