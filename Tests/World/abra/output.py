"""What is printed: facts on standard output, levelled lines on standard error (the abra reference, rule 1)."""

from __future__ import annotations

import json
import sys
from typing import Sequence

import faults

# The app that the command is about, once it is known: faults are switched on by domain.
domain = ""


def info(text: str) -> None:
    stream = sys.stdout if faults.strikes("log-line-on-stdout", domain) else sys.stderr
    print(f"INFO {text}", file=stream, flush=True)


def warn(text: str) -> None:
    print(f"WARN {text}", file=sys.stderr, flush=True)


def fatal(text: str) -> None:
    stream = sys.stdout if faults.strikes("fatal-on-stdout", domain) else sys.stderr
    print(f"FATA {text}", file=stream, flush=True)


def machine(value: object) -> None:
    print(json.dumps(value))


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A box as abra draws it; its exact look is no part of the contract."""
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]

    def rule(left: str, middle: str, right: str) -> str:
        return left + middle.join("━" * (width + 2) for width in widths) + right

    def line(row: Sequence[str]) -> str:
        return "┃" + "┃".join(f" {cell:<{width}} " for cell, width in zip(row, widths)) + "┃"

    print(rule("┏", "┳", "┓"))
    print(line(header))
    print(rule("┣", "╋", "┫"))
    for row in rows:
        print(line(row))
    print(rule("┗", "┻", "┛"))
