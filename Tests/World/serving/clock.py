"""The time that a server believes in. Tests move it; everything the server stamps, its `Date` included, comes from here."""

from __future__ import annotations

import time
from email.utils import formatdate


class Clock:
    def __init__(self) -> None:
        self.offset = 0.0
        self._date = (0, "")

    def now(self) -> int:
        """Unix time, whole seconds."""
        return int(time.time() + self.offset)

    def set(self, now: float) -> None:
        self.offset = now - time.time()

    def advance(self, seconds: float) -> None:
        self.offset += seconds

    def http_date(self) -> str:
        now = self.now()
        if self._date[0] != now:
            self._date = (now, formatdate(now, usegmt=True))
        return self._date[1]
