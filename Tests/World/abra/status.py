"""`abra app ps` and `abra app ls`: what runs. Every value is a string, the counts are numbers (rule 13)."""

from __future__ import annotations

import engine
import output
import places
from app import App
from commandline import Call
from engine import Json
from versions import SHAPE, Version


def ps(call: Call) -> None:
    app = App.find(call.arguments[0])
    app.recipe.ensure(call, app.pinned)
    services = app.must_be_deployed()
    labels, tasks = app.label_values(), engine.tasks(app.stack)
    rows = {service["Spec"]["Name"]: ps_row(service, tasks, labels) for service in services}
    if call.on("machine"):
        output.machine(rows)
        return
    header = ["service", "image", "created", "status", "state", "ports"]
    output.table([title.upper() for title in header], [[row[title] for title in header] for row in rows.values()])


def ps_row(service: Json, tasks: list[Json], labels: dict[str, str]) -> dict[str, str]:
    own = [task for task in tasks if task["ServiceID"] == service["ID"]]
    task = max(own, key=lambda task: task["CreatedAt"], default=None)
    name = service["Spec"]["Name"]
    return {
        "service": name.rsplit("_", 1)[-1],
        "image": service["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"].split("@")[0],
        "created": service["CreatedAt"],
        "status": task["Status"]["Message"] if task else "unknown",
        "state": task["Status"]["State"] if task else "unknown",
        "ports": ", ".join(str(port["TargetPort"]) for port in service["Spec"].get("EndpointSpec", {}).get("Ports", [])),
        "chaos": labels.get("chaos", "false"),
        "version": labels.get("version", "unknown"),
    }


def ls(call: Call) -> None:
    listing: dict[str, Json] = {}
    for path in sorted(places.servers().glob("*/*.env")):
        app = App(path.stem, path)
        if call.value("recipe", app.recipe.name) != app.recipe.name or call.value("server", app.server) != app.server:
            continue
        entry = listing.setdefault(app.server, empty_server())
        entry["apps"].append(ls_row(call, app))
    for entry in listing.values():
        count(entry)
    if call.on("machine"):
        output.machine(listing)
        return
    rows = [[row["recipe"], row["domain"], row["server"]] for entry in listing.values() for row in entry["apps"]]
    output.table(["RECIPE", "DOMAIN", "SERVER"], rows)


def empty_server() -> Json:
    counts = ("appCount", "versionCount", "unversionedCount", "latestCount", "upgradeCount")
    return {"apps": [], **{name: 0 for name in counts}}


def ls_row(call: Call, app: App) -> dict[str, str]:
    row = {"server": app.server, "recipe": app.recipe.name, "appName": app.name, "domain": app.domain}
    empty = {key: "" for key in ("status", "chaos", "chaosVersion", "version", "upgrade")}
    return {**row, **(status_of(call, app) if call.on("status") else empty)}


def status_of(call: Call, app: App) -> dict[str, str]:
    """Moves checkouts, as the original does."""
    labels = app.label_values()
    version = labels.get("version", "unknown")
    return {
        "status": "deployed" if labels else "unknown",
        "chaos": labels.get("chaos", "unknown"),
        "chaosVersion": labels.get("chaos-version", "unknown"),
        "version": version,
        "upgrade": upgrades(call, app, version) if labels else "unknown",
    }


def upgrades(call: Call, app: App, version: str) -> str:
    if not SHAPE.match(version):
        return "unknown"
    app.recipe.ensure(call, app.pinned)
    newer = [tag for tag in app.recipe.tags() if Version(tag) > Version(version)]
    return "\n".join(reversed(newer)) or "latest"


def count(entry: Json) -> None:
    apps = entry["apps"]
    entry["appCount"] = len(apps)
    entry["versionCount"] = sum(bool(SHAPE.match(app["version"])) for app in apps)
    entry["unversionedCount"] = entry["appCount"] - entry["versionCount"]
    entry["latestCount"] = sum(app["upgrade"] == "latest" for app in apps)
    entry["upgradeCount"] = sum(app["upgrade"] not in ("", "latest", "unknown") for app in apps)
