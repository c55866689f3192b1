"""scripts/check-parity finds what is missing on either side."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from conftest import HERE

SCRIPT = HERE.parents[2] / "scripts/check-parity"
PORTED = '"""The page answers.\n\nSOURCE: old-ci/notes/test_page.py\n"""\n'


def check(tmp_path: Path, files: dict[str, str]) -> tuple[int, str]:
    for name, text in files.items():
        path = tmp_path / "notes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    done = subprocess.run([str(SCRIPT), str(tmp_path)], capture_output=True, text=True)
    return done.returncode, done.stderr


ROW = "| test | source |\n|---|---|\n| `functional/test_page.py` | old-ci/notes/test_page.py |\n"


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"functional/test_page.py": PORTED, "PARITY.md": ROW}, ""),
        ({"functional/test_page.py": "def test_a(): pass\n"}, ""),
        ({"functional/test_page.py": PORTED}, "has no row in PARITY.md"),
        ({"functional/test_page.py": PORTED.replace("old-ci", "other"), "PARITY.md": ROW}, "another source"),
        ({"PARITY.md": ROW}, "there is no such test"),
        ({"functional/test_page.py": "def test_a(): pass\n", "PARITY.md": ROW}, "no SOURCE line"),
        ({"functional/test_page": "#!/bin/sh\n# SOURCE: x\n"}, "was ported from x"),
    ],
)
def test_rows_and_sources(tmp_path: Path, files: dict[str, str], says: str) -> None:
    status, error = check(tmp_path, files)
    assert (status == 0) == (says == "") and says in error, error
