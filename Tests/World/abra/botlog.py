"""The backup bot's log: JSON lines, as it writes them to a terminal in a container."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timezone


def line(text: str) -> None:
    """A container's terminal ends lines with CR LF; ours adds the CR by itself when we write to one."""
    print(text, end="\n" if sys.stdout.isatty() else "\r\n", flush=True)


def log(level: str, message: str) -> None:
    line(json.dumps({"time": now(), "level": level, "message": message}))


def record(**fields: object) -> None:
    line(json.dumps(fields))


def now() -> str:
    return datetime.now(timezone.utc).isoformat()
