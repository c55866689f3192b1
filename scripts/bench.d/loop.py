"""Loop: how soon a recipe that crash-loops is a verdict, and that slow ones are not taken for one."""

from __future__ import annotations

import re
import shutil
import time

from ground import ROOT, Installation, Stage, median, row, say, words_of

HELP = "crash loop to verdict beside abra's time-out, and no false red on slow recipes"
PRODUCTS = ("ccci-run",)
OVERLAYS = ROOT / "Tests/World/overlays"
GOAL_S = 120
OLDEST = "1.0.0+1.36"
SLOW = ("late-database", "slow-migration")


def bench(stage: Stage):
    rows = [loop(stage, 1, "crash loop to verdict, teardown included")]
    if not stage.quick:
        rows.append(loop(stage, 2, "the same of a pull request whose base loops too: both are given their time"))
        rows += [slow(stage, recipe) for recipe in SLOW]
    return rows, {}


def timeout(recipe: str) -> int:
    """Seconds that abra is told to wait for such an app: the recipe's deploy_timeout, which becomes TIMEOUT in its .env."""
    return int(re.search(r'^deploy_timeout = "(\d+)s"$', (OVERLAYS / recipe / "recipe.toml").read_text(), re.M)[1])


def loop(stage: Stage, versions: int, what: str) -> dict:
    """One version: the oldest release, which has no base. Two take twice as long, and are looked at once."""
    rounds, seconds, wrong = 1 if stage.quick or versions == 2 else 5, [], []
    waited = timeout("crash-loop")
    with Installation(stage, "loop", "crash-loop") as place:
        tests = place.folder / "tests"
        shutil.copytree(OVERLAYS, tests)
        if stage.quick:
            # Called sooner than anybody should: only to see that the benchmark works.
            (tests / "crash-loop/recipe.toml").write_text(
                f'deploy_timeout = "{waited}s"\nhttp_timeout = "5s"\n[crash_loop]\nfailures = 2\nafter = "5s"\n')
        for number in range(rounds):
            results = place.run(place.target() if versions == 2 else ["crash-loop", "--version", OLDEST], "--tests", str(tests))
            seconds.append(results["wall_s"])
            because = (results.get("failure") or {}).get("because", "")
            if results["verdict"] != "red" or not because.startswith("crash loop"):
                wrong.append(f"{results['verdict']}: {results['reason']}")
            say(f"crash-loop, round {number + 1} of {rounds}: {results['verdict']} after {seconds[-1]:.1f} s")
    ours = median(seconds)
    return row(
        what, "s", ours, versions * waited, "abra's time-out: the TIMEOUT that it is given, not waited for",
        f"under {versions * GOAL_S} s, as a crash loop", ours < versions * GOAL_S and not wrong,
        "90 s of patience, so that a service that waits for another one is not called a loop", [words_of(seconds, "s"), *wrong], rounds=rounds)


def slow(stage: Stage, recipe: str) -> dict:
    """A good recipe that takes 150 s, once: it has to be right, not quick."""
    with Installation(stage, "loop", recipe, "refs/heads/main") as place:
        start = time.monotonic()
        results = place.run(place.target(), "--tests", str(OVERLAYS), "--tiers", "install")
    passed = [tier["outcome"] for tier in results["tiers"] if tier["tier"] == "install"] == ["pass"]
    say(f"{recipe}: {results['verdict']} after {time.monotonic() - start:.1f} s")
    return row(
        f"{recipe}, which is good and slow: its install", "s", round(results["wall_s"], 1), timeout(recipe), "abra's time-out, not waited for",
        "no false red", passed and results["verdict"] in ("green", "partial"), "its own 150 s", [f"{results['verdict']}: {results['reason']}"])
