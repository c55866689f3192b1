"""Reads one compose file. Every scalar stays text: nothing that is asked of it depends on YAML's guesses at types.

What docker would refuse at once is refused here in its words; its full schema is judged at deploy, by docker.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Iterator

import yaml
from engine import Json
from fatal import Fatal
from interpolation import SECTIONS

# Sections whose entries cannot be empty.
FILLED = ("services", "secrets", "configs")
SERVICE_KEYS = set(
    """build cap_add cap_drop cgroup_parent cgroupns_mode command configs container_name credential_spec depends_on deploy
    devices dns dns_search domainname entrypoint env_file environment expose external_links extra_hosts healthcheck hostname
    image init ipc isolation labels links logging mac_address network_mode networks pid ports privileged read_only restart
    secrets security_opt shm_size stdin_open stop_grace_period stop_signal sysctls tmpfs tty ulimits user userns_mode volumes
    working_dir""".split()
)


class Loader(yaml.CSafeLoader):
    """Knows of all tags only that of `<<`."""

    yaml_implicit_resolvers: dict[str, list[Json]] = {}


Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile("<<$"), ["<"])


def read(path: Path) -> dict[str, Json]:
    try:
        content = parse(path.read_bytes())
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise Fatal(f"{path.name}: yaml: line {line}: {error.problem}") from None
    except yaml.YAMLError as error:
        raise Fatal(f"{path.name}: yaml: {str(error).splitlines()[0]}") from None
    if complaint := next(complaints(content), None):
        raise Fatal(f"{path.name}: {complaint}")
    return content


def parse(text: bytes) -> Json:
    """The first document, as docker does."""
    loader = Loader(text)
    try:
        node = loader.get_node() if loader.check_node() else None
        if node is None:
            return None
        refuse_repetition(node, set())
        return loader.construct_document(node)
    finally:
        loader.dispose()


def refuse_repetition(node: yaml.Node, seen: set[int]) -> None:
    """Docker 20.10 takes the last of two equal keys; later clients, and abra, refuse them."""
    if id(node) in seen or isinstance(node, yaml.ScalarNode):
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            refuse_repetition(item, seen)
        return
    keys: set[str] = set()
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode):
            if key.value in keys:
                raise yaml.constructor.ConstructorError(None, None, f'mapping key "{key.value}" already defined', key.start_mark)
            keys.add(key.value)
        refuse_repetition(value, seen)


def complaints(content: Json) -> Iterator[str]:
    if not isinstance(content, dict):
        yield "top-level object must be a mapping"
        return
    for key, section in content.items():
        if key in SECTIONS and not isinstance(section, dict):
            yield f"{key} must be a mapping"
        elif key not in SECTIONS and key != "version" and not key.startswith("x-"):
            yield f"(root) Additional property {key} is not allowed"
    for section in FILLED:
        for name, entry in content.get(section, {}).items():
            if not isinstance(entry, dict):
                yield f"{section}.{name} must be a mapping"
    for name, service in content.get("services", {}).items():
        if isinstance(service, dict):
            yield from complaints_of_service(f"services.{name}", service)


def complaints_of_service(name: str, service: dict[str, Json]) -> Iterator[str]:
    for key in service:
        if key not in SERVICE_KEYS and not key.startswith("x-"):
            yield f"{name} Additional property {key} is not allowed"
    if not isinstance(service.get("image", ""), str):
        yield f"{name}.image must be a string"
    deploy = service.get("deploy") or {}
    if not isinstance(deploy, dict):
        yield f"{name}.deploy must be a mapping"
    elif not is_mapping_or_list(deploy.get("labels", {})):
        yield f"{name}.deploy.labels must be a mapping"
    if not is_mapping_or_list(service.get("environment", {})):
        yield f"{name}.environment must be a mapping"


def is_mapping_or_list(value: Json) -> bool:
    """Labels and environments may be written as lists of `KEY=value`."""
    return isinstance(value, dict) or (isinstance(value, list) and all(isinstance(item, str) for item in value))
