"""`abra app volume list | remove` and `abra app remove`."""

from __future__ import annotations

import time

import engine
import faults
import output
import question
from app import App
from commandline import Call
from fatal import Fatal

ATTEMPTS = 3
PAUSE = 1.0


def show(call: Call) -> None:
    app = App.find(call.arguments[0])
    output.table(["NAME", "ON SERVER"], [[name, "true"] for name in engine.volumes(app.stack)])


def remove(call: Call) -> None:
    """The abra reference, rule 11: not while deployed, few retries, the engine's own error."""
    app = App.find(call.arguments[0])
    must_be_undeployed(app)
    names = engine.volumes(app.stack)
    if not names:
        output.info("no volumes removed")
        return
    if not call.on("force"):
        question.confirm(call, f"remove {', '.join(names)}?")
    remove_volumes(app, names)


def remove_volumes(app: App, names: list[str]) -> None:
    if faults.strikes("volume-in-use", app.name):
        raise Fatal(f"removing volumes failed: Error response from daemon: remove {names[0]}: volume is in use - [0123456789ab]")
    for name in names:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                engine.request("DELETE", f"/volumes/{name}")
                break
            except engine.EngineError as error:
                if attempt == ATTEMPTS:
                    raise Fatal(f"removing volumes failed: Error response from daemon: {error}") from None
                time.sleep(PAUSE)
    output.info(f"{len(names)} volumes removed successfully")


def must_be_undeployed(app: App) -> None:
    if app.services():
        raise Fatal(f'{app.name} is still deployed. Run "abra app undeploy {app.name}"')


def remove_app(call: Call) -> None:
    """Secrets, volumes and the `.env`."""
    app = App.find(call.arguments[0])
    if not call.on("force"):
        question.confirm(call, f"remove {app.name} with all its data?")
    must_be_undeployed(app)
    for name, identity in engine.secrets().items():
        if name.startswith(f"{app.stack}_"):
            engine.request("DELETE", f"/secrets/{identity}")
    remove_volumes(app, engine.volumes(app.stack))
    app.path.unlink()
    output.info(f"file: {app.path} removed")
