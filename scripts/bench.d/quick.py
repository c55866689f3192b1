"""Quick: a quick run on warm data beside the cold run, for an app with much data and a slow first start."""

from __future__ import annotations

import json
import time

from crash import Broken, Canonical, holds
from ground import Stage, median, row, say, spread, stop, words_of

HELP = "a quick run of an app with much data and a slow first start, beside its cold run"
PRODUCTS = ("ccci-run", "ccci-snap")
GOAL = 0.35
START = 'command: ["python3", "-S", "/app/notes.py"]'


class Large(Canonical):
    """`notes` whose first start takes so many seconds and leaves so many MiB in a volume."""

    DISK, BREAK = 4 << 30, None

    def __init__(self, stage, seconds, size):
        super().__init__(stage, 0)
        self.seconds, self.size = seconds, size

    def first_start(self):
        """Rows of text and numbers, half of them by chance, as a database's directory has them: it shrinks to about a half."""
        make = (
            "import os,random;d=random.Random(1);r=b'|lorem ipsum dolor sit amet|2026-01-01|active|';"
            f"[open('/srv/uploads/.library/%d'%i,'wb').write(b''.join(d.randbytes(1024)+r*25 for _ in range(8*1024*1024//(1024+25*len(r))))) for i in range({self.size}//8)]")
        first = f"test -e /srv/uploads/.ready || {{ mkdir -p /srv/uploads/.library && python3 -S -c \\\"{make}\\\" && sleep {self.seconds} && touch /srv/uploads/.ready; }}"
        return [(START, f'command: ["sh", "-c", "{first} && exec python3 -S /app/notes.py"]'), ("start_period: 30s", "start_period: 300s")]

    def publish(self, *versions):
        super().publish(*versions)
        for version in versions:
            self.publish_over(version, version, self.first_start())


def bench(stage: Stage):
    seconds, size, rounds = (2, 32, 1) if stage.quick else (40, 1024, 5)
    place = Large(stage, seconds, size)
    try:
        say(f"notes, a first start of {seconds} s and {size} MiB of data: cold, promoted")
        place.seed()
        head = place.heads[0]
        quick, cold, timings = [], [], {}
        for number in range(rounds):
            for kind, found, words in (("quick", quick, ["--quick"]), ("cold", cold, [])):
                if stage.quick and kind == "cold":
                    # The one of the seed will do.
                    cold.append(place.seeded_in)
                    continue
                start = time.monotonic()
                done = place.good("ccci-run", *head, *words, "--json")
                found.append(time.monotonic() - start)
                results = json.loads(done.stdout)
                if kind == "cold":
                    timings = results["timings"]
                holds(results["mode"] == kind and results["verdict"] in ("quick-green", "green"), done.said)
            say(f"round {number + 1} of {rounds}: quick {quick[-1]:.1f} s, cold {cold[-1]:.1f} s")
        saved = place.good("ccci-snap", "list", "--json").stdout.strip()
    except Broken as error:
        stop(70, "a run failed", str(error))
    finally:
        place.leave(place.domain)
    ratio = median(quick) / median(cold)
    return [
        row(f"a quick run of notes: {size} MiB, first start {seconds} s", "s", median(quick), median(cold), "the cold run", f"at most {GOAL} × the cold run",
            ratio <= GOAL, "the known-good's version is deployed, then the head; the volumes are made anew of the archive",
            [f"quick: {words_of(quick, 's')}", f"cold: {words_of(cold, 's')}"], quick_s=spread(quick), cold_s=spread(cold), cold_timings=timings, snapshot=json.loads(saved.splitlines()[0]))
    ], {}
