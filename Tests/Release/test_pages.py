"""Manual pages: readable, whole, and true to --help."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import BINARIES, COMMANDS, ROOT

sys.path.insert(0, str(ROOT / "scripts/release.d"))
import mdoc  # noqa: E402

SECTIONS = ["NAME", "SYNOPSIS", "DESCRIPTION", "ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES", "SEE ALSO"]


def page(unpacked: Path, name: str) -> Path:
    return unpacked / "share/man/man1" / f"{name}.1"


def rendered(path: Path) -> str:
    """As a reader sees it, without breaks between words."""
    environment = {**os.environ, "MANWIDTH": "100", "LC_ALL": "C.UTF-8", "MAN_KEEP_FORMATTING": ""}
    done = subprocess.run(["man", "--warnings", "--local-file", path], env=environment, check=True, capture_output=True, text=True)
    assert done.stderr == ""
    return re.sub(r".\x08", "", done.stdout)


def words(text: str) -> str:
    """Without the hyphens and blanks that filling a line adds."""
    return re.sub(r"\s+", "", text.replace("‐\n", "").replace("−", "-").replace("‐", "-"))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_page_is_clean_for_both_formatters(unpacked: Path, name: str) -> None:
    done = subprocess.run(["mandoc", "-Tlint", "-W", "warning", page(unpacked, name)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    text = rendered(page(unpacked, name))
    assert [line for line in text.splitlines() if re.fullmatch(r"[A-Z][A-Z ]+", line)] == SECTIONS
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("name", COMMANDS)
def test_a_page_says_everything_that_the_help_says(unpacked: Path, name: str) -> None:
    dump = subprocess.run([BINARIES / name, "--experimental-dump-help"], check=True, capture_output=True, text=True).stdout
    text = words(rendered(page(unpacked, name)))
    missing = []
    pending = [json.loads(dump)["command"]]
    while pending:
        command = pending.pop()
        pending += [one for one in command.get("subcommands", []) if one["shouldDisplay"] and one["commandName"] != "help"]
        for one in [command, *command.get("arguments", [])]:
            wanted = [f"--{each['name']}" for each in one.get("names", []) if each["kind"] == "long"]
            wanted += [one.get("abstract", "").removesuffix(".")]
            lines = one.get("discussion", "").splitlines()
            wanted += [line for line in lines if not re.match(r"(Examples|Exit codes):|.*exit-codes", line)]
            missing += [what for what in wanted if one["shouldDisplay"] and words(what) not in text]
    assert missing == []


def test_what_is_hidden_is_in_no_page(unpacked: Path) -> None:
    text = page(unpacked, "ccci-run").read_text(encoding="utf-8")
    assert "ccci\\-run show" in text and "ccci\\-run guard" not in text


def test_the_table_of_exit_codes_is_in_every_page(unpacked: Path) -> None:
    codes = re.findall(r"^\| (\d+) \| (\w+) \|", (ROOT / "docs/exit-codes.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(codes) > 10
    for name in COMMANDS:
        text = rendered(page(unpacked, name))
        assert [code for code, word in codes if not re.search(rf"^ +{code} \({word}\)", text, re.MULTILINE)] == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (".PHONY is \\no macro-", ["\\&.PHONY is \\eno macro\\-"]),
        ("A line. `./next` one… ends", ["A line.", "\\fB\\&./next\\fR one\\[u2026] ends"]),
        ("See [ccci-run](../commands/ccci-run.md) ([decision 4](d.md)), [else](x.md).", ["See \\fBccci\\-run\\fR(1), else."]),
        (f"{'word ' * 15}'quoted", [("word " * 15).strip(), "\\&'quoted"]),
    ],
)
def test_prose_becomes_lines_that_are_no_macros(text: str, lines: list[str]) -> None:
    assert mdoc.prose(text) == lines


def test_what_would_come_out_wrong_is_refused() -> None:
    with pytest.raises(ValueError, match="neither a paragraph nor a table: - an item"):
        mdoc.paragraphs("words\n\n- an item\n- another")
