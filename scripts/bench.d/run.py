"""Run: the cost of the command itself in a cold run, beside the same steps as a shell script."""

from __future__ import annotations

import http.client
import json
import ssl
import subprocess
import threading
import time

from ground import ROOT, Stage, row, say, spread, stop, words_of

HELP = "the cost of the command itself in a cold run beside a shell script"
PRODUCTS = ("ccci-run",)
# Seconds between two looks of the script.
PAUSE = 5


class Visitor(threading.Thread):
    """Somebody outside who asks for a page every 10 ms and remembers when it first answered with 200."""

    def __init__(self, url, authority):
        super().__init__(daemon=True)
        self.url, self.authority = url, authority
        self.first = None
        self.over = threading.Event()

    def run(self):
        context = ssl.create_default_context(cafile=self.authority)
        host = self.url.removeprefix("https://")
        while not self.over.is_set():
            # A new connection each time: a proxy's worker keeps what it knows of names for a while, and others may know better.
            connection = http.client.HTTPSConnection(host, timeout=2, context=context)
            try:
                connection.request("GET", "/")
                if connection.getresponse().status == 200:
                    self.first = time.monotonic()
                    return
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()
            self.over.wait(0.01)


# A release whose base has one service: so the moment at which the app answers is the one that the run waits for.
TARGET = ["custom-html", "--version", "1.1.0+1.27.1"]


def one_run(stage):
    """One cold run: wall seconds, own seconds, and milliseconds from the app's first answer to the run's going on."""
    plan = subprocess.run([stage.binaries / "ccci-run", "plan", *TARGET, "--json"], env=stage.environment, cwd=ROOT, capture_output=True, text=True, check=True)
    visitor = Visitor(f"https://{json.loads(plan.stdout)['domain']}", f"{stage.world}/ca/ca.pem")
    visitor.start()
    start = time.monotonic()
    run = subprocess.Popen(
        [stage.binaries / "ccci-run", *TARGET, "--json"], env=stage.environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    noticed = None
    for line in run.stderr:
        if "install serving" in line:
            noticed = time.monotonic()
    results = json.loads(run.stdout.read())
    status = run.wait()
    wall = time.monotonic() - start
    visitor.over.set()
    visitor.join()
    if status or results["verdict"] != "green":
        stop(1, f"{TARGET[0]} is {results['verdict']}: {results['reason']}", f"ccci-run show {results['run_id']}")
    if visitor.first is None or noticed is None:
        stop(70, "the app's first answer was not seen", "is something else at its domain?")
    return wall, results["timings"]["own"], max(0.0, (noticed - visitor.first) * 1000)


def script_run(stage, pause):
    """The same steps as a plain shell script that looks every so many seconds."""
    start = time.monotonic()
    subprocess.run(
        [ROOT / "scripts/bench.d/run-by-script", "custom-html", "1.0.0+1.27.0", "1.1.0+1.27.1", str(pause)],
        env=stage.environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - start


def bench(stage: Stage):
    # The quick form only sees that it works.
    rounds, pause = (1, 1) if stage.quick else (5, PAUSE)
    ours, others = [], []
    for number in range(rounds):
        ours.append(one_run(stage))
        say(f"round {number + 1} of {rounds}: ours {ours[-1][0]:.1f} s, own {ours[-1][1]:.2f} s, noticed after {ours[-1][2]:.0f} ms")
        others.append(script_run(stage, pause))
        say(f"round {number + 1} of {rounds}: by a script {others[-1]:.1f} s")
    wall, own, noticed = (spread([found[index] for found in ours]) for index in range(3))
    other = spread(others)
    share = round(100 * own["median"] / wall["median"], 2)
    return [
        row("a cold run of custom-html", "s", wall["median"], other["median"], f"shell script, polling every {pause} s",
            "at most 0.8 of the script, own share under 2 %", wall["median"] <= 0.8 * other["median"] and share < 2,
            "swarm, which starts and stops containers, and abra",
            [f"wall: {words_of([found[0] for found in ours], 's')}", f"own: {words_of([found[1] for found in ours], 's')}, {share} % of the wall time"],
            wall_s=wall, own_s=own, own_percent=share),
        row("from the app's first answer to the run's going on", "ms", noticed["median"], None, f"the script looks every {pause} s: {pause * 500} ms in the mean",
            "under 200 ms", noticed["median"] < 200, "probes, 50 to 200 ms apart", [words_of([found[2] for found in ours], "ms")], noticed_ms=noticed),
    ], {}
