"""Fault switches: what really happened to somebody, asked for by a test.

A fault is `{"fault": <kind>, "match": <glob on the path>, "method": <word>, "times": <n>, "after": <bool>, …}`. It meets the
requests that its glob and method fit, with `chance` only some of them, wears off after `times`, and with `after` the
request is carried out before the fault hides its answer.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from random import Random

from wire import Answer, Request

KINDS = {"status", "html", "huge", "redirect", "drop", "cut", "stall", "slow"}
PAGE = "<!DOCTYPE html>\n<html><head><title>{0} Bad Gateway</title></head><body><h1>{0} Bad Gateway</h1><hr>nginx</body></html>\n"
Act = Callable[[], Awaitable[Answer]]


class Dropped(Exception):
    """The connection ends without an answer."""


@dataclass
class Fault:
    kind: str
    match: str = "*"
    method: str = "*"
    times: int | None = None
    skip: int = 0
    chance: float = 1
    after: bool = False
    status: int = 0
    body: str | None = None
    headers: dict[str, str] | None = None
    seconds: float = 0
    bytes: int = 0
    to: str = ""

    @classmethod
    def of(cls, value: dict[str, object]) -> Fault:
        """Fails with `ValueError` on a word that no fault knows: a misspelt switch must not be a passing test."""
        words = dict(value)
        kind = str(words.pop("fault", ""))
        unknown = set(words) - (set(cls.__dataclass_fields__) - {"kind"})
        if kind not in KINDS or unknown:
            raise ValueError(f"no such fault: {kind or value} {sorted(unknown)}")
        return cls(kind, **words)  # type: ignore[arg-type]

    def fits(self, request: Request) -> bool:
        return self.times != 0 and self.method in ("*", request.method) and fnmatchcase(request.path, self.match)

    @property
    def json(self) -> dict[str, object]:
        return {"fault": self.kind, **{key: value for key, value in vars(self).items() if key != "kind"}}


class Faults:
    """The switches in the order in which they were set; the first that fits is it."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """The dice begin anew too: the same requests meet the same faults."""
        self.list: list[Fault] = []
        self.dice = Random(0)

    def take(self, request: Request) -> Fault | None:
        for fault in self.list:
            if not fault.fits(request):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            if fault.chance < 1 and self.dice.random() >= fault.chance:
                continue
            if fault.times is not None:
                fault.times -= 1
            return fault
        return None


async def perform(fault: Fault, request: Request, act: Act, gone: Callable[[], bool]) -> Answer:
    """The answer under a fault. Without `after` nothing is done, but by `slow`, `cut` and `stall`, which spoil a true answer.

    A client that went away while a slow server had not begun is not served.
    """
    real = await act() if fault.after else None
    if fault.seconds and fault.kind != "stall":
        await asyncio.sleep(fault.seconds)
    if fault.kind == "slow":
        if real is None and gone():
            raise Dropped
        return real or await act()
    if fault.kind in ("cut", "stall"):
        answer = real or await act()
        answer.cut, answer.stall = len(answer.body) // 2, fault.seconds
        return answer
    if fault.kind == "drop":
        raise Dropped
    return instead(fault, request)


def instead(fault: Fault, request: Request) -> Answer:
    headers = list((fault.headers or {}).items())
    match fault.kind:
        case "html":
            status = fault.status or 502
            return Answer(status, PAGE.format(status).encode(), [("Content-Type", "text/html"), *headers])
        case "redirect":
            return Answer(fault.status or 302, b"", [("Location", fault.to + request.target), *headers])
        case "huge":
            json_type = ("Content-Type", "application/json;charset=utf-8")
            return Answer(fault.status or 200, b"", [json_type, *headers], stream=huge(fault.bytes or 64 * 1024 * 1024))
    body = json.dumps({"message": ""}) if fault.body is None else fault.body
    return Answer(fault.status or 503, body.encode(), [("Content-Type", "application/json;charset=utf-8"), *headers])


async def huge(size: int) -> AsyncIterator[bytes]:
    """A good JSON list of at least so many bytes."""
    piece = b'{"id":1,"body":"' + b"x" * 65_000 + b'"},'
    yield b"["
    for _ in range(size // len(piece) + 1):
        yield piece
    yield b"{}]"
