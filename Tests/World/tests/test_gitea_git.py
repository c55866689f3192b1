"""The Gitea stand-in: git behind the same address. reference gitea-drone A.1, A.5, A.9."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from standin import Standin, basic, started

pytestmark = pytest.mark.worldless
REFS = "info/refs?service=git-upload-pack"
QUIET = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}


def git(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@t", *words]
    return subprocess.run(command, env={**os.environ, **QUIET, **environment}, capture_output=True, text=True)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`open/notes` and `mirror/notes`, each with a pull request that no branch has."""
    root = tmp_path_factory.mktemp("git")
    work = tmp_path_factory.mktemp("work")
    git(work, "init", "--quiet", "--initial-branch=main")
    for number in range(3):
        (work / "file").write_text("x" * 200_000 * number)
        git(work, "add", "--all")
        git(work, "commit", "--quiet", "--message", f"{number}")
    git(work, "checkout", "--quiet", "--detach", "HEAD")
    git(work, "commit", "--quiet", "--allow-empty", "--message", "change")
    for owner in ("open", "mirror"):
        bare = root / owner / "notes.git"
        bare.parent.mkdir()
        git(work, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
        assert git(work, "push", "--quiet", str(bare), "main", "HEAD:refs/pull/1/head").returncode == 0
    return root


@pytest.fixture(scope="module", params=["1.25.4", "1.15.11"])
def forge(request: pytest.FixtureRequest, root: Path) -> Iterator[Standin]:
    with started("gitea", "--version", request.param) as gitea:
        words = {"users": [{"login": "bot", "token": "geheim"}, {"login": "otto", "token": "fremd"}]}
        words["orgs"] = [{"name": "mirror", "members": {"bot": "private"}}]
        words["adopt"] = [{"git": str(root), "public": ["open"], "author": "otto"}]
        gitea.control("POST", "/seed", words)
        gitea.version = request.param
        yield gitea


@pytest.mark.parametrize(
    ("path", "authorization", "wanted"),
    [
        (f"/open/notes.git/{REFS}", None, 200),
        (f"/open/notes/{REFS}", None, 200),
        (f"/open/notes.git/{REFS}", basic("bot", "wrong"), 401),
        (f"/open/no-such.git/{REFS}", None, 401),
        (f"/open/no-such.git/{REFS}", basic("bot", "geheim"), 404),
        (f"/mirror/notes.git/{REFS}", None, 401),
        (f"/mirror/notes.git/{REFS}", basic("bot", "geheim"), 200),
        (f"/mirror/notes.git/{REFS}", basic("otto", "fremd"), 404),
        (f"/mirror/notes.git/{REFS}", "Basic not-base64", 401),
        ("/mirror/notes.git/info/refs?service=git-receive-pack", basic("bot", "geheim"), 403),
        ("/mirror/../secrets/forge_token", basic("bot", "geheim"), 404),
        ("/", None, 404),
    ],
)
def test_a9_who_may_read_what(forge: Standin, path: str, authorization: str | None, wanted: int) -> None:
    reply = forge("GET", path, **({"Authorization": authorization} if authorization else {}))
    assert reply.status == wanted
    assert ("WWW-Authenticate" in reply.headers) == (wanted == 401)


@pytest.mark.parametrize("scheme", ["token", "Bearer"])
def test_a1_git_takes_basic_only_in_1_15(forge: Standin, scheme: str) -> None:
    status = forge("GET", f"/mirror/notes.git/{REFS}", Authorization=f"{scheme} geheim").status
    assert status == (401 if forge.version == "1.15.11" else 200)


def fetch(forge: Standin, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The header comes in the environment, for this host only (A.9)."""
    git(folder, "init", "--quiet")
    header = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"http.{forge.url}/.extraHeader"}
    header["GIT_CONFIG_VALUE_0"] = f"Authorization: {basic('bot', 'geheim')}"
    return git(folder, "fetch", "--quiet", "--depth=1", f"{forge.url}/mirror/notes.git", *words, **header)


def test_a5_a_pull_request_and_any_commit_can_be_fetched(forge: Standin, root: Path, tmp_path: Path) -> None:
    bare = root / "mirror" / "notes.git"
    assert fetch(forge, tmp_path, "refs/pull/1/head").returncode == 0
    older = git(bare, "rev-parse", "main~1").stdout.strip()
    assert fetch(forge, tmp_path, older).returncode == 0
    assert git(tmp_path, "rev-parse", "FETCH_HEAD").stdout.strip() == older
    # Version 2 of the protocol allows it to everybody; the older ones only where the server does.
    git(tmp_path, "config", "protocol.version", "0")
    oldest = git(bare, "rev-parse", "main~2").stdout.strip()
    assert fetch(forge, tmp_path, oldest).returncode == 0


def test_a_clone_of_everything_is_whole(forge: Standin, root: Path, tmp_path: Path) -> None:
    assert git(tmp_path, "clone", "--quiet", f"{forge.url}/open/notes.git", "copy").returncode == 0
    assert git(tmp_path / "copy", "fsck", "--full").returncode == 0
    assert git(tmp_path / "copy", "rev-list", "--count", "HEAD").stdout.strip() == "3"


def test_adopted_repositories_have_their_pull_requests_in_the_api(forge: Standin, root: Path) -> None:
    head = git(root / "mirror" / "notes.git", "rev-parse", "refs/pull/1/head").stdout.strip()
    pull = forge("GET", "/api/v1/repos/mirror/notes/pulls/1", token="geheim").json
    assert (pull["head"]["sha"], pull["state"]) == (head, "open")
    assert pull["head"]["repo"]["clone_url"] == f"{forge.url}/mirror/notes.git"


def test_a5_the_hidden_ref_may_lag_behind_the_head(forge: Standin, root: Path) -> None:
    bare = root / "open" / "notes.git"
    main, head = (git(bare, "rev-parse", ref).stdout.strip() for ref in ("main", "refs/pull/1/head"))
    push = {"repo": "open/notes", "number": 1}
    forge.control("POST", "/pushes", push | {"sha": main, "ref": False})
    assert forge("GET", "/api/v1/repos/open/notes/pulls/1").json["head"]["sha"] == main
    assert git(bare, "rev-parse", "refs/pull/1/head").stdout.strip() == head
    forge.control("POST", "/pushes", push | {"sha": main})
    assert git(bare, "rev-parse", "refs/pull/1/head").stdout.strip() == main
    forge.control("POST", "/pushes", push | {"sha": head})


def test_a2_a_status_is_for_a_commit_that_the_repository_has(forge: Standin, root: Path) -> None:
    forge.control("POST", "/repos", {"repo": "open/notes", "collaborators": {"bot": "write"}})
    older = git(root / "open" / "notes.git", "rev-parse", "main~1").stdout.strip()
    for sha, wanted in ((older, 201), ("4" * 40, 500)):
        assert forge("POST", f"/api/v1/repos/open/notes/statuses/{sha}", {"state": "success"}, token="geheim").status == wanted


def test_a1_a_renamed_repository_redirects_git_too(forge: Standin) -> None:
    forge.control("POST", "/repos", {"repo": "open/was"})
    forge.control("POST", "/renames", {"repo": "open/was", "to": "is"})
    reply = forge("GET", f"/open/was.git/{REFS}")
    assert (reply.status, reply.headers["Location"]) == (302 if forge.version == "1.15.11" else 301, f"/open/is.git/{REFS}")
    forge.control("POST", "/removals", {"repo": "open/is"})


def test_a_reader_cannot_push(forge: Standin, tmp_path: Path) -> None:
    fetch(forge, tmp_path, "refs/pull/1/head")
    url = forge.url.replace("http://", "http://bot:geheim@")
    pushed = git(tmp_path, "push", f"{url}/mirror/notes.git", "FETCH_HEAD:refs/heads/evil")
    assert pushed.returncode != 0 and "403" in pushed.stderr
