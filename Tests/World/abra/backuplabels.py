"""What an app's `backupbot.` labels ask for (the abra reference, section 8)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

import engine
import output
from engine import Json

PREFIX = "backupbot."


@dataclass(frozen=True)
class Source:
    """A path below a volume; an empty one is the whole volume. Fixed before any hook runs."""

    volume: str
    path: str

    @property
    def host_path(self) -> str | None:
        """`/var/lib/docker/volumes/<volume>/_data[/<path>]`; nothing while the volume does not exist."""
        folder = engine.volume_folder(self.volume)
        return str(PurePosixPath(folder) / self.path) if folder else None


@dataclass(frozen=True)
class LabelledService:
    """A service with `backupbot.backup=true`."""

    service: Json
    stack: str

    @property
    def name(self) -> str:
        return self.service["Spec"]["Name"]

    @property
    def labels(self) -> dict[str, str]:
        labels = self.service["Spec"].get("Labels", {})
        return {key[len(PREFIX) :]: value for key, value in labels.items() if key.startswith(PREFIX)}

    def hook(self, kind: str) -> str | None:
        """`kind` is `backup.pre-hook`, `restore.post-hook` and so on."""
        return self.labels.get(kind)

    def sources(self) -> list[Source]:
        if paths := self.labels.get("backup.path"):
            return [source for path in paths.split(",") if (source := self.by_container_path(path.strip()))]
        return [source for volume in self.mounts().values() for source in self.by_volume_labels(volume)]

    def mounts(self) -> dict[str, str]:
        """Path in the container to the volume's full name."""
        mounts = self.service["Spec"]["TaskTemplate"]["ContainerSpec"].get("Mounts", [])
        return {mount["Target"]: mount["Source"] for mount in mounts if mount["Type"] == "volume"}

    def by_container_path(self, path: str) -> Source | None:
        mounts = self.mounts()
        for target in sorted(mounts, key=len, reverse=True):
            if PurePosixPath(path).is_relative_to(target):
                inside = PurePosixPath(path).relative_to(target)
                return Source(mounts[target], "" if str(inside) == "." else str(inside))
        output.warn(f"{self.name}: {path} is in no volume")
        return None

    def by_volume_labels(self, volume: str) -> list[Source]:
        short = volume.removeprefix(f"{self.stack}_")
        if self.labels.get(f"backup.volumes.{short}") == "false":
            return []
        paths = self.labels.get(f"backup.volumes.{short}.path")
        return [Source(volume, path.strip().lstrip("/")) for path in paths.split(",")] if paths else [Source(volume, "")]


def labelled(services: list[Json], stack: str) -> list[LabelledService]:
    found = [LabelledService(service, stack) for service in services]
    return [service for service in found if service.labels.get("backup") == "true"]
