"""Engine: a stack's status by our engine client, beside `docker stack services` and `docker stack ps`."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import contextmanager

from ground import Stage, median, row, say, stop, until, words, words_of

HELP = "1 000 reads of a stack's status beside docker stack services and docker stack ps"
PRODUCTS = ("engine-reads",)
GOAL = 0.1
STACK = """
version: "3.8"
services:
  app: &sleeper
    image: ccci/busybox:1.36
    command: ["sleep", "100000"]
    stop_grace_period: 0s
    networks: [proxy]
  db: *sleeper
networks:
  proxy:
    external: true
"""


@contextmanager
def stack(environment):
    """Two services with a task each."""
    name = f"ccci-bench-{os.urandom(4).hex()}"
    subprocess.run(
        ["docker", "stack", "deploy", "-c", "-", name], input=STACK, env=environment, text=True, check=True, capture_output=True)
    try:
        until(lambda: count(environment, name) == ["1/1", "1/1"], f"{name} does not come up")
        yield name
    finally:
        subprocess.run(["docker", "stack", "rm", name], env=environment, check=True, capture_output=True)
        label = f"label=com.docker.stack.namespace={name}"
        until(lambda: not words(environment, "docker", "ps", "-aq", "--filter", label), f"{name} does not go")


def count(environment, name) -> list[str]:
    return words(environment, "docker", "stack", "services", "--format", "{{.Replicas}}", name)


def bench(stage: Stage):
    rounds, reads, pairs = (2, 100, 5) if stage.quick else (5, 1000, 100)
    socket = "/var/run/docker.sock"
    ours, each, others = [], [], []
    with stack(stage.environment) as name:
        for number in range(rounds):
            start = time.monotonic()
            found = words(stage.environment, str(stage.binaries / "engine-reads"), socket, name, str(reads), "2")
            ours.append((time.monotonic() - start) / reads * 1000)
            each += [float(word) for word in found]
            start = time.monotonic()
            for _ in range(pairs):
                for word in ("services", "ps"):
                    subprocess.run(["docker", "stack", word, name], env=stage.environment, check=True, stdout=subprocess.DEVNULL)
            others.append((time.monotonic() - start) / pairs * 1000)
            say(f"round {number + 1} of {rounds}: ours {ours[-1]:.2f} ms a read, docker {others[-1]:.1f} ms")
    if len(each) != rounds * reads:
        stop(70, f"{len(each)} reads instead of {rounds * reads}", "swift build --product engine-reads")
    mine, rival = median(ours), median(others)
    return [row(
        f"a read of a stack with two services, {reads} in a row", "ms", mine, rival, "docker stack services, docker stack ps",
        f"at most {GOAL:g} of the other", mine <= GOAL * rival, "reading the JSON of three answers, of which tasks are the longest, and the engine that writes it",
        [f"one read: {words_of(each, 'ms')}", f"docker, {pairs} times a round: {words_of(others, 'ms')}"])], {}
