"""The rules of .drone.yml. Its steps run as root on the host, with build parameters as their environment."""

import re
from typing import Any

import yaml
from synopsis import Form, complaint

RUN = "/run/current-system/sw/bin/ccci-run"


def complaints(text: str, commands: dict[str, list[Form]]) -> list[str]:
    """What is wrong with the file."""
    found = []
    if "${" in text:
        found.append(".drone.yml: a dollar and a brace: Drone puts build parameters there as text, so that a parameter can be a command")
    try:
        pipelines: list[dict[str, Any]] = [one for one in yaml.safe_load_all(text) if one]
    except yaml.YAMLError as error:
        return [*found, f".drone.yml: does not parse: {error}"]
    events: list[str] = []
    for pipeline in pipelines:
        name = pipeline.get("name", "?")
        found += [f".drone.yml: {name}: {what}" for what in _pipeline(pipeline, commands)]
        events += pipeline.get("trigger", {}).get("event", [])
    for event in ("push", "custom"):
        if events.count(event) != 1:
            found.append(f".drone.yml: {events.count(event)} pipelines for the event {event}, not one")
    return found


def _pipeline(pipeline: dict[str, Any], commands: dict[str, list[Form]]) -> list[str]:
    found = []
    if (pipeline.get("kind"), pipeline.get("type")) != ("pipeline", "exec"):
        found.append("must be a pipeline of type exec")
    events = pipeline.get("trigger", {}).get("event")
    if not isinstance(events, list) or not events or set(events) - {"push", "custom"}:
        found.append("its trigger must name events, of push and custom alone: for others anybody's code would run as root")
    if "concurrency" in pipeline:
        found.append("no concurrency limit: a build that Drone wrongly calls running would block every later one")
    lines = [line for step in pipeline.get("steps", []) for line in step.get("commands", [])]
    if not lines:
        found.append("has no command")
    for line in lines:
        if re.match(r"\s*exec\b", line):
            found.append(f"{line}: Drone kills the step's shell: a command in its place would be killed without a word")
        if "ccci-" in line:
            program = line.split()[0]
            if program.rsplit("/", 1)[0] != RUN.rsplit("/", 1)[0]:
                found.append(f"{line}: must be the host's own: {RUN.rsplit('/', 1)[0]}/…")
            if what := complaint(line, commands):
                found.append(what)
        elif line != ".ci/check":
            found.append(f"{line}: neither a command of ours nor .ci/check")
    if events == ["custom"] and lines[:1] != [RUN]:
        found.append(f"its first command must be {RUN}, without arguments: the parameters come by environment")
    return found
