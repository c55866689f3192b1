"""What the tests of the world share: the raised world, a private state directory, and apps that are cleaned up."""

from __future__ import annotations

import json
import os
import pty
import secrets
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Iterator

import pytest

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "abra"))

WORLD = Path(os.environ.get("CCCI_WORLD", "/var/tmp/ccci-world"))
ZONE = "ci.localhost"


@dataclass(frozen=True)
class Answer:
    """What a call of abra left."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> object:
        return json.loads(self.out)


@dataclass
class Abra:
    """Calls the abra under test (`ABRA`, else the stand-in) with a state directory of its own."""

    home: Path
    domains: list[str] = field(default_factory=list)

    @property
    def program(self) -> str:
        return os.environ.get("ABRA", str(WORLD / "bin" / "abra"))

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "ABRA_DIR": str(self.home), "LC_ALL": "C.UTF-8", "CCCI_WORLD": str(WORLD)}

    def __call__(self, *arguments: str, cwd: Path | None = None) -> Answer:
        result = subprocess.run(
            [self.program, *arguments],
            env=self.environment,
            cwd=cwd or self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return Answer(result.returncode, result.stdout, result.stderr)

    def at_terminal(self, *arguments: str) -> Answer:
        """Standard input is a terminal; the answer is read from a pipe."""
        master, slave = pty.openpty()
        try:
            result = subprocess.run(
                [self.program, *arguments],
                env=self.environment,
                cwd=self.home,
                stdin=slave,
                capture_output=True,
                timeout=120,
            )
        finally:
            os.close(slave)
            os.close(master)
        return Answer(result.returncode, result.stdout.decode(), result.stderr.decode())

    def recipe(self, name: str) -> Path:
        """A clone with every pull request, as a driver would have made it."""
        folder = self.home / "recipes" / name
        if not folder.exists():
            git(self.home, "clone", "--quiet", str(WORLD / "git" / "mirror" / f"{name}.git"), str(folder))
            git(folder, "fetch", "--quiet", "origin", "refs/pull/*:refs/pull/*")
        return folder

    def new(self, recipe: str, version: str = "") -> str:
        """An app at a domain that nobody else has."""
        self.recipe(recipe)
        domain = f"{recipe[:4]}-{secrets.token_hex(3)}.{ZONE}"
        words = [recipe, version] if version else [recipe]
        answer = self("app", "new", *words, "-n", "-o", f"--domain={domain}", "--server=default")
        assert answer.status == 0, answer
        self.domains.append(domain)
        return domain

    def env(self, domain: str) -> Path:
        return self.home / "servers" / "default" / f"{domain}.env"

    def clean_up(self) -> None:
        """By plain docker: the abra under test is not trusted with it."""
        remove_stacks([stack(domain) for domain in self.domains])


def stack(domain: str) -> str:
    return domain.replace(".", "_")


def git(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null"}
    command = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@t", *arguments]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()


def docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout.strip()


def docker_stack(verb: str, *arguments: str) -> None:
    """Never waits for tasks: older clients never do, later ones have a flag."""
    flags = ["--detach=true"] if "--detach" in docker("stack", verb, "--help") else []
    docker("stack", verb, *flags, *arguments)


def docker_reads(*paths: Path, **values: str) -> str:
    """What docker says of compose files; nothing when they are good. It reads them before it looks for the engine."""
    engine = "unix:///nonexistent"
    command = [shutil.which("docker") or "docker", "--config", "/nonexistent", "--host", engine]
    files = [argument for path in paths for argument in ("--compose-file", str(path))]
    command += ["stack", "deploy", *files, "never-deployed"]
    error = subprocess.run(command, env=values, capture_output=True, text=True).stderr
    return "" if f"Cannot connect to the Docker daemon at {engine}" in error else error.strip()


def labels(service: str) -> dict[str, str]:
    return json.loads(docker("service", "inspect", service, "--format", "{{json .Spec.Labels}}"))


def containers(name: str) -> str:
    return docker("ps", "-aq", "--filter", f"label=com.docker.stack.namespace={name}")


def remove_stacks(names: list[str]) -> None:
    """All at once: each takes seconds to stop."""
    if names:
        docker_stack("rm", *names)
    for name in names:
        wait_until(lambda name=name: not containers(name))
        for volume in docker("volume", "ls", "-q", "--filter", f"label=com.docker.stack.namespace={name}").split():
            docker("volume", "rm", volume)
        for secret in docker("secret", "ls", "-q", "--filter", f"name={name}_").split():
            docker("secret", "rm", secret)


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "not in time"
        time.sleep(0.2)


@pytest.fixture(scope="session", autouse=True)
def world(request: pytest.FixtureRequest) -> Path:
    """Raised, unless everything that was asked for does without it."""
    if all(item.get_closest_marker("worldless") for item in request.session.items):
        return WORLD
    subprocess.run([str(HERE.parent / "world"), "up"], check=True, capture_output=True)
    return WORLD


@pytest.fixture(scope="module")
def abra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Abra]:
    """One state directory a module: the catalogue is the world's, everything else is private."""
    home = tmp_path_factory.mktemp("abra")
    (home / "servers" / "default").mkdir(parents=True)
    (home / "recipes").mkdir()
    (home / "catalogue").symlink_to(WORLD / "abra-home" / "catalogue")
    caller = Abra(home)
    yield caller
    caller.clean_up()
    shutil.rmtree(home)
