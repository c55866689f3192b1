"""An app: its `.env` file, its recipe and its stack."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import engine
import envfile
import output
import places
from envfile import EnvFile
from fatal import Fatal
from recipe import Recipe

LONGEST_STACK_NAME = 45


@dataclass(frozen=True)
class App:
    """Named by the stem of its file, normally its domain."""

    name: str
    path: Path

    @classmethod
    def find(cls, name: str | None) -> App:
        """Server folders may be links."""
        output.domain = name or ""
        for server in sorted(places.servers().iterdir()) if places.servers().is_dir() else []:
            path = server / f"{name}.env"
            if path.is_file():
                return cls(name or "", path)
        raise Fatal(f"cannot find app with name {name}")

    @property
    def server(self) -> str:
        return self.path.parent.name

    @cached_property
    def env(self) -> EnvFile:
        return EnvFile.read(self.path)

    @cached_property
    def type_key(self) -> str:
        for key in ("RECIPE", "TYPE"):
            if key in self.env.values:
                return key
        raise Fatal(f"{self.name} is missing the TYPE env var")

    @cached_property
    def recipe(self) -> Recipe:
        return Recipe(self.env.values[self.type_key].split(":", 1)[0])

    @property
    def pinned(self) -> str:
        """The version that the `.env` names, or nothing."""
        return self.env.values[self.type_key].partition(":")[2]

    @property
    def domain(self) -> str:
        return self.env.values.get("DOMAIN", "")

    @property
    def stack(self) -> str:
        """The abra reference, rule 6."""
        return self.env.values.get("STACK_NAME") or self.name.replace(".", "_")[:LONGEST_STACK_NAME]

    def pin(self, version: str) -> None:
        envfile.set_line(self.path, self.type_key, f"{self.recipe.name}:{version}")

    def services(self) -> list[engine.Json]:
        return engine.services(self.stack)

    def must_be_deployed(self) -> list[engine.Json]:
        services = self.services()
        if not services:
            raise Fatal(f"{self.name} is not deployed?")
        return services

    def deployed_version(self) -> str:
        """What the labels of service `app` say; the chaos version where there is one."""
        labels = self.label_values()
        return labels.get("chaos-version") or labels.get("version", "")

    def label_values(self) -> dict[str, str]:
        """The `coop-cloud.<stack>.` labels of service `app`."""
        prefix = f"coop-cloud.{self.stack}."
        for service in self.services():
            if service["Spec"]["Name"] == f"{self.stack}_app":
                labels = service["Spec"].get("Labels", {})
                return {key[len(prefix) :]: value for key, value in labels.items() if key.startswith(prefix)}
        return {}
