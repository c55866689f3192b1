"""Runs nix-instantiate: parsing, and the evaluation of the modules to one JSON value."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
EVAL = ROOT / "nix" / "checks" / "eval.nix"


class EvaluationFailed(Exception):
    """nix-instantiate stopped; the text is what it said."""


def instantiate(*arguments: str) -> str:
    """Standard output of nix-instantiate, with a store of its own: nothing of the host's is read or written."""
    with tempfile.TemporaryDirectory(prefix="ccci-nix-") as place:
        environment = {**os.environ, "NIX_STORE_DIR": f"{place}/store", "NIX_STATE_DIR": f"{place}/var", "NIX_LOG_DIR": f"{place}/log", "NIX_REMOTE": ""}
        done = subprocess.run(["nix-instantiate", *arguments], capture_output=True, text=True, env=environment, timeout=60, cwd=ROOT)
    if done.returncode != 0:
        raise EvaluationFailed(done.stderr.strip())
    return done.stdout


def parse(path: Path) -> str | None:
    """What is wrong with the syntax of a file, or None."""
    try:
        instantiate("--parse", str(path))
    except EvaluationFailed as failure:
        return str(failure)
    return None


def nixpkgs() -> str | None:
    """The nixpkgs that `CCCI_NIXPKGS` names, or None for the stub of lib."""
    return os.environ.get("CCCI_NIXPKGS") or None


def evaluate(store: str = "/pkgs", host: Path | None = None, extra: str = "", unpinned: bool = False) -> dict[str, Any]:
    """The modules with the host of the checks, or another one, and one more module as text."""
    arguments = ["--eval", "--strict", "--json", str(EVAL), "--argstr", "store", store, "--arg", "unpinned", "true" if unpinned else "false"]
    if named := nixpkgs():
        arguments += ["--arg", "nixpkgs", str(Path(named).resolve())]
    if host:
        arguments += ["--arg", "host", str(host)]
    with tempfile.TemporaryDirectory(prefix="ccci-extra-") as place:
        if extra:
            file = Path(place, "extra.nix")
            file.write_text(extra, encoding="utf-8")
            arguments += ["--arg", "extra", str(file)]
        return json.loads(instantiate(*arguments))


if __name__ == "__main__":
    # For the tests that run the units: STORE HOST.nix.
    print(json.dumps(evaluate(store=sys.argv[1], host=Path(sys.argv[2]))))
