"""The tables of docs/performance.md, each between two markers: what people wrote around them stays."""

from __future__ import annotations

import machine
import registry
from ground import ROOT, say, stop

PAGE = ROOT / "docs/performance.md"


def markers(name: str) -> tuple[str, str]:
    return f"<!-- measured: {name} -->", f"<!-- end of {name} -->"


def figure(value) -> str:
    """Three digits that count."""
    if value is None:
        return ""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def lines(answer: dict) -> list[str]:
    found = [
        "| what | ours | other | ratio | goal | | limited by |", "|---|---|---|---|---|---|---|"]
    for row in answer["rows"]:
        other = f"{figure(row['other'])} {row['unit']}, {row['name_of_other']}" if row["other"] is not None else f"none: {row['name_of_other']}"
        cells = [row["what"], f"{figure(row['ours'])} {row['unit']}", other, figure(row["ratio"]), row["goal"], "reached" if row["ok"] else "**missed**", row["limits"]]
        found.append(f"| {' | '.join(cell(text) for text in cells)} |")
    form = f"{', the quick form' if answer['quick'] else ''}{', a debug build' if answer['build'] == 'debug' else ''}"
    return found + ["", f"Measured {answer['machine']['date']}, version {answer['version']}{form}, at a load of {answer['machine']['load']}: {machine.words(answer['machine'])}."]


def put(text: str, name: str, body: list[str]) -> str:
    begin, end = markers(name)
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        stop(65, f"{PAGE.relative_to(ROOT)}: the markers of {name} are not there, once and in order", f"write {begin} and {end} on lines of their own")
    return text[: text.index(begin) + len(begin)] + "\n" + "\n".join(body) + "\n" + text[text.index(end):]


def write(answers: list[dict]) -> None:
    text = PAGE.read_text()
    for answer in answers:
        text = put(text, answer["bench"], lines(answer))
    PAGE.write_text(text)
    missing = [name for name in registry.NAMES if name not in {answer["bench"] for answer in answers}]
    say(f"{PAGE.relative_to(ROOT)} is written" + (f"; as it was: {', '.join(missing)}" if missing else ""))
