"""The modules that hooks in any language run as programs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[2] / "tests"


@pytest.mark.parametrize("module", ["deps", "env", "ops", "secret"])
def test_a_program_without_arguments_says_how_to_call_it_and_nothing_else(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"ccci_test.{module}"], env={**os.environ, "PYTHONPATH": str(TESTS)}, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert done.stdout == ""
    assert "python3 -m ccci_test." in done.stderr
    assert "Warning" not in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(("words", "says"), [
    (["env", "KEY"], "ccci_test.env: 'KEY' has no ="),
    (["env", "KEY=value"], "ccci_test.env: CCCI_APP_ENV is not set: only hooks of a run are told the app"),
    (["deps", "keycloak", "issuer"], "ccci_test.deps: CCCI_DEPS_FILE is not set: only hooks and tests of a run are told what it depends on"),
])
def test_outside_of_a_run_it_says_so_in_one_line(words: list[str], says: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CCCI_")} | {"PYTHONPATH": str(TESTS)}
    done = subprocess.run([sys.executable, "-m", f"ccci_test.{words[0]}", *words[1:]], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0 and done.stdout == ""
    assert says in done.stderr and done.stderr.count("\n") == 1


def test_every_name_is_there() -> None:
    words = "import ccci_test; print([name for name in ccci_test.__all__ if not callable(getattr(ccci_test, name))])"
    done = subprocess.run(
        [sys.executable, "-c", words], env={**os.environ, "PYTHONPATH": str(TESTS)}, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
