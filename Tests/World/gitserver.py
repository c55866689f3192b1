"""The forge's git side: smart HTTP over TLS, read only, in front of `git http-backend`.

usage: gitserver.py <world folder> <port>

Repositories are `<world>/git/<owner>/<name>.git`. Owner `coop-cloud` is public, every other owner is private and
wants the token of `<world>/secrets/forge_token`, in any of the three forms that Gitea takes.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import ssl
import subprocess
import sys
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO, Iterator
from urllib.parse import urlsplit

PUBLIC_OWNERS = {"coop-cloud"}
CHUNK = 65_536
GIT_PATH = re.compile(
    r"/(?P<owner>[\w-]+)/(?P<name>[\w.-]+?)(?:\.git)?/(?P<rest>info/refs|git-upload-pack|git-receive-pack|HEAD|objects/[\w/.-]+)"
)


@dataclass(frozen=True)
class GitRequest:
    """A request for one repository, as its path and query name it."""

    owner: str
    name: str
    rest: str
    query: str

    @classmethod
    def parse(cls, target: str) -> GitRequest | None:
        url = urlsplit(target)
        match = GIT_PATH.fullmatch(url.path)
        if match is None or ".." in url.path:
            return None
        return cls(match["owner"], match["name"], match["rest"], url.query)

    @property
    def writes(self) -> bool:
        return "git-receive-pack" in (self.rest, self.query.removeprefix("service="))


@dataclass(frozen=True)
class Access:
    """Who may read what."""

    token: str

    def decide(self, request: GitRequest, exists: bool, authorization: str | None) -> HTTPStatus:
        """A missing repository looks like a private one to a stranger, and wrong credentials open nothing."""
        known = authorization is not None and self.accepts(authorization)
        if authorization is not None and not known:
            return HTTPStatus.UNAUTHORIZED
        if not known and not (exists and request.owner in PUBLIC_OWNERS):
            return HTTPStatus.UNAUTHORIZED
        if not exists:
            return HTTPStatus.NOT_FOUND
        return HTTPStatus.FORBIDDEN if request.writes else HTTPStatus.OK

    def accepts(self, authorization: str) -> bool:
        kind, _, value = authorization.partition(" ")
        match kind.lower():
            case "token" | "bearer":
                candidates = [value]
            case "basic":
                candidates = self._basic(value)
            case _:
                candidates = []
        return any(hmac.compare_digest(candidate.encode(), self.token.encode()) for candidate in candidates)

    @staticmethod
    def _basic(value: str) -> list[str]:
        try:
            return base64.b64decode(value, validate=True).decode().split(":", 1)
        except (binascii.Error, UnicodeDecodeError):
            return []


@dataclass(frozen=True)
class Forge:
    """What the handler needs to know of the world."""

    root: Path
    access: Access

    def repository(self, request: GitRequest) -> Path:
        return self.root / request.owner / f"{request.name}.git"


class Handler(BaseHTTPRequestHandler):
    """Decides, then hands the request to git and its answer back."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def answer(self) -> None:
        forge, request = self.server.forge, GitRequest.parse(self.path)
        if request is None:
            return self.refuse(HTTPStatus.NOT_FOUND)
        exists = forge.repository(request).is_dir()
        status = forge.access.decide(request, exists, self.headers.get("Authorization"))
        if status is not HTTPStatus.OK:
            return self.refuse(status)
        self.serve(request)

    def refuse(self, status: HTTPStatus) -> None:
        body = f"{status.phrase}\n".encode()
        self.send_response(status)
        if status is HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", 'Basic realm="Gitea"')
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        # The request's body was not read.
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def serve(self, request: GitRequest) -> None:
        backend = subprocess.Popen(
            ["git", "http-backend"], env=self.environment(request), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert backend.stdin and backend.stdout
        try:
            for piece in self.body():
                backend.stdin.write(piece)
            backend.stdin.close()
            self.relay(backend.stdout)
        finally:
            backend.stdout.close()
            backend.wait()

    def environment(self, request: GitRequest) -> dict[str, str]:
        values = {
            "PATH": "/usr/bin:/bin",
            "HOME": "/nonexistent",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
            "GIT_PROJECT_ROOT": str(self.server.forge.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": f"/{request.owner}/{request.name}.git/{request.rest}",
            "REQUEST_METHOD": self.command,
            "QUERY_STRING": request.query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "REMOTE_ADDR": self.client_address[0],
        }
        if encoding := self.headers.get("Content-Encoding"):
            values["HTTP_CONTENT_ENCODING"] = encoding
        if protocol := self.headers.get("Git-Protocol"):
            values["GIT_PROTOCOL"] = protocol
        if length := self.headers.get("Content-Length"):
            values["CONTENT_LENGTH"] = length
        return values

    def body(self) -> Iterator[bytes]:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return
        left = int(self.headers.get("Content-Length", 0))
        while left > 0 and (piece := self.rfile.read(min(left, CHUNK))):
            left -= len(piece)
            yield piece

    def relay(self, answer: BinaryIO) -> None:
        """The backend's CGI answer as HTTP, in chunks since its length is not known."""
        status, headers = 200, []
        while line := answer.readline().rstrip(b"\r\n"):
            key, _, value = line.decode("latin-1").partition(": ")
            if key.lower() == "status":
                status = int(value.split()[0])
            else:
                headers.append((key, value))
        self.send_response(status)
        for key, value in headers:
            self.send_header(key, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while piece := answer.read1(CHUNK):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *arguments: object) -> None:
        print(self.log_date_time_string(), format % arguments, flush=True)


class Server(ThreadingHTTPServer):
    """TLS on loopback; the handshake happens in the connection's own thread."""

    daemon_threads = True

    def __init__(self, port: int, forge: Forge, certificate: Path, key: Path) -> None:
        self.forge = forge
        super().__init__(("127.0.0.1", port), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: object, client_address: object) -> None:
        print(f"{client_address}: {sys.exc_info()[1]!r}", flush=True)


def main() -> None:
    world, port = Path(sys.argv[1]), int(sys.argv[2])
    token = (world / "secrets" / "forge_token").read_text().strip()
    forge = Forge(world / "git", Access(token))
    Server(port, forge, world / "ca" / "wildcard.pem", world / "ca" / "wildcard.key").serve_forever()


if __name__ == "__main__":
    main()
