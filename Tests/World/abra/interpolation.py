"""Docker's interpolation of compose files, the same in its clients 20.10 and 28.

The oddities are docker's own: operators work without braces too (`$STACK-data` is the value of STACK, without `-data`),
a default ends at the first `}` and is not interpolated itself, of several operators `:-` is looked for first, then `-`,
`:?` and `?`, and what is wrong is forgotten when a good reference follows it in the same value.
"""

from __future__ import annotations

import re

from engine import Json
from fatal import Fatal

SECTIONS = ("services", "volumes", "networks", "secrets", "configs")
OPERATORS = (":-", "-", ":?", "?")
EXPRESSION = r"[_a-z][_a-z0-9]*(?::?[-?][^}]*)?"
REFERENCE = re.compile(
    rf"\$(?:(?P<dollar>\$)|(?P<bare>{EXPRESSION})|{{(?P<braced>{EXPRESSION})}}|(?P<nothing>))", re.IGNORECASE | re.ASCII
)


class Refused(Exception):
    """The text that docker quotes."""


def fill(content: dict[str, Json], values: dict[str, str]) -> dict[str, Json]:
    """A compose file with every value of its sections filled in; keys, `version` and extensions stay."""
    return {key: filled(value, values, key) if key in SECTIONS else value for key, value in content.items()}


def filled(value: Json, values: dict[str, str], path: str) -> Json:
    if isinstance(value, dict):
        return {key: filled(item, values, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, values, f"{path}.[]") for item in value]
    if not isinstance(value, str):
        return value
    try:
        return substitute(value, values)
    except Refused as quoted:
        words = f'invalid interpolation format for {path}: "{quoted}"; you may need to escape any $ with another $'
        raise Fatal(words) from None


def substitute(text: str, values: dict[str, str]) -> str:
    refused: Refused | None = None

    def replace(match: re.Match[str]) -> str:
        nonlocal refused
        if match["dollar"]:
            return "$"
        refused = None
        expression = match["bare"] or match["braced"]
        if not expression:
            refused = Refused(text)
            return ""
        try:
            return expanded(expression, values)
        except Refused as why:
            refused = why
            return ""

    result = REFERENCE.sub(replace, text)
    if refused:
        raise refused
    return result


def expanded(expression: str, values: dict[str, str]) -> str:
    for operator in OPERATORS:
        name, found, words = expression.partition(operator)
        if not found:
            continue
        value = values.get(name)
        if value or (value == "" and ":" not in operator):
            return value
        if "-" in operator:
            return words
        raise Refused(f"required variable {name} is missing a value: {words}")
    return values.get(expression, "")
