"""`abra app run`: a command in the running container of a service."""

from __future__ import annotations

import subprocess

import engine
import question
from app import App
from commandline import Call
from engine import Json
from fatal import Fatal


def run(call: Call) -> None:
    app = App.find(call.arguments[0])
    service = named(app, call.arguments[1])
    container = engine.running_container(service)
    if container is None:
        raise Fatal(f"no containers matching the {app.stack}_{call.arguments[1]} filter found?")
    options = ["--interactive"]
    if not call.on("no-tty"):
        question.must_have_terminal("the input device is not a TTY")
        options.append("--tty")
    if call.on("user"):
        options += ["--user", call.value("user")]
    command = [engine.program(), "exec", *options, container, *call.arguments[2:]]
    status = subprocess.run(command).returncode
    if status != 0:
        raise Fatal(f"exit status {status}")


def named(app: App, name: str) -> Json:
    for service in app.must_be_deployed():
        if service["Spec"]["Name"] == f"{app.stack}_{name}":
            return service
    raise Fatal(f"no service {name} in {app.name}")
