"""Parallel: four runs of a small recipe at once, beside one after the other."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from ground import Installation, Stage, finished, median, row, say, words_of

HELP = "four runs of a small recipe at once beside one after the other"
PRODUCTS = ("ccci-run",)
RUNS, GOAL = 4, 0.6


def bench(stage: Stage):
    # The quick form only sees that it works: two runs that install.
    rounds, runs = (1, 2) if stage.quick else (5, RUNS)
    options, good = (("--tiers", "install"), "partial") if stage.quick else ((), "green")
    together, sums, wrong = [], [], []
    with Installation(stage, "parallel") as place:
        place.environment = {**place.environment, "CCCI_SETTINGS": own_settings(place, runs)}
        for number in range(rounds):
            start = time.monotonic()
            processes = [place.start(place.target(), *options) for _ in range(runs)]
            with ThreadPoolExecutor(runs) as pool:
                answers = list(pool.map(lambda process: finished(process, start), processes))
            together.append(time.monotonic() - start)
            single = [place.run(place.target(), *options) for _ in range(runs)]
            sums.append(sum(results["wall_s"] for results in single))
            wrong += [f"{results['run_id']}: {results['verdict']}: {results['reason']}" for results in answers + single if results["verdict"] != good]
            say(f"round {number + 1} of {rounds}: together {together[-1]:.1f} s, one after the other {sums[-1]:.1f} s")
    mine, rival = median(together), median(sums)
    return [row(
        f"{runs} runs of custom-html", "s", mine, rival, "one after the other", f"at most {GOAL:g} of the other, all verdicts right",
        mine <= GOAL * rival and not wrong, "the processors: abra, docker and the tests of a run, and what swarm takes to start and stop containers",
        [f"together: {words_of(together, 's')}", f"one after the other: {words_of(sums, 's')}", *wrong], rounds=rounds)], {}


def own_settings(place: Installation, runs: int) -> str:
    """The world's, with room for all of them."""
    lines = (place.stage.world / "settings.toml").read_text().splitlines()
    path = place.folder / "settings.toml"
    path.write_text("\n".join(f"capacity = {runs}" if line.startswith("capacity") else line for line in lines) + "\n")
    return str(path)
