"""`abra recipe fetch` and `abra recipe versions`."""

from __future__ import annotations

import json

import git
import output
import places
import versions
from commandline import Call
from fatal import Fatal
from recipe import Recipe


def fetch(call: Call) -> None:
    """Clone, or fetch and go to the newest state of the default branch."""
    name = call.argument(0)
    if name is None and not call.on("all"):
        raise Fatal("missing [recipe] or --all")
    for name in [name] if name else sorted(catalogue()):
        recipe = Recipe(name)
        existed = (recipe.folder / ".git").exists()
        recipe.ensure_exists(call)
        if existed:
            if not call.on("force"):
                recipe.ensure_clean()
            recipe.fetch_tags()
            recipe.check_out(f"origin/{recipe.default_branch()}")
        output.info(f"fetched {name} at {git.run(recipe.folder, 'rev-parse', '--short=8', 'HEAD')}")


def show_versions(call: Call) -> None:
    """From the catalogue, newest first; one row a service."""
    name = call.arguments[0]
    entry = catalogue().get(name)
    if entry is None:
        raise Fatal(f"{name} is not published on the catalogue?")
    by_version = {version: services for listed in entry["versions"] for version, services in listed.items()}
    rows = [
        {"service": service, "image": image["image"], "tag": image["tag"], "version": version}
        for version in reversed(versions.ordered(list(by_version)))
        for service, image in by_version[version].items()
    ]
    if call.on("machine"):
        output.machine(rows)
    else:
        header = ["version", "service", "image", "tag"]
        output.table([title.upper() for title in header], [[row[title] for title in header] for row in rows])


def catalogue() -> dict:
    try:
        return json.loads(places.catalogue().read_text())
    except FileNotFoundError:
        raise Fatal(f"no catalogue at {places.catalogue()}") from None
