"""The sample recipes as repositories."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import HERE, WORLD, docker_reads, git

RECIPES = sorted(path.parent.name for path in (HERE.parent / "recipes").glob("*/history"))
PULLED = [recipe for recipe in RECIPES if "\npull 1 " in (HERE.parent / "recipes" / recipe / "history").read_text()]
RELEASES = {
    "compose-broken": ["1.0.0+1.27.0"],
    "crash-loop": ["1.0.0+1.36"],
    "custom-html": ["1.0.0+1.27.0", "1.1.0+1.27.1", "1.2.0+1.27.2"],
    "evil-socket": ["1.0.0+1.27.0"],
    "keycloak": ["1.0.0+26.0.0"],
    "late-database": ["1.0.0+1.36"],
    "noop-restore": ["1.0.0+1.27.0", "1.1.0+1.27.1"],
    "notes": ["0.1.0+1.0.0", "0.2.0+1.1.0", "1.0.0+1.2.0"],
    "slow-migration": ["1.0.0+1.36"],
    "sso-app": ["0.1.0+1.0.0", "0.2.0+1.1.0"],
    "wiped-volume": ["1.0.0+1.27.0", "1.1.0+1.27.1"],
    "wrong-http": ["1.0.0+1.27.0", "1.1.0+1.27.1"],
}


def repository(owner: str, recipe: str) -> Path:
    return WORLD / "git" / owner / f"{recipe}.git"


def test_every_recipe_has_its_row_above() -> None:
    assert RECIPES == sorted(RELEASES)


@pytest.mark.parametrize("recipe", RECIPES)
def test_releases_are_annotated_tags_with_their_own_label(recipe: str) -> None:
    for owner in ("coop-cloud", "mirror"):
        assert git(repository(owner, recipe), "tag", "--list").splitlines() == RELEASES[recipe]
    upstream = repository("coop-cloud", recipe)
    for version in RELEASES[recipe]:
        assert git(upstream, "cat-file", "-t", version) == "tag"
        assert f".version={version}\"" in git(upstream, "show", f"{version}:compose.yml")


@pytest.mark.parametrize("recipe", PULLED)
def test_pull_request_is_one_commit_on_main_of_the_mirror(recipe: str) -> None:
    mirror = repository("mirror", recipe)
    assert git(mirror, "rev-parse", "refs/pull/1/head^") == git(mirror, "rev-parse", "main")
    assert git(repository("coop-cloud", recipe), "for-each-ref", "refs/pull") == ""


@pytest.mark.parametrize("recipe", RECIPES)
def test_only_the_broken_compose_file_does_not_parse(recipe: str, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", str(repository("mirror", recipe)), "clone")
    if recipe in PULLED:
        git(tmp_path / "clone", "fetch", "--quiet", "origin", "refs/pull/1/head")
        git(tmp_path / "clone", "checkout", "--quiet", "FETCH_HEAD")
    complaint = docker_reads(tmp_path / "clone" / "compose.yml")
    assert ("yaml: line" in complaint) if recipe == "compose-broken" else (complaint == "")


def test_commit_ids_are_the_same_every_time(tmp_path: Path) -> None:
    script = HERE.parent / "recipes" / "build.py"
    command = [sys.executable, str(script), str(tmp_path / "git"), str(tmp_path / "recipes.json"), "https://x"]
    subprocess.run(command, check=True)
    for recipe in RECIPES:
        again = git(tmp_path / "git" / "mirror" / f"{recipe}.git", "for-each-ref", "refs/heads", "refs/tags", "refs/pull")
        assert again == git(repository("mirror", recipe), "for-each-ref", "refs/heads", "refs/tags", "refs/pull")
    assert sorted(json.loads((tmp_path / "recipes.json").read_text())) == RECIPES
