"""Start: every command's --help and its cheapest real call, beside the clients that people have at hand."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import poll
from ground import ROOT, Stage, median, row, say, spawned, stop, words_of

HELP = "every command's --help and cheapest real call beside docker, git and restic"
PRODUCTS = ("ccci-run", "ccci-poll", "ccci-snap", "ccci-reconcile", "ccci-janitor", "ccci-alerts")
OTHERS = (("docker", "--version"), ("git", "--version"), ("restic", "version"))
LIMIT_MS, LIMIT_MIB = 10.0, 20.0


# Words after the command, its exit code, what it is.
CHEAPEST = (
    ("ccci-run", ("list",), 0, "no records"),
    ("ccci-poll", ("status",), 0, "two repositories, one question to Drone"),
    ("ccci-snap", ("list",), 0, "no snapshots"),
    ("ccci-reconcile", ("nobody", "--check"), 64, "refuses an app that the settings do not name"),
    ("ccci-janitor", ("--dry-run",), 0, "asks the engine for all that is there"),
    ("ccci-alerts", ("list",), 0, "no alerts"),
)


def bench(stage: Stage):
    others = {" ".join(words): [shutil.which(words[0]), *words[1:]] for words in OTHERS if shutil.which(words[0])}
    if "docker --version" not in others:
        stop(72, "no docker client is there", "apt-get install docker.io")
    rounds, each = (2, 3) if stage.quick else (5, 20)
    with tempfile.TemporaryDirectory(prefix="ccci-bench-start-") as name, poll.Place(ROOT, stage.binaries, 2) as place:
        environment = settings(stage, Path(name))
        calls = {}
        for product, words, status, what in CHEAPEST:
            calls[f"{product} --help"] = ([stage.binaries / product, "--help"], environment, 0, "")
            own = {**stage.environment, **place.environment} if product == "ccci-poll" else environment
            calls[f"{product} {' '.join(words)}"] = ([stage.binaries / product, *words], own, status, what)
        taken = {name: [] for name in (*calls, *others)}
        for number in range(rounds):
            for key, (command, variables, status, _) in calls.items():
                taken[key] += spawned(each, command, variables, status)
            for key, command in others.items():
                taken[key] += spawned(each, command, stage.environment)
            say(f"round {number + 1} of {rounds}")
    rival = {key: median([ms for ms, _, _ in taken[key]]) for key in others}
    libraries = len(subprocess.run(["ldd", stage.binaries / "ccci-run"], capture_output=True, text=True, check=True).stdout.splitlines())
    aside = ", ".join(f"{key} {value} ms" for key, value in rival.items())
    return [judged(key, what, taken[key], rival["docker --version"], aside, libraries) for key, (_, _, _, what) in calls.items()], {"others_ms": rival}


def settings(stage: Stage, folder: Path) -> dict[str, str]:
    """The world's engine, and nothing else of it: no records, no apps, no alerts."""
    (folder / "abra/servers/default").mkdir(parents=True)
    for name in ("runs", "shelf", "lock"):
        (folder / name).mkdir()
    (folder / "settings.toml").write_text(f"""
[host]
zone = "bench.localhost"
shelf = "{folder}/shelf"
runs = "{folder}/runs"
lock = "{folder}/lock"
abra_dir = "{folder}/abra"
""")
    return {**stage.environment, "CCCI_SETTINGS": str(folder / "settings.toml")}


def judged(key: str, what: str, taken, docker: float, aside: str, libraries: int) -> dict:
    times, peak, busy = [ms for ms, _, _ in taken], round(max(mib for _, mib, _ in taken), 1), median([cpu for _, _, cpu in taken])
    ours = median(times)
    loading = f"loading {libraries} shared libraries"
    return row(
        key, "ms", ours, docker, "docker --version", f"under {LIMIT_MS:g} ms and {LIMIT_MIB:g} MiB", ours < LIMIT_MS and peak < LIMIT_MIB,
        f"{loading}; {what}; peak {peak} MiB" if what else f"{loading}; peak {peak} MiB", [f"{words_of(times, 'ms')}; {busy} ms of them busy; {aside}"],
        peak_mib=peak, busy_ms=busy, all_ms={"min": round(min(times), 3), "max": round(max(times), 3)})
