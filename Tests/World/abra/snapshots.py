"""The backup repository `<world>/backups`: it survives every teardown and is shared by all runs (rule 15).

`snapshots.json` lists the snapshots, oldest first; `<short id>.tar` holds the files of one, named as on the host
without the leading slash: `var/lib/docker/volumes/<volume>/_data/<path>`.
"""

from __future__ import annotations

import fcntl
import json
import secrets
import tarfile
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Callable, Iterator

import places
from fatal import Fatal

Filter = Callable[[tarfile.TarInfo], tarfile.TarInfo | None]


@dataclass(frozen=True)
class Snapshot:
    """`tags` holds the app's domain, `paths` what was asked for."""

    id: str
    short_id: str
    time: str
    hostname: str
    tags: list[str]
    paths: list[str]

    @property
    def archive(self) -> Path:
        return folder() / f"{self.short_id}.tar"


def folder() -> Path:
    path = places.world() / "backups"
    path.mkdir(exist_ok=True)
    return path


@contextmanager
def listing() -> Iterator[list[Snapshot]]:
    """The list under its lock; what the caller adds is written back."""
    with (folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        path = folder() / "snapshots.json"
        entries = [Snapshot(**entry) for entry in json.loads(path.read_text())] if path.exists() else []
        before = len(entries)
        yield entries
        if len(entries) != before:
            temporary = path.with_suffix(".new")
            temporary.write_text(json.dumps([asdict(entry) for entry in entries], indent=1) + "\n")
            temporary.rename(path)


def of_domain(domain: str) -> list[Snapshot]:
    with listing() as entries:
        return [entry for entry in entries if domain in entry.tags]


def find(domain: str, identity: str) -> Snapshot:
    """By the beginning of its id; without one the newest of this domain."""
    own = of_domain(domain)
    if identity in ("", "latest"):
        if not own:
            raise Fatal(f"no snapshots found for {domain}")
        return own[-1]
    for snapshot in own:
        if snapshot.id.startswith(identity):
            return snapshot
    raise Fatal(f"no snapshot {identity} of {domain}")


def take(domain: str, paths: list[str], keep: Filter) -> Snapshot:
    """Paths that do not exist now, and files that go meanwhile, are left out without a word."""
    identity = secrets.token_hex(32)
    time = datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")
    snapshot = Snapshot(identity, identity[:8], time, domain, [domain], paths)
    with tarfile.open(snapshot.archive, "w", format=tarfile.PAX_FORMAT) as archive:
        for path in [found for wanted in paths for found in below(Path(wanted))]:
            with suppress(FileNotFoundError):
                archive.add(path, arcname=str(path).lstrip("/"), recursive=False, filter=keep)
    with listing() as entries:
        entries.append(snapshot)
    return snapshot


def below(path: Path) -> list[Path]:
    return sorted([path, *path.rglob("*")]) if path.exists() else []


def members(snapshot: Snapshot) -> list[tarfile.TarInfo]:
    with tarfile.open(snapshot.archive) as archive:
        return archive.getmembers()


def unpack(snapshot: Snapshot, target: str, wanted: Callable[[str], bool]) -> int:
    """Existing files are overwritten, others left alone; answers how many were written."""
    with tarfile.open(snapshot.archive) as archive:
        chosen = [member for member in archive.getmembers() if wanted(member.name)]
        archive.extractall(target, chosen, numeric_owner=True)
    return len(chosen)
