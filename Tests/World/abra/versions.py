"""Recipe versions: `<recipe semver>+<app version>`."""

from __future__ import annotations

import re
from functools import total_ordering

SHAPE = re.compile(r"^v?(\d+)\.(\d+)\.(\d+)\+(\S+)$")


@total_ordering
class Version:
    """Ordered by the recipe's numbers, then by the app's version as people write it."""

    def __init__(self, text: str) -> None:
        match = SHAPE.match(text)
        if match is None:
            raise ValueError(text)
        self.text = text
        self.key = (tuple(int(number) for number in match.groups()[:3]), natural(match[4]))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self.key == other.key

    def __lt__(self, other: Version) -> bool:
        return self.key < other.key

    def __hash__(self) -> int:
        return hash(self.text)


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Numbers count as numbers, so that 1.10 comes after 1.9."""
    pieces = re.findall(r"\d+|[A-Za-z]+", text)
    return tuple((1, int(piece), "") if piece.isdigit() else (0, 0, piece) for piece in pieces)


def ordered(tags: list[str]) -> list[str]:
    """The tags that are versions, oldest first."""
    return [version.text for version in sorted(Version(tag) for tag in tags if SHAPE.match(tag))]
