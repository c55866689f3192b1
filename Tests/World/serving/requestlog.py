"""What was asked, for tests that count."""

from __future__ import annotations

from collections import Counter, deque

REMEMBERED = 20_000


class RequestLog:
    """The newest requests one by one, all of them as numbers."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.entries: deque[dict[str, object]] = deque(maxlen=REMEMBERED)
        self.routes: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.connections: set[int] = set()
        self.total = 0
        self.most_at_once = 0

    def add(self, route: str, status: int, connection: int, at_once: int, **words: object) -> None:
        self.total += 1
        self.routes[route] += 1
        self.statuses[status] += 1
        self.connections.add(connection)
        self.most_at_once = max(self.most_at_once, at_once)
        self.entries.append({"n": self.total, "route": route, "status": status, "connection": connection, "at_once": at_once, **words})

    @property
    def counts(self) -> dict[str, object]:
        return {
            "total": self.total,
            "routes": dict(self.routes.most_common()),
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "connections": len(self.connections),
            "most_at_once": self.most_at_once,
        }
