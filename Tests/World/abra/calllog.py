"""One line a call in `<world>/abra-calls.jsonl`, so that tests can see how abra was called (rule 18)."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone

import git
import places
from recipe import Recipe


@dataclass
class CallRecord:
    """`recipe` is filled in as soon as the command knows it."""

    argv: list[str]
    recipe: Recipe | None = None
    head_before: str | None = None
    started: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    clock: float = field(default_factory=time.monotonic)

    def concerns(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.head_before = self.head()

    def head(self) -> str | None:
        return git.head(self.recipe.folder) if self.recipe and self.recipe.folder.is_dir() else None

    def write(self, status: int) -> None:
        """A single write to a file opened for appending never mixes with another's."""
        entry = {
            "argv": self.argv,
            "cwd": working_folder(),
            "abra_dir": str(places.abra_dir()),
            "recipe": self.recipe.name if self.recipe else None,
            "head_before": self.head_before,
            "head_after": self.head(),
            "exit": status,
            "started": self.started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "seconds": round(time.monotonic() - self.clock, 3),
        }
        descriptor = os.open(places.world() / "abra-calls.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, (json.dumps(entry) + "\n").encode())
        finally:
            os.close(descriptor)


def working_folder() -> str | None:
    try:
        return os.getcwd()
    except FileNotFoundError:
        return None
