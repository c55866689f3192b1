"""The place of drone-runner-exec: takes stages out of the queue and runs them, or says it did.

`manual` takes nothing: the test plays the runner. `pretend` lets every step last `pretend_seconds`. `exec` runs the steps with
`execrunner.py`. reference gitea-drone B.5, C.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pipeline as yml
from ci import Drone
from model import Build, Stage, Step
from process import run_step

PROGRAM = Path(__file__).resolve().parent.parent / "execrunner.py"
LARGEST_LOG = 5_242_880
END_OF_STAGE = 78


@dataclass
class Options:
    kind: str = "manual"
    capacity: int = 1
    machine: str = "cc-ci"
    labels: dict[str, str] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)
    root: Path = Path("/tmp")
    source: Path | None = None


@dataclass
class Job:
    """A stage in a runner's hands. `cancel` is the file that tells `execrunner.py`."""

    stage: Stage
    cancel: Path
    deadline: float
    cancelled: bool = False


class Runner:
    def __init__(self, drone: Drone, options: Options) -> None:
        self.drone = drone
        self.options = options
        self.alive = True
        self.jobs: dict[int, Job] = {}
        # What a runner had that was killed: its children live on, until the stand-in ends.
        self.orphans: list[Job] = []
        self.tasks: set[asyncio.Task[None]] = set()
        drone.on_kill.append(self.killed)

    async def run(self) -> None:
        while self.options.kind != "manual":
            while self.alive and len(self.jobs) < self.options.capacity and (stage := self.drone.next_stage(self.options.labels)):
                self.take(stage)
            await asyncio.sleep(self.drone.settings.runner_poll)

    def take(self, stage: Stage) -> None:
        self.drone.accept(stage, self.options.machine)
        if self.drone.settings.oauth_broken:
            # It never got the details: pending, with a machine, for ever (B.5, zombie 2).
            return
        cancel = self.options.root / f"cancel-{secrets.token_hex(6)}"
        job = self.jobs[stage.id] = Job(stage, cancel, time.monotonic() + stage.build.repo.seconds)
        task = asyncio.get_running_loop().create_task(self.work(job))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def killed(self, build: Build, heard: bool) -> None:
        """A cancel that is not heard lets the step run to its end, and the slot stays busy (B.4)."""
        if not heard:
            return
        if self.options.kind == "manual":
            for stage in build.stages:
                if stage.status == "killed":
                    self.drone.report_kill(stage)
        for job in self.jobs.values():
            if job.stage.build is build:
                self.cancel(job)

    def cancel(self, job: Job) -> None:
        job.cancelled = True
        if self.options.kind == "exec":
            job.cancel.touch()

    def die(self) -> None:
        """SIGKILL to the runner: what it had stays `running` for ever, the children live on (B.5, zombie 1)."""
        self.alive = False
        self.orphans += self.jobs.values()
        self.jobs.clear()

    async def stop(self) -> None:
        """The end of the stand-in: nothing of it stays."""
        for job in [*self.jobs.values(), *self.orphans]:
            self.cancel(job)
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=5)

    async def work(self, job: Job) -> None:
        stage = job.stage
        try:
            plan = self.plan(stage)
            workspace = self.options.root / f"drone-{secrets.token_urlsafe(12)}"
            names = ["clone"] * plan.clone + [step.name for step in plan.steps]
            self.drone.start(stage, names)
            try:
                status = await self.steps(job, plan, workspace)
            finally:
                shutil.rmtree(workspace, ignore_errors=True)
            if self.owns(job):
                self.conclude(job, status)
        except yml.BadConfig as problem:
            stage.error = str(problem)
            self.drone.finish(stage, "error", 255)
        finally:
            job.cancel.unlink(missing_ok=True)
            if self.owns(job):
                del self.jobs[stage.id]
            else:
                self.orphans.remove(job)

    def owns(self, job: Job) -> bool:
        return self.jobs.get(job.stage.id) is job

    def conclude(self, job: Job, status: str) -> None:
        """What the server already calls killed is overwritten by a kill that was carried out, and by nothing else."""
        if status == "killed":
            self.drone.report_kill(job.stage)
        elif job.stage.status == "running":
            self.drone.finish(job.stage, status, 0 if status == "success" else 1)

    def plan(self, stage: Stage) -> yml.Pipeline:
        """The file as the runner reads it: parameters are put in before it is YAML (C.3)."""
        text = yml.substituted(stage.build.commit.config or "", {**self.facts(stage), **stage.build.params})
        for plan in yml.read(text):
            if plan.name == stage.name:
                return plan
        raise yml.BadConfig(f"cannot find pipeline {stage.name}")

    async def steps(self, job: Job, plan: yml.Pipeline, workspace: Path) -> str:
        """How the stage ended: `success`, `failure` or `killed`. The first code 78 skips the rest with success (C.6)."""
        status, skipping = "success", False
        plans = [yml.StepPlan("clone", ["true"], {}, False, {})] * plan.clone + plan.steps
        for step, what in zip(job.stage.steps, plans):
            if skipping or not what.runs(status, job.stage.build.event):
                self.drone.end(step, 0, "skipped")
                continue
            if self.owns(job) and step.is_open:
                self.drone.begin(step)
            code = await self.step(job, step, what, workspace)
            if code is None:
                return "killed"
            if self.owns(job) and step.is_open:
                self.drone.end(step, code, "success" if code == END_OF_STAGE else "")
            skipping = code == END_OF_STAGE
            if code not in (0, END_OF_STAGE) and not what.ignores_failure:
                status = "failure"
        return status

    async def step(self, job: Job, step: Step, what: yml.StepPlan, workspace: Path) -> int | None:
        """Its exit code; none when it was killed."""
        if self.options.kind == "pretend":
            return await self.pretend(job, step, what)
        stage = job.stage
        words = [sys.executable, "-I", str(PROGRAM), "--workspace", str(workspace), "--keep"]
        words += ["--number", str(stage.build.number), "--repo", stage.build.repo.slug, "--cancel-file", str(job.cancel)]
        words += ["--timeout", str(max(job.deadline - time.monotonic(), 0.01))]
        if what.name == "clone" and self.options.source:
            words += ["--source", str(self.options.source)]
        said = self.facts(stage, step) | what.environment
        for flag, values in (("--host-env", self.options.environ), ("--param", stage.build.params), ("--env", said)):
            for key, value in values.items():
                words += [flag, f"{key}={value}"]
        return await run_step([*words, "--", *what.commands], lambda text, when: keep(step, text, when))

    async def pretend(self, job: Job, step: Step, what: yml.StepPlan) -> int | None:
        for command in what.commands:
            keep(step, f"+ {command}\n", 0)
        limit = time.monotonic() + self.drone.settings.pretend_seconds
        while time.monotonic() < limit:
            if job.cancelled or time.monotonic() > job.deadline:
                return None
            await asyncio.sleep(0.01)
        return 0 if step.name == "clone" else self.drone.settings.pretend_exit

    def facts(self, stage: Stage, step: Step | None = None) -> dict[str, str]:
        """What Drone says of the build, beside what `execrunner.py` says itself (C.2)."""
        build = stage.build
        values = {
            "DRONE_REPO_NAMESPACE": build.repo.namespace, "DRONE_BRANCH": build.source, "DRONE_COMMIT": build.commit.sha,
            "DRONE_COMMIT_SHA": build.commit.sha, "DRONE_COMMIT_REF": build.ref, "DRONE_COMMIT_BRANCH": build.source,
            "DRONE_BUILD_NUMBER": str(build.number), "DRONE_BUILD_PARENT": str(build.parent), "CI_PARENT_BUILD_NUMBER": str(build.parent),
            "DRONE_BUILD_EVENT": build.event, "DRONE_BUILD_ACTION": build.action, "DRONE_BUILD_CREATED": str(build.created),
            "DRONE_BUILD_STARTED": str(build.started), "DRONE_STAGE_NAME": stage.name, "DRONE_STAGE_NUMBER": str(stage.number),
            "DRONE_STAGE_TYPE": stage.type, "DRONE_STAGE_KIND": "pipeline", "DRONE_STAGE_MACHINE": stage.machine,
        }
        return values | ({"DRONE_STEP_NAME": step.name, "DRONE_STEP_NUMBER": str(step.number)} if step else {})


def keep(step: Step, text: str, when: int) -> None:
    """The last 5 MiB: the oldest chunks go (C.7)."""
    step.chunks.append((text, when))
    step.size += len(text)
    while step.size > LARGEST_LOG:
        step.size -= len(step.chunks.popleft()[0])
