"""`.drone.yml` as far as `type: exec` goes. reference gitea-drone C.3, C.8."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import yaml

Value = object
VARIABLE = re.compile(r"\$\$\{|\$\{([A-Za-z_]\w*)(?::?[-=]([^}]*))?\}")


class BadConfig(Exception):
    """What Drone says of a file that it cannot use."""


@dataclass(frozen=True)
class StepPlan:
    name: str
    commands: list[str]
    environment: dict[str, str]
    ignores_failure: bool
    when: dict[str, Value]

    def runs(self, so_far: str, event: str) -> bool:
        """After a failure only what asks for it."""
        wanted = self.when.get("status") or "success"
        return matches(wanted, so_far) and matches(self.when.get("event"), event)


@dataclass(frozen=True)
class Pipeline:
    name: str
    type: str
    clone: bool
    trigger: dict[str, Value]
    depends_on: list[str]
    limit: int
    labels: dict[str, str]
    steps: list[StepPlan] = field(default_factory=list)

    def fits(self, facts: Mapping[str, str]) -> bool:
        """All conditions but `status`, which is asked when the pipelines before it are done."""
        return all(matches(self.trigger.get(key), value) for key, value in facts.items())

    def runs_after(self, status: str) -> bool:
        wanted = self.trigger.get("status")
        return matches(wanted, status) if wanted else status == "success"


def matches(condition: Value, value: str) -> bool:
    """A string, a list, or `include` and `exclude`, each with globs."""
    if condition is None:
        return True
    include, exclude = condition, []
    if isinstance(condition, dict):
        include, exclude = condition.get("include") or [], condition.get("exclude") or []
    if any(fnmatchcase(value, str(word)) for word in words(exclude)):
        return False
    return not words(include) or any(fnmatchcase(value, str(word)) for word in words(include))


def words(value: Value) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def substituted(text: str, values: Mapping[str, str]) -> str:
    """The whole file goes through this, build parameters included, before it is YAML (C.3): `${X}` is an injection, `$X` is not."""

    def replace(match: re.Match[str]) -> str:
        if match[0] == "$${":
            return "${"
        return values.get(match[1]) or match[2] or ""

    return VARIABLE.sub(replace, text)


def read(text: str) -> list[Pipeline]:
    """Fails with `BadConfig` in Drone's words."""
    try:
        documents = [document for document in yaml.safe_load_all(text) if document is not None]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise BadConfig(f"yaml: line {line}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise BadConfig(f"yaml: {error}") from error
    if not all(isinstance(document, dict) for document in documents):
        raise BadConfig("yaml: unmarshal errors")
    return [pipeline(document) for document in documents if document.get("kind", "pipeline") == "pipeline"]


def pipeline(document: dict[str, Value]) -> Pipeline:
    """`image` is an error in an exec pipeline (C.8)."""
    kind = str(document.get("type") or "docker")
    steps = [step(item) for item in words(document.get("steps")) if isinstance(item, dict)]
    if kind == "exec" and any(isinstance(item, dict) and "image" in item for item in words(document.get("steps"))):
        raise BadConfig("linter: invalid or missing: exec pipelines have no image")
    clone = document.get("clone")
    concurrency = document.get("concurrency")
    return Pipeline(
        name=str(document.get("name") or "default"),
        type=kind,
        clone=not (isinstance(clone, dict) and clone.get("disable")),
        trigger=mapping(document.get("trigger")),
        depends_on=[str(name) for name in words(document.get("depends_on"))],
        limit=int(str(concurrency.get("limit") or 0)) if isinstance(concurrency, dict) else 0,
        labels={key: str(value) for key, value in mapping(document.get("node")).items()},
        steps=steps,
    )


def step(item: dict[str, Value]) -> StepPlan:
    plain = {key: scalar(value) for key, value in mapping(item.get("environment")).items() if not isinstance(value, dict)}
    commands = [scalar(command) for command in words(item.get("commands"))]
    return StepPlan(str(item.get("name") or "step"), commands, plain, item.get("failure") == "ignore", mapping(item.get("when")))


def scalar(value: Value) -> str:
    """As it was written, where a text is wanted."""
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def mapping(value: Value) -> dict[str, Value]:
    return {str(key): item for key, item in value.items()} if isinstance(value, dict) else {}
