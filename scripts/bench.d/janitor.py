"""Janitor: a pass over 200 stacks with 5 orphans, beside docker and abra in a shell loop."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from ground import ROOT, Installation, Stage, changes, median, row, say, spread, stop, until, words, words_of

HELP = "a pass over 200 stacks with 5 orphans beside docker and abra in a shell loop"
PRODUCTS = ("ccci-janitor",)
SOCKET = "/var/run/docker.sock"
IMAGE = "ccci/busybox:1.36"
GOAL_S = 2.0
LABEL = "com.docker.stack.namespace"
ORPHAN = """
version: "3.8"
services:
  app:
    image: ccci/busybox:1.36
    command: ["sleep", "100000"]
    stop_grace_period: 0s
    volumes: [data:/data]
    deploy:
      labels: ["coop-cloud.{stack}.version=1.0.0+1.27.0"]
volumes:
  data:
"""


def engine(method: str, path: str, body=None):
    """One call of the engine's API."""
    connection = http.client.HTTPConnection("engine")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(SOCKET)
    connection.request(method, f"/v1.41{path}", json.dumps(body) if body else None, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    if answer.status >= 400:
        stop(69, f"docker engine: {method} {path}: {said.decode(errors='replace').strip()}", "docker info")
    return json.loads(said) if said.strip() else None


class Swarm:
    """Stacks in a zone of its own: no other installation's janitor looks at them."""

    def __init__(self, place: Installation, stacks: int, orphans: int) -> None:
        self.place, self.stacks, self.orphans = place, stacks, orphans
        self.zone = f"bench{os.urandom(4).hex()}.localhost"
        self.owner = os.urandom(6).hex()
        self.abra = place.folder / "abra"
        self.servers = self.abra / "servers/default"
        self.servers.mkdir(parents=True)
        for name in ("shelf", "runs", "lock"):
            (place.folder / name).mkdir()
        (place.folder / "shelf/instance.json").write_text(json.dumps({"schema": 1, "id": self.owner}))
        (place.folder / "settings.toml").write_text(
            f'[host]\nzone = "{self.zone}"\nabra_dir = "{self.abra}"\nengine = "{SOCKET}"\n[run]\ndisk_warn = 99\ndisk_act = 100\n')
        self.environment = {**place.environment, "CCCI_SETTINGS": str(place.folder / "settings.toml"), "ABRA_DIR": str(self.abra)}
        upstream = place.stage.world / "git/coop-cloud/custom-html.git"
        subprocess.run(["git", "clone", "-q", upstream, self.abra / "recipes/custom-html"], check=True, capture_output=True)
        (self.abra / "catalogue").symlink_to(place.stage.world / "abra-home/catalogue")

    def name(self, domain: str) -> str:
        return domain.replace(".", "_")

    def fill(self) -> None:
        """All but the orphans: half looks like a run's app, and its .env says that it is another installation's."""
        for number in range(self.stacks - self.orphans):
            looks = number % 2
            domain = f"{'note' if looks else f'app{number}'}-{os.urandom(3).hex()}.{self.zone}"
            if looks:
                self.env(domain, "0123456789ab/d1")
            stack = self.name(domain)
            engine("POST", "/services/create", {
                "Name": f"{stack}_app", "Labels": {LABEL: stack}, "Mode": {"Replicated": {"Replicas": 0}},
                "TaskTemplate": {"ContainerSpec": {"Image": IMAGE, "Labels": {LABEL: stack}}}})

    def env(self, domain: str, owner: str) -> None:
        (self.servers / f"{domain}.env").write_text(f"TYPE=custom-html\nDOMAIN={domain}\nCCCI_OWNER={owner}\n")

    def orphan(self) -> str:
        """What a run that is dead left: a service with a container, a volume, a network, an .env with our mark."""
        domain = f"orph-{os.urandom(3).hex()}.{self.zone}"
        self.env(domain, f"{self.owner}/gone")
        stack = self.name(domain)
        subprocess.run(["docker", "stack", "deploy", "-c", "-", stack], input=ORPHAN.format(stack=stack), text=True, check=True, capture_output=True)
        until(lambda: words(self.environment, "docker", "stack", "services", "--format", "{{.Replicas}}", stack) == ["1/1"], f"{domain} does not come up")
        return domain

    def make_orphans(self) -> list[str]:
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda _: self.orphan(), range(self.orphans)))

    def traces(self) -> dict[str, list[str]]:
        """Everything of the zone, asked of docker itself."""
        suffix = f"_{self.name(self.zone)}"
        mine = lambda labels: (labels or {}).get(LABEL, "").endswith(suffix)  # noqa: E731
        return {
            "service": [found["ID"] for found in engine("GET", "/services") if mine(found["Spec"]["Labels"])],
            "container": [found["Id"] for found in engine("GET", "/containers/json?all=1") if mine(found["Labels"])],
            "network": [found["Id"] for found in engine("GET", "/networks") if mine(found["Labels"])],
            "volume": [found["Name"] for found in engine("GET", "/volumes")["Volumes"] or [] if mine(found["Labels"])],
        }

    def clear(self) -> None:
        for service in self.traces()["service"]:
            engine("DELETE", f"/services/{service}")
        until(lambda: not self.traces()["container"], "containers do not go")
        for network in self.traces()["network"]:
            engine("DELETE", f"/networks/{network}")
        for volume in self.traces()["volume"]:
            engine("DELETE", f"/volumes/{volume}")


def timed(command, environment) -> tuple[float, str]:
    start = time.monotonic()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        stop(70, f"{os.path.basename(str(command[0]))} ended with {done.returncode}", (done.stderr or done.stdout).strip()[-500:] or "it says nothing")
    return time.monotonic() - start, done.stdout


def bench(stage: Stage):
    stacks, orphans, rounds = (12, 1, 1) if stage.quick else (200, 5, 5)
    before = stage.fingerprint()
    with Installation(stage, "janitor") as place:
        swarm = Swarm(place, stacks, orphans)
        try:
            swarm.fill()
            rows = passes(stage, swarm, rounds)
        finally:
            swarm.clear()
    unchanged = not changes(before, stage.fingerprint())
    for found in rows:
        found["ok"] = found["ok"] and unchanged
    return rows, {"others_unchanged": unchanged}


def passes(stage: Stage, swarm: Swarm, rounds: int):
    ours = [stage.binaries / "ccci-janitor"]
    other = [ROOT / "scripts/bench.d/janitor-by-script", swarm.zone, swarm.owner, swarm.place.folder / "lock"]
    taken = {name: [] for name in ("dry", "whole", "other dry", "other whole")}
    wrong = []
    for number in range(rounds):
        for name, dry, whole, said in (("", [*ours, "--dry-run"], ours, "reaped "), ("other ", [*other, "dry"], other, "reaped ")):
            domains = set(swarm.make_orphans())
            # Dry passes are short: several, so that one hiccup does not count.
            for _ in range(3):
                seconds, text = timed(dry, swarm.environment)
                taken[f"{name}dry"].append(seconds)
                wrong += [f"not found: {domain}" for domain in domains if f"would reap {' ' if not name else ''}{domain}" not in text]
            seconds, text = timed(whole, swarm.environment)
            taken[f"{name}whole"].append(seconds)
            wrong += [f"not said to be reaped: {domain}" for domain in domains if not any(said in line and domain in line for line in text.splitlines())]
            left = swarm.traces()
            wrong += [f"left: {kind} {found}" for kind, names in left.items() if kind != "service" for found in names]
            if len(left["service"]) != swarm.stacks - swarm.orphans:
                wrong.append(f"{len(left['service'])} stacks are left instead of {swarm.stacks - swarm.orphans}")
        say(f"round {number + 1} of {rounds}: " + ", ".join(f"{name} {values[-1]:.2f} s" for name, values in taken.items()))
    found = {name: median(values) for name, values in taken.items()}
    what = f"{swarm.stacks} stacks with {swarm.orphans} orphans"
    return [
        row(f"what a pass over {what} decides: all but the removals", "s", found["dry"], found["other dry"], "docker and grep in a shell loop",
            f"under {GOAL_S:g} s, right, nobody else's touched", found["dry"] < GOAL_S and not wrong, "the engine, which lists services, networks, containers and volumes",
            [f"ours: {words_of(taken['dry'], 's')}", f"loop: {words_of(taken['other dry'], 's')}", *wrong]),
        row(f"the whole pass over {what}", "s", found["whole"], found["other whole"], "docker and abra in a shell loop",
            "quicker than the loop, nobody else's touched", found["whole"] < found["other whole"] and not wrong,
            "swarm's own removal, and a second look 2 s later: what was still in hand comes back",
            [f"ours: {words_of(taken['whole'], 's')}", f"loop: {words_of(taken['other whole'], 's')}"], spread=spread(taken["whole"]))]
