"""A recipe's compose files, merged and interpolated, and the overlay that abra puts on top.

Docker gets the files as they are and merges them itself; what is read here answers questions and decides the overlay.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import composefile
import engine
import interpolation
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

    @cached_property
    def config(self) -> Json:
        result: Json = {}
        for name in self.names:
            content = interpolation.fill(composefile.read(self.folder / name), self.environment)
            result = merged(result, with_mappings(content))
        return result

    @property
    def services(self) -> dict[str, Json]:
        return self.config.get("services", {})

    def secret_names(self) -> dict[str, str]:
        """Key in compose to the name on the server, external secrets only."""
        found = {}
        for key, secret in self.config.get("secrets", {}).items():
            external = secret.get("external")
            if isinstance(external, dict):
                found[key] = external.get("name") or key
            elif external == "true":
                found[key] = secret.get("name") or key
        return found

    def deploy(self, stack: str, labels: dict[str, str], app_environment: dict[str, str], overlay: Path) -> str:
        """`docker stack deploy` without prune (the abra reference, rule 7)."""
        if "app" not in self.services:
            raise Fatal("recipe has no service 'app'")
        present = self.services["app"]["environment"]
        missing = {key: value for key, value in app_environment.items() if key not in present}
        overlay.write_text(self.overlay_text(labels, missing))
        files = [argument for name in (*self.names, str(overlay)) for argument in ("--compose-file", name)]
        return engine.stack(
            *("deploy", "--resolve-image", "always", *files, stack), environment=self.environment, folder=str(self.folder)
        )

    def overlay_text(self, labels: dict[str, str], environment: dict[str, str]) -> str:
        """JSON, which is YAML, with every dollar doubled. Docker wants one `version` in all files."""
        app = {"environment": environment, "deploy": {"labels": labels}}
        version = {"version": self.config["version"]} if "version" in self.config else {}
        return json.dumps({**version, "services": {"app": app}}, ensure_ascii=False).replace("$", "$$")


def with_mappings(content: Json) -> Json:
    """The lists of `KEY=value` that may stand in the place of mappings become mappings."""
    services = {}
    for name, service in content.get("services", {}).items():
        deploy = service.get("deploy") or {}
        deploy = {**deploy, "labels": mapping(deploy.get("labels", {}))}
        services[name] = {**service, "environment": mapping(service.get("environment", {})), "deploy": deploy}
    return {**content, "services": services}


def mapping(value: Json) -> dict[str, str]:
    if isinstance(value, list):
        return {key: rest for key, _, rest in (item.partition("=") for item in value)}
    return value


def merged(base: Json, over: Json) -> Json:
    """As docker merges mappings; of lists, about which nothing is asked, the last one stays."""
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    return {**base, **{key: merged(base.get(key), value) for key, value in over.items()}}
