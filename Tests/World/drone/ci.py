"""The server's content and the life of a build."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pipeline as yml
from clock import Clock
from model import PASSED, Build, Commit, Repo, Stage, Step, User

# A build that was killed, and whether the runner heard of it.
Killed = Callable[[Build, bool], None]
KILLED_UNHEARD, KILLED_HEARD = 130, 137


class Settings:
    """The server's configuration, and the switches that only a test has."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.oss = False  # compiled with the tag `oss`: no queue, no incomplete builds (B.1)
        self.oauth_broken = False  # Drone's own token for the forge is refused (B.2, B.5, B.6)
        self.missing_config_seconds = 45.0  # three tries of 15 s for a `.drone.yml` that is not there (B.2)
        self.lose_cancels = 0  # so many of the next cancels are not heard (B.4)
        self.watch = [0.0, 0.0]  # the runner listens so long and is deaf so long; [30, 10] is the real one, [0, 0] always hears
        self.runner_poll = 0.05  # how long an idle runner may take to see a new build; really up to 10 s (B.5)
        self.pretend_seconds = 0.2  # what a step takes with `--runner pretend`, and how it ends
        self.pretend_exit = 0

    @property
    def json(self) -> dict[str, object]:
        return dict(vars(self))

    def set(self, words: dict[str, object]) -> None:
        for key, value in words.items():
            if key not in vars(self):
                raise ValueError(f"no such setting: {key}")
            setattr(self, key, value)


class Drone:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.settings = Settings()
        self.users: dict[str, User] = {}
        self.repos: dict[str, Repo] = {}
        self.builds: dict[int, Build] = {}
        self.paused = False
        self.on_kill: list[Killed] = []
        self._ids = {kind: count(1) for kind in ("user", "repo", "build", "stage", "step")}

    def next_id(self, kind: str) -> int:
        return next(self._ids[kind])

    def repo(self, slug: str) -> Repo | None:
        return self.repos.get(slug.lower())

    def restart(self) -> None:
        """A server that was restarted has forgotten its pause (B.5)."""
        self.paused = False

    # Creating (B.2).

    def create(
        self, repo: Repo, by: User, commit: Commit, branch: str, params: dict[str, str], parent: Build | None = None
    ) -> Build | None:
        """None when no pipeline matched or the owner is inactive; a build of status `error` when the file is no good."""
        ref = branch if branch.startswith("refs/") else f"refs/heads/{branch}"
        if not repo.owner_active:
            return None
        event = parent.event if parent else "custom"
        try:
            plans = yml.read(commit.config or "")
        except yml.BadConfig as problem:
            return self._error_build(repo, by, commit, ref, branch, event, str(problem), parent)
        facts = {"event": event, "branch": branch, "ref": ref, "repo": repo.slug, "cron": "", "target": ""}
        facts["action"] = params.get("action", "")
        wanted = [plan for plan in plans if plan.fits(facts)]
        if not wanted:
            return None
        build = self._build(repo, commit, "pending", event, ref, branch, parent)
        build.trigger = build.sender = by.login
        build.params, build.action = params, params.get("action", "")
        build.message = params.get("message", commit.message)
        build.stages = [self._stage(build, number, plan, wanted) for number, plan in enumerate(wanted, 1)]
        return build

    def _error_build(
        self, repo: Repo, by: User, commit: Commit, ref: str, branch: str, event: str, error: str, parent: Build | None
    ) -> Build:
        """Neither its parameters nor who triggered it are kept: it cannot be found again by them."""
        build = self._build(repo, commit, "error", event, ref, branch, parent)
        build.error, build.sender = error, by.login
        build.started = build.finished = build.created
        return build

    def _build(self, repo: Repo, commit: Commit, status: str, event: str, ref: str, branch: str, parent: Build | None) -> Build:
        repo.counter += 1
        now = self.clock.now()
        build = Build(
            self.next_id("build"), repo, repo.counter, status, event, ref, branch, commit, "", "", {}, now, now,
            parent=parent.number if parent else 0, message=commit.message)
        repo.builds[build.number] = self.builds[build.id] = build
        return build

    def _stage(self, build: Build, number: int, plan: yml.Pipeline, all_plans: list[yml.Pipeline]) -> Stage:
        """Those it depends on and that do not run at all do not count."""
        before = [name for name in plan.depends_on if name in [other.name for other in all_plans]]
        status = "waiting_on_dependencies" if before else "pending"
        return Stage(
            self.next_id("stage"), build, number, plan.name, plan.type, status, build.created, build.created, limit=plan.limit,
            labels=plan.labels, depends_on=before, on_success=plan.runs_after("success"), on_failure=plan.runs_after("failure"))

    # The queue (B.5).

    def queue(self) -> list[Stage]:
        """Stages that wait or run, oldest first."""
        found = [stage for build in self.builds.values() for stage in build.stages if stage.status in ("pending", "running")]
        return sorted(found, key=lambda stage: stage.id)

    def next_stage(self, labels: dict[str, str]) -> Stage | None:
        """The first that a runner with these labels may have. One that was accepted once is never given out again."""
        if self.paused:
            return None
        queued = self.queue()
        for stage in queued:
            waits = stage.status == "pending" and not stage.machine
            if waits and stage.type == "exec" and stage.labels == labels and self._within_limits(stage, queued):
                return stage
        return None

    @staticmethod
    def _within_limits(stage: Stage, queued: list[Stage]) -> bool:
        """`concurrency.limit` counts those of the same name that run or came before; `throttle` all before in the repository."""
        same = [other for other in queued if other.build.repo is stage.build.repo and other is not stage]
        lower = [other for other in same if other.id < stage.id]
        ahead = [other for other in same if other.name == stage.name and (other.status == "running" or other.id < stage.id)]
        throttle = stage.build.repo.throttle
        return not (stage.limit and len(ahead) >= stage.limit) and not (throttle and len(lower) >= throttle)

    # What a runner reports.

    def accept(self, stage: Stage, machine: str) -> None:
        stage.machine, stage.accepted = machine, self.clock.now()
        self._touch(stage)

    def start(self, stage: Stage, steps: list[str]) -> None:
        """Steps exist only from here on (B.3)."""
        now = self.clock.now()
        stage.status, stage.started = "running", now
        stage.steps = [Step(self.next_id("step"), stage, number, name) for number, name in enumerate(steps, 1)]
        build = stage.build
        build.status, build.started = "running", build.started or now
        self._touch(stage)

    def begin(self, step: Step) -> None:
        step.status, step.started, step.version = "running", self.clock.now(), step.version + 1

    def end(self, step: Step, exit_code: int, status: str = "") -> None:
        step.status = status or ("success" if exit_code == 0 else "failure")
        step.exit_code, step.stopped, step.version = exit_code, self.clock.now(), step.version + 1

    def finish(self, stage: Stage, status: str, exit_code: int = 0) -> None:
        stage.status, stage.exit_code, stage.stopped = status, exit_code, self.clock.now()
        self._touch(stage)
        self._settle(stage.build)

    def report_kill(self, stage: Stage) -> None:
        """The runner's own words after a kill that it carried out: 137, and what had not begun is skipped with 0 (E)."""
        for step in stage.steps:
            if step.status in ("running", "killed"):
                self.end(step, KILLED_HEARD, "killed")
            elif step.status in ("pending", "skipped"):
                self.end(step, 0, "skipped")
        self.finish(stage, "killed", KILLED_HEARD)

    def _settle(self, build: Build) -> None:
        """Lets those go on that waited, and ends the build when nothing is left."""
        moved = True
        while moved:
            moved = False
            for stage in build.stages:
                if stage.status == "waiting_on_dependencies" and self._release(stage):
                    moved = True
        if any(stage.is_open for stage in build.stages):
            return
        ends = [stage.status for stage in build.stages]
        if build.status != "killed":
            build.status = next((status for status in ("killed", "error", "failure") if status in ends), "success")
        build.finished = build.updated = self.clock.now()
        build.version += 1

    def _release(self, stage: Stage) -> bool:
        before = [other for other in stage.build.stages if other.name in stage.depends_on]
        if any(other.is_open for other in before):
            return False
        passed = all(other.status in PASSED for other in before)
        runs = stage.on_success if passed else stage.on_failure
        stage.status = "pending" if runs and stage.build.status != "killed" else "skipped"
        if stage.status == "skipped":
            stage.started = stage.stopped = self.clock.now()
        return True

    # Cancelling (B.4).

    def cancel(self, build: Build) -> None:
        """Nothing happens to one that is done: a second cancel is never a signal."""
        if build.status not in ("pending", "running"):
            return
        heard = self._is_heard(build)
        now = self.clock.now()
        build.status, build.finished, build.started, build.updated = "killed", now, build.started or now, now
        for stage in build.stages:
            if stage.is_open:
                self._kill(stage, now)
        for listener in self.on_kill:
            listener(build, heard)

    def _kill(self, stage: Stage, now: int) -> None:
        stage.status = "killed" if stage.started else "skipped"
        stage.started, stage.stopped = stage.started or now, now
        self._touch(stage)
        for step in stage.steps:
            if step.is_open:
                self.end(step, KILLED_UNHEARD, "killed" if step.started else "skipped")

    def _is_heard(self, build: Build) -> bool:
        if not any(stage.status == "running" for stage in build.stages):
            return True
        if self.settings.lose_cancels > 0:
            self.settings.lose_cancels -= 1
            return False
        listens, deaf = self.settings.watch
        since = self.clock.now() - max(stage.accepted for stage in build.stages)
        return not deaf or since % (listens + deaf) < listens

    def _touch(self, stage: Stage) -> None:
        stage.updated = stage.build.updated = self.clock.now()
        stage.version += 1
