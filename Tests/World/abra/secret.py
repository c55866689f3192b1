"""`abra app secret generate | insert | remove | list`."""

from __future__ import annotations

from pathlib import Path

import engine
import output
import secrets_of_app
from app import App
from commandline import Call
from fatal import Fatal
from secrets_of_app import Secret


def generate(call: Call) -> None:
    app = prepared(call)
    made = secrets_of_app.generate(chosen(call, app))
    if not made:
        output.warn("no secrets generated")
        raise SystemExit(1)
    if call.on("machine"):
        output.machine([{"name": secret.name, "value": value} for secret, value in made])
        return
    output.table(["NAME", "VALUE"], [[secret.name, value] for secret, value in made])
    output.warn("generated secrets are not shown again, please take note of them now")


def chosen(call: Call, app: App) -> list[Secret]:
    wanted = secrets_of_app.wanted(app)
    if call.on("all"):
        return [secret for secret in wanted if secret.is_generated]
    name, version = call.argument(1), call.argument(2)
    if name is None or version is None:
        raise Fatal("missing arguments [secret]/[version] or '--all'")
    for secret in wanted:
        if secret.name == name:
            return [Secret(name, version, f"{app.stack}_{name}_{version}", secret.modifiers)]
    raise Fatal(f"{name} doesn't exist in the env config?")


def insert(call: Call) -> None:
    """With -f the data argument is a path."""
    app = prepared(call)
    name, version, data = call.arguments[1], call.arguments[2], call.argument(3)
    if data is None:
        raise Fatal("no data provided")
    value = read(Path(data)) if call.on("file") else data.encode()
    remote = f"{app.stack}_{name}_{version}"
    engine.create_secret(remote, value.strip() if call.on("trim") else value)
    output.info(f"{remote} successfully stored on server")


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Fatal(f"unable to read {path}: {error.strerror}") from None


def remove(call: Call) -> None:
    """Whatever still uses a secret makes the engine refuse."""
    app = prepared(call)
    name = call.argument(1)
    if name is None and not call.on("all"):
        raise Fatal("no secret(s) specified?")
    present = engine.secrets()
    doomed = [s for s in secrets_of_app.wanted(app) if s.remote in present and (name is None or s.name == name)]
    if not doomed:
        raise Fatal("no secrets to remove?")
    for secret in doomed:
        engine.request("DELETE", f"/secrets/{present[secret.remote]}")
        output.info(f"deleted {secret.remote} successfully from server")


def show(call: Call) -> None:
    app = prepared(call)
    present = engine.secrets()
    rows = [[s.name, s.version, s.remote, str(s.remote in present).lower()] for s in secrets_of_app.wanted(app)]
    header = ["name", "version", "generated name", "created on server"]
    if call.on("machine"):
        output.machine([dict(zip(header, row)) for row in rows])
    else:
        output.table([title.upper() for title in header], rows)


def prepared(call: Call) -> App:
    app = App.find(call.arguments[0])
    app.recipe.ensure(call, app.pinned)
    return app
