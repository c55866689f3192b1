"""The stand-in of the exec runner does to a step what the real one does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import HERE, wait_until

pytestmark = pytest.mark.worldless

RUNNER = HERE.parent / "execrunner.py"


def runner(tmp_path: Path, *arguments: str) -> tuple[int, str, dict[str, object]]:
    """Into files: what survives a cancel keeps a pipe open."""
    root, log = tmp_path / "root", tmp_path / "log"
    root.mkdir()
    with log.open("w") as out, (tmp_path / "errors").open("w") as errors:
        done = subprocess.run(
            [sys.executable, "-I", str(RUNNER), "--root", str(root), *arguments],
            env={"PATH": "/usr/bin:/bin", "USER": "root", "LANG": "xx", "HOME": "/root"}, stdout=out, stderr=errors, timeout=60)
    return done.returncode, log.read_text(), json.loads((tmp_path / "errors").read_text().splitlines()[-1])


def test_a_step_ends_with_the_code_of_its_first_failing_command(tmp_path: Path) -> None:
    status, out, answer = runner(tmp_path, "echo one", "exit 3", "echo never")
    assert (status, answer["status"]) == (3, "failure")
    assert "one" in out and "never" not in out.replace("+ echo never", "")
    assert not list((tmp_path / "root").iterdir()), "the workspace is deleted"


def test_parameters_override_the_host_but_not_what_drone_says(tmp_path: Path) -> None:
    _, out, _ = runner(
        tmp_path, "--param", "USER=mallory", "--param", "DRONE=false", "--param", "HOME=/tmp/x", "--param", "RECIPE=notes", "--number", "7", "env")
    seen = dict(line.partition("=")[::2] for line in out.splitlines() if "=" in line)
    assert (seen["USER"], seen["DRONE"], seen["RECIPE"], seen["DRONE_BUILD_NUMBER"]) == ("mallory", "true", "notes", "7")
    assert seen["HOME"].startswith(str(tmp_path)) and seen["HOME"].endswith("/home/drone")
    assert "LANG" not in seen, "the host's own environment is not passed"


def test_a_cancel_kills_the_shell_alone_and_deletes_the_workspace(tmp_path: Path) -> None:
    mark = tmp_path / "child"
    status, _, answer = runner(tmp_path, "--cancel-after", "0.5", f"{sys.executable} -c 'import os, time; open(\"{mark}\", \"w\").write(str(os.getpid())); time.sleep(30)'; true")
    assert (status, answer["status"], answer["because"]) == (137, "killed", "cancelled")
    child = int(mark.read_text())
    os.kill(child, 0)
    assert not list((tmp_path / "root").iterdir())
    os.kill(child, signal.SIGKILL)
    wait_until(lambda: not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text(), 5)


def test_a_timeout_is_the_same(tmp_path: Path) -> None:
    start = time.monotonic()
    status, _, answer = runner(tmp_path, "--timeout", "0.3", "sleep 12; true")
    assert (status, answer["because"]) == (137, "timed out") and time.monotonic() - start < 10
