"""Text as mdoc(7) wants it, and the little of Markdown that the pages of commands use."""

import re
import textwrap

TAG_WIDTH = "Ds"
# Of a line of the source, as mdoc's own style asks for.
LINE = 78


def escaped(text: str) -> str:
    """Plain text as a line: backslashes, hyphens that are to be copied, and what ASCII does not have."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    text = "".join(one if ord(one) < 128 else f"\\[u{ord(one):04X}]" for one in text)
    return guarded(text)


def guarded(line: str) -> str:
    """A line that begins like a macro does not become one."""
    return f"\\&{line}" if line[:1] in (".", "'") else line


def argument(text: str) -> str:
    """One argument of a macro, whatever is in it."""
    return '"' + escaped(text).replace('"', "\\(dq") + '"'


def prose(text: str) -> list[str]:
    """A paragraph of Markdown as lines: a sentence begins a line, and no line begins like a macro."""
    # A reference in brackets leads nowhere from here, unless it is to a command's page.
    text = re.sub(r"\s*\(\[[^]]+\]\((?!(?:[^)]*/)?ccci-[a-z]+\.md\))[^)]*\)\)", "", text)
    sentences = re.split(r"(?<=[.?!]) (?=[A-Z`\[<])", " ".join(text.split()))
    filling = textwrap.TextWrapper(LINE, break_long_words=False, break_on_hyphens=False)
    return [guarded(line) for sentence in sentences for line in filling.wrap(inline(sentence))]


def inline(text: str) -> str:
    """A sentence of Markdown: code in bold, links as what they are called; pages of commands as manual pages."""
    parts = re.split(r"(`[^`]+`|\[[^]]+\]\([^)]*\))", text)
    made = []
    for part in parts:
        link = re.fullmatch(r"\[([^]]+)\]\(([^)]*)\)", part)
        if link and (command := re.fullmatch(r"(?:.*/)?(ccci-[a-z]+)\.md", link[2])):
            made.append(f"\\fB{escaped(command[1])}\\fR(1)")
        elif link:
            made.append(inline(link[1]))
        elif part.startswith("`"):
            made.append(f"\\fB{escaped(part[1:-1])}\\fR")
        else:
            made.append(escaped(part).removeprefix("\\&"))
    return "".join(made)


def items(rows: list[tuple[str, list[str]]]) -> list[str]:
    """A list of tags, each a whole line of macros, with what is said of them."""
    lines = [f".Bl -tag -width {TAG_WIDTH}"]
    for tag, body in rows:
        lines += [f".It {tag}", *body]
    return [*lines, ".El"]


def table(block: str) -> list[str]:
    """A table: its first column is the tag, the last one the text, and what lies between is in brackets."""
    rows = []
    for line in block.splitlines()[2:]:
        first, *between, last = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        more = f" ({', '.join(between)})" if between else ""
        rows.append((f"Sy {argument(re.sub('`', '', first) + more)}", prose(last)))
    return items(rows)


def paragraphs(text: str) -> list[str]:
    """Paragraphs and tables. Anything else would come out wrong, so it is refused."""
    lines: list[str] = []
    for block in re.split(r"\n\s*\n", text.strip()):
        if re.match(r"(```|#|[-*] |\d+\. )", block):
            raise ValueError(f"neither a paragraph nor a table: {block.splitlines()[0]}")
        if lines and lines[-1] != ".El" and not block.startswith("|"):
            lines.append(".Pp")
        lines += table(block) if block.startswith("|") else prose(block)
    return lines
