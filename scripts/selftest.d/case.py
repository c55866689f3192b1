"""One run of ccci-run in an installation of its own: what goes in, and everything that came out."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Link:
    """A symbolic link in the place of a file."""

    target: str


@dataclass(frozen=True)
class Plain:
    """A file that stays without its executable bit, though it begins with #!."""

    text: str


@dataclass(frozen=True)
class Executable:
    """A file with its executable bit, though nothing in it says so."""

    text: str


class Folder:
    """A folder in the place of a file."""


# What a file becomes: its text or bytes, a change of the text that is there, no file at all, or something else of its name.
Content = "str | bytes | Callable[[str], str] | Link | Plain | Executable | type[Folder] | None"


def put(path: Path, content: Content) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if callable(content) and content is not Folder:
        content = content(path.read_text())
    if path.is_symlink() or path.exists():
        path.unlink()
    if content is None:
        return
    if content is Folder:
        path.mkdir()
        (path / "keep").write_text("")
        return
    if isinstance(content, Link):
        path.symlink_to(content.target)
        return
    text = content.text if isinstance(content, (Plain, Executable)) else content
    data = text if isinstance(text, bytes) else text.encode()
    path.write_bytes(data)
    is_script = data.startswith(b"#!") and not isinstance(content, Plain)
    path.chmod(0o755 if is_script or isinstance(content, Executable) else 0o644)


@dataclass
class Answer:
    exit: int
    output: str
    errors: str
    # None when the run never got as far as a record.
    results: dict | None
    # Name below the record → text, but for the folders that a run drops.
    record: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    @property
    def message(self) -> list[str]:
        """The lines that are addressed to the user, without the program's name."""
        return [line.removeprefix("ccci-run: ") for line in self.errors.splitlines() if line.startswith("ccci-run: ")]

    @property
    def said(self) -> str:
        """Everything that was printed or stored."""
        return "\n".join([self.output, self.errors, *self.record.values()])


class Installation:
    """A folder with shelf, runs, locks and tests/ of its own, on the world's swarm. Use it as a context: it removes itself."""

    def __init__(self, environment: dict[str, str], commands: Path, recipe: str) -> None:
        self.world = Path(environment["CCCI_WORLD"])
        self.recipe, self.command = recipe, [str(commands / "ccci-run")]
        self.folder = self.world / "installations" / f"selftest-{os.urandom(5).hex()}"
        self.tests = self.folder / "tests"
        self.environment = {
            **environment, "CCCI_HOST_SHELF": f"{self.folder}/shelf", "CCCI_HOST_RUNS": f"{self.folder}/runs", "CCCI_HOST_LOCK": f"{self.folder}/lock"}
        self.reference: tuple[Path, str] | None = None

    def __enter__(self) -> Installation:
        self.tests.mkdir(parents=True)
        for name in ("ccci_test", "conftest.py"):
            source = ROOT / "tests" / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, self.tests / name)
        return self

    def __exit__(self, *_: object) -> None:
        if self.reference:
            git(self.reference[0], "update-ref", "-d", self.reference[1])
        shutil.rmtree(self.folder, ignore_errors=True)

    def overlay(self, files: dict[str, Content]) -> None:
        for name, content in files.items():
            if isinstance(content, str):
                content = content.replace("@PROOF@", str(self.proof))
            put(self.tests / self.recipe / name, content)

    @property
    def proof(self) -> Path:
        """Where an overlay keeps what nothing else may show."""
        return self.folder / "proof"

    def pull_request(self, number: int, edits: dict[str, Content]) -> list[str]:
        """The head of a pull request with edits on top, as a pull request that nobody else tests."""
        repository = self.world / "git/mirror" / f"{self.recipe}.git"
        clone = self.folder / "clone"
        git("/", "clone", "--quiet", "--no-checkout", str(repository), str(clone))
        have = subprocess.run(["git", "-C", repository, "rev-parse", "--verify", "--quiet", f"refs/pull/{number}/head"], capture_output=True)
        git(clone, "fetch", "--quiet", "origin", f"refs/pull/{number}/head" if have.returncode == 0 else "HEAD")
        git(clone, "checkout", "--quiet", "--detach", "FETCH_HEAD")
        for name, edit in edits.items():
            put(clone / name, edit)
        git(clone, "add", "--all", "--force")
        git(clone, "commit", "--quiet", "--allow-empty", "-m", f"self-test {os.urandom(6).hex()}")
        own = str(10**6 + int.from_bytes(os.urandom(3), "big"))
        self.reference = (repository, f"refs/pull/{own}/head")
        git(clone, "push", "--quiet", "origin", f"HEAD:{self.reference[1]}")
        return ["--ref", git(clone, "rev-parse", "HEAD"), "--pr", own, "--src", f"https://git.ci.localhost:8443/mirror/{self.recipe}.git"]

    def plan(self, *target: str) -> subprocess.CompletedProcess[str]:
        return self.call("plan", self.recipe, "--tests", str(self.tests), *target, "--json")

    def call(self, *words: str, limit: float = 600) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*self.command, *words], env=self.environment, cwd=ROOT, capture_output=True, text=True, errors="replace", timeout=limit)

    def run(self, *target: str, domain: str, faults: tuple[str, ...] = ()) -> Answer:
        with self.faults(faults, domain):
            done = self.call(self.recipe, "--tests", str(self.tests), *target, "--run-id", "s", "--json")
        results = self.folder / "runs/s/results.json"
        return Answer(
            done.returncode, done.stdout, done.stderr, json.loads(results.read_text()) if results.exists() else None, self.record(), self.left(domain))

    def record(self) -> dict[str, str]:
        runs = self.folder / "runs"
        found = {}
        for path in sorted(runs.rglob("*")):
            # The run's guard may still be tidying up.
            with contextlib.suppress(FileNotFoundError):
                if path.is_file():
                    found[str(path.relative_to(runs))] = path.read_text(errors="replace")
        return found

    def left(self, domain: str) -> list[str]:
        stack = domain.replace(".", "_")
        listing = [["service", "ls", "--format", "{{.Name}}"], ["volume", "ls", "--format", "{{.Name}}"], ["secret", "ls", "--format", "{{.Name}}"]]
        found = [name for words in listing for name in subprocess.run(["docker", *words], capture_output=True, text=True).stdout.split() if name.startswith(stack)]
        return found + [str(path) for path in (self.world / "abra-home/servers").glob(f"*/{domain}.env")]

    @contextlib.contextmanager
    def faults(self, names: tuple[str, ...], domain: str) -> Iterator[None]:
        """Switched on for this app alone. `name*2` wears off after two times."""
        mine = [{"fault": name, "domain": domain, **({"times": int(times)} if times else {})} for name, _, times in (name.partition("*") for name in names)]
        self.change_faults(mine, lambda faults: faults + mine)
        try:
            yield
        finally:
            self.change_faults(mine, lambda faults: [fault for fault in faults if fault["domain"] != domain])

    def change_faults(self, mine: list[dict[str, str]], change: Callable[[list], list]) -> None:
        if not mine:
            return
        with open(self.world / "faults.json", "a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            faults = change(json.loads(file.read() or "[]"))
            file.seek(0)
            file.truncate()
            json.dump(faults, file)


def git(folder: Path | str, *words: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@ci.localhost", "-c", "advice.detachedHead=false"]
    return subprocess.run(["git", "-C", str(folder), *identity, *words], check=True, capture_output=True, text=True).stdout.strip()
