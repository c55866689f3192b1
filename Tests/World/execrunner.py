"""The place of drone-runner-exec for one build: workspace, environment, `sh -e`, and the cancel that kills only `sh`.

usage: execrunner.py [--param KEY=VALUE]… [--host-env KEY=VALUE]… [--env KEY=VALUE]… [--number N] [--repo OWNER/NAME] [--source FOLDER]
                     [--cancel-after SECONDS | --cancel-file PATH] [--timeout SECONDS] [--workspace FOLDER [--keep]] COMMAND…

Each COMMAND is one entry of a step's `commands`. `--env` is what is said last: of the build by a server, and by the step itself. The steps of one
stage share a `--workspace`, which all but the last `--keep`. On a cancel or a timeout it does what the real one does (the reference, C.5): SIGKILL to the
step's `sh` at once and to nobody else, then the workspace is deleted, and it goes on without waiting for what survived. A line of JSON at the end
says what became of the build. Exit code: that of the step; 137 when it was killed.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ALWAYS = ("PATH", "USER")  # all that a step sees of the host's environment


def pairs(items: list[str]) -> dict[str, str]:
    return dict(item.partition("=")[::2] for item in items)


class Workspace:
    """`drone-<16 random>/{home/drone,drone/src,opt}`, for its owner only."""

    def __init__(self, root: Path, source: Path | None) -> None:
        self.root = root
        self.home = self.root / "home/drone"
        self.source = self.root / "drone/src"
        for folder in (self.home, self.source, self.root / "opt"):
            folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        (self.home / ".netrc").write_text("machine git.invalid login x password y\n")
        if source:
            shutil.copytree(source, self.source, dirs_exist_ok=True, symlinks=True, ignore=shutil.ignore_patterns(".git", ".build"))

    def script(self, commands: list[str]) -> Path:
        """Each entry is echoed with a plus before it runs."""
        lines = ["set -e"]
        for command in commands:
            lines += [f"echo + {json.dumps(command)}", command]
        path = self.root / "opt/step"
        path.write_text("\n".join(lines) + "\n")
        return path


def environment(options: argparse.Namespace, place: Workspace) -> dict[str, str]:
    """Later wins: the host's two, the runner's own, the build's parameters, what Drone says of the build, the workspace (C.2)."""
    owner, _, name = options.repo.partition("/")
    number = str(options.number)
    return {
        **{key: os.environ[key] for key in ALWAYS if key in os.environ},
        **pairs(options.host_env),
        **pairs(options.param),
        **{"CI": "true", "DRONE": "true", "DRONE_SYSTEM_HOST": "drone.ci.localhost", "DRONE_REPO": options.repo},
        **{"DRONE_REPO_OWNER": owner, "DRONE_REPO_NAME": name, "DRONE_BUILD_NUMBER": number, "DRONE_BUILD_EVENT": "custom"},
        **{"DRONE_BUILD_CREATED": str(int(time.time())), "DRONE_BUILD_STATUS": "success", "CI_BUILD_NUMBER": number},
        **{"DRONE_STAGE_NAME": "recipe", "DRONE_STEP_NAME": "run", "DRONE_HOME": str(place.home)},
        **{"DRONE_WORKSPACE": str(place.source), "HOME": str(place.home), "HOMEPATH": str(place.home), "USERPROFILE": str(place.home)},
        **{"GIT_AUTHOR_NAME": "drone", "GIT_AUTHOR_EMAIL": "noreply@drone", "GIT_TERMINAL_PROMPT": "0"},
        **pairs(options.env),
    }


def run(options: argparse.Namespace) -> dict[str, object]:
    root = Path(options.workspace) if options.workspace else Path(options.root) / f"drone-{secrets.token_urlsafe(12)}"
    place = Workspace(root, Path(options.source) if options.source else None)
    script = place.script(options.command)
    started = time.monotonic()
    # No session, no group of its own; standard input is nothing, output and errors are one pipe: ours.
    step = subprocess.Popen(
        ["/bin/sh", "-e", str(script)], cwd=place.source, env=environment(options, place), stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    reason = ""
    while step.poll() is None:
        passed = time.monotonic() - started
        if options.cancel_after is not None and passed >= options.cancel_after:
            reason = "cancelled"
        elif options.cancel_file and Path(options.cancel_file).exists():
            reason = "cancelled"
        elif options.timeout is not None and passed >= options.timeout:
            reason = "timed out"
        if reason:
            step.send_signal(signal.SIGKILL)
            break
        time.sleep(0.02)
    status = step.wait()
    # What survived may still be writing there: as RemoveAll does, what cannot be removed is left.
    if reason or not options.keep:
        shutil.rmtree(place.root, ignore_errors=True)
    return {
        "status": "killed" if reason else "success" if status == 0 else "failure", "because": reason, "exit_code": 137 if reason else status,
        "number": options.number, "shell": step.pid, "seconds": round(time.monotonic() - started, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="execrunner.py", usage=__doc__)
    parser.add_argument("command", nargs="+")
    parser.add_argument("--param", action="append", default=[])
    parser.add_argument("--host-env", action="append", default=[])
    parser.add_argument("--env", action="append", default=[])
    parser.add_argument("--number", type=int, default=1)
    parser.add_argument("--repo", default="recipe-maintainers/cc-ci")
    parser.add_argument("--source")
    parser.add_argument("--workspace")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--root", default=tempfile.gettempdir())
    parser.add_argument("--cancel-after", type=float)
    parser.add_argument("--cancel-file")
    parser.add_argument("--timeout", type=float)
    answer = run(parser.parse_args())
    print(json.dumps(answer), file=sys.stderr, flush=True)
    sys.exit(int(str(answer["exit_code"])))


if __name__ == "__main__":
    main()
