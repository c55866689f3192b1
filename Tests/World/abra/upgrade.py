"""`abra app upgrade` and `rollback`: by the order of the tags; majors are not treated specially (rule 16)."""

from __future__ import annotations

import deploy
import output
from app import App
from commandline import Call
from fatal import Fatal
from versions import SHAPE, Version


def upgrade(call: Call) -> None:
    app, current, tags = prepared(call)
    newer = [tag for tag in tags if Version(tag) > current]
    target = call.argument(1) or (newer[-1] if newer else None)
    if target is None:
        output.info(f"no available upgrades, you're on latest ({current.text})")
        return
    if not Version(known(target, tags)) > current and not call.on("force"):
        raise Fatal(f"{target} is not an upgrade for {current.text}?")
    app.recipe.check_out(target)
    print_release_notes(app, [tag for tag in newer if Version(tag) <= Version(target)])
    deploy.apply(call, app, target)


def rollback(call: Call) -> None:
    app, current, tags = prepared(call)
    older = [tag for tag in tags if Version(tag) < current]
    target = call.argument(1) or (older[-1] if older else None)
    if target is None:
        output.info(f"no available downgrades, you're on oldest ({current.text})")
        return
    if not Version(known(target, tags)) < current and not call.on("force"):
        raise Fatal(f"{target} is not a downgrade for {current.text}?")
    app.recipe.check_out(target)
    deploy.apply(call, app, target)


def prepared(call: Call) -> tuple[App, Version, list[str]]:
    app = App.find(call.arguments[0])
    app.recipe.ensure(call, app.pinned)
    app.must_be_deployed()
    label = app.label_values().get("version", "")
    if not SHAPE.match(label):
        raise Fatal(f"unable to determine deployed version of {app.name}")
    return app, Version(label), app.recipe.tags()


def known(target: str, tags: list[str]) -> str:
    if target not in tags:
        raise Fatal(f"{target} is not a version of this recipe")
    return target


def print_release_notes(app: App, passed: list[str]) -> None:
    """As the target's tree has them: older ones do not know the notes of their successors."""
    for version in passed:
        notes = app.recipe.release_notes(version)
        if notes:
            print(f"{version}\n{notes}")
