"""`abra server add | ls`."""

from __future__ import annotations

import output
import places
from commandline import Call
from fatal import Fatal


def add(call: Call) -> None:
    name = "default" if call.on("local") else call.argument(0)
    if name is None:
        raise Fatal("missing argument: server or --local")
    folder = places.servers() / name
    if folder.is_dir():
        output.warn(f"server {name} already exists")
        return
    folder.mkdir(parents=True)
    output.info(f"{name} successfully added")


def ls(call: Call) -> None:
    names = sorted(path.name for path in places.servers().iterdir() if path.is_dir()) if places.servers().is_dir() else []
    rows = [{"name": name, "host": "local" if name == "default" else name} for name in names]
    if call.on("machine"):
        output.machine(rows)
    else:
        output.table(["NAME", "HOST"], [[row["name"], row["host"]] for row in rows])
