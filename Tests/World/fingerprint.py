"""Prints what a test must leave as it was: one JSON object a line, sorted.

usage: fingerprint.py <world folder>
"""

from __future__ import annotations

import hashlib
import http.client
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, Iterator

BYSTANDER = "demo-decade_ci_localhost"
SOCKET = "/var/run/docker.sock"
Fact = dict[str, str | int]


class Connection(http.client.HTTPConnection):
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(SOCKET)


def engine(path: str) -> Any:
    connection = Connection("docker")
    connection.request("GET", f"/v1.41{path}")
    answer = connection.getresponse()
    if answer.status != 200:
        sys.exit(f"fingerprint.py: {path}: {answer.status} {answer.reason}")
    return json.load(answer)


def services() -> Iterator[Fact]:
    for service in engine("/services"):
        yield {"service": service["Spec"]["Name"], "id": service["ID"], "version": service["Version"]["Index"]}


def networks() -> Iterator[Fact]:
    for network in engine("/networks"):
        if network["Scope"] == "swarm":
            yield {"network": network["Name"], "id": network["Id"]}


def volumes() -> Iterator[Fact]:
    """The engine's `CreatedAt` moves with the volume's content, so the folder's time of birth is taken."""
    for volume in engine("/volumes")["Volumes"] or []:
        folder = Path(volume["Mountpoint"])
        fact: Fact = {"volume": volume["Name"], "born": born(folder)}
        if volume["Name"].startswith(BYSTANDER):
            fact["content"] = folder_hash(folder)
        yield fact


def named(kind: str) -> Iterator[Fact]:
    for item in engine(f"/{kind}s"):
        yield {kind: item["Spec"]["Name"], "id": item["ID"]}


def bystander_containers() -> Iterator[Fact]:
    for container in engine("/containers/json"):
        labels = container["Labels"]
        if labels.get("com.docker.stack.namespace") == BYSTANDER:
            yield {"bystander-task": labels["com.docker.swarm.task.id"], "container": container["Id"]}


def servers(world: Path) -> Iterator[Fact]:
    root = world / "abra-home" / "servers"
    for path in root.rglob("*"):
        if path.is_file():
            yield {"server-file": str(path.relative_to(root)), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def born(folder: Path) -> str:
    return subprocess.run(["stat", "-c", "%w", str(folder)], check=True, capture_output=True, text=True).stdout.strip()


def folder_hash(root: Path) -> str:
    """Names, owners, modes, times and contents."""
    digest = hashlib.sha256()
    for path in sorted([root, *root.rglob("*")]):
        status = path.lstat()
        digest.update(f"{path.relative_to(root)} {status.st_mode} {status.st_uid} {status.st_gid}".encode())
        if path.is_file():
            digest.update(f"{status.st_mtime_ns}".encode() + path.read_bytes())
    return digest.hexdigest()


def main() -> None:
    sources = [services(), networks(), volumes(), named("secret"), named("config"), bystander_containers()]
    lines = [json.dumps(fact) for source in [*sources, servers(Path(sys.argv[1]))] for fact in source]
    print("\n".join(sorted(lines)))


if __name__ == "__main__":
    main()
