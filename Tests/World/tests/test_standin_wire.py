"""HTTP as the stand-ins of servers speak it, tried on the Gitea one."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

import pytest

from standin import WORLD_FOLDER, Standin, ask, started, until

pytestmark = pytest.mark.worldless


@pytest.fixture(scope="module")
def gitea() -> Iterator[Standin]:
    with started("gitea") as standin:
        words = {"users": [{"login": "u", "token": "t"}], "repos": [{"repo": "o/r"}], "pulls": [{"repo": "o/r", "author": "u"}]}
        standin.control("POST", "/seed", words)
        standin.prefix, standin.token = "/api/v1", "t"
        yield standin


def raw(standin: Standin, text: bytes) -> bytes:
    """What comes back until the other side closes."""
    host, port = standin.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(text)
        pieces = []
        while piece := connection.recv(65_536):
            pieces.append(piece)
    return b"".join(pieces)


def test_tls_with_a_certificate(tmp_path: Path) -> None:
    pem = tmp_path / "pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=git.ci.localhost"]
    command += ["-addext", "subjectAltName=DNS:git.ci.localhost,IP:127.0.0.1", "-keyout", str(pem), "-out", str(tmp_path / "certificate")]
    subprocess.run(command, check=True, capture_output=True)
    with started("gitea", "--certificate", str(tmp_path / "certificate"), "--key", str(pem), "--name", "git.ci.localhost") as gitea:
        assert gitea.url.startswith("https://git.ci.localhost:")
        port = int(gitea.url.rsplit(":", 1)[1])
        connection = HTTPSConnection("127.0.0.1", port, context=ssl.create_default_context(cafile=str(tmp_path / "certificate")))
        for _ in range(3):
            connection.request("GET", "/api/v1/version")
            assert json.loads(connection.getresponse().read())["version"]
        with socket.create_connection(("127.0.0.1", port)) as silent:
            silent.sendall(b"GET / HTTP/1.1\r\n\r\n")
            connection.request("GET", "/api/v1/version")
            assert connection.getresponse().read(), "who cannot speak TLS stops nobody"
        connection.close()


def test_a_body_may_come_in_chunks_and_after_a_question(gitea: Standin) -> None:
    head = b"POST /api/v1/repos/o/r/issues/1/comments HTTP/1.1\r\nHost: x\r\nAuthorization: token t\r\nConnection: close\r\n"
    chunks = b"8\r\n{\"body\":\r\n8;x=y\r\n \"caf\xc3\xa9\"\r\n1\r\n}\r\n0\r\n\r\n"
    answer = raw(gitea, head + b"Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\n") and '"body":"caf\u00e9"'.encode() in answer


def test_small_bodies_have_a_length_large_ones_come_in_chunks(gitea: Standin) -> None:
    assert "Content-Length" in gitea.get("/version").headers
    gitea.control("POST", "/comments", {"repo": "o/r", "number": 1, "author": "u", "body": "x" * 5000})
    large = gitea.get("/repos/o/r/issues/comments")
    assert large.headers["Transfer-Encoding"] == "chunked" and large.json


def test_204_and_head_have_no_body(gitea: Standin) -> None:
    gitea.control("POST", "/orgs", {"name": "club", "members": {"u": "public"}})
    ended = raw(gitea, b"GET /api/v1/orgs/club/members/u HTTP/1.1\r\nHost: x\r\nAuthorization: token t\r\nConnection: close\r\n\r\n")
    assert ended.startswith(b"HTTP/1.1 204 No Content\r\n") and ended.endswith(b"\r\n\r\n") and b"Content-Length" not in ended


def test_requests_in_a_row_are_answered_in_their_order(gitea: Standin) -> None:
    one = b"GET /api/v1/%s HTTP/1.1\r\nHost: x\r\n%s\r\n"
    answer = raw(gitea, one % (b"version", b"") + one % (b"no/such", b"Connection: close\r\n"))
    assert answer.index(b"200 OK") < answer.index(b"404 Not Found")


LONG = b"GET / HTTP/1.1\r\na: " + b"x" * 70_000 + b"\r\n\r\n"


@pytest.mark.parametrize("text", [b"GET /\r\n\r\n", LONG, b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"])
def test_nonsense_is_400_and_the_end(gitea: Standin, text: bytes) -> None:
    assert raw(gitea, text).startswith(b"HTTP/1.1 400 Bad Request")
    assert gitea.get("/version").status == 200


def test_a_slow_request_holds_up_nobody(gitea: Standin) -> None:
    gitea.fault("slow", seconds=1, match="*/user", times=1)
    connection = HTTPConnection(*gitea.url.removeprefix("http://").split(":"))
    connection.request("GET", "/api/v1/user", headers={"Authorization": "token t"})
    until(lambda: gitea.control("GET", "/faults")[0]["times"] == 0)
    begun = time.monotonic()
    assert gitea.get("/version").status == 200 and time.monotonic() - begun < 0.8
    assert connection.getresponse().status == 200
    assert gitea.counts()["most_at_once"] >= 2
    connection.close()


def test_the_stand_in_ends_with_whoever_started_it(tmp_path: Path) -> None:
    script = "import subprocess, sys; p = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE); print(p.stdout.readline().decode())"
    command = [sys.executable, "-c", script, sys.executable, "-I", "-B", str(WORLD_FOLDER / "gitea")]
    line = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    def gone() -> bool:
        try:
            os.kill(line["pid"], 0)
        except ProcessLookupError:
            return True
        return "Z" in Path(f"/proc/{line['pid']}/stat").read_text().rpartition(")")[2]

    until(gone)


def test_an_idle_pass_measures_the_client(gitea: Standin) -> None:
    """500 repositories of one owner: the feed is one request of a few milliseconds, so is each listing."""
    repos = [{"repo": f"many/r{n}"} for n in range(500)]
    pulls = [{"repo": f"many/r{n}", "author": "u", "at": 1_780_000_000} for n in range(500) for _ in range(3)]
    gitea.control("POST", "/seed", {"repos": repos, "pulls": pulls})
    gitea.control("DELETE", "/log")
    for _ in range(20):
        assert gitea.get("/repos/issues/search?type=pulls&state=all&owner=many&since=2026-11-01T00:00:00Z&limit=50&page=1").json == []
        assert gitea.get("/repos/many/r7/issues/comments?since=2026-11-01T00:00:00Z").json == []
    spent = sorted(entry["ms"] for entry in gitea.control("GET", "/log"))
    assert spent[len(spent) // 2] < 10, spent


def test_a_mistake_in_a_call_or_an_option_is_loud() -> None:
    """A control call that fails says why, with 400; an unknown option ends the program."""
    command = [sys.executable, "-I", "-B", str(WORLD_FOLDER / "gitea"), "--no-such"]
    assert subprocess.run(command, capture_output=True).returncode == 2
    with started("drone") as drone:
        reply = ask(drone.control_url, "POST", "/builds", {}, {"repo": "no/such"})
        assert (reply.status, reply.json) == (400, {"error": "Refused: no such repository: no/such"})
