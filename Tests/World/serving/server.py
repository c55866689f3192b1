"""A listener on loopback that can be taken down and brought up again on the same port."""

from __future__ import annotations

import asyncio
import ssl
import time
import traceback
from collections.abc import Awaitable, Callable
from itertools import count

from clock import Clock
from faults import Dropped, Faults, perform
from requestlog import RequestLog
from wire import LARGEST_HEAD, Answer, BadRequest, Request, read_body, read_request, write_answer

# The answer, the name of the route that gave it, and who asked.
Respond = Callable[[Request], Awaitable[tuple[Answer, str, str]]]
HIDDEN = ("authorization", "cookie")


class Server:
    """`respond` answers; the faults, the log and the clock are the server's."""

    def __init__(self, respond: Respond, clock: Clock, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.respond = respond
        self.clock = clock
        self.port = port
        self.tls = tls
        self.faults = Faults()
        self.log = RequestLog()
        self.in_flight = 0
        self._listener: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._numbers = count(1)

    async def up(self) -> None:
        if self._listener is None:
            self._listener = await asyncio.start_server(
                self._connection, "127.0.0.1", self.port, ssl=self.tls, limit=LARGEST_HEAD, backlog=512)
            self.port = self._listener.sockets[0].getsockname()[1]

    async def down(self) -> None:
        """Nobody can connect, and every connection is gone."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for writer in list(self._writers):
            writer.transport.abort()

    @property
    def is_up(self) -> bool:
        return self._listener is not None

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        number = next(self._numbers)
        try:
            while request := await read_request(reader):
                request.connection = number
                if not await self._exchange(request, reader, writer):
                    break
        except (BadRequest, ValueError) as error:
            head = f"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\nX-Why: {error}\r\n\r\n"
            writer.write(head.encode("latin-1", "replace"))
        except (Dropped, ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, TimeoutError, asyncio.CancelledError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _exchange(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; false when the connection ends with it."""
        if request.headers.get("expect", "").lower() == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.body = await read_body(request, reader)
        close = request.headers.get("connection", "").lower() == "close"
        entry: dict[str, object] = {"method": request.method, "path": request.path, "query": request.raw_query, "at": time.time()}
        entry["headers"] = {key: "…" if key in HIDDEN else value for key, value in request.headers.items()}
        started = time.perf_counter()
        fault = self.faults.take(request)
        told = ["fault", ""]
        self.in_flight += 1
        at_once, status, sent = self.in_flight, 0, 0

        async def act() -> Answer:
            answer, told[0], told[1] = await self._answer(request)
            return answer

        try:
            answer = await perform(fault, request, act, reader.at_eof) if fault else await act()
            close = close or answer.cut is not None
            status = answer.status
            sent = await write_answer(writer, request, answer, self.clock.http_date(), close)
        finally:
            self.in_flight -= 1
            spent = round((time.perf_counter() - started) * 1000, 3)
            entry |= {"user": told[1], "ms": spent, "bytes": sent, "fault": fault.kind if fault else ""}
            self.log.add(told[0], status, request.connection, at_once, **entry)
        return not close

    async def _answer(self, request: Request) -> tuple[Answer, str, str]:
        try:
            return await self.respond(request)
        except Exception:
            # A stand-in that breaks must not look like a forge that does.
            text = traceback.format_exc()
            print(text, flush=True)
            return Answer.of_text(f"the stand-in is broken\n{text}", 599), "broken", ""
