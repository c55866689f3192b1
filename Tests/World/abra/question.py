"""Questions, which `-n` answers with yes."""

from __future__ import annotations

import sys

from commandline import Call
from fatal import Fatal


def confirm(call: Call, text: str) -> None:
    if call.on("no-input"):
        return
    print(f"{text} [y/N] ", end="", flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Fatal("aborting as requested")


def must_have_terminal(text: str) -> None:
    """The abra reference, rule 14: file descriptor 0 decides."""
    if not sys.stdin.isatty():
        raise Fatal(text)
