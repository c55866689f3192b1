"""Command lines of our commands, compared with what their pages (docs/commands) say that they take."""

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Form:
    """One line of a synopsis: the words that name a verb, the flags, and whether other arguments may stand there."""

    words: list[str] = field(default_factory=list)
    is_optional: bool = False
    flags: dict[str, bool] = field(default_factory=dict)
    takes_arguments: bool = False
    takes_all_flags: bool = False


def form(line: str) -> Form:
    """`ccci-x verb <thing> [--flag VALUE]   what it does` → its form."""
    text = re.split(r"\s{3,}", line.strip(), maxsplit=1)[0]
    made = Form()
    for token in re.findall(r"\[[^]]*\]|<[^>]*>…?|\S+", text)[1:]:
        inner = token.strip("[]")
        if token in ("…", "|"):
            made.takes_all_flags |= token == "…"
        elif flag := re.match(r"(--?[a-z][a-z-]*)(\s+\S+)?", inner):
            for one in re.findall(r"(--?[a-z][a-z-]*)(\s+[A-Z<]\S*)?", inner):
                made.flags[one[0]] = bool(one[1])
        elif token.startswith("<") or inner.startswith("<") or inner.isupper():
            made.takes_arguments = True
        else:
            made.is_optional = token.startswith("[")
            made.words.append(inner)
    return made


def forms(block: str) -> list[Form]:
    """The forms of a synopsis; a line that begins with blanks belongs to the one before it."""
    lines: list[str] = []
    for line in block.splitlines():
        if line.startswith("ccci-"):
            lines.append(line)
        elif line.strip() and lines:
            lines[-1] = f"{lines[-1]} {line.strip()}"
    return [form(line) for line in lines]


def of_pages(folder: Path) -> dict[str, list[Form]]:
    """Command → forms, from the first block below `## Interface` of each page."""
    found = {}
    for page in sorted(folder.glob("ccci-*.md")):
        match = re.search(r"^## Interface\n+```\w*\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        if not match:
            raise ValueError(f"{page}: no synopsis below ## Interface")
        found[page.stem] = forms(match[1])
    return found


def complaint(line: str, known: dict[str, list[Form]]) -> str | None:
    """What is wrong with a command line, or None. Its first word may be a path."""
    program, *arguments = shlex.split(line)
    name = Path(program).name
    if name not in known:
        return f"{name}: no such command"
    if arguments == ["--help"]:
        return None
    every_flag = {flag: takes for one in known[name] for flag, takes in one.flags.items()}
    reasons = [_mismatch(arguments, one, every_flag) for one in known[name]]
    if None in reasons:
        return None
    return f"{name} {' '.join(arguments)}: {min((reason for reason in reasons if reason), key=len)}"


def _mismatch(arguments: list[str], one: Form, every_flag: dict[str, bool]) -> str | None:
    flags = {**one.flags, **(every_flag if one.takes_all_flags else {})}
    rest: list[str] = []
    waiting = False
    for argument in arguments:
        if waiting:
            waiting = False
        elif argument.startswith("-"):
            if argument not in flags:
                return f"no flag {argument}"
            waiting = flags[argument]
        else:
            rest.append(argument)
    if one.words and rest[: len(one.words)] == one.words:
        rest = rest[len(one.words) :]
    elif one.words and not one.is_optional:
        return f"no such verb; there is {' '.join(one.words)}"
    if rest and not one.takes_arguments:
        return f"takes no argument {rest[0]}"
    return None
