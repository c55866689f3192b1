"""Drone's things as JSON; what is nothing is left out, as `omitempty` does. reference gitea-drone E."""

from __future__ import annotations

from model import Build, Repo, Stage, Step, User

Json = dict[str, object]


def without_empty(value: Json, *keys: str) -> Json:
    return {key: item for key, item in value.items() if item or key not in keys}


def user(one: User) -> Json:
    return {
        "id": one.id, "login": one.login, "email": "", "machine": True, "admin": one.admin, "active": True, "avatar": "", "syncing": False,
        "synced": 0, "created": 1, "updated": 1, "last_login": 0,
    }


def repo(one: Repo) -> Json:
    return {
        "id": one.id, "uid": str(one.id), "user_id": 1, "namespace": one.namespace, "name": one.name, "slug": one.slug, "scm": "",
        "git_http_url": f"https://git.example.org/{one.slug}.git", "git_ssh_url": "", "link": f"https://git.example.org/{one.slug}",
        "default_branch": one.branch, "private": one.visibility != "public", "visibility": one.visibility, "active": True,
        "config_path": one.config_path, "trusted": one.trusted, "protected": one.protected, "ignore_forks": one.ignore_forks,
        "ignore_pull_requests": one.ignore_pull_requests, "auto_cancel_pull_requests": False, "auto_cancel_pushes": False,
        "auto_cancel_running": False, "timeout": one.timeout, "throttle": one.throttle, "counter": one.counter, "synced": 1, "created": 1,
        "updated": 1, "version": 1, "archived": False,
    }


def build(one: Build, stages: bool = False) -> Json:
    """Lists and a new build have no stages (B.2, B.3)."""
    value: Json = {
        "id": one.id, "repo_id": one.repo.id, "trigger": one.trigger, "number": one.number, "parent": one.parent, "status": one.status,
        "error": one.error, "event": one.event, "action": one.action,
        "link": f"https://git.example.org/{one.repo.slug}/commit/{one.commit.sha}", "timestamp": 0, "message": one.message, "before": one.commit.sha, "after": one.commit.sha, "ref": one.ref, "source_repo": "",
        "source": one.source, "target": one.source, "author_login": "", "author_name": "", "author_email": "", "author_avatar": "",
        "sender": one.sender, "params": one.params, "started": one.started, "finished": one.finished, "created": one.created,
        "updated": one.updated, "version": one.version,
    }
    if stages:
        value["stages"] = [stage(item, True) for item in one.stages]
    return without_empty(value, "parent", "error", "params", "stages")


def stage(one: Stage, steps: bool = False) -> Json:
    value: Json = {
        "id": one.id, "repo_id": one.build.repo.id, "build_id": one.build.id, "number": one.number, "name": one.name, "kind": "pipeline",
        "type": one.type, "status": one.status, "error": one.error, "errignore": False, "exit_code": one.exit_code, "machine": one.machine,
        "os": one.os, "arch": one.arch, "limit": one.limit, "throttle": one.build.repo.throttle, "started": one.started,
        "stopped": one.stopped, "created": one.created, "updated": one.updated, "version": one.version, "on_success": one.on_success,
        "on_failure": one.on_failure, "depends_on": one.depends_on, "labels": one.labels,
    }
    if steps:
        value["steps"] = [step(item) for item in one.steps]
    return without_empty(value, "error", "machine", "limit", "throttle", "depends_on", "labels", "steps")


def step(one: Step) -> Json:
    """The stage's number goes by `step_id` (B.3)."""
    value: Json = {
        "id": one.id, "step_id": one.stage.id, "number": one.number, "name": one.name, "status": one.status, "exit_code": one.exit_code,
        "started": one.started, "stopped": one.stopped, "version": one.version,
    }
    return without_empty(value, "started", "stopped")


def log(one: Step) -> list[Json]:
    return [{"pos": position, "out": text, "time": when} for position, (text, when) in enumerate(one.chunks)]


def incomplete(one: Stage) -> Json:
    """A flat row of `/api/builds/incomplete/v2`; its limits are text (B.5)."""
    made = one.build
    row: Json = {
        "repo_namespace": made.repo.namespace, "repo_name": made.repo.name, "repo_slug": made.repo.slug, "build_number": made.number,
        "build_author": "", "build_author_name": "", "build_author_email": "", "build_author_avatar": "", "build_sender": made.sender,
        "build_started": made.started, "build_finished": made.finished, "build_created": made.created, "build_updated": made.updated,
    }
    facts: Json = {
        "name": one.name, "kind": "pipeline", "type": one.type, "status": one.status, "machine": one.machine, "os": one.os,
        "arch": one.arch, "variant": "", "kernel": "", "limit": str(one.limit), "limit_repo": str(made.repo.throttle),
        "started": one.started, "stopped": one.stopped,
    }
    return row | {f"stage_{key}": value for key, value in facts.items()}
