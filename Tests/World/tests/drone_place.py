"""A repository of its own in a Drone stand-in, and people with rights to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlencode

import pytest

from standin import Reply, Standin, started

NUMBERS = count(1)


@dataclass
class Place:
    """`bot` may write, `reader` read, `owner` administer the repository, `root` the system, `nobody` nothing."""

    drone: Standin
    number: int

    @property
    def slug(self) -> str:
        return f"recipes/cc-ci-{self.number}"

    @property
    def repo(self) -> str:
        return f"/api/repos/{self.slug}"

    def token(self, who: str) -> str:
        return f"{who}-{self.number}" if who else ""

    def settle(self, **words: object) -> None:
        rights = {"bot": "write", "reader": "read", "owner": "admin", "root": "", "nobody": ""}
        users = [
            {"login": who, "token": self.token(who), "admin": who == "root", "rights": {self.slug: right}} for who, right in rights.items()
        ]
        self.drone.control("POST", "/seed", {"users": users, "repos": [{"repo": self.slug, **words}]})

    def config(self, text: str | None, **words: object) -> None:
        self.drone.control("POST", "/repos", {"repo": self.slug, "config": text, **words})

    def settings(self, **words: object) -> None:
        self.drone.control("POST", "/settings", words)

    def __call__(self, method: str, path: str, who: str = "bot", body: object = None) -> Reply:
        return self.drone(method, path, body, self.token(who))

    def create(self, query: dict[str, str] | None = None, who: str = "bot", **params: str) -> Reply:
        return self("POST", f"{self.repo}/builds?{urlencode({'branch': 'main', **(query or {}), **params})}", who)

    def built(self, **params: str) -> int:
        reply = self.create(**params)
        assert reply.status == 200 and reply.json["status"] == "pending", reply.text
        return reply.json["number"]

    def build(self, number: int) -> dict[str, object]:
        reply = self("GET", f"{self.repo}/builds/{number}")
        assert reply.status == 200, reply.text
        return reply.json

    def stage(self, number: int) -> dict[str, object]:
        return self.build(number)["stages"][0]

    def steps(self, number: int) -> list[tuple[str, str, int]]:
        return [(step["name"], step["status"], step["exit_code"]) for step in self.stage(number).get("steps", [])]

    def move(self, number: int, what: str, **words: object) -> None:
        self.drone.control("POST", f"/builds/{self.slug}/{number}/{what}", words)


@pytest.fixture(scope="session")
def drone() -> Iterator[Standin]:
    with started("drone") as standin:
        standin.scheme = "Bearer"
        yield standin


@pytest.fixture
def place(drone: Standin) -> Iterator[Place]:
    place = Place(drone, next(NUMBERS))
    place.settle()
    yield place
    drone.control("POST", "/reset")
