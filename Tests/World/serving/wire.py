"""HTTP/1.1 on asyncio's streams: one request in, one answer out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote

LARGEST_HEAD = 65_536
LARGEST_BODY = 64 * 1024 * 1024
# As Go's server: a small body has a length, a larger one goes out in chunks.
BUFFERED = 2_048
PHRASES = {status.value: status.phrase for status in HTTPStatus}


class BadRequest(Exception):
    """What came is not HTTP."""


@dataclass
class Request:
    """`segments` are the path's parts, each decoded by itself: `%2F` in one of them is not a border."""

    method: str
    target: str
    path: str
    raw_query: str
    headers: dict[str, str]
    body: bytes = b""
    connection: int = 0
    segments: tuple[str, ...] = ()
    query: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, method: str, target: str, headers: dict[str, str]) -> Request:
        path, _, query = target.partition("?")
        request = cls(method, target, path, query, headers)
        request.segments = tuple(unquote(part) if "%" in part else part for part in path.split("/")[1:])
        # The first value of a repeated key wins; a plus is a blank, as in every form.
        for key, value in parse_qsl(query, keep_blank_values=True) if query else ():
            request.query.setdefault(key, value)
        return request

    @property
    def json(self) -> object:
        return json.loads(self.body) if self.body else None

    def number(self, key: str) -> int:
        """A query's number; anything else is 0, as Go's `FormInt`."""
        text = self.query.get(key, "")
        return int(text) if text.isascii() and text.lstrip("-").isdigit() else 0


@dataclass
class Answer:
    """`stream` instead of `body` where the length is not known; `cut` stops after so many bytes of the body and closes."""

    status: int = 200
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)
    stream: AsyncIterator[bytes] | None = None
    cut: int | None = None
    stall: float = 0

    @classmethod
    def of_json(cls, value: object, status: int = 200, headers: list[tuple[str, str]] | None = None) -> Answer:
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"
        return cls(status, body, [("Content-Type", "application/json;charset=utf-8"), *(headers or [])])

    @classmethod
    def of_text(cls, text: str, status: int = 200) -> Answer:
        return cls(status, text.encode(), [("Content-Type", "text/plain; charset=utf-8")])


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection; none when the other side is done."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError as error:
        raise BadRequest("head too long") from error
    lines = head[:-4].decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    if len(words) != 3 or not words[1].startswith("/") or not words[2].startswith("HTTP/1."):
        raise BadRequest(lines[0][:80])
    headers: dict[str, str] = {}
    for line in lines[1:]:
        key, _, value = line.partition(":")
        headers.setdefault(key.strip().lower(), value.strip())
    request = Request.of(words[0], words[1], headers)
    return request


async def read_body(request: Request, reader: asyncio.StreamReader) -> bytes:
    if request.headers.get("transfer-encoding", "").lower() == "chunked":
        pieces = []
        while size := int((await reader.readline()).split(b";")[0], 16):
            pieces.append(await reader.readexactly(size))
            await reader.readline()
        await reader.readline()
        return b"".join(pieces)
    length = int(request.headers.get("content-length") or 0)
    if length > LARGEST_BODY:
        raise BadRequest("body too long")
    return await reader.readexactly(length) if length else b""


def head_of(answer: Answer, date: str, close: bool) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} {PHRASES.get(answer.status, 'Unknown')}", f"Date: {date}"]
    lines += [f"{key}: {value}" for key, value in answer.headers]
    if answer.stream is not None or len(answer.body) > BUFFERED:
        lines.append("Transfer-Encoding: chunked")
    elif answer.status not in (204, 304):
        lines.append(f"Content-Length: {len(answer.body)}")
    if close:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


async def write_answer(writer: asyncio.StreamWriter, request: Request, answer: Answer, date: str, close: bool) -> int:
    """Sends it and returns how many bytes of body went out."""
    head = head_of(answer, date, close)
    bare = request.method == "HEAD" or answer.status in (204, 304)
    if bare:
        writer.write(head)
    elif answer.cut is not None:
        return await write_part(writer, head, answer)
    elif answer.stream is not None:
        return await write_stream(writer, head, answer.stream)
    elif len(answer.body) > BUFFERED:
        writer.write(head + b"%x\r\n" % len(answer.body) + answer.body + b"\r\n0\r\n\r\n")
    else:
        writer.write(head + answer.body)
    await writer.drain()
    return 0 if bare else len(answer.body)


async def write_part(writer: asyncio.StreamWriter, head: bytes, answer: Answer) -> int:
    """The beginning of a body whose rest never comes."""
    size = b"%x\r\n" % len(answer.body) if len(answer.body) > BUFFERED else b""
    writer.write(head + size + answer.body[: answer.cut])
    await writer.drain()
    if answer.stall:
        await asyncio.sleep(answer.stall)
    return answer.cut or 0


async def write_stream(writer: asyncio.StreamWriter, head: bytes, stream: AsyncIterator[bytes]) -> int:
    writer.write(head)
    sent = 0
    async for piece in stream:
        if piece:
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
            sent += len(piece)
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    return sent
