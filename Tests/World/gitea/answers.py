"""Gitea's ways of saying no. reference gitea-drone A.1 and E, "Errors"."""

from __future__ import annotations

from forge import Forge
from wire import Answer


class Refusal(Exception):
    """Ends a request with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def swagger(forge: Forge) -> str:
    return f"{forge.root_url}/api/swagger"


def error(forge: Forge, status: int, message: str) -> Refusal:
    return Refusal(Answer.of_json({"message": message, "url": swagger(forge)}, status))


def not_found(forge: Forge, *errors: str) -> Refusal:
    listed = list(errors) or None
    if forge.version.since(1, 16):
        return Refusal(Answer.of_json({"message": "not found", "url": swagger(forge), "errors": listed}, 404))
    return Refusal(Answer.of_json({"documentation_url": swagger(forge), "errors": listed, "message": "Not Found"}, 404))


def internal(forge: Forge) -> Refusal:
    """500 where a 404 was meant (A.1)."""
    return error(forge, 500, "")


def bare(status: int) -> Refusal:
    return Refusal(Answer(status))


def unknown_route() -> Answer:
    return Answer.of_text("404 page not found\n", 404)
