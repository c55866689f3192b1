"""What a test tells Drone to hold, and what it lets happen to a build."""

from __future__ import annotations

from hashlib import sha1

from ci import Drone
from control import Refused
from model import Build, Commit, Repo, Stage, User
from runner import keep

Words = dict[str, object]
CONFIG = """kind: pipeline
type: exec
name: recipe-ci
trigger: {event: [custom]}
steps:
- name: run
  commands: [ccci-run]
"""
PLAIN = ("visibility", "branch", "timeout", "timeout_seconds", "trusted", "throttle", "counter", "owner_active", "protected")


def text(words: Words, key: str, default: str | None = None) -> str:
    value = words.get(key, default)
    if not isinstance(value, str):
        raise Refused(f"`{key}` is wanted as text")
    return value


def known_repo(drone: Drone, slug: str) -> Repo:
    found = drone.repo(slug)
    if found is None:
        raise Refused(f"no such repository: {slug}")
    return found


def user(drone: Drone, words: Words) -> Words:
    """`login`, `token`, `admin`, `rights` {`owner/name`: `read`, `write` or `admin`}."""
    rights = {slug.lower(): right for slug, right in dict(words.get("rights") or {}).items()}  # type: ignore[call-overload]
    made = User(drone.next_id("user"), text(words, "login"), text(words, "token"), bool(words.get("admin")), rights)
    drone.users[made.token] = made
    return {"id": made.id, "login": made.login}


def repo(drone: Drone, words: Words) -> Words:
    """`repo`, `config` (text of `.drone.yml` on `main`), `branches` {name: {`sha`, `message`, `config`}}, and the words of `PLAIN`.

    A null `config`: no such file. On one that exists the words change it.
    """
    slug = text(words, "repo")
    made = drone.repo(slug) or Repo(drone.next_id("repo"), slug)
    drone.repos[slug.lower()] = made
    for key in PLAIN:
        if key in words:
            setattr(made, key, words[key])
    given = dict(words.get("branches") or {})  # type: ignore[call-overload]
    if "config" in words or not made.branches:
        given.setdefault(made.branch, {"config": words.get("config", CONFIG)})
    for name, facts in given.items():
        config = facts.get("config", CONFIG)
        sha = facts.get("sha") or sha1(f"{slug} {name} {config}".encode()).hexdigest()
        commit = Commit(sha, facts.get("message", "ci: tidy\n"), config)
        made.branches[name] = made.commits[sha] = commit
    return {"id": made.id, "repo": slug, "branches": {name: commit.sha for name, commit in made.branches.items()}}


def build(drone: Drone, words: Words) -> Words | None:
    """`repo`, `params`, `branch`, `by` (a login); `status`, `created` and `seconds` for one that is long done."""
    where = known_repo(drone, text(words, "repo"))
    branch = text(words, "branch", where.branch)
    by = next((one for one in drone.users.values() if one.login == words.get("by")), None) or User(0, text(words, "by", "somebody"), "")
    params = {str(key): str(value) for key, value in dict(words.get("params") or {}).items()}  # type: ignore[call-overload]
    made = drone.create(where, by, where.branches[branch], branch, params)
    if made is None:
        return None
    if isinstance(words.get("created"), int):
        made.created = made.updated = int(str(words["created"]))
    if "status" in words:
        for stage in made.stages:
            drone.start(stage, ["clone", "run"])
            drone.finish(stage, text(words, "status"))
        made.status = text(words, "status")
        seconds = int(str(words.get("seconds", 0)))
        made.started, made.finished = made.created, made.created + seconds
    return {"number": made.number, "id": made.id}


def stages_of(made: Build, *statuses: str) -> list[Stage]:
    found = [stage for stage in made.stages if stage.status in statuses]
    if not found:
        raise Refused(f"build {made.number} is {made.status}")
    return found


def accept(drone: Drone, made: Build, words: Words) -> None:
    """A runner took it and has not begun: pending, with a machine (B.5)."""
    for stage in stages_of(made, "pending"):
        drone.accept(stage, text(words, "machine", "cc-ci"))


def start(drone: Drone, made: Build, words: Words) -> None:
    """The clone is done and the next step runs."""
    names = [str(name) for name in list(words.get("steps") or ["clone", "run"])]  # type: ignore[call-overload]
    for stage in stages_of(made, "pending"):
        drone.accept(stage, text(words, "machine", "cc-ci"))
        drone.start(stage, names)
        if len(names) > 1:
            drone.begin(stage.steps[0])
            drone.end(stage.steps[0], 0)
        drone.begin(stage.steps[-1 if len(names) == 1 else 1])


def log(drone: Drone, made: Build, words: Words) -> None:
    """`text` as one chunk of the step that runs."""
    for stage in stages_of(made, "running"):
        for step in stage.steps:
            if step.status == "running":
                keep(step, text(words, "text"), 0)


def finish(drone: Drone, made: Build, words: Words) -> None:
    """`status` `success`, `failure` or `killed` (as after a time-out in the runner)."""
    status = text(words, "status", "success")
    for stage in stages_of(made, "running"):
        if status == "killed":
            drone.report_kill(stage)
            continue
        for step in stage.steps:
            if step.is_open:
                drone.end(step, int(str(words.get("exit_code", 0 if status == "success" else 1))))
        drone.finish(stage, status, 0 if status == "success" else 1)


SEEDS = {"users": user, "repos": repo, "builds": build}
MOVES = {"accept": accept, "start": start, "log": log, "finish": finish}
