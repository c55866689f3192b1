"""Talks to notesdb. As a program: `dbclient.py ping | dump | load`, with the password of /run/secrets/db_password."""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

PORT = 5432


class Client:
    """One connection, logged in."""

    def __init__(self, host: str) -> None:
        self.socket = socket.create_connection((host, PORT), timeout=5)
        self.file = self.socket.makefile("rw")
        self.ask({"auth": Path("/run/secrets/db_password").read_text()})

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        self.socket.close()

    def ask(self, request: dict[str, Any]) -> Any:
        self.file.write(json.dumps(request) + "\n")
        self.file.flush()
        line = self.file.readline()
        if not line:
            raise ConnectionError("the database hung up")
        answer = json.loads(line)
        if "error" in answer:
            raise ConnectionError(answer["error"])
        return answer["ok"]

    def get(self, key: str) -> Any:
        return self.ask({"get": key})

    def put(self, key: str, value: Any) -> None:
        self.ask({"put": key, "value": value})

    def delete(self, key: str) -> None:
        self.ask({"delete": key})


def main() -> None:
    with Client(os.environ.get("DB_HOST", "127.0.0.1")) as client:
        match sys.argv[1:]:
            case ["ping"]:
                client.get("schema")
            case ["dump"]:
                json.dump(client.ask({"dump": True}), sys.stdout)
            case ["load"]:
                client.ask({"load": json.load(sys.stdin)})
            case _:
                sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError) as error:
        sys.exit(f"dbclient: {error}")
