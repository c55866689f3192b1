"""Waiting until a deployed stack has settled (the abra reference, rule 8)."""

from __future__ import annotations

import time
from collections import Counter

import engine
from app import App
from engine import Json
from fatal import Fatal

POLL = 0.3
DEFAULT_LIMIT = 300.0
# abra gives up on a service that keeps failing; the exact number is not known.
FAILURES = 3
IN_FLIGHT = {"updating", "rollback_started"}
BACK = {"paused", "rollback_paused", "rollback_completed"}


def wait(app: App, started: str) -> None:
    """`started`: tasks that were created before this are none of ours."""
    limit = time.monotonic() + timeout(app)
    while True:
        services, tasks = app.services(), engine.tasks(app.stack)
        if has_failed(services, tasks, started):
            raise Fatal("deploy failed")
        if all(is_settled(service, tasks) for service in services):
            return
        if time.monotonic() > limit:
            raise Fatal("deploy timed out")
        time.sleep(POLL)


def timeout(app: App) -> float:
    value = app.label_values().get("timeout", "")
    return float(value) if value.isdigit() else DEFAULT_LIMIT


def has_failed(services: list[Json], tasks: list[Json], started: str) -> bool:
    if any(update_state(service) in BACK and service["UpdateStatus"]["StartedAt"] > started for service in services):
        return True
    failures = Counter(
        task["ServiceID"] for task in tasks if task["Status"]["State"] in ("failed", "rejected") and task["CreatedAt"] > started
    )
    return any(count >= FAILURES for count in failures.values())


def is_settled(service: Json, tasks: list[Json]) -> bool:
    """Every wanted task of the newest specification runs; swarm calls a task running once it is healthy."""
    if update_state(service) in IN_FLIGHT:
        return False
    wanted = service["Spec"]["Mode"].get("Replicated", {}).get("Replicas", 1)
    running = [
        task
        for task in tasks
        if task["ServiceID"] == service["ID"]
        and task["Status"]["State"] == task["DesiredState"] == "running"
        and task["Spec"]["ContainerSpec"] == service["Spec"]["TaskTemplate"]["ContainerSpec"]
    ]
    return len(running) == wanted


def update_state(service: Json) -> str:
    return service.get("UpdateStatus", {}).get("State", "")
