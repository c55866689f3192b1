"""A stand-in for abra that drives the real swarm. Its specification is the abra reference, "Stand-in rules"."""

from __future__ import annotations

import signal
import sys

import output
from app import App
from calllog import CallRecord
from commandline import Call, parse
from commands import COMMANDS
from fatal import Fatal, UsageError
from recipe import Recipe

VERSION = "0.13.0-beta-standin"
STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main() -> int:
    record = CallRecord(sys.argv[1:])
    for number in STOPPING:
        signal.signal(number, stop)
    status = 1
    try:
        status = run(sys.argv[1:], record)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    finally:
        record.write(status)
    return status


def run(argv: list[str], record: CallRecord) -> int:
    if argv in (["--version"], ["-v"]):
        print(f"abra version {VERSION}")
        return 0
    try:
        command, call = parse(COMMANDS, argv)
        if call.on("help"):
            print(synopsis(command.words))
            return 0
        if recipe := recipe_of(call):
            record.concerns(recipe)
        command.run(call)
    except UsageError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except Fatal as error:
        output.fatal(str(error))
        return 1
    return 0


def recipe_of(call: Call) -> Recipe | None:
    """What the call is about, as far as its arguments tell."""
    first = call.argument(0)
    if first is None or call.words[0] == "server":
        return None
    if call.words[0] == "recipe" or call.words == ("app", "new"):
        return Recipe(first)
    try:
        return App.find(first).recipe
    except Fatal:
        return None


def synopsis(words: tuple[str, ...]) -> str:
    return f"Usage:\n  abra {' '.join(words)} [arguments] [flags]"


def stop(number: int, _frame: object) -> None:
    """Ends children and writes the call's line before the process goes; 128 + the signal's number."""
    for stopping in STOPPING:
        signal.signal(stopping, signal.SIG_IGN)
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
