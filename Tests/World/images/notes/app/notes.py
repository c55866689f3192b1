"""Notes over HTTP, kept in notesdb; files in /srv/uploads.

GET / is the health page. POST /notes {"text": …}, GET /notes, PUT and GET /uploads/<name>, GET /uploads.
Schema 1 (1.0) keeps one list of texts, schema 2 (1.1) one key a note, schema 3 (1.2) adds when it was written.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from dbclient import Client

VERSION = os.environ["NOTES_VERSION"]
SCHEMA = {"1.0": 1, "1.1": 2, "1.2": 3}[VERSION.rsplit(".", 1)[0]]
UPLOADS = Path("/srv/uploads")
CONFIG = Path("/etc/notes.conf")
PATIENCE = 30


def database() -> Client:
    return Client(os.environ["DB_HOST"])


def migrate(client: Client) -> None:
    """Forward, one step at a time; never back."""
    schema = client.get("schema")
    if schema is None:
        schema = SCHEMA
        client.put("notes", [] if SCHEMA == 1 else 0)
    if schema > SCHEMA:
        sys.exit(f"FATAL: the database has schema {schema}, notes {VERSION} knows {SCHEMA}")
    if schema == 1 and SCHEMA > 1:
        texts = client.get("notes")
        for number, text in enumerate(texts):
            client.put(f"note/{number}", {"text": text})
        client.put("notes", len(texts))
        schema = 2
    if schema == 2 and SCHEMA > 2:
        for number in range(client.get("notes")):
            client.put(f"note/{number}", {**client.get(f"note/{number}"), "created": None})
    client.put("schema", SCHEMA)


def add_note(client: Client, text: str) -> int:
    if SCHEMA == 1:
        notes = client.get("notes")
        client.put("notes", [*notes, text])
        return len(notes)
    number = client.get("notes")
    client.put(f"note/{number}", {"text": text} if SCHEMA == 2 else {"text": text, "created": int(time.time())})
    client.put("notes", number + 1)
    return number


def all_notes(client: Client) -> list[dict[str, Any]]:
    if SCHEMA == 1:
        return [{"id": number, "text": text} for number, text in enumerate(client.get("notes"))]
    return [{"id": number, **client.get(f"note/{number}")} for number in range(client.get("notes"))]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/":
            with database() as client:
                page = f"<h1>{title()}</h1>\n<p>notes {VERSION}, schema {client.get('schema')}, schema known {SCHEMA}</p>\n"
            self.say(200, page.encode(), "text/html; charset=utf-8")
        elif self.path == "/notes":
            with database() as client:
                self.say_json(200, all_notes(client))
        elif self.path == "/uploads":
            self.say_json(200, sorted(path.name for path in UPLOADS.iterdir()))
        elif (upload := self.upload()) and upload.is_file():
            self.say(200, upload.read_bytes(), "application/octet-stream")
        else:
            self.say(404, b"no such page\n", "text/plain")

    def do_POST(self) -> None:
        if self.path != "/notes":
            return self.say(404, b"no such page\n", "text/plain")
        with database() as client:
            self.say_json(201, {"id": add_note(client, json.loads(self.body())["text"])})

    def do_PUT(self) -> None:
        upload = self.upload()
        if upload is None:
            return self.say(404, b"no such page\n", "text/plain")
        upload.write_bytes(self.body())
        self.say_json(201, {"name": upload.name})

    def upload(self) -> Path | None:
        match = re.fullmatch(r"/uploads/(\w[\w.-]*)", self.path)
        return UPLOADS / match[1] if match else None

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        pieces = []
        while size := int(self.rfile.readline(), 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def say_json(self, status: int, value: Any) -> None:
        self.say(status, json.dumps(value).encode() + b"\n", "application/json")

    def say(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def title() -> str:
    lines = dict(line.split(" = ", 1) for line in CONFIG.read_text().splitlines() if " = " in line)
    return lines["title"]


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    limit = time.monotonic() + PATIENCE
    while True:
        try:
            with database() as client:
                migrate(client)
            break
        except OSError as error:
            if time.monotonic() > limit:
                sys.exit(f"FATAL: no database at {os.environ['DB_HOST']}: {error}")
            time.sleep(0.3)
    print(f"notes {VERSION}: ready", flush=True)
    ThreadingHTTPServer(("0.0.0.0", 80), Handler).serve_forever()


if __name__ == "__main__":
    main()
