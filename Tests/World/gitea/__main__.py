"""A stand-in for Gitea: its API, its webhooks, and git behind it. Its specification is the Gitea half of the gitea-drone reference."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "serving"))

# Each declares its routes when it is read.
import api_comments  # noqa: E402, F401
import api_hooks  # noqa: E402, F401
import api_people  # noqa: E402, F401
import api_pulls  # noqa: E402, F401
import githttp  # noqa: E402
from api import respond  # noqa: E402
from control import plant  # noqa: E402
from deliveries import Deliveries  # noqa: E402
from forge import Forge  # noqa: E402
from forgecontrol import forge_control  # noqa: E402
from seeds import SEEDS  # noqa: E402
from server import Server  # noqa: E402
from startup import add_options, serve, server_of, url_of  # noqa: E402
from versions import Version  # noqa: E402
from wire import Answer, Request  # noqa: E402


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="gitea", description=__doc__)
    add_options(parser)
    parser.add_argument("--version", default="1.25.4", help="whose quirks: 1.15.11, 1.22.6, 1.25.4, or any between")
    parser.add_argument("--root-url", help="ROOT_URL, which need not be where the server is")
    parser.add_argument("--zone", type=int, default=120, help="minutes from UTC of the server's own times")
    parser.add_argument("--seed", type=Path, action="append", default=[], help="a file like the body of POST /seed")
    return parser.parse_args()


async def main(given: argparse.Namespace) -> None:
    async def answer(request: Request) -> tuple[Answer, str, str]:
        wanted = githttp.GitRequest.of(request)
        return await githttp.respond(forge, request, wanted) if wanted else respond(forge, request)

    server: Server = server_of(given, answer)
    await server.up()
    forge = Forge(Version(given.version), server.clock, given.root_url or url_of(given, server), given.zone)
    deliveries = Deliveries(forge)
    forge.listeners.append(deliveries.comment_changed)
    for path in given.seed:
        plant(forge, SEEDS, json.loads(path.read_text()))
    await serve(given, server, forge_control(server, forge, deliveries))


if __name__ == "__main__":
    asyncio.run(main(options()))
