"""What the documents say of the host, compared with what the modules say."""

import re
from pathlib import Path
from typing import Any

from settings import table
from synopsis import Form, complaint

# Pages whose blocks of commands are looked at.
PAGES = ["install", "operate", "secrets", "scaling"]


def rows(text: str) -> dict[str, tuple[str, str]]:
    """Name → class and readers, of the table whose first column is a name in backticks."""
    return {name: (kind.strip(), readers.strip()) for name, kind, readers in re.findall(r"^\| `([a-z_]+)` \| ([a-z ]+) \| ([^|]+) \|", text, re.MULTILINE)}


def secrets(evaluated: dict[str, Any], root: Path) -> list[str]:
    """secrets/README.md and docs/secrets.md list exactly the secrets that a host with everything has."""
    wanted = {name: (one["class"], ", ".join(one["readers"])) for name, one in evaluated["secrets"].items()}
    found = []
    for page in (root / "secrets" / "README.md", root / "docs" / "secrets.md"):
        said = rows(page.read_text(encoding="utf-8"))
        name = page.relative_to(root)
        found += [f"{name}: {one}: no row in the table of secrets" for one in wanted if one not in said]
        found += [f"{name}: {one}: no module declares it" for one in said if one not in wanted]
        found += [f"{name}: {one}: says {said[one]}, the module {wanted[one]}" for one in wanted if one in said and said[one] != wanted[one]]
    for one, rendered in evaluated["sops"].items():
        if rendered["mode"] != "0400" or rendered["owner"] != "root":
            found.append(f"{one}: others than root could read it")
    return found


def names(evaluated: dict[str, Any], root: Path) -> list[str]:
    """Options, units and settings that the guides name are there."""
    options = {option["name"] for option in evaluated["options"]}
    units = {f"{name}.{kind}" for kind in ("service", "timer", "socket") for name in evaluated[f"{kind}s"]}
    settings = set(table(root / "docs" / "settings.md"))
    found = []
    for page in PAGES:
        text = (root / "docs" / f"{page}.md").read_text(encoding="utf-8")
        for name in set(re.findall(r"(?<![\w.])ccci(?:\.[a-zA-Z][a-zA-Z-]*)+", text)):
            # An option, the beginning of some, or a name inside one that takes any.
            if not any(option == name or option.startswith(f"{name}.") or name.startswith(f"{option}.") for option in options):
                found.append(f"docs/{page}.md: {name}: no such option")
        for name in set(re.findall(r"`((?:cc-ci|ccci)-[a-z-]+\.(?:service|timer|socket))`", text)):
            if name not in units:
                found.append(f"docs/{page}.md: {name}: no such unit")
        for verb, name in set(re.findall(r"systemctl (start|stop|restart|status) ((?:cc-ci|ccci|drone-runner)-[a-z-]+)(?![a-z.-])", text)):
            if f"{name}.service" not in units:
                found.append(f"docs/{page}.md: systemctl {verb} {name}: no such unit")
        for key in set(re.findall(r"`(\[[a-z_]+\] [a-z_]+)`", text)):
            if key not in settings:
                found.append(f"docs/{page}.md: {key}: no such setting")
    return found


def command_lines(root: Path, known: dict[str, list[Form]]) -> list[str]:
    """Lines in code blocks that begin with one of our commands."""
    found = []
    for page in PAGES:
        text = (root / "docs" / f"{page}.md").read_text(encoding="utf-8")
        for block in re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            for line in re.findall(r"^(?:\$ |# )?(ccci-[a-z]+[^#\n|>]*)", block, re.MULTILINE):
                if what := complaint(re.sub(r"\s{3,}.*", "", line), known):
                    found.append(f"docs/{page}.md: {what}")
        for name in re.findall(r"`((?:scripts|nix|secrets|docs|tests|\.ci)/[A-Za-z0-9_./-]+)`", text):
            if not (root / name).exists() and not name.startswith("secrets/private"):
                found.append(f"docs/{page}.md: {name}: there is no such file")
    return found


def headings(text: str) -> set[str]:
    """The anchors of a page: its headings in lower case, blanks as hyphens, without marks."""
    found = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in found}


def links(root: Path, pages: list[Path]) -> list[str]:
    """Links to files and headings that are not there. Addresses of the net are not looked at."""
    found = []
    for page in pages:
        text = (root / page).read_text(encoding="utf-8")
        for target, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)):
            if "://" in target or target.startswith("mailto:"):
                continue
            other = (root / page).parent / target if target else root / page
            if not other.exists():
                found.append(f"{page}: {target}: dead link")
            elif anchor and anchor not in headings(other.read_text(encoding="utf-8")):
                found.append(f"{page}: {target}#{anchor}: no such heading")
    return found
