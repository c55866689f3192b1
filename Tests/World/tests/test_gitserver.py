"""The forge's git side."""

from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path

import pytest
from conftest import WORLD, git

URL = "https://git.ci.localhost:8443"
TOKEN = (WORLD / "secrets" / "forge_token").read_text().strip()
BASIC = base64.b64encode(f"bot:{TOKEN}".encode()).decode()


def status(path: str, *headers: str) -> int:
    command = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", str(WORLD / "ca" / "ca.pem")]
    for header in headers:
        command += ["-H", header]
    return int(subprocess.run([*command, URL + path], check=True, capture_output=True, text=True).stdout)


REFS = "info/refs?service=git-upload-pack"


@pytest.mark.parametrize(
    ("path", "authorization", "wanted"),
    [
        (f"/coop-cloud/notes.git/{REFS}", None, 200),
        (f"/coop-cloud/notes/{REFS}", None, 200),
        (f"/coop-cloud/notes.git/{REFS}", "token wrong", 401),
        (f"/coop-cloud/no-such.git/{REFS}", None, 401),
        (f"/coop-cloud/no-such.git/{REFS}", f"token {TOKEN}", 404),
        (f"/mirror/notes.git/{REFS}", None, 401),
        (f"/mirror/notes.git/{REFS}", "token wrong", 401),
        (f"/mirror/notes.git/{REFS}", f"token {TOKEN}", 200),
        (f"/mirror/notes.git/{REFS}", f"Bearer {TOKEN}", 200),
        (f"/mirror/notes.git/{REFS}", f"Basic {BASIC}", 200),
        (f"/mirror/notes.git/{REFS}", "Basic not-base64", 401),
        ("/mirror/notes.git/info/refs?service=git-receive-pack", f"token {TOKEN}", 403),
        ("/mirror/../secrets/forge_token", f"token {TOKEN}", 404),
        ("/", None, 404),
    ],
)
def test_who_may_read_what(path: str, authorization: str | None, wanted: int) -> None:
    assert status(path, *([f"Authorization: {authorization}"] if authorization else [])) == wanted


def fetch(folder: Path, revision: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "GIT_SSL_CAINFO": str(WORLD / "ca" / "bundle.pem"), "GIT_TERMINAL_PROMPT": "0"}
    header = f"http.extraHeader=Authorization: token {TOKEN}"
    command = ["git", "-c", header, "fetch", "--quiet", "--depth=1", f"{URL}/mirror/notes.git", revision]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_pull_request_and_bare_commit_can_be_fetched(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    assert fetch(tmp_path, "refs/pull/1/head").returncode == 0
    older = git(WORLD / "git" / "mirror" / "notes.git", "rev-parse", "main~1")
    assert fetch(tmp_path, older).returncode == 0
    assert git(tmp_path, "rev-parse", "FETCH_HEAD") == older
