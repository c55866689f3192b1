"""Hooks of the backup labels, run in the containers of their services."""

from __future__ import annotations

import subprocess

import botlog
import engine
from backuplabels import LabelledService
from fatal import Fatal


def run(services: list[LabelledService], kind: str) -> None:
    for service in services:
        command = service.hook(kind)
        if command:
            run_one(service, command)


def run_one(service: LabelledService, command: str) -> None:
    """A hook that fails is only logged; a container that does not run ends everything, as a 409 of the engine does."""
    container = engine.running_container(service.service)
    if container is None:
        raise Fatal(f"409 Client Error: Conflict (container of {service.name} is not running)")
    botlog.log("INFO", f"run command in {service.name}: {command}")
    result = subprocess.run(
        [engine.program(), "exec", container, "sh", "-c", command], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if result.returncode != 0:
        botlog.log("ERROR", f"Failed to run command {command} in {service.name}: {result.stdout}{result.stderr}")
    else:
        botlog.log("INFO", result.stdout)
