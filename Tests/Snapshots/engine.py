"""A stand-in for the docker engine: as much of its API as ccci-snap asks, with volumes in a folder of the test.

The real engine is asked in CCCIWorldTests; here the volumes must be able to lie on other file systems, and everything must be killable.
"""

import json
import os
import shutil
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from urllib.parse import parse_qs, unquote, urlsplit


class Engine(ThreadingMixIn, UnixStreamServer):
    """Serves on a unix socket until closed. `services`, `containers` and `secrets` are what it says about them."""

    daemon_threads = True

    def __init__(self, path: Path, volumes: Path) -> None:
        self.volumes = volumes
        self.labels: dict[str, dict[str, str]] = {}
        self.options: dict[str, dict[str, str]] = {}
        self.services: list[dict[str, object]] = []
        self.containers: list[dict[str, object]] = []
        self.secrets: list[dict[str, object]] = []
        volumes.mkdir(parents=True, exist_ok=True)
        super().__init__(str(path), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def volume(self, name: str) -> dict[str, object]:
        return {
            "Name": name, "Driver": "local", "Mountpoint": str(self.volumes / name / "_data"), "CreatedAt": "2026-01-01T00:00:00Z",
            "Labels": self.labels.get(name), "Options": self.options.get(name)}

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    server: Engine
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def address_string(self) -> str:
        return "unix"

    def answer(self, value: object, status: int = 200) -> None:
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def parts(self) -> tuple[str, dict[str, list[str]]]:
        address = urlsplit(self.path)
        filters = json.loads(parse_qs(address.query).get("filters", ["{}"])[0])
        return "/" + address.path.split("/", 2)[2], filters

    def do_GET(self) -> None:
        path, filters = self.parts()
        names = filters.get("name", [""])
        if path == "/volumes":
            found = [self.server.volume(name) for name in sorted(os.listdir(self.server.volumes)) if name != "lost+found"]
            wanted = dict(label.split("=", 1) for label in filters.get("label", []))
            found = [one for one in found if any(name in str(one["Name"]) for name in names)]
            found = [one for one in found if all((one["Labels"] or {}).get(key) == value for key, value in wanted.items())]
            self.answer({"Volumes": found})
        elif path == "/services":
            self.answer(self.server.services)
        elif path == "/containers/json":
            held = filters.get("volume")
            everyone = [one for one in self.server.containers if not held or any(m["Name"] in held for m in one["Mounts"])]
            self.answer([one for one in everyone if held or one["Labels"]])
        elif path == "/secrets":
            self.answer(self.server.secrets)
        else:
            self.answer({"message": f"not known here: {path}"}, 404)

    def do_POST(self) -> None:
        path, _ = self.parts()
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))) or b"{}")
        if path != "/volumes/create":
            return self.answer({"message": f"not known here: {path}"}, 404)
        folder = self.server.volumes / body["Name"]
        (folder / "_data").mkdir(parents=True, exist_ok=True)
        self.server.labels.setdefault(body["Name"], body.get("Labels") or {})
        self.answer(self.server.volume(body["Name"]), 201)

    def do_DELETE(self) -> None:
        path, _ = self.parts()
        shutil.rmtree(self.server.volumes / unquote(path.rsplit("/", 1)[1]))
        self.answer(None, 204)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        self.answer({"message": message}, code)


