"""An app's secrets: what compose and `.env` ask for, and what the server has."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass

import engine
import output
from app import App
from compose import Compose
from fatal import Fatal

LETTERS = string.ascii_letters + string.digits
CHARSETS = {
    "default": LETTERS,
    "alnum": LETTERS,
    "special": LETTERS + "!@#$%^&*_-+=",
    "safespecial": LETTERS + "!@#%^&*_-+=",
    "hex": "0123456789abcdef",
}
DEFAULT_LENGTH = 24


@dataclass(frozen=True)
class Secret:
    """`remote` is its name on the server."""

    name: str
    version: str
    remote: str
    modifiers: dict[str, str]

    @property
    def is_generated(self) -> bool:
        return self.modifiers.get("generate") != "false"

    def value(self) -> str:
        """The abra reference, rule 12: `length=` and `charset=` in the comment of its version line."""
        letters = CHARSETS.get(self.modifiers.get("charset", "default"))
        if letters is None:
            raise Fatal(f"{self.name}: unknown charset {self.modifiers['charset']}")
        return "".join(secrets.choice(letters) for _ in range(int(self.modifiers.get("length", DEFAULT_LENGTH))))


def wanted(app: App, compose: Compose | None = None) -> list[Secret]:
    """The external secrets of the compose files that have a `SECRET_<NAME>_VERSION`."""
    compose = compose or Compose.of(app.recipe.folder, app.env.values, app.recipe.exports(), app.stack)
    found = []
    for name, remote in compose.secret_names().items():
        key = f"SECRET_{name.upper().replace('-', '_')}_VERSION"
        version = app.env.values.get(key)
        if version is None:
            raise Fatal(f"secret {name}: no {key} in {app.name}.env")
        found.append(Secret(name, version, remote, app.env.modifiers(key)))
    return found


def must_be_there(secrets_wanted: list[Secret]) -> None:
    """The two texts of rule 7."""
    present = engine.secrets()
    for secret in secrets_wanted:
        if secret.remote not in present:
            text = "secret not generated: {}" if secret.is_generated else "secret not inserted (#generate=false): {}"
            raise Fatal(text.format(secret.remote))


def generate_all(app: App) -> list[tuple[Secret, str]]:
    return generate([secret for secret in wanted(app) if secret.is_generated])


def generate(chosen: list[Secret]) -> list[tuple[Secret, str]]:
    """Plain secrets without the stack's label, so that removing the stack leaves them; existing ones are skipped."""
    present = engine.secrets()
    made = []
    for secret in chosen:
        if secret.remote in present:
            output.warn(f"{secret.remote} already exists")
            continue
        value = secret.value()
        engine.create_secret(secret.remote, value.encode())
        made.append((secret, value))
    return made
