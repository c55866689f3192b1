"""How far a long command is: on a terminal, and elsewhere."""

import os
import pty
import random
import re
import subprocess
from pathlib import Path

import pytest
from lab import Lab


@pytest.fixture
def lab(disk: Path) -> Lab:
    found = Lab(disk / "lab")
    (found.volume() / "file").write_bytes(random.Random(8).randbytes(12 << 20))
    return found


def slowed(seconds: float) -> list[str]:
    """Every write of the archive takes so long; there are six, each on a thread of its own, and the last waits for the others."""
    return ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e", f"inject=fsync:delay_enter={int(seconds * 1e6)}:when=1"]


def test_one_changing_line_on_a_terminal(lab: Lab) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(slowed(1) + lab.command("create", "demo"), env=lab.environment, stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    said = b""
    while True:
        try:
            chunk = os.read(ours, 4096)
        except OSError:
            break
        if not chunk:
            break
        said += chunk
    os.close(ours)
    output = process.communicate()[0].decode()
    assert process.returncode == 0
    lines = said.split(b"\r\x1b[K")
    assert len(lines) > 3 and b"\n" not in said
    assert any(re.fullmatch(rb"saving \S+: 12 MiB of 12 MiB, \d of \d files, [\d.]+ [KM]?i?B/s", line) for line in lines), lines
    assert said.endswith(b"\r\x1b[K"), "the line is taken away at the end"
    assert output.startswith("demo  1.0.0+1.2.3")


def test_one_line_in_ten_seconds_elsewhere(lab: Lab) -> None:
    done = lab.snap("create", "demo", before=slowed(11))
    assert done.returncode == 0
    lines = [line for line in done.stderr.splitlines() if "saving" in line]
    assert len(lines) in (1, 2, 3) and "\r" not in done.stderr, done.stderr
    assert re.search(r"^ +\d+\.\ds  saving \S+: 12 MiB of 12 MiB, \d of \d files", lines[0]), lines
    quick = lab.snap("create", "demo")
    assert quick.returncode == 0 and quick.stderr == "", "nothing is said of what takes no time"
