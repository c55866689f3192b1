"""Drone's API: who may ask what, and the answers. reference gitea-drone B."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import shapes
from ci import Drone
from model import RIGHTS, Build, Commit, Repo, Stage, User
from router import UNKNOWN, Router
from wire import Answer, Request

REPO = "/api/repos/{owner}/{name}"
NO_ROW = "sql: no rows in result set"


class Refusal(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.answer = answer_of({"message": message}, status)


@dataclass
class Call:
    drone: Drone
    request: Request
    user: User | None
    arguments: dict[str, str]

    def repo(self, right: str) -> Repo:
        """A stranger gets 401, a known user without the right 404, and administrators everything (B.1)."""
        found = self.drone.repo(f"{self.arguments['owner']}/{self.arguments['name']}")
        if found is None:
            raise Refusal(401, "Unauthorized") if self.user is None else Refusal(404, NO_ROW)
        if right == "read" and found.visibility == "public":
            return found
        if self.user is None:
            raise Refusal(401, "Unauthorized")
        held = self.user.rights.get(found.slug.lower(), "")
        if not self.user.admin and RIGHTS[held] < RIGHTS[right]:
            raise Refusal(404, "Not Found")
        return found

    def build(self, repo: Repo) -> Build:
        text = self.arguments["number"]
        if not (text.isascii() and text.isdigit()):
            raise Refusal(400, f'strconv.ParseInt: parsing "{text}": invalid syntax')
        found = repo.builds.get(int(text))
        if found is None:
            raise Refusal(404, NO_ROW)
        return found

    def administrator(self) -> None:
        if self.user is None:
            raise Refusal(401, "Unauthorized")
        if not self.user.admin:
            raise Refusal(403, "Forbidden")
        if self.drone.settings.oss:
            raise Refusal(501, "Not Implemented")


Handler = Callable[[Call], Awaitable[Answer]]
ROUTER: Router[Handler] = Router()


def answer_of(value: object, status: int = 200) -> Answer:
    return Answer.of_json(value, status, [("Cache-Control", "no-cache, no-store, must-revalidate, private, max-age=0")])


def user_of(drone: Drone, request: Request) -> User | None:
    """`Bearer <token>`, the bare token, or the query; an unknown one is a guest (B.1)."""
    header = request.headers.get("authorization", "")
    return drone.users.get(header.removeprefix("Bearer ").strip() or request.query.get("access_token", ""))


async def respond(drone: Drone, request: Request) -> tuple[Answer, str, str]:
    found = ROUTER.find(request.method, request.segments)
    if found is None:
        return Answer.of_text("404 page not found\n", 404), UNKNOWN, ""
    user = user_of(drone, request)
    try:
        answer = await found.handler(Call(drone, request, user, found.arguments(request.segments)))
    except Refusal as refusal:
        answer = refusal.answer
    return answer, found.name, user.login if user else ""


@ROUTER.add("GET", "/api/user")
async def myself(call: Call) -> Answer:
    """The only call that proves a token: a public repository's are answered to anybody."""
    if call.user is None:
        raise Refusal(401, "Unauthorized")
    return answer_of(shapes.user(call.user))


@ROUTER.add("GET", REPO)
async def one_repo(call: Call) -> Answer:
    return answer_of(shapes.repo(call.repo("read")))


@ROUTER.add("PATCH", REPO)
async def edit_repo(call: Call) -> Answer:
    """Four of the words are for system administrators; from others they are ignored, with 200 (B.6)."""
    repo = call.repo("admin")
    try:
        words = json.loads(call.request.body or b"{}")
    except ValueError as error:
        raise Refusal(400, str(error)) from error
    allowed = {"visibility", "config_path", "protected", "ignore_forks", "ignore_pull_requests"}
    if call.user and call.user.admin:
        allowed |= {"trusted", "timeout", "throttle", "counter"}
    for key in allowed & set(words):
        setattr(repo, key, words[key])
    return answer_of(shapes.repo(repo))


@ROUTER.add("POST", REPO + "/builds")
async def create(call: Call) -> Answer:
    """200 with a build, with `null`, or with a build of status `error`; 404 for a branch; 500 after long for no file (B.2)."""
    repo, query = call.repo("write"), call.request.query
    assert call.user
    branch = query.get("branch") or repo.branch
    commit = commit_of(call, repo, branch, query.get("commit", ""))
    params = {key: value for key, value in query.items() if key not in ("access_token", "commit", "branch")}
    await demand_config(call, repo, commit)
    return made(call.drone.create(repo, call.user, commit, branch, params))


@ROUTER.add("POST", REPO + "/builds/{number}")
async def restart(call: Call) -> Answer:
    """A new build with a parent and its parameters, over those of the query (B.2)."""
    repo = call.repo("write")
    assert call.user
    old = call.build(repo)
    if old.status in ("blocked", "declined"):
        raise Refusal(400, f"cannot start a {old.status} build")
    params = {key: value for key, value in call.request.query.items() if key not in ("access_token", "debug")} | old.params
    await demand_config(call, repo, old.commit)
    return made(call.drone.create(repo, call.user, old.commit, old.source, params, parent=old))


@ROUTER.add("GET", REPO + "/builds")
async def builds(call: Call) -> Answer:
    """Newest first, without stages; 25 unless asked for 1 to 100; no header says how many there are (B.1, B.3)."""
    repo, request = call.repo("read"), call.request
    size = request.number("per_page")
    size = size if 1 <= size <= 100 else 25
    start = (max(request.number("page"), 1) - 1) * size
    branch = request.query.get("branch")
    found = [build for build in reversed(repo.builds.values()) if not branch or build.source == branch]
    return answer_of([shapes.build(build) for build in found[start : start + size]])


@ROUTER.add("GET", REPO + "/builds/latest")
async def latest(call: Call) -> Answer:
    repo = call.repo("read")
    branch = call.request.query.get("branch") or repo.branch
    for build in reversed(repo.builds.values()):
        if build.source == branch:
            return answer_of(shapes.build(build, True))
    raise Refusal(404, NO_ROW)


@ROUTER.add("GET", REPO + "/builds/{number}")
async def one_build(call: Call) -> Answer:
    return answer_of(shapes.build(call.build(call.repo("read")), True))


@ROUTER.add("DELETE", REPO + "/builds/{number}")
async def cancel(call: Call) -> Answer:
    """200 also for one that is done (B.4)."""
    build = call.build(call.repo("write"))
    call.drone.cancel(build)
    return answer_of(shapes.build(build, True))


@ROUTER.add("GET", REPO + "/builds/{number}/logs/{stage}/{step}")
async def logs(call: Call) -> Answer:
    """404 until the step has ended (B.3)."""
    build = call.build(call.repo("read"))
    for stage in build.stages:
        for step in stage.steps:
            if (str(stage.number), str(step.number)) == (call.arguments["stage"], call.arguments["step"]) and not step.is_open:
                return answer_of(shapes.log(step))
    raise Refusal(404, NO_ROW)


@ROUTER.add("GET", "/api/queue")
async def queue(call: Call) -> Answer:
    """Stages, oldest first, without a build's number and without a slug (B.5)."""
    call.administrator()
    return answer_of([shapes.stage(stage) for stage in call.drone.queue()])


@ROUTER.add("DELETE", "/api/queue")
async def pause(call: Call) -> Answer:
    call.administrator()
    call.drone.paused = True
    return Answer(204)


@ROUTER.add("POST", "/api/queue")
async def resume(call: Call) -> Answer:
    call.administrator()
    call.drone.paused = False
    return Answer(204)


@ROUTER.add("GET", "/api/builds/incomplete")
async def incomplete(call: Call) -> Answer:
    call.administrator()
    found = sorted((build for build in call.drone.builds.values() if build.is_open), key=lambda build: -build.id)[:50]
    return answer_of([shapes.repo(build.repo) | {"build": shapes.build(build)} for build in found])


@ROUTER.add("GET", "/api/builds/incomplete/v2")
async def incomplete_v2(call: Call) -> Answer:
    call.administrator()
    stages: list[Stage] = sorted(call.drone.queue(), key=lambda stage: (-stage.build.id, stage.number))
    return answer_of([shapes.incomplete(stage) for stage in stages])


@ROUTER.add("GET", "/{owner}/{name}/{number}")
async def page(call: Call) -> Answer:
    """What people look at."""
    return Answer(200, b"<!DOCTYPE html>\n<title>Drone</title>\n", [("Content-Type", "text/html; charset=UTF-8")])


def commit_of(call: Call, repo: Repo, branch: str, sha: str) -> Commit:
    """With a commit the branch is not looked at (B.2). A forge that refuses Drone looks like a branch that is not there."""
    if call.drone.settings.oauth_broken:
        raise Refusal(404, "client is not authorized")
    found = repo.commits.get(sha) if sha else repo.branches.get(branch.removeprefix("refs/heads/"))
    if found is None:
        raise Refusal(404, "Not Found")
    return found


async def demand_config(call: Call, repo: Repo, commit: Commit) -> None:
    if repo.owner_active and commit.config is None:
        await asyncio.sleep(call.drone.settings.missing_config_seconds)
        raise Refusal(500, "Not Found")


def made(build: Build | None) -> Answer:
    return answer_of(shapes.build(build) if build else None)
