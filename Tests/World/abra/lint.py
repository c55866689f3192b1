"""The lint rules that can be judged offline, and `abra recipe lint`.

Names and severities as the abra reference remembers them (section 6); R013 asks the network and is skipped,
R016 is not known. A failing rule is a row, never an exit code (rule 14).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Callable

import output
import places
import question
from commandline import Call
from compose import Compose
from engine import Json
from envfile import EnvFile
from fatal import Fatal
from recipe import Recipe

UNSTABLE = {"latest", "main", "master", "edge", "nightly", "unstable", "dev"}
LONGEST_SECRET = 12


@dataclass(frozen=True)
class Subject:
    """A checkout, read with the values of its own `.env.sample`."""

    recipe: Recipe

    @cached_property
    def compose(self) -> Compose:
        sample = EnvFile.read(self.recipe.folder / ".env.sample").values
        return Compose.of(self.recipe.folder, sample, self.recipe.exports(), "example_com")

    @property
    def services(self) -> dict[str, Json]:
        return self.compose.services

    def text(self, name: str) -> str:
        path = self.recipe.folder / name
        return path.read_text() if path.is_file() else ""

    def tags(self) -> list[str]:
        """The tag of each image, empty where there is none."""
        images = [service.get("image", "").split("@")[0] for service in self.services.values()]
        return [image.rpartition(":")[2] if ":" in image.rsplit("/", 1)[-1] else "" for image in images]


@dataclass(frozen=True)
class Rule:
    """One row of the table."""

    ref: str
    severity: str
    text: str
    remedy: str
    holds: Callable[[Subject], bool]
    is_skipped: bool = False


def has_versions(subject: Subject) -> bool:
    return all(re.search(r"""^version: ["']3\.\d+["']""", subject.text(name), re.MULTILINE) for name in subject.compose.names)


def has_healthchecks(subject: Subject) -> bool:
    return all("healthcheck" in service for service in subject.services.values())


def has_catalogue_version(subject: Subject) -> bool:
    try:
        entry = json.loads(places.catalogue().read_text()).get(subject.recipe.name, {})
    except FileNotFoundError:
        return False
    return bool(entry.get("versions"))


def has_readme_metadata(subject: Subject) -> bool:
    block = re.search(r"<!-- metadata -->(.*?)<!-- endmetadata -->", subject.text("README.md"), re.DOTALL)
    wanted = ("Category", "Status", "Image", "Healthcheck", "Backups", "Email", "Tests", "SSO")
    return block is not None and all(re.search(rf"\*\*{key}\*\*:\s*\S", block[1]) for key in wanted)


def is_routed(subject: Subject) -> bool:
    labels = subject.services.get("app", {}).get("deploy", {}).get("labels", {})
    return labels.get("traefik.enable") == "true"


def has_vendored_configs(subject: Subject) -> bool:
    names = re.findall(r"\$\{(\w+_VERSION)[}:]", config_section(subject.text("compose.yml")))
    return set(names) <= set(subject.recipe.exports())


def config_section(compose: str) -> str:
    match = re.search(r"^configs:\n((?:[ #].*\n|\n)*)", compose, re.MULTILINE)
    return match[1] if match else ""


def has_annotated_tags(subject: Subject) -> bool:
    return all(subject.recipe.is_annotated(tag) for tag in subject.recipe.tags())


def has_short_secrets(subject: Subject) -> bool:
    return all(len(name) <= LONGEST_SECRET for name in subject.compose.config.get("secrets") or {})


RULES = (
    Rule("R001", "warn", "compose config has expected version", 'ensure version: "3.8" in compose configs', has_versions),
    Rule("R002", "warn", "healthcheck enabled for all services", "wire up healthchecks", has_healthchecks),
    Rule("R003", "warn", "all images use a tag", "use a tag for all images", lambda s: all(s.tags())),
    Rule("R004", "warn", "no unstable tags", "tag all images with stable tags", lambda s: not UNSTABLE & set(s.tags())),
    Rule(
        *("R005", "warn", "tags use semver-like format", "use semver-like tags"),
        lambda s: all(re.match(r"v?\d+(\.\d+)*", tag) for tag in s.tags()),
    ),
    Rule("R006", "warn", "has published catalogue version", "publish a recipe version to the catalogue", has_catalogue_version),
    Rule("R007", "warn", "README.md metadata filled in", "fill out all the metadata", has_readme_metadata),
    Rule("R008", "error", ".env.sample provided", "create an example .env.sample", lambda s: bool(s.text(".env.sample"))),
    Rule("R009", "error", "one service named 'app'", "name a service 'app'", lambda s: "app" in s.services),
    Rule("R010", "error", "traefik routing enabled", 'include "traefik.enable=true" deploy label', is_routed),
    Rule(
        *("R011", "error", "all services have images", 'ensure "image: ..." set on all services'),
        lambda s: all(service.get("image") for service in s.services.values()),
    ),
    Rule("R012", "error", "config version are vendored", "vendor config versions in an abra.sh", has_vendored_configs),
    Rule("R013", "warn", "upstream repo exists", "upload your recipe to the forge", lambda s: True, is_skipped=True),
    Rule(
        *("R014", "error", "only annotated tags used for recipe version", "replace lightweight tag with annotated tag"),
        has_annotated_tags,
    ),
    Rule("R015", "warn", "long secret names", "reduce length of secret names to 12 characters", has_short_secrets),
)


def first_error(recipe: Recipe) -> str | None:
    """What a deploy without chaos dies of."""
    subject = Subject(recipe)
    for rule in RULES:
        if rule.severity == "error" and not rule.is_skipped and not rule.holds(subject):
            return f'lint error in {recipe.name} configs: "{rule.text}" failed lint checks ({rule.ref})'
    return None


def run(call: Call) -> None:
    recipe = Recipe(call.arguments[0])
    recipe.ensure(call)
    if not (recipe.folder / ".env.sample").is_file():
        raise Fatal(f"unable to validate recipe: .env.sample for {recipe.name} couldn't be read")
    question.must_have_terminal("inappropriate ioctl for device")
    subject, rows = Subject(recipe), []
    for rule in RULES:
        if call.on("error") and rule.severity != "error":
            continue
        satisfied = "-" if rule.is_skipped else "✅" if rule.holds(subject) else "❌"
        rows.append([rule.ref, rule.text, rule.severity, satisfied, "✅" if rule.is_skipped else "-", rule.remedy])
    output.table(["REF", "RULE", "SEVERITY", "SATISFIED", "SKIPPED", "RESOLVE"], rows)
