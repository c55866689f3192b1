"""What every benchmark stands on: the built commands, the world, an installation of its own, and the form of a row."""

from __future__ import annotations

import difflib
import json
import os
import random
import shlex
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORLD = ROOT / "Tests/World/world"

# What every row says. `other` and `ratio` are None where nobody else does the same; `name_of_other` says then why.
KEYS = ("what", "unit", "ours", "other", "name_of_other", "ratio", "goal", "ok", "limits", "details")


def say(words: str) -> None:
    print(f"bench: {words}", file=sys.stderr, flush=True)


def stop(code: int, what: str, hint: str) -> None:
    print(f"bench: {what}\nbench: hint: {hint}", file=sys.stderr)
    sys.exit(code)


def row(what: str, unit: str, ours: float, other: float | None, name_of_other: str, goal: str, ok: bool, limits: str, details=(), **more) -> dict:
    """`goal` and `limits` are sentences, `details` lines for the reader; whatever else there is stands in the JSON only."""
    ratio = None if other is None else round(ours / other, 4)
    return {
        "what": what, "unit": unit, "ours": ours, "other": other, "name_of_other": name_of_other, "ratio": ratio, "goal": goal, "ok": bool(ok),
        "limits": limits, "details": list(details), **more}


def spread(values) -> dict:
    return {"median": round(statistics.median(values), 3), "min": round(min(values), 3), "max": round(max(values), 3)}


def median(values) -> float:
    return round(statistics.median(values), 3)


def words_of(values, unit: str) -> str:
    found = spread(values)
    return f"median {found['median']} {unit}, {found['min']} to {found['max']} in {len(values)}"


@dataclass
class Stage:
    """Where a benchmark finds what it measures."""

    binaries: Path
    quick: bool
    seed: int

    @cached_property
    def environment(self) -> dict[str, str]:
        """Of an operator's shell in the raised world."""
        raised = subprocess.run([WORLD, "up"], stdout=sys.stderr, stderr=subprocess.PIPE, text=True, check=False)
        if raised.returncode:
            stop(72, "the world does not come up", (raised.stderr.strip().splitlines() or ["Tests/World/world up"])[-1])
        lines = subprocess.run([WORLD, "env"], check=True, capture_output=True, text=True).stdout
        environment = dict(os.environ)
        for line in lines.splitlines():
            for word in shlex.split(line.removeprefix("export ")):
                name, _, value = word.partition("=")
                environment[name] = os.path.expandvars(value)
        return environment

    @property
    def world(self) -> Path:
        return Path(self.environment["CCCI_WORLD"])

    def fingerprint(self) -> str:
        """What is on the swarm."""
        return subprocess.run([WORLD, "fingerprint"], capture_output=True, text=True, check=True).stdout


def changes(before: str, after: str) -> list[str]:
    """What was on the swarm and is gone or another now, a line each. All is said, what came too: somebody else may be at work there."""
    found = [line for line in difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0) if line[0] in "+-" and line[:3] not in ("+++", "---")]
    for line in found:
        say(f"the swarm has changed: {line}")
    return [line for line in found if line[0] == "-"]


def build(products, debug: bool) -> Path:
    """The commands as they are shipped: release, static standard library, stripped. For trying a benchmark, debug builds do."""
    say(f"building {', '.join(products)}")
    script = '. scripts/lib.sh; build_release "$@"' if not debug else '. scripts/lib.sh; for name in "$@"; do "$(find_swift)" build --product "$name" >&2; done'
    built = subprocess.run(["bash", "-ec", script, "bench", *products], cwd=ROOT, stdout=sys.stderr, check=False)
    if built.returncode:
        sys.exit(built.returncode)
    return ROOT / ".build" / ("debug" if debug else "release")


def spawned(count: int, command, environment, status: int | None = 0) -> list[tuple[float, float, float]]:
    """Starts a command so often, one after the other: milliseconds, peak MiB and milliseconds of processor time of each.

    The peak cannot fall below the 9 MiB of the small process that starts it; what is far above is exact.
    """
    done = subprocess.run(
        [sys.executable, "-I", "-S", ROOT / "scripts/bench.d/spawn.py", str(count), *map(str, command)],
        env=environment, capture_output=True, text=True, check=False)
    found = [line.split() for line in done.stdout.splitlines()]
    wrong = [words for words in found if status is not None and int(words[2]) != status]
    if done.returncode or wrong or len(found) != count:
        said = subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True, check=False)
        stop(70, f"{Path(str(command[0])).name} {' '.join(map(str, command[1:]))} ended with {said.returncode} instead of {status}",
             (said.stderr or done.stderr).strip()[-500:] or "it says nothing")
    return [(float(words[0]) * 1000, int(words[1]) / 1024, float(words[3]) * 1000) for words in found]


def words(environment, *command) -> list[str]:
    """What a command prints, word by word."""
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.split()


def until(condition, what: str, seconds: float = 60) -> None:
    """Waits; `what` is said when it does not come true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            stop(69, f"{what} within {seconds} s", "docker service ls")
        time.sleep(0.2)


class Installation:
    """Shelf, records and locks of its own, so that no other run's janitor does this one's work; and a pull request that nobody else tests."""

    def __init__(self, stage: Stage, kind: str, recipe: str = "custom-html", head: str = "refs/pull/1/head") -> None:
        self.stage, self.recipe, self.head = stage, recipe, head
        self.folder = stage.world / "installations" / f"bench-{kind}-{os.urandom(4).hex()}"
        self.references: list[str] = []
        self.environment = {
            **stage.environment, "CCCI_HOST_SHELF": f"{self.folder}/shelf", "CCCI_HOST_RUNS": f"{self.folder}/runs",
            "CCCI_HOST_LOCK": f"{self.folder}/lock"}

    def __enter__(self) -> "Installation":
        self.folder.mkdir(parents=True)
        return self

    def __exit__(self, *_) -> None:
        for reference in self.references:
            self.git("update-ref", "-d", reference)
        shutil.rmtree(self.folder, ignore_errors=True)

    def git(self, *words: str) -> str:
        command = ["git", "-C", f"{self.stage.world}/git/mirror/{self.recipe}.git", "-c", "user.name=b", "-c", "user.email=b@ci.localhost", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def target(self) -> list[str]:
        """A pull request of its own, so that its app's domain is its own."""
        head = self.git("rev-parse", self.head)
        commit = self.git("commit-tree", f"{head}^{{tree}}", "-p", head, "-m", os.urandom(8).hex())
        number = str(random.randrange(10**6, 10**7))
        self.git("update-ref", f"refs/pull/{number}/head", commit)
        self.references.append(f"refs/pull/{number}/head")
        return [self.recipe, "--ref", commit, "--pr", number, "--src", f"https://git.ci.localhost:8443/mirror/{self.recipe}.git"]

    def start(self, target, *options: str) -> subprocess.Popen:
        return subprocess.Popen(
            [self.stage.binaries / "ccci-run", *target, "--json", *options], env=self.environment, cwd=ROOT,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def run(self, target, *options: str) -> dict:
        """One run to its end: its results, with `wall_s`."""
        start = time.monotonic()
        return finished(self.start(target, *options), start)


def finished(process: subprocess.Popen, start: float) -> dict:
    said = process.stdout.read() if process.stdout else ""
    process.wait()
    try:
        results = json.loads(said)
    except json.JSONDecodeError:
        stop(70, f"a run ended with {process.returncode} and no answer", "try the same by hand: ccci-run custom-html")
    results["wall_s"] = time.monotonic() - start
    return results
