"""Git's smart HTTP, read only, in front of `git http-backend`. Repositories are `<root>/<owner>/<name>.git`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from access import NOBODY, Caller, caller_of, mode_of
from forge import Forge
from model import NONE, Repository
from wire import Answer, Request

CHUNK = 65_536
SERVICES = r"info/refs|git-upload-pack|git-receive-pack|HEAD|objects/[\w/.-]+"
PATH = re.compile(rf"/(?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)(?:\.git)?/(?P<rest>{SERVICES})")
ROUTE = "git"
# Every commit can be fetched by its id (A.5).
CONFIG = (("safe.directory", "*"), ("uploadpack.allowAnySHA1InWant", "true"))


@dataclass(frozen=True)
class GitRequest:
    owner: str
    name: str
    rest: str
    query: str

    @classmethod
    def of(cls, request: Request) -> GitRequest | None:
        match = PATH.fullmatch(request.path)
        if match is None or ".." in request.path:
            return None
        return cls(match["owner"], match["name"], match["rest"], request.raw_query)

    @property
    def writes(self) -> bool:
        return "git-receive-pack" in (self.rest, self.query.removeprefix("service="))


async def respond(forge: Forge, request: Request, wanted: GitRequest) -> tuple[Answer, str, str]:
    """A repository that is not there looks like a private one to a stranger; wrong credentials open nothing; nobody pushes."""
    caller = git_caller(forge, request)
    if caller.bad:
        return refusal(401), ROUTE, ""
    repo = forge.repo(wanted.owner, wanted.name)
    if repo is None and (moved := forge.moved_repos.get((wanted.owner.lower(), wanted.name.lower()))):
        return moved_answer(forge, wanted, moved), ROUTE, caller.name
    root = forge.git_root
    folder = root / repo.owner.name / f"{repo.name}.git" if root and repo else None
    if repo is None or folder is None or not folder.is_dir() or mode_of(forge, caller.user, repo) == NONE:
        return refusal(404 if caller.user else 401), ROUTE, caller.name
    if wanted.writes:
        return refusal(403 if caller.user else 401), ROUTE, caller.name
    return await serve(folder, request, wanted), ROUTE, caller.name


def git_caller(forge: Forge, request: Request) -> Caller:
    """Before 1.25 git takes Basic and nothing else (A.1)."""
    header = request.headers.get("authorization", "")
    if not header:
        return NOBODY
    if not header.lower().startswith("basic ") and not forge.version.git_takes_tokens:
        return Caller(bad=True)
    return caller_of(forge, request)


def refusal(status: int) -> Answer:
    words = {401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}
    answer = Answer.of_text(words[status] + "\n", status)
    if status == 401:
        answer.headers.append(("WWW-Authenticate", 'Basic realm="Gitea"'))
    return answer


def moved_answer(forge: Forge, wanted: GitRequest, repo: Repository) -> Answer:
    query = f"?{wanted.query}" if wanted.query else ""
    return Answer(forge.version.repo_redirect, b"", [("Location", f"/{quote(repo.full_name)}.git/{wanted.rest}{query}")])


async def serve(folder: Path, request: Request, wanted: GitRequest) -> Answer:
    backend = await asyncio.create_subprocess_exec(
        "git", "http-backend", env=environment(folder, request, wanted), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    assert backend.stdin and backend.stdout
    feeding = asyncio.ensure_future(feed(backend.stdin, request.body))
    status, headers = 200, []
    while line := (await backend.stdout.readline()).rstrip(b"\r\n"):
        key, _, value = line.decode("latin-1").partition(": ")
        if key.lower() == "status":
            status = int(value.split()[0])
        else:
            headers.append((key, value))
    return Answer(status, b"", headers, stream=relay(backend, backend.stdout, feeding))


async def feed(pipe: asyncio.StreamWriter, body: bytes) -> None:
    try:
        pipe.write(body)
        await pipe.drain()
        pipe.close()
    except ConnectionError:
        pass


async def relay(backend: asyncio.subprocess.Process, out: asyncio.StreamReader, feeding: asyncio.Future[None]) -> AsyncIterator[bytes]:
    try:
        while piece := await out.read(CHUNK):
            yield piece
    finally:
        if backend.returncode is None and not out.at_eof():
            backend.kill()
        await feeding
        await backend.wait()


def environment(folder: Path, request: Request, wanted: GitRequest) -> dict[str, str]:
    values = {
        "PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_COUNT": str(len(CONFIG)),
        "GIT_PROJECT_ROOT": str(folder.parent), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": f"/{folder.name}/{wanted.rest}",
        "REQUEST_METHOD": request.method, "QUERY_STRING": wanted.query, "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)), "REMOTE_ADDR": "127.0.0.1",
    }
    for index, (key, value) in enumerate(CONFIG):
        values |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
    if encoding := request.headers.get("content-encoding"):
        values["HTTP_CONTENT_ENCODING"] = encoding
    if protocol := request.headers.get("git-protocol"):
        values["GIT_PROTOCOL"] = protocol
    return values
