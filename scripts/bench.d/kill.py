"""Kills `ccci-run` with SIGKILL at every phase and at random instants, and counts what is left: nothing, or it has failed."""

import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ground import ROOT, Stage, changes, row, say, words_of

HELP = "kill -9 at every phase and at random instants, and what is left"
PRODUCTS = ("ccci-run", "ccci-janitor")
RECIPE = "notes"
PHASES = ["record", "janitor", "checkout", "install", "upgrade", "backup", "restore", "custom", "teardown"]
LIMIT = 20.0


@dataclass
class Kill:
    moment: str
    guard_too: bool
    phase: str = ""
    seconds: float = 0.0
    leftovers: tuple = ()


def docker(*words):
    return subprocess.run(["docker", *words], check=True, capture_output=True, text=True).stdout.split()


class Place:
    """An installation of its own: shelf, records and locks, so that no other run's janitor does this one's work."""

    def __init__(self, world, environment, commands):
        self.folder = Path(world) / "installations" / f"kill-{os.urandom(4).hex()}"
        self.world, self.commands = Path(world), commands
        self.environment = {
            **environment, "CCCI_HOST_SHELF": f"{self.folder}/shelf", "CCCI_HOST_RUNS": f"{self.folder}/runs", "CCCI_HOST_LOCK": f"{self.folder}/lock"}
        self.domain = ""

    def git(self, *words):
        command = ["git", "-C", f"{self.world}/git/mirror/{RECIPE}.git", "-c", "user.name=b", "-c", "user.email=b@ci.localhost", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def target(self):
        """A pull request that nobody else tests, so that its app's domain is its own."""
        head = self.git("rev-parse", "refs/pull/1/head")
        commit = self.git("commit-tree", f"{head}^{{tree}}", "-p", head, "-m", os.urandom(8).hex())
        self.reference = f"refs/pull/{random.randrange(10**6, 10**7)}/head"
        self.git("update-ref", self.reference, commit)
        number = self.reference.split("/")[2]
        return [RECIPE, "--ref", commit, "--pr", number, "--src", f"https://git.ci.localhost:8443/mirror/{RECIPE}.git"]

    def start(self, root):
        target = self.target()
        plan = subprocess.run([self.commands / "ccci-run", "plan", *target, "--json"], env=self.environment, cwd=root, capture_output=True, check=True)
        self.domain = json.loads(plan.stdout)["domain"]
        self.run = subprocess.Popen(
            [self.commands / "ccci-run", *target, "--run-id", "k"], env=self.environment, cwd=root,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def record(self):
        try:
            return json.loads((self.folder / "runs/k/run.json").read_text())
        except FileNotFoundError:
            return None

    def wait(self, condition, seconds=120.0):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            record = self.record()
            if record and condition(record):
                return record
            time.sleep(0.002)
        raise TimeoutError(f"{self.domain}: not in {seconds} s")

    def processes(self, belongs):
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    line = Path(f"/proc/{entry}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
                    if belongs(line, entry):
                        yield int(entry)
                except OSError:
                    pass

    def deploys(self):
        stack = self.domain.replace(".", "_")
        return any(self.processes(lambda line, _: "stack deploy" in line and line.strip().endswith(stack)))

    def guards(self):
        return list(self.processes(lambda line, _: " guard " in line and f"{self.folder}/runs" in line))

    def traces(self):
        """Asked of docker itself, by label and by name."""
        stack = self.domain.replace(".", "_")
        label = f"label=com.docker.stack.namespace={stack}"
        found = [f"container {name}" for name in docker("ps", "-aq", "--filter", label)]
        for kind, words in (("service", "{{.Name}}"), ("network", "{{.Name}}"), ("volume", "{{.Name}}"), ("secret", "{{.Name}}"), ("config", "{{.Name}}")):
            found += [f"{kind} {name}" for name in docker(kind, "ls", "--format", words) if name.startswith(f"{stack}_")]
        env = self.world / f"abra-home/servers/default/{self.domain}.env"
        return found + ([str(env)] if env.exists() else [])

    def janitor(self):
        done = subprocess.run([self.commands / "ccci-janitor"], env=self.environment, capture_output=True, text=True, timeout=300, check=False)
        return done.stdout + done.stderr

    def leave(self):
        self.git("update-ref", "-d", self.reference)
        shutil.rmtree(self.folder, ignore_errors=True)


def one(kill, root, world, environment, commands, say):
    place = Place(world, environment, commands)
    try:
        place.start(root)
        place.wait(lambda record: True)
        if kill.moment in PHASES:
            # Some phases are over within a millisecond: then it is the next one.
            later = PHASES[PHASES.index(kill.moment):] + ["finished"]
            place.wait(lambda record: record["phase"] in later)
        elif kill.moment == "stack deploy":
            while not place.deploys() and place.run.poll() is None:
                time.sleep(0.002)
        else:
            time.sleep(float(kill.moment.split()[0]))
        guards = place.guards() if kill.guard_too else []
        for process in guards:
            os.kill(process, signal.SIGKILL)
        place.run.send_signal(signal.SIGKILL)
        start = time.monotonic()
        place.run.wait()
        kill.phase = place.record()["phase"]
        said = ""
        if kill.guard_too:
            said = place.janitor()
        else:
            while time.monotonic() - start < LIMIT and (place.traces() or not place.record().get("finished")):
                time.sleep(0.1)
        kill.seconds = time.monotonic() - start
        left = place.traces()
        # And it stays gone: swarm may have had something still in hand.
        time.sleep(3)
        kill.leftovers = tuple(sorted({*left, *place.traces()}))
        if kill.leftovers:
            say(f"LEFT at {kill.moment}: {', '.join(kill.leftovers)}\n{said}")
        place.janitor()
        return kill, place.traces()
    finally:
        place.leave()


def bench(stage: Stage):
    """Rows for the table, and the summary."""
    chance = random.Random(stage.seed)
    instants = [f"{chance.uniform(0, 16):.2f} s" for _ in range(20)]
    moments = ["stack deploy", "teardown"] if stage.quick else PHASES + ["stack deploy"] + instants
    kills = [Kill(moment, guard_too) for guard_too in (False, True) for moment in moments]
    if stage.quick:
        kills = [kills[0], kills[-1]]
    fingerprint = stage.fingerprint()
    lock, done = threading.Lock(), []

    def work(kill):
        result, after = one(kill, ROOT, stage.world, stage.environment, stage.binaries, say)
        with lock:
            done.append(result)
            say(f"{len(done)} of {len(kills)}: {kill.moment}, in {kill.phase}{', guard too' if kill.guard_too else ''}: clean after {kill.seconds:.1f} s")
        return result, after

    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(work, kills))
    unchanged = not changes(fingerprint, stage.fingerprint())
    rows = []
    for name, guard_too in (("by the guard", False), ("run and guard killed: by one janitor pass", True)):
        group = [kill for kill, _ in results if kill.guard_too == guard_too]
        seconds = [kill.seconds for kill in group]
        leftovers = sum(len(kill.leftovers) for kill in group)
        rows.append(row(
            f"clean after kill -9, {name}", "s", round(statistics.median(seconds), 2), None, "without a guard, nobody cleans before somebody looks",
            "no leftovers, nobody else's touched" + ("" if guard_too else f", each under {LIMIT:g} s"),
            not leftovers and unchanged and (guard_too or max(seconds) < LIMIT), "swarm's own removal, and a second look 2 s later",
            [f"{words_of(seconds, 's')} kills in {len({kill.phase for kill in group})} phases, {leftovers} leftovers"],
            sound=not leftovers and unchanged, kills=len(group), phases=sorted({kill.phase for kill in group}), leftovers=leftovers))
    return rows, {"kills": len(kills), "leftovers": sum(found["leftovers"] for found in rows), "others_unchanged": unchanged, "seed": stage.seed}
