"""`abra app deploy`, and the part of it that upgrade and rollback share."""

from __future__ import annotations

import socket
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

import converge
import envfile
import faults
import lint
import output
import question
import secrets_of_app
from app import App
from commandline import Call
from compose import Compose
from fatal import Fatal
from recipe import Recipe

SLOW_START = 5
FOR_EVER = 86_400


def run(call: Call) -> None:
    app = App.find(call.arguments[0])
    if faults.strikes("slow-start", app.name):
        time.sleep(SLOW_START)
    asked = call.argument(1)
    if asked and call.on("chaos"):
        raise Fatal("cannot use [version] and --chaos together")
    app.recipe.ensure(call, asked or ("" if call.on("latest") else app.pinned))
    if app.services() and not (call.on("force") or call.on("chaos")):
        raise Fatal(f"{app.name} is already deployed")
    if not call.on("chaos"):
        version = choose_version(call, app, asked)
        app.recipe.check_out(version)
        apply(call, app, version)
    elif faults.strikes("checkout-borrowed", app.name):
        borrowed(call, app)
    else:
        apply(call, app, app.recipe.chaos_version())


def borrowed(call: Call, app: App) -> None:
    """Somebody else has the newest tag checked out for as long as the recipe is read."""
    own = app.recipe.commit()
    app.recipe.check_out(app.recipe.newest() or app.recipe.default_branch())
    try:
        apply(call, app, app.recipe.chaos_version())
    finally:
        app.recipe.check_out(own)


def choose_version(call: Call, app: App, asked: str | None) -> str:
    """Argument, `.env`, what runs, newest tag, HEAD: in this order."""
    if asked:
        return asked
    if app.pinned and not call.on("latest"):
        if app.pinned.endswith("+U"):
            raise Fatal(f"can not redeploy chaos version {app.pinned}, did you forget --chaos?")
        return app.pinned
    running = "" if call.on("latest") else app.label_values().get("version", "")
    return running or app.recipe.newest() or app.recipe.short_head()


def apply(call: Call, app: App, version: str) -> None:
    """From a checkout that is right to a stack that runs it."""
    recipe, chaos = app.recipe, call.on("chaos")
    if faults.strikes("checkout-moved", app.name):
        recipe.check_out(recipe.newest() or recipe.default_branch())
    compose = Compose.of(recipe.folder, app.env.values, recipe.exports(), app.stack)
    lint_before(recipe, chaos)
    secrets_of_app.must_be_there(secrets_of_app.wanted(app, compose))
    warn_of_missing_keys(app)
    if not call.on("no-domain-checks"):
        must_resolve(app.domain)
    output.info(f"deploying {app.name}: {recipe.name} {version} on {app.server}")
    question.confirm(call, "proceed?")
    started = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    with tempfile.TemporaryDirectory(prefix="abra-") as folder:
        overlay = Path(folder) / "compose.overlay.yml"
        compose.deploy(app.stack, labels(app, version, chaos), environment(app, version), overlay)
    fail_after_applying(app)
    if not call.on("no-converge-checks"):
        converge.wait(app, started)
        output.info("deploy succeeded")
    app.pin(version)


def labels(app: App, version: str, chaos: bool) -> dict[str, str]:
    """Under chaos the version label stays what the compose file says."""
    prefix = f"coop-cloud.{app.stack}"
    values = {f"{prefix}.recipe": app.recipe.name, f"{prefix}.chaos": str(chaos).lower()}
    return {**values, f"{prefix}.chaos-version" if chaos else f"{prefix}.version": version}


def environment(app: App, version: str) -> dict[str, str]:
    return {**app.env.values, app.type_key: f"{app.recipe.name}:{version}"}


def lint_before(recipe: Recipe, chaos: bool) -> None:
    complaint = lint.first_error(recipe)
    if complaint is None:
        return
    if not chaos:
        raise Fatal(complaint)
    output.warn(complaint)


def warn_of_missing_keys(app: App) -> None:
    sample = app.recipe.folder / ".env.sample"
    if sample.is_file():
        for key in envfile.EnvFile.read(sample).values:
            if key not in app.env.values:
                output.warn(f"{key} missing from {app.name}.env")


def must_resolve(domain: str) -> None:
    try:
        socket.getaddrinfo(domain, 443, family=socket.AF_INET)
    except OSError:
        raise Fatal(f"unable to resolve ipv4 address for {domain}") from None


def fail_after_applying(app: App) -> None:
    if faults.strikes("hang-deploy", app.name):
        time.sleep(FOR_EVER)
    if faults.strikes("deploy-applies-then-exit-1", app.name):
        raise Fatal("deploy timed out")
