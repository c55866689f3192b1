"""tests/ccci_test/secret.py with a docker and an abra that only write down what they are asked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

LIBRARY = Path(__file__).resolve().parents[2] / "tests"
DOCKER = "#!/bin/sh\ncat \"$KEPT/there\"\n"
ABRA = "#!/bin/sh\necho \"$@\" >\"$KEPT/asked\"\ncat \"$7\" >\"$KEPT/value\"\nstat -c %a \"$7\" >\"$KEPT/mode\"\nexit \"${ABRA_EXIT:-0}\"\n"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    for name, text in [("docker", DOCKER), ("abra", ABRA)]:
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "there").write_text("a_example_org_key_v10\n")
    return tmp_path


def insert(programs: Path, *words: str, value: bytes = b"", **more: str) -> subprocess.CompletedProcess[bytes]:
    environment = os.environ | {
        "PATH": f"{programs}:{os.environ['PATH']}", "KEPT": str(programs), "CCCI_APP_DOMAIN": "a.example.org", "PYTHONPATH": str(LIBRARY)} | more
    return subprocess.run([sys.executable, "-m", "ccci_test.secret", *words], input=value, env=environment, capture_output=True, check=False)


def test_a_value_is_inserted_as_it_is_and_is_no_argument(programs: Path) -> None:
    (programs / "file").write_bytes(b"two\nlines\n\n")
    for file, stdin, wanted in [("-", b"top secret \n", b"top secret "), (str(programs / "file"), b"", b"two\nlines\n\n")]:
        assert insert(programs, "key", "v1", file, value=stdin).returncode == 0
        assert (programs / "value").read_bytes() == wanted and (programs / "mode").read_text() == "600\n"
        asked = (programs / "asked").read_text().split()
        assert asked[:6] == ["app", "secret", "insert", "a.example.org", "key", "v1"] and "secret " not in asked


def test_one_that_is_there_stays(programs: Path) -> None:
    (programs / "there").write_text("a_example_org_key_v10\na_example_org_key_v1\n")
    done = insert(programs, "key", "v1", "-", value=b"new")
    assert done.returncode == 0 and b"stands there already" in done.stdout and not (programs / "asked").exists()


@pytest.mark.parametrize(("words", "value", "said"), [
    (["key", "v1", "-"], b"\n", b"the secret key would be empty"), (["key", "v1"], b"", b"usage:"),
    (["key", "v1", "/nowhere"], b"", b"No such file"), (["key", "v1", "-"], b"x", b"abra exits 3"),
])
def test_what_cannot_be_inserted_is_said(programs: Path, words: list[str], value: bytes, said: bytes) -> None:
    done = insert(programs, *words, value=value, ABRA_EXIT="3")
    assert done.returncode != 0 and said in done.stderr and b"Traceback" not in done.stderr


def test_outside_of_a_run_it_says_so(programs: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(LIBRARY)}
    done = subprocess.run([sys.executable, "-m", "ccci_test.secret", "key", "v1", "-"], input=b"x", env=environment, capture_output=True, check=False)
    assert done.returncode == 1 and done.stderr.endswith(b"CCCI_APP_DOMAIN is not set: only hooks of a run are told the app\n")
