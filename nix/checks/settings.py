"""The settings file that comes out of the modules, compared with docs/settings.md, which is made from the code that reads it."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# What a value of each kind looks like, by the words of the table.
KINDS = {
    "string": lambda value: isinstance(value, str) and value != "",
    "path": lambda value: isinstance(value, str) and value.startswith("/"),
    "url": lambda value: isinstance(value, str) and re.match(r"https?://", value) is not None,
    "duration": lambda value: isinstance(value, str) and re.fullmatch(r"[0-9]+(ms|s|m|h|d)", value) is not None,
    "bool": lambda value: isinstance(value, bool),
    "bytes": lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
    "list": lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
}


def table(page: Path) -> dict[str, str]:
    """`[table] key` → kind; a table that may stand there under many names is `[alerts.*]`."""
    rows = re.findall(r"^\| `\[([^]]+)\] ([a-z_]+)` \| ([^|]+) \|", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {f"[{re.sub('<.*>', '*', name)}] {key}": kind.strip() for name, key, kind in rows}


def entries(settings: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, keys in settings.items():
        for key, value in keys.items():
            if isinstance(value, dict):
                yield from ((f"[{name}.*] {inner}", one) for inner, one in value.items())
            else:
                yield f"[{name}] {key}", value


def _fits(kind: str, value: Any) -> bool:
    if between := re.fullmatch(r"(\d+)…(\d+)", kind):
        return isinstance(value, int) and not isinstance(value, bool) and int(between[1]) <= value <= int(between[2])
    return KINDS[kind](value) if kind in KINDS else True


def complaints(evaluated: dict[str, Any], page: Path) -> list[str]:
    """Keys that no command knows, values of another kind, and what must be the same in two places and is not."""
    try:
        read = tomllib.loads(evaluated["settings"])
    except tomllib.TOMLDecodeError as error:
        return [f"settings.toml does not parse: {error}"]
    known = table(page)
    if not known:
        return [f"{page}: no table of settings"]
    found = []
    for key, value in entries(read):
        if key not in known:
            found.append(f"settings.toml: {key}: not in {page.name}")
        elif not _fits(known[key], value):
            found.append(f"settings.toml: {key}: {value!r} is no {known[key]}")
    runner = evaluated["services"].get("drone-runner-exec")
    if runner and runner["environment"]["DRONE_RUNNER_CAPACITY"] != str(read["run"].get("capacity")):
        found.append("the runner's capacity is not [run] capacity")
    if not found and runner and runner["serviceConfig"]["TimeoutStopSec"] <= seconds(read["run"]["deadline"]) + seconds(read["run"]["teardown"]):
        found.append("the runner would be killed while a run tears down: TimeoutStopSec is too short")
    return found


def seconds(text: str) -> int:
    return int(text[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[text[-1]]
