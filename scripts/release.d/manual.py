"""A manual page, from what a command says of itself and from its page in docs/commands.

Usage: manual.py COMMAND DATE      COMMAND: a built one; DATE: seconds since 1970, for the page's head. Prints mdoc.
"""

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from mdoc import argument, escaped, items, paragraphs, prose

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
# The form of the dump that is understood.
SERIALIZATION = 0


def stop(code: int, what: str, hint: str) -> None:
    print(f"manual: {what}\nmanual: hint: {hint}", file=sys.stderr)
    sys.exit(code)


def said(command: Path, flag: str) -> str:
    return subprocess.run([command, flag], check=True, capture_output=True, text=True).stdout


def shown(things: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    return [one for one in things or [] if one["shouldDisplay"]]


def flag(name: dict[str, str]) -> str:
    """As Fl wants it: it writes one hyphen itself."""
    return escaped(name["name"] if name["kind"] == "short" else f"-{name['name']}")


def own(command: dict[str, Any], is_verb: bool) -> list[dict[str, Any]]:
    """Its arguments. A verb has --help and --version of the whole command, which are said once."""
    common = {"version", "help"} if is_verb else set()
    return [one for one in shown(command.get("arguments")) if not (one["kind"] == "flag" and one["preferredName"]["name"] in common)]


def synopsis(one: dict[str, Any]) -> str:
    """One argument: what follows .Op, or the macro itself."""
    more = " ..." if one["isRepeating"] else ""
    if one["kind"] == "positional":
        macro = f"Ar {argument(one['valueName'])}{more}"
    elif one["kind"] == "option":
        macro = f"Fl {flag(one['preferredName'])} Ar {argument(one['valueName'])}{more}"
    else:
        macro = f"Fl {flag(one['preferredName'])}"
    return f".Op {macro}" if one["isOptional"] else f".{macro}"


def explained(one: dict[str, Any]) -> tuple[str, list[str]]:
    if one["kind"] == "positional":
        tag = f"Ar {argument(one['valueName'])}"
    else:
        names = " , ".join(f"Fl {flag(name)}" for name in sorted(one["names"], key=lambda name: name["kind"] != "short"))
        tag = names + (f" Ar {argument(one['valueName'])}" if one["kind"] == "option" else "")
    text = one.get("abstract", "")
    if "defaultValue" in one:
        text += f" Default: {one['defaultValue']}."
    return tag, prose(text)


class Discussion:
    """The long text of a command's help: what is said, examples, exit codes."""

    def __init__(self, text: str) -> None:
        blocks = re.split(r"\n\s*\n", text.strip()) if text.strip() else []
        self.examples = [line.strip() for block in blocks if block.startswith("Examples:") for line in block.splitlines()[1:]]
        self.exits = [block.removeprefix("Exit codes: ") for block in blocks if block.startswith("Exit codes:")]
        self.says = [block for block in blocks if not block.startswith(("Examples:", "Exit codes:"))]

    def lines(self) -> list[str]:
        return [line for block in self.says for line in (".Pp", *prose(block))]


def section(page: str, name: str) -> list[str]:
    """What a page of docs says below a heading."""
    match = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    if not match:
        stop(65, f"no heading {name} in the command's page", "docs/commands: each page has it")
        raise AssertionError
    return paragraphs(match[1])


def exits(discussion: Discussion) -> list[str]:
    """What the command says of its own, and the table that all share."""
    page = (DOCS / "exit-codes.md").read_text(encoding="utf-8")
    table = next(block for block in page.split("\n\n") if block.startswith("|"))
    own_words = " ".join(discussion.exits).replace("others: see docs/exit-codes.md", "others as below")
    own_words = own_words.replace("see docs/exit-codes.md", "as below")
    return [*prose(own_words), *paragraphs(table)]


def verbs_of(command: dict[str, Any], before: str = "") -> list[dict[str, Any]]:
    """Its verbs, and behind each the verbs of that one, with their whole names."""
    found = []
    for one in shown(command.get("subcommands")):
        if one["commandName"] != "help":
            name = f"{before}{one['commandName']}"
            found += [{**one, "commandName": name}, *verbs_of(one, f"{name} ")]
    return found


def verb(one: dict[str, Any], name: str, default: str | None) -> list[str]:
    """The part of a page that is about one verb."""
    discussion = Discussion(one.get("discussion", ""))
    lines = [f".Ss {argument(f'{name} ' + one['commandName'])}", *prose(one["abstract"]), *discussion.lines()]
    if one["commandName"] == default and "left out" not in one["abstract"]:
        lines += [".Pp", "The word itself may be left out."]
    arguments = own(one, is_verb=True)
    if arguments:
        lines += items([explained(each) for each in arguments])
    if discussion.exits:
        lines += [".Pp", *prose(f"Exit codes: {' '.join(discussion.exits)}")]
    return lines


def page(dump: dict[str, Any], version: str, text: str, seconds: int, others: list[str]) -> str:
    """The whole page. `text` is the command's page of docs, `others` the names of the other commands."""
    if dump["serializationVersion"] != SERIALIZATION:
        what = f"the dump of help has version {dump['serializationVersion']}, not {SERIALIZATION}"
        stop(65, what, "scripts/release.d/manual.py must learn it")
    command = dump["command"]
    name = command["commandName"]
    date = time.gmtime(seconds)
    discussion = Discussion(command.get("discussion", ""))
    verbs = verbs_of(command)
    lines = [
        f".Dd {time.strftime('%B', date)} {date.tm_mday}, {date.tm_year}",
        f".Dt {escaped(name).upper()} 1", f".Os {argument(f'cc-ci {version}')}",
        ".Sh NAME", f".Nm {name}", f".Nd {escaped(command['abstract'].removesuffix('.'))}",
        ".Sh SYNOPSIS"]
    if not verbs:
        lines += [f".Nm {name}", *map(synopsis, own(command, is_verb=False))]
    for one in [one for one in verbs if not verbs_of(one)]:
        word = f".Cm {one['commandName']}"
        if one["commandName"] == command.get("defaultSubcommand"):
            word = f".Op Cm {one['commandName']}"
        lines += [f".Nm {name}", word, *map(synopsis, own(one, is_verb=True))]
    lines += [".Sh DESCRIPTION", *(discussion.lines()[1:] or prose(command["abstract"]))]
    if verbs:
        lines += [".Pp", "Besides the verbs below it takes these:"]
    lines += items([explained(one) for one in own(command, is_verb=False)])
    for one in verbs:
        lines += verb(one, name, command.get("defaultSubcommand"))
    lines += [".Sh ENVIRONMENT", *section(text, "Environment")]
    lines += [".Sh FILES", ".Ss Read", *section(text, "Reads"), ".Ss Written", *section(text, "Writes")]
    lines += [".Sh EXIT STATUS", *exits(discussion)]
    if discussion.examples:
        lines += [".Sh EXAMPLES", ".Bd -literal -offset indent", *map(escaped, discussion.examples), ".Ed"]
    lines += [".Sh SEE ALSO", *[f".Xr {other} 1{' ,' if other != others[-1] else ''}" for other in others]]
    return "\n".join(lines) + "\n"


def main() -> None:
    if len(sys.argv) != 3 or not sys.argv[2].isdecimal():
        stop(64, "takes a built command and a date", "scripts/release calls it")
    built = Path(sys.argv[1])
    text = (DOCS / "commands" / f"{built.name}.md").read_text(encoding="utf-8")
    others = sorted(path.name for path in (ROOT / "Sources").glob("ccci-*") if path.name != built.name)
    dump = json.loads(said(built, "--experimental-dump-help"))
    print(page(dump, said(built, "--version").strip(), text, int(sys.argv[2]), others), end="")


if __name__ == "__main__":
    main()
