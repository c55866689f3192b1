"""One step in a process of `execrunner.py`: its output as it comes, its exit code at the end."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable

CHUNK = 65_536
# Drains of what survived a kill: they go on as long as this program lives (reference gitea-drone C.5).
DRAINS: set[asyncio.Task[None]] = set()


async def run_step(words: list[str], keep: Callable[[str, int], None]) -> int | None:
    """The step's exit code, none when it was killed. An error of the stand-in itself is 255."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe)
    assert process.stdout and process.stderr
    drain = asyncio.get_running_loop().create_task(drained(process.stdout, keep))
    DRAINS.add(drain)
    drain.add_done_callback(DRAINS.discard)
    told = (await process.stderr.read()).decode(errors="replace").splitlines()
    # Not `wait`: that waits for the pipe too, which what survived keeps open.
    try:
        answer = json.loads(told[-1])
    except (ValueError, IndexError):
        keep("\n".join(told) + "\n", 0)
        return 255
    if answer["status"] == "killed":
        return None
    # A process in the background that keeps the pipe makes the step hang (C.5).
    await drain
    return int(answer["exit_code"])


async def drained(pipe: asyncio.StreamReader, keep: Callable[[str, int], None]) -> None:
    started = time.monotonic()
    while piece := await pipe.read(CHUNK):
        keep(piece.decode(errors="replace"), int(time.monotonic() - started))
