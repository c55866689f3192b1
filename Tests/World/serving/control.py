"""The test's side of a stand-in: a second port, in plain HTTP and JSON.

| call | what |
|---|---|
| `GET /health`, `GET /calls` | `{"up": true}`; every call that there is |
| `GET, DELETE /log` | the newest requests; `?since=<n>` after that one; `DELETE` forgets all |
| `GET /counts` | how many, by route, by status, over how many connections, how many at once |
| `GET, POST, DELETE /faults` | the switches; `POST` takes one or a list of them |
| `POST /down`, `POST /up` | nobody can connect; the same port again |
| `GET, POST /clock` | `{"now": <unix>}` or `{"advance": <seconds>}` |
| `POST /<kind>` | where it has seeds: one thing of that kind, or a list of them; kinds and words: its `seeds.py`. The answer says what was made |
| `POST /seed` | `{"<kind>": [...], …}`: much at once, in the order of its kinds |
| `GET, POST /settings` | where it has seeds: its switches |
| `POST /reset` | up, no faults, the true time, the settings of the start; what the server holds stays |
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from faults import Fault
from router import UNKNOWN, Router
from server import Server
from wire import Answer, Request

ControlHandler = Callable[[Request, dict[str, str]], Awaitable[object]]
# Makes one thing in a stand-in's model from its words.
Seed = Callable[[Any, dict[str, Any]], object]


class Switches(Protocol):
    @property
    def json(self) -> dict[str, object]: ...

    def set(self, words: dict[str, Any]) -> None: ...

    def reset(self) -> None: ...


class Refused(Exception):
    """A control call that makes no sense. A test's mistake must be loud."""


class Control:
    """Answers 200 with what a handler returns, 400 with why not."""

    def __init__(self, served: Server) -> None:
        self.served = served
        self.router: Router[ControlHandler] = Router()
        # What a stand-in adds to `POST /reset`.
        self.resets: list[Callable[[], None]] = []
        common(self.router, served)
        self.router.add("POST", "/reset")(self.reset)
        self.router.add("GET", "/calls")(self.calls)

    async def reset(self, _request: Request, _: dict[str, str]) -> object:
        self.served.faults.clear()
        self.served.clock.offset = 0
        for reset in self.resets:
            reset()
        await self.served.up()
        return {"up": True}

    async def calls(self, _request: Request, _: dict[str, str]) -> object:
        return sorted(self.router.names)

    async def respond(self, request: Request) -> tuple[Answer, str, str]:
        route = self.router.find(request.method, request.segments)
        if route is None:
            return Answer.of_json({"error": f"no such control call: {request.method} {request.path}"}, 404), UNKNOWN, ""
        try:
            value = await route.handler(request, route.arguments(request.segments))
            return Answer.of_json(value), route.name, ""
        except (Refused, KeyError, ValueError, TypeError, AttributeError, LookupError) as error:
            return Answer.of_json({"error": f"{type(error).__name__}: {error}"}, 400), route.name, ""


def body_of(request: Request) -> dict[str, object]:
    value = request.json
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refused("an object is wanted")
    return value


def common(router: Router[ControlHandler], served: Server) -> None:
    @router.add("GET", "/health")
    async def health(_request: Request, _: dict[str, str]) -> object:
        return {"up": served.is_up}

    @router.add("GET", "/log")
    async def log(request: Request, _: dict[str, str]) -> object:
        since = request.number("since")
        return [entry for entry in served.log.entries if int(str(entry["n"])) > since]

    @router.add("DELETE", "/log")
    async def forget(_request: Request, _: dict[str, str]) -> object:
        served.log.clear()
        return {}

    @router.add("GET", "/counts")
    async def counts(_request: Request, _: dict[str, str]) -> object:
        return served.log.counts

    @router.add("GET", "/faults")
    async def faults(_request: Request, _: dict[str, str]) -> object:
        return [fault.json for fault in served.faults.list]

    @router.add("POST", "/faults")
    async def add_faults(request: Request, _: dict[str, str]) -> object:
        value = request.json
        wanted = [Fault.of(item) for item in (value if isinstance(value, list) else [value])]
        served.faults.list += wanted
        return [fault.json for fault in served.faults.list]

    @router.add("DELETE", "/faults")
    async def no_faults(_request: Request, _: dict[str, str]) -> object:
        served.faults.clear()
        return []

    @router.add("POST", "/down")
    async def down(_request: Request, _: dict[str, str]) -> object:
        await served.down()
        return {"up": False}

    @router.add("POST", "/up")
    async def up(_request: Request, _: dict[str, str]) -> object:
        await served.up()
        return {"up": True}

    @router.add("GET", "/clock")
    async def clock(_request: Request, _: dict[str, str]) -> object:
        return {"now": served.clock.now()}

    @router.add("POST", "/clock")
    async def set_clock(request: Request, _: dict[str, str]) -> object:
        match body_of(request):
            case {"now": int() | float() as now}:
                served.clock.set(now)
            case {"advance": int() | float() as seconds}:
                served.clock.advance(seconds)
            case _:
                raise Refused("`now` or `advance` is wanted")
        return {"now": served.clock.now()}


def make(model: object, seeds: Mapping[str, Seed], kind: str, value: object) -> object:
    if isinstance(value, list):
        return [make(model, seeds, kind, item) for item in value]
    if not isinstance(value, dict):
        raise Refused(f"{kind}: an object or a list of them is wanted")
    return seeds[kind](model, value)


def plant(model: object, seeds: Mapping[str, Seed], words: dict[str, object]) -> dict[str, object]:
    """Much at once, in the order of the kinds."""
    if unknown := set(words) - set(seeds):
        raise Refused(f"no such kinds: {sorted(unknown)}")
    return {kind: make(model, seeds, kind, words[kind]) for kind in seeds if kind in words}


def add_seeds(control: Control, model: object, seeds: Mapping[str, Seed], settings: Switches) -> None:
    """The calls that put things into a stand-in's model, and those that change its switches."""
    control.resets.append(settings.reset)

    def add_kind(kind: str) -> None:
        @control.router.add("POST", f"/{kind}")
        async def one(request: Request, _: dict[str, str]) -> object:
            return make(model, seeds, kind, request.json)

    for kind in seeds:
        add_kind(kind)

    @control.router.add("POST", "/seed")
    async def seed(request: Request, _: dict[str, str]) -> object:
        return plant(model, seeds, body_of(request))

    @control.router.add("GET", "/settings")
    async def get_settings(_request: Request, _: dict[str, str]) -> object:
        return settings.json

    @control.router.add("POST", "/settings")
    async def set_settings(request: Request, _: dict[str, str]) -> object:
        settings.set(body_of(request))
        return settings.json
