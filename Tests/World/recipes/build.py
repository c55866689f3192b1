"""Builds the sample recipes' git repositories out of the folders beside this file.

usage: build.py <git folder> <catalogue file> <forge url>

A recipe's folder holds `tree/` (its first commit), patches, and `history`, one step a line:

    release <version>                    annotated tag at the tip of main
    commit <patch> <message>             one commit on main
    pull <number> <patch> <message>      one commit on top of main, as refs/pull/<number>/head of the mirror

Dates and author are fixed, so every machine gets the same commit ids.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
FIRST_COMMIT = 1_767_268_800  # 2026-01-01 12:00 UTC
DAY = 86_400
OWNERS = ("coop-cloud", "mirror")


@dataclass
class Repository:
    """A work tree in which a recipe's history is written."""

    name: str
    path: Path
    clock: int = FIRST_COMMIT
    versions: list[str] = field(default_factory=list)
    pulls: dict[int, str] = field(default_factory=dict)

    def git(self, *arguments: str) -> str:
        environment = {
            "PATH": "/usr/bin:/bin",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_AUTHOR_NAME": "Recipe Keeper",
            "GIT_AUTHOR_EMAIL": "keeper@ci.localhost",
            "GIT_COMMITTER_NAME": "Recipe Keeper",
            "GIT_COMMITTER_EMAIL": "keeper@ci.localhost",
            "GIT_AUTHOR_DATE": f"{self.clock} +0000",
            "GIT_COMMITTER_DATE": f"{self.clock} +0000",
        }
        command = ["git", "-C", str(self.path), *arguments]
        result = subprocess.run(command, env=environment, capture_output=True, text=True)
        if result.returncode != 0:
            raise SystemExit(f"build.py: {self.name}: {' '.join(command)}: {result.stderr.strip()}")
        return result.stdout.strip()

    def commit(self, message: str) -> str:
        self.clock += DAY
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def release(self, version: str) -> None:
        self.git("tag", "--annotate", version, "--message", f"release {version}")
        self.versions.append(version)

    def pull(self, number: int, patch: Path, message: str) -> None:
        self.git("checkout", "--quiet", "--detach", "main")
        self.git("apply", "--index", str(patch))
        self.pulls[number] = self.commit(message)
        self.git("update-ref", f"refs/pull/{number}/head", "HEAD")
        self.git("checkout", "--quiet", "main")


def write_history(source: Path, repository: Repository) -> None:
    shutil.copytree(source / "tree", repository.path, symlinks=True)
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.commit("first version")
    for line in (source / "history").read_text().splitlines():
        match line.split(maxsplit=3):
            case [] | ["#", *_]:
                continue
            case ["release", version]:
                repository.release(version)
            case ["commit", patch, *message]:
                repository.git("apply", "--index", str(source / patch))
                repository.commit(" ".join(message))
            case ["pull", number, patch, message]:
                repository.pull(int(number), source / patch, message)
            case _:
                raise SystemExit(f"build.py: {source.name}/history: cannot read: {line}")


def publish(repository: Repository, folder: Path) -> None:
    """Bare repositories for both owners; pull requests live in the mirror, as on a real forge."""
    for owner in OWNERS:
        bare = folder / owner / f"{repository.name}.git"
        bare.parent.mkdir(parents=True, exist_ok=True)
        repository.git("init", "--quiet", "--bare", "--initial-branch=main", str(bare))
        specs = ["refs/heads/main", "refs/tags/*:refs/tags/*"]
        if owner == "mirror":
            specs.append("refs/pull/*:refs/pull/*")
        repository.git("push", "--quiet", str(bare), *specs)
        for key in ("uploadpack.allowReachableSHA1InWant", "uploadpack.allowFilter"):
            repository.git("--git-dir", str(bare), "config", key, "true")


def images(compose: str) -> dict[str, dict[str, str]]:
    """Image and tag of each service, as the catalogue lists them."""
    services = compose.split("\nservices:\n", 1)[1]
    found = {}
    for service, image, tag in re.findall(r"^  (\w+):\n    image: (\S+):(\S+)$", services, re.MULTILINE):
        found[service] = {"image": image, "tag": tag}
    return found


def catalogue_entry(repository: Repository, forge: str) -> dict[str, object]:
    url = f"{forge}/coop-cloud/{repository.name}.git"
    return {
        "category": "Development",
        "default_branch": "main",
        "description": f"sample recipe {repository.name}",
        "features": {"backups": "Yes", "email": "No", "healthcheck": "Yes", "status": 4, "tests": "No", "sso": "No"},
        "icon": "",
        "name": repository.name,
        "repository": url,
        "ssh_url": url,
        "versions": [{v: images(repository.git("show", f"{v}:compose.yml"))} for v in repository.versions],
        "website": "",
    }


def main() -> None:
    target, catalogue, forge = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    fresh, work = target.with_name(target.name + ".new"), target.with_name(target.name + ".work")
    for folder in (fresh, work):
        shutil.rmtree(folder, ignore_errors=True)
    work.mkdir(parents=True)
    entries = {}
    for source in sorted(path.parent for path in HERE.glob("*/history")):
        repository = Repository(source.name, work / source.name)
        write_history(source, repository)
        publish(repository, fresh)
        entries[source.name] = catalogue_entry(repository, forge)
    shutil.rmtree(work)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    catalogue.parent.mkdir(parents=True, exist_ok=True)
    catalogue.write_text(json.dumps(entries, indent=2) + "\n")


if __name__ == "__main__":
    main()
