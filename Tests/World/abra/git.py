"""git, as a process, never asking anybody."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from fatal import Fatal


def run(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"}
    result = subprocess.run(
        ["git", "-C", str(folder), *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if result.returncode != 0:
        raise Fatal(reason(result.stderr))
    return result.stdout.strip()


def reason(text: str) -> str:
    """git's complaint; a refused login in the words of the git library that abra is built on."""
    if "could not read Username" in text or "Authentication failed" in text:
        return "authentication required: Unauthorized"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return "; ".join(lines) or "git failed"


def head(folder: Path) -> str | None:
    try:
        return run(folder, "rev-parse", "HEAD")
    except Fatal:
        return None
