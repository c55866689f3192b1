"""`abra app backup create | list | snapshots | download` and `abra app restore`: abra's part and the bot's in one."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Callable

import backuplabels
import botlog
import faults
import hooks
import question
import snapshots
from app import App
from backuplabels import LabelledService
from commandline import Call
from fatal import Fatal
from snapshots import Snapshot

NO_TERMINAL = "the input device is not a TTY"
ARCHIVE = "backup.tar.gz"


def create(call: Call) -> None:
    app, services = prepared(call)
    sources = [source for service in services for source in service.sources()]
    paths = sorted({path for source in sources if (path := source.host_path)})
    if not paths:
        raise Fatal(f"no volumes to back up in {app.name}: no labels")
    botlog.log("INFO", f"Backup volumes: {paths}")
    if faults.strikes("hook-container-gone", app.name):
        raise Fatal(f"409 Client Error: Conflict (container of {services[0].name} is not running)")
    hooks.run(services, "backup.pre-hook")
    dumps = [source.host_path for source in sources if source.path]
    snapshot = snapshots.take(app.name, paths, archive_filter(app, dumps))
    hooks.run(services, "backup.post-hook")
    report(snapshot)


def archive_filter(app: App, dumps: list[str | None]) -> snapshots.Filter:
    """Where no fault strikes, everything is kept as it is."""
    if faults.strikes("backup-empty", app.name):
        return lambda member: None
    if not faults.strikes("backup-truncated", app.name):
        return lambda member: member

    def halve(member: tarfile.TarInfo) -> tarfile.TarInfo:
        if f"/{member.name}" in dumps and member.isfile():
            member.size //= 2
        return member

    return halve


def report(snapshot: Snapshot) -> None:
    files = [member for member in snapshots.members(snapshot) if member.isfile()]
    size = sum(member.size for member in files)
    botlog.record(
        message_type="summary",
        files_new=len(files),
        files_changed=0,
        files_unmodified=0,
        data_added=size,
        total_files_processed=len(files),
        total_bytes_processed=size,
        snapshot_id=snapshot.id,
    )


def show_files(call: Call) -> None:
    app, _ = prepared(call)
    snapshot = snapshots.find(app.name, call.value("snapshot"))
    for member in snapshots.members(snapshot):
        botlog.line((f"{snapshot.time}\t" if call.on("timestamps") else "") + f"/{member.name}")


def show_snapshots(call: Call) -> None:
    app, _ = prepared(call)
    for snapshot in snapshots.of_domain(app.name):
        botlog.line(f"{snapshot.time.split('.')[0]} {snapshot.short_id}")


def download(call: Call) -> None:
    """Writes into the current folder."""
    app, _ = prepared(call)
    snapshot = snapshots.find(app.name, call.value("snapshot"))
    wanted = selection(app, call)
    with tarfile.open(snapshot.archive) as source, tarfile.open(ARCHIVE, "w:gz", format=tarfile.PAX_FORMAT) as target:
        for member in source.getmembers():
            if wanted(member.name):
                target.addfile(member, source.extractfile(member) if member.isfile() else None)
    botlog.log("INFO", f"wrote {Path.cwd() / ARCHIVE}")


def restore(call: Call) -> None:
    """Into the live volumes, between the hooks; never a snapshot of another app."""
    app, services = prepared(call)
    snapshot = snapshots.find(app.name, call.value("snapshot"))
    question.confirm(call, f"restore {app.name} from {snapshot.short_id}?")
    if faults.strikes("restore-container-gone", app.name):
        raise Fatal(f"409 Client Error: Conflict (container of {services[0].name} is not running)")
    hooks.run(services, "restore.pre-hook")
    count = snapshots.unpack(snapshot, call.value("target", "/"), selection(app, call))
    botlog.log("INFO", f"restored {count} entries of {snapshot.short_id}")
    hooks.run(services, "restore.post-hook")


def selection(app: App, call: Call) -> Callable[[str], bool]:
    """`--path` and `--volumes` as a test of a member's name."""
    path = call.value("path").strip("/")
    folders = [f"/volumes/{app.stack}_{name}/" for name in call.value("volumes").split(",") if name]

    def wanted(name: str) -> bool:
        in_path = not path or name == path or name.startswith(f"{path}/")
        return in_path and (not folders or any(folder in f"/{name}/" for folder in folders))

    return wanted


def prepared(call: Call) -> tuple[App, list[LabelledService]]:
    app = App.find(call.arguments[0])
    app.recipe.ensure(call, app.pinned)
    question.must_have_terminal(NO_TERMINAL)
    return app, backuplabels.labelled(app.must_be_deployed(), app.stack)
