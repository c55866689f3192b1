"""Which function answers which path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

Handler = TypeVar("Handler", bound=Callable[..., object])
UNKNOWN = "unknown route"


@dataclass(frozen=True)
class Route(Generic[Handler]):
    method: str
    pattern: str
    parts: tuple[str, ...]
    handler: Handler

    @property
    def name(self) -> str:
        return f"{self.method} {self.pattern}"

    def fits(self, segments: tuple[str, ...]) -> bool:
        return all(part == segment or part[:1] == "{" for part, segment in zip(self.parts, segments))

    def arguments(self, segments: tuple[str, ...]) -> dict[str, str]:
        return {part[1:-1]: segment for part, segment in zip(self.parts, segments) if part[:1] == "{"}


class Router(Generic[Handler]):
    """A pattern's `{word}` takes one segment."""

    def __init__(self) -> None:
        self.routes: dict[tuple[str, int], list[Route[Handler]]] = {}

    def add(self, method: str, pattern: str) -> Callable[[Handler], Handler]:
        parts = tuple(pattern.split("/")[1:])

        def keep(handler: Handler) -> Handler:
            routes = self.routes.setdefault((method, len(parts)), [])
            routes.append(Route(method, pattern, parts, handler))
            # A literal part is preferred to a word: `/issues/search` is no issue.
            routes.sort(key=lambda route: sum(part[:1] == "{" for part in route.parts))
            return handler

        return keep

    @property
    def names(self) -> list[str]:
        return [route.name for routes in self.routes.values() for route in routes]

    def find(self, method: str, segments: tuple[str, ...]) -> Route[Handler] | None:
        for route in self.routes.get((method, len(segments)), ()):
            if route.fits(segments):
                return route
        return None
