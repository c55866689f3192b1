"""Pages, their headers, and the window of time. reference gitea-drone A.1, A.3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from answers import error
from forge import Forge
from model import Comment
from times import seconds_of
from wire import Request

Item = TypeVar("Item")
Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Page:
    """`number` counts from 1; 0: the caller did not ask for one."""

    number: int
    size: int

    @classmethod
    def of(cls, forge: Forge, request: Request) -> Page:
        """A limit above the largest is silently the largest."""
        asked = request.number("limit")
        size = forge.settings.default_page if asked <= 0 else min(asked, forge.settings.largest_page)
        return cls(max(request.number("page"), 0), size)

    def cut(self, items: Sequence[Item]) -> Sequence[Item]:
        start = (max(self.number, 1) - 1) * self.size
        return items[start : start + self.size]


def total(count: int) -> Headers:
    return [("X-Total-Count", str(count)), ("Access-Control-Expose-Headers", "X-Total-Count, Link")]


def links(forge: Forge, request: Request, page: Page, count: int) -> Headers:
    """Absolute addresses below ROOT_URL, whatever host was called; a comma without a blank (A.1)."""
    last, here = max(-(-count // page.size), 1), max(page.number, 1)
    wanted = []
    if here < last:
        wanted += [("next", here + 1), ("last", last)]
    if here > 1:
        wanted += [("first", 1), ("prev", here - 1)]

    def link(rel: str, number: int) -> str:
        query = urlencode({**request.query, "page": str(number), "limit": str(page.size)})
        return f'<{forge.root_url}{request.path}?{query}>; rel="{rel}"'

    header = [("Link", ",".join(link(rel, number) for rel, number in wanted))] if wanted else []
    return header + total(count)


@dataclass(frozen=True)
class Window:
    """Both ends are in it, and both speak of the time of update (A.3). 0: open."""

    since: int
    before: int

    @classmethod
    def of(cls, forge: Forge, request: Request) -> Window:
        try:
            before, since = (seconds_of(text) if (text := request.query.get(key, "")) else 0 for key in ("before", "since"))
        except ValueError as complaint:
            raise error(forge, 422, str(complaint)) from complaint
        return cls(since, before)

    def holds(self, updated: int) -> bool:
        return (not self.since or updated >= self.since) and (not self.before or updated <= self.before)

    def of_comments(self, rows: Sequence[Comment]) -> list[Comment]:
        """In the order of creation, so that an old one that was edited comes early (A.3)."""
        return sorted((row for row in rows if self.holds(row.updated)), key=lambda row: (row.created, row.id))
