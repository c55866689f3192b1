"""Whom a comment's text would notify, and which issues it would leave a trace on, outside of code and comments.

reference gitea-drone A.8: `@name` notifies people, `#n` and `owner/repo#n` make permanent entries elsewhere. Rather too much
is found than too little.
"""

from __future__ import annotations

import re

FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
CODE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
HIDDEN = re.compile(r"<!--.*?-->", re.DOTALL)
MENTION = re.compile(r"(?:^|[\s(\[{\"'*_~>|,;:!?./-])@([0-9A-Za-z][\w.-]*)")
REFERENCE = re.compile(r"(?:^|[\s(\[{\"'*_~>|,;:!?./-])((?:[\w.-]+/[\w.-]+)?[#!]\d+)\b")


def found(text: str) -> list[tuple[str, str]]:
    """`("mention", name)` and `("reference", "owner/repo#n")`, each once, in the order of the text."""
    plain = CODE.sub(" ", HIDDEN.sub(" ", without_fences(text)))
    hits = [(match.start(), "mention", match[1]) for match in MENTION.finditer(plain)]
    hits += [(match.start(), "reference", match[1]) for match in REFERENCE.finditer(plain)]
    return list(dict.fromkeys((kind, target) for _, kind, target in sorted(hits)))


def without_fences(text: str) -> str:
    """The lines that stand in no fenced block. A fence is closed by one at least as long, of the same sign and nothing else."""
    kept: list[str] = []
    fence = ""
    for line in text.splitlines():
        match = FENCE.match(line)
        if not fence and match:
            fence = match[1]
        elif fence:
            rest = line.strip()
            if match and match[1].startswith(fence) and not rest.strip(fence[0]):
                fence = ""
        else:
            kept.append(line)
    return "\n".join(kept)
