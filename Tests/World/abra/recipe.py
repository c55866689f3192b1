"""A recipe's clone below `$ABRA_DIR/recipes`, and the rule that moves its checkout."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import git
import output
import places
import versions
from commandline import Call
from fatal import Fatal


@dataclass(frozen=True)
class Recipe:
    """By name, or by address for one that the catalogue does not know."""

    name: str

    @property
    def folder(self) -> Path:
        return places.recipes() / re.sub(r"[./]", "_", self.name) if "/" in self.name else places.recipes() / self.name

    @property
    def address(self) -> str:
        if "/" in self.name:
            return f"https://{self.name}.git"
        try:
            return json.loads(places.catalogue().read_text())[self.name]["repository"]
        except (FileNotFoundError, KeyError):
            raise Fatal(f"{self.name} doesn't exist in the catalogue?") from None

    def ensure(self, call: Call, version: str = "") -> None:
        """The abra reference, rule 3: chaos leaves the checkout alone, everything else moves it."""
        self.ensure_exists(call)
        if call.on("chaos"):
            return
        self.ensure_clean()
        if not call.on("offline"):
            self.fetch_tags()
        self.check_out(version.removesuffix("+U") or self.newest() or self.default_branch())

    def ensure_exists(self, call: Call) -> None:
        if (self.folder / ".git").exists():
            return
        if call.on("offline"):
            raise Fatal(f"{self.name} is not in {places.recipes()} and cannot be cloned offline")
        address = self.address
        output.info(f"cloning {address}")
        places.recipes().mkdir(parents=True, exist_ok=True)
        try:
            git.run(places.recipes(), "clone", "--quiet", address, str(self.folder))
        except Fatal as error:
            raise Fatal(f"unable to clone {self.name}: {error}") from None

    def ensure_clean(self) -> None:
        if self.is_dirty():
            raise Fatal(
                f"{self.name} ({self.folder}) has locally unstaged changes? "
                "please commit/remove your changes before proceeding"
            )

    def fetch_tags(self) -> None:
        try:
            git.run(self.folder, "fetch", "--quiet", "--tags", "--force", "origin")
        except Fatal as error:
            raise Fatal(f"unable to fetch tags in {self.folder}: {error}") from None

    def check_out(self, revision: str) -> None:
        try:
            git.run(self.folder, "checkout", "--quiet", "--force", "--detach", revision)
        except Fatal as error:
            raise Fatal(f"unable to check out {revision} of {self.name}: {error}") from None

    def is_dirty(self) -> bool:
        """Untracked files count, ignored ones do not (rule 4)."""
        return bool(git.run(self.folder, "status", "--porcelain"))

    def tags(self) -> list[str]:
        """The versions, oldest first."""
        return versions.ordered(git.run(self.folder, "tag", "--list").splitlines())

    def newest(self) -> str | None:
        tags = self.tags()
        return tags[-1] if tags else None

    def newest_annotated(self) -> str | None:
        return next((tag for tag in reversed(self.tags()) if self.is_annotated(tag)), None)

    def is_annotated(self, tag: str) -> bool:
        return git.run(self.folder, "cat-file", "-t", f"refs/tags/{tag}") == "tag"

    def commit(self) -> str:
        return git.run(self.folder, "rev-parse", "HEAD")

    def short_head(self) -> str:
        return self.commit()[:8]

    def chaos_version(self) -> str:
        return self.short_head() + ("+U" if self.is_dirty() else "")

    def default_branch(self) -> str:
        for branch in ("main", "master"):
            if branch in git.run(self.folder, "branch", "--list", "--format=%(refname:short)").splitlines():
                return branch
        raise Fatal(f"{self.name} has neither main nor master")

    def release_notes(self, version: str) -> str | None:
        path = self.folder / "release" / version
        return path.read_text() if path.is_file() else None

    def exports(self) -> dict[str, str]:
        """The `export X=v` lines of abra.sh."""
        script = self.folder / "abra.sh"
        if not script.is_file():
            return {}
        return dict(re.findall(r"""^export (\w+)=["']?([^"'\s]*)""", script.read_text(), re.MULTILINE))
