"""A recipe's compose files as docker merges and interpolates them, and the overlay that abra puts on top."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import engine
import yamlreader
from engine import Json
from fatal import Fatal


@dataclass(frozen=True)
class Compose:
    """The files of COMPOSE_FILE in a checkout, with the only values that may fill them."""

    folder: Path
    names: tuple[str, ...]
    environment: dict[str, str]

    @classmethod
    def of(cls, folder: Path, values: dict[str, str], exports: dict[str, str], stack: str) -> Compose:
        names = tuple(name for name in values.get("COMPOSE_FILE", "").split(":") if name) or ("compose.yml",)
        for name in names:
            if not (folder / name).is_file():
                raise Fatal(f"{folder / name} does not exist?")
        return cls(folder, names, {**values, **exports, "STACK_NAME": stack})

    @property
    def file_arguments(self) -> list[str]:
        return [argument for name in self.names for argument in ("--compose-file", name)]

    @cached_property
    def config(self) -> Json:
        text = engine.docker("stack", "config", *self.file_arguments, environment=self.environment, folder=str(self.folder))
        return yamlreader.read(text)

    @property
    def services(self) -> dict[str, Json]:
        return self.config["services"]

    def secret_names(self) -> dict[str, str]:
        """Key in compose to the name on the server, external secrets only."""
        secrets = self.config.get("secrets") or {}
        return {key: secret.get("name") or key for key, secret in secrets.items() if secret.get("external")}

    def deploy(self, stack: str, labels: dict[str, str], app_environment: dict[str, str], overlay: Path) -> str:
        """`docker stack deploy` without prune (the abra reference, rule 7)."""
        if "app" not in self.services:
            raise Fatal("recipe has no service 'app'")
        present = self.services["app"].get("environment") or {}
        missing = {key: value for key, value in app_environment.items() if key not in present}
        overlay.write_text(self.overlay_text(labels, missing))
        return engine.docker(
            *("stack", "deploy", "--resolve-image", "always", "--detach=true"),
            *(*self.file_arguments, "--compose-file", str(overlay), stack),
            environment=self.environment,
            folder=str(self.folder),
        )

    def overlay_text(self, labels: dict[str, str], environment: dict[str, str]) -> str:
        """Docker wants one `version:` in all files; values are quoted and their dollars doubled."""
        version = re.search(r"^version:.*$", (self.folder / self.names[0]).read_text(), re.MULTILINE)
        lines = [version[0]] if version else []
        lines += ["services:", "  app:"]
        if environment:
            lines += ["    environment:", *(f"      {key}: {quoted(value)}" for key, value in environment.items())]
        lines += ["    deploy:", "      labels:", *(f"        {key}: {quoted(value)}" for key, value in labels.items())]
        return "\n".join(lines) + "\n"


def quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t").replace("$", "$$")
    return f'"{escaped}"'
