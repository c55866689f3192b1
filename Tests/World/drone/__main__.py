"""A stand-in for Drone: its API, its queue, and on demand a runner. Its specification are parts B and C of the gitea-drone reference."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "serving"))

from api import respond  # noqa: E402
from ci import Drone  # noqa: E402
from control import plant  # noqa: E402
from dronecontrol import drone_control  # noqa: E402
from runner import Options, Runner  # noqa: E402
from seeds import SEEDS  # noqa: E402
from server import Server  # noqa: E402
from startup import add_options, serve, server_of  # noqa: E402
from wire import Answer, Request  # noqa: E402


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="drone", description=__doc__)
    add_options(parser)
    parser.add_argument("--seed", type=Path, action="append", default=[], help="a file like the body of POST /seed")
    parser.add_argument("--runner", choices=["manual", "pretend", "exec"], default="manual")
    parser.add_argument("--capacity", type=int, default=1)
    parser.add_argument("--runner-env", action="append", default=[], metavar="KEY=VALUE", help="DRONE_RUNNER_ENVIRON of `exec`")
    parser.add_argument("--source", type=Path, help="what `exec` puts into the workspace in the clone's place")
    parser.add_argument("--root", type=Path, default=Path(tempfile.gettempdir()), help="where `exec` makes workspaces")
    return parser.parse_args()


def runner_options(given: argparse.Namespace) -> Options:
    environ = dict(item.partition("=")[::2] for item in given.runner_env)
    return Options(given.runner, given.capacity, environ=environ, root=given.root, source=given.source)


async def main(given: argparse.Namespace) -> None:
    async def answer(request: Request) -> tuple[Answer, str, str]:
        return await respond(drone, request)

    server: Server = server_of(given, answer)
    drone = Drone(server.clock)
    runner = Runner(drone, runner_options(given))
    for path in given.seed:
        plant(drone, SEEDS, json.loads(path.read_text()))
    await server.up()
    running = asyncio.get_running_loop().create_task(runner.run())
    try:
        await serve(given, server, drone_control(server, drone, runner))
    finally:
        running.cancel()
        await runner.stop()


if __name__ == "__main__":
    asyncio.run(main(options()))
