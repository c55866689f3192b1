"""Starts a stand-in of a server and talks to it, for tests."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

WORLD_FOLDER = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> object:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


def ask(base: str, method: str, path: str, headers: dict[str, str] | None = None, body: object = None, seconds: float = 20) -> Reply:
    """One request on a connection of its own; no redirect is followed."""
    url = urlsplit(base)
    connection = HTTPConnection(url.hostname or "", url.port, timeout=seconds)
    try:
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        connection.request(method, path, data, headers or {})
        answer = connection.getresponse()
        return Reply(answer.status, dict(answer.getheaders()), answer.read())
    finally:
        connection.close()


@dataclass
class Standin:
    """`prefix` goes in front of every path, `token` into every request that names no other."""

    url: str
    control_url: str
    process: subprocess.Popen[str]
    prefix: str = ""
    scheme: str = "token"
    token: str = ""

    def __call__(self, method: str, path: str, body: object = None, token: str | None = None, **headers: str) -> Reply:
        word = self.token if token is None else token
        if word:
            headers = {"Authorization": f"{self.scheme} {word}", **headers}
        return ask(self.url, method, self.prefix + path, headers, body)

    def get(self, path: str, token: str | None = None, **headers: str) -> Reply:
        return self("GET", path, None, token, **headers)

    def control(self, method: str, path: str, body: object = None) -> object:
        reply = ask(self.control_url, method, path, {}, body)
        assert reply.status == 200, reply.text
        return reply.json

    def fault(self, fault: str, **words: object) -> None:
        self.control("POST", "/faults", {"fault": fault, **words})

    def counts(self) -> dict[str, object]:
        value = self.control("GET", "/counts")
        assert isinstance(value, dict)
        return value


@contextmanager
def started(program: str, *arguments: str) -> Iterator[Standin]:
    """`program`: a folder beside the tests' one."""
    command = [sys.executable, "-I", "-B", str(WORLD_FOLDER / program), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        line = json.loads(process.stdout.readline())
        yield Standin(line["url"], line["control"], process)
    finally:
        process.terminate()
        try:
            process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            # One that hangs ends with its test too.
            process.kill()
            raise


def basic(name: str, word: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{word}".encode()).decode()


@dataclass
class Receiver:
    """A server that keeps what it is sent: the place of a webhook's target."""

    url: str
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    delay: float = 0

    def wait_for(self, count: int, seconds: float = 5) -> None:
        until(lambda: len(self.got) >= count, seconds)


@contextmanager
def receiver() -> Iterator[Receiver]:
    kept = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.got.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            time.sleep(kept.delay)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    kept.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()


def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "not in time"
        time.sleep(0.02)
