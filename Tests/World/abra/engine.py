"""The Docker engine: its API over the socket for facts and objects, the docker program for stacks."""

from __future__ import annotations

import base64
import http.client
import json
import os
import shutil
import socket
import subprocess
from typing import Any
from urllib.parse import quote

from fatal import Fatal

SOCKET = "/var/run/docker.sock"
API = "/v1.41"
STACK_LABEL = "com.docker.stack.namespace"
Json = Any


class Connection(http.client.HTTPConnection):
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(SOCKET)


class EngineError(Fatal):
    """The engine's own words."""


class NotFound(EngineError):
    """It knows no such object."""


def request(method: str, path: str, body: Json = None, **query: Json) -> Json:
    """Query values are sent as JSON where they are not strings, as the engine wants its filters."""
    parts = [f"{key}={quote(value if isinstance(value, str) else json.dumps(value))}" for key, value in query.items()]
    connection = Connection("docker")
    try:
        connection.request(
            method,
            f"{API}{path}" + ("?" + "&".join(parts) if parts else ""),
            json.dumps(body) if body is not None else None,
            {"Content-Type": "application/json"},
        )
        answer = connection.getresponse()
        text = answer.read()
    except OSError as error:
        raise Fatal(f"Cannot connect to the Docker daemon at unix://{SOCKET}: {error}") from error
    finally:
        connection.close()
    if answer.status >= 400:
        raise (NotFound if answer.status == 404 else EngineError)(json.loads(text)["message"])
    return json.loads(text) if text else None


def of_stack(stack: str) -> Json:
    return {"label": [f"{STACK_LABEL}={stack}"]}


def services(stack: str) -> list[Json]:
    return sorted(request("GET", "/services", filters=of_stack(stack)), key=lambda service: service["Spec"]["Name"])


def tasks(stack: str) -> list[Json]:
    return request("GET", "/tasks", filters=of_stack(stack))


def volumes(stack: str) -> list[str]:
    found = request("GET", "/volumes", filters=of_stack(stack))["Volumes"] or []
    return sorted(volume["Name"] for volume in found)


def volume_folder(name: str) -> str | None:
    try:
        return request("GET", f"/volumes/{name}")["Mountpoint"]
    except NotFound:
        return None


def secrets() -> dict[str, str]:
    """Name to id."""
    return {secret["Spec"]["Name"]: secret["ID"] for secret in request("GET", "/secrets")}


def create_secret(name: str, value: bytes) -> None:
    request("POST", "/secrets/create", {"Name": name, "Data": base64.b64encode(value).decode()})


def running_container(service: Json) -> str | None:
    """The container of the service's newest running task."""
    filters = {"service": [service["ID"]], "desired-state": ["running"]}
    running = [task for task in request("GET", "/tasks", filters=filters) if task["Status"]["State"] == "running"]
    if not running:
        return None
    return max(running, key=lambda task: task["CreatedAt"])["Status"]["ContainerStatus"]["ContainerID"]


def docker(*arguments: str, environment: dict[str, str] | None = None, folder: str | None = None) -> str:
    """Runs the docker program with this environment: compose files are interpolated from it.

    The mark of the caller's family is kept: the real abra deploys in its own process, and dies with its deploy.
    """
    family = {name: os.environ[name] for name in ("CCCI_COOKIE",) if name in os.environ}
    command = [program(), "--config", "/nonexistent", "--host", f"unix://{SOCKET}", *arguments]
    result = subprocess.run(
        command, env={**(environment or {}), **family}, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if result.returncode != 0:
        raise Fatal(result.stderr.strip() or f"docker {arguments[0]} failed")
    return result.stdout


def stack(verb: str, *arguments: str, environment: dict[str, str] | None = None, folder: str | None = None) -> str:
    """`docker stack <verb>` that does not wait for tasks: older clients never do, later ones have a flag."""
    flags = ["--detach=true"] if "--detach" in docker("stack", verb, "--help") else []
    return docker("stack", verb, *flags, *arguments, environment=environment, folder=folder)


def program() -> str:
    found = shutil.which("docker")
    if found is None:
        raise Fatal("no docker program on PATH")
    return found
