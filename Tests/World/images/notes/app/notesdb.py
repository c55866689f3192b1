"""A small database server: everything in memory, a journal of its own in /var/lib/notesdb.

One JSON object a line over TCP, the first of them `{"auth": "<password>"}`. The password of the first start is kept
(its hash), so a secret that changes later opens nothing. The journal is read once, at the start: a file that is
replaced under the running server is not noticed, as with any real database.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import signal
import socketserver
import sys
import threading
from pathlib import Path
from typing import Any

FOLDER = Path("/var/lib/notesdb")
PORT = 5432


class Database:
    """Keys to values, with every change written to the journal before it is answered."""

    def __init__(self, folder: Path) -> None:
        self.lock = threading.Lock()
        self.path = folder / "journal.jsonl"
        self.values: dict[str, Any] = {}
        for line in self.path.read_text().splitlines() if self.path.exists() else []:
            self.replay(json.loads(line))
        self.journal = self.path.open("a")

    def replay(self, entry: dict[str, Any]) -> None:
        if "value" in entry:
            self.values[entry["key"]] = entry["value"]
        else:
            self.values.pop(entry["key"], None)

    def change(self, entry: dict[str, Any]) -> None:
        with self.lock:
            self.replay(entry)
            self.write(entry)

    def write(self, entry: dict[str, Any]) -> None:
        self.journal.write(json.dumps(entry) + "\n")
        self.journal.flush()
        os.fsync(self.journal.fileno())

    def load(self, values: dict[str, Any]) -> None:
        """Replaces everything."""
        with self.lock:
            self.values = dict(values)
            self.journal.close()
            self.path.unlink()
            self.journal = self.path.open("a")
            for key, value in values.items():
                self.write({"key": key, "value": value})

    def answer(self, request: dict[str, Any]) -> Any:
        match request:
            case {"get": key}:
                return self.values.get(key)
            case {"put": key, "value": value}:
                return self.change({"key": key, "value": value})
            case {"delete": key}:
                return self.change({"key": key})
            case {"dump": True}:
                return self.values
            case {"load": values}:
                return self.load(values)
        raise ValueError(f"cannot read: {request}")


def is_password(folder: Path, candidate: str) -> bool:
    salt, digest = (folder / "password").read_text().split()
    return hashed(salt, candidate) == digest


def hashed(salt: str, password: str) -> str:
    return hashlib.sha256(f"{salt}:{password}".encode()).hexdigest()


def initialise(folder: Path) -> None:
    """The first start decides the password."""
    path = folder / "password"
    if path.exists():
        return
    salt = secrets.token_hex(8)
    password = Path("/run/secrets/db_password").read_text()
    path.write_text(f"{salt} {hashed(salt, password)}\n")
    path.chmod(0o600)
    print("initialised a new database", flush=True)


class Connection(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        if not is_password(FOLDER, json.loads(self.rfile.readline()).get("auth", "")):
            print("password authentication failed", flush=True)
            return self.say({"error": "password authentication failed"})
        self.say({"ok": None})
        for line in self.rfile:
            try:
                self.say({"ok": self.server.database.answer(json.loads(line))})
            except ValueError as error:
                self.say({"error": str(error)})

    def say(self, message: dict[str, Any]) -> None:
        self.wfile.write(json.dumps(message).encode() + b"\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, database: Database) -> None:
        self.database = database
        super().__init__(("0.0.0.0", PORT), Connection)


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    initialise(FOLDER)
    database = Database(FOLDER)
    print(f"notesdb {os.environ['NOTESDB_VERSION']}: {len(database.values)} keys, ready", flush=True)
    Server(database).serve_forever()


if __name__ == "__main__":
    main()
