"""Drone's own control calls, beside those that every stand-in has (`serving/control.py`).

| call | what |
|---|---|
| `POST /users`, `/repos`, `/builds` | one, or a list; words: `seeds.py`. `POST /seed` takes all three at once |
| `GET, POST /settings` | the switches (`Settings` in `ci.py`) |
| `GET /builds` | every build with stages, steps and parameters |
| `POST /builds/{owner}/{name}/{number}/{move}` | the runner's part, played by a test: `accept`, `start`, `log`, `finish` |
| `GET /output/{owner}/{name}/{number}` | `{"text"}`: what its steps have written so far |
| `POST /runner` | `{"alive": false}`: the runner is killed and what it had stays `running`; `true`: another one begins |
| `POST /restart` | the server is restarted: a pause is forgotten |
"""

from __future__ import annotations

import shapes
from ci import Drone
from control import Control, add_seeds, body_of
from runner import Runner
from seeds import MOVES, SEEDS, known_repo
from server import Server
from wire import Request


def drone_control(served: Server, drone: Drone, runner: Runner) -> Control:
    control = Control(served)
    add_seeds(control, drone, SEEDS, drone.settings)
    add_builds(control, drone)
    add_runner(control, drone, runner)
    return control


def add_builds(control: Control, drone: Drone) -> None:
    @control.router.add("GET", "/builds")
    async def builds(_request: Request, _: dict[str, str]) -> object:
        return [shapes.build(build, True) | {"repo": build.repo.slug} for build in drone.builds.values()]

    @control.router.add("POST", "/builds/{owner}/{name}/{number}/{move}")
    async def move(request: Request, arguments: dict[str, str]) -> object:
        build = known_repo(drone, f"{arguments['owner']}/{arguments['name']}").builds[int(arguments["number"])]
        MOVES[arguments["move"]](drone, build, body_of(request))
        return shapes.build(build, True)

    @control.router.add("GET", "/output/{owner}/{name}/{number}")
    async def output(_request: Request, arguments: dict[str, str]) -> object:
        build = known_repo(drone, f"{arguments['owner']}/{arguments['name']}").builds[int(arguments["number"])]
        return {"text": "".join(text for stage in build.stages for step in stage.steps for text, _ in step.chunks)}


def add_runner(control: Control, drone: Drone, runner: Runner) -> None:
    @control.router.add("POST", "/runner")
    async def set_runner(request: Request, _: dict[str, str]) -> object:
        if body_of(request).get("alive"):
            runner.alive = True
        else:
            runner.die()
        return {"alive": runner.alive}

    @control.router.add("POST", "/restart")
    async def restart(_request: Request, _: dict[str, str]) -> object:
        await control.served.down()
        drone.restart()
        await control.served.up()
        return {"up": True}
