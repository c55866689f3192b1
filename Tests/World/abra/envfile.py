"""An app's `.env`: docker env-file syntax, earlier keys may be used, comments behind a value are modifiers."""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

LINE = re.compile(
    r"""^\s*(?P<key>[A-Za-z_][A-Za-z0-9_.]*)=
        (?P<value>"(?:[^"\\]|\\.)*"|'[^']*'|(?:[^\s#]|\s(?!\s*\#)|(?<=\S)\#)*)
        \s*(?:\#\s*(?P<comment>.*))?$""",
    re.VERBOSE,
)
REFERENCE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


@dataclass(frozen=True)
class EnvFile:
    """The values in order of first appearance, and the comment behind each."""

    path: Path
    values: dict[str, str]
    comments: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> EnvFile:
        values: dict[str, str] = {}
        comments: dict[str, str] = {}
        for line in path.read_text().splitlines():
            match = LINE.match(line)
            if match is None:
                continue
            values[match["key"]] = plain(match["value"], values)
            comments[match["key"]] = match["comment"] or ""
        return cls(path, values, comments)

    def modifiers(self, key: str) -> dict[str, str]:
        """`# length=64 charset=hex` as a mapping."""
        return dict(part.split("=", 1) for part in self.comments.get(key, "").split() if "=" in part)


def plain(text: str, values: dict[str, str]) -> str:
    """A value without its quotes, with references to earlier keys filled in unless it is single-quoted."""
    if text.startswith("'"):
        return text[1:-1]
    if text.startswith('"'):
        text = re.sub(r'\\(["\\$])', r"\1", text[1:-1].replace("\\n", "\n"))
    return REFERENCE.sub(lambda match: values.get(match[1] or match[2], ""), text.strip())


def set_line(path: Path, key: str, value: str) -> None:
    """Replaces the value in place, keeping every other line; the file changes whole."""
    pattern = re.compile(rf"^(\s*{re.escape(key)}=)[^\s#]*", re.MULTILINE)
    text, count = pattern.subn(lambda match: match[1] + value, path.read_text(), count=1)
    if count == 0:
        text = f"{key}={value}\n{text}"
    target = path.resolve()
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=".env-")
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    os.chmod(temporary, target.stat().st_mode & 0o777)
    os.rename(temporary, target)
