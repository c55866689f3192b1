"""Scale: commands beside 10 to 100 000 run records, and how much each of them remembers."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import poll
from ground import ROOT, Installation, Stage, median, row, say, spawned, stop, words_of

HELP = "list, show, a janitor's and a poller's pass beside 10 to 100 000 run records, and peak memory"
PRODUCTS = ("ccci-run", "ccci-poll", "ccci-janitor", "ccci-alerts", "ccci-reconcile")
LIST_MS, MEMORY_MIB = 200.0, 64.0
# Above so many microseconds a record costs something at all, and must not cost more among many than among few by more than this.
NOTHING_US, GROWTH = 0.5, 1.5
# Younger than the janitor's retention of 90 days.
DAYS = 80
FORMAT = "%Y-%m-%dT%H:%M:%SZ"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


class Records:
    """Copies of a real record, each with an id and times of its own."""

    def __init__(self, folder: Path, real: Path, most: int) -> None:
        self.folder, self.made = folder, 0
        self.id = real.name
        self.texts = {name: (real / name).read_text() for name in ("run.json", "results.json")}
        self.times = {at: datetime.strptime(at, FORMAT) for text in self.texts.values() for at in re.findall(TIME, text)}
        self.end = max(datetime.strptime(at, FORMAT) for at in re.findall(rf'"(?:heartbeat|finished)" : "({TIME})"', "".join(self.texts.values())))
        self.step = timedelta(days=DAYS) / most
        self.begin = datetime.now(timezone.utc).replace(tzinfo=None) - timedelta(days=DAYS)
        folder.mkdir(parents=True)

    def fill(self, count: int) -> None:
        """Up to so many, each newer than those before."""
        for number in range(self.made, count):
            self.add(f"d{number + 1}", self.begin + number * self.step - self.end)
        self.made = count

    def add(self, name: str, later: timedelta) -> None:
        path = self.folder / name
        os.mkdir(path)
        for file, text in self.texts.items():
            for number, at in enumerate(self.times):
                text = text.replace(at, f"<{number}>")
            for number, at in enumerate(self.times.values()):
                text = text.replace(f"<{number}>", (at + later).strftime(FORMAT))
            (path / file).write_text(text.replace(self.id, name))
        # As the run's last write left it.
        end = (self.end + later).replace(tzinfo=timezone.utc).timestamp()
        for place in (path / "run.json", path / "results.json", path):
            os.utime(place, (end, end))


def real(stage: Stage, place: Installation) -> tuple[Path, float]:
    """The record of a run that was really made, and the most that it had resident, in MiB."""
    name = f"real{os.urandom(4).hex()}"
    process = place.start(place.target(), *([] if not stage.quick else ["--tiers", "install"]), "--run-id", name)
    peak = watched(process)
    if process.returncode:
        stop(70, f"the run that is to be copied ended with {process.returncode}", "try the same by hand: ccci-run custom-html")
    return place.folder / "runs" / name, peak


def watched(process: subprocess.Popen) -> float:
    """The most that a process has resident until it ends, in MiB: what it starts itself is not counted."""
    peak = 0
    said = threading.Thread(target=lambda: process.stdout and process.stdout.read())
    said.start()
    while process.poll() is None:
        try:
            found = re.search(r"^VmHWM:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text(), re.M)
            peak = max(peak, int(found[1]) if found else 0)
        except OSError:
            pass
        time.sleep(0.002)
    said.join()
    return peak / 1024


def shell(line: str, folder: Path) -> float:
    """Milliseconds."""
    start = time.monotonic()
    subprocess.run(["bash", "-c", f"set -o pipefail; {line}"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return (time.monotonic() - start) * 1000


# What people would write: all records, since names do not sort by time.
BY_SHELL = {
    "ccci-run list": "find . -name run.json -print0 | xargs -0 jq -r '[.started, .run_id, .recipe, .phase] | @tsv' | sort | tail -n 20",
    "ccci-run show": "jq -r .reason \"$(find . -mindepth 1 -maxdepth 1 -name 'd*' -printf '%T@ %f\\n' | sort -n | tail -n 1 | cut -d ' ' -f 2)/results.json\"",
    "ccci-janitor --dry-run": "docker stack ls >/dev/null; find . -mindepth 2 -maxdepth 2 -name run.json -mtime +90",
}


def bench(stage: Stage):
    counts, rounds = ((10, 300, 1000), 3) if stage.quick else ((10, 1000, 10_000, 100_000), 5)
    home = Path(os.environ.get("CCCI_BENCH_FOLDER", "/var/tmp")) / f"ccci-bench-scale-{os.urandom(4).hex()}"
    try:
        with Installation(stage, "scale") as place, poll.Place(ROOT, stage.binaries, 20) as forge:
            source, peak = real(stage, place)
            records = Records(home / "runs", source, counts[-1])
            calls = commands(stage, home, forge)
            taken = {name: {} for name in calls}
            for count in counts:
                records.fill(count)
                if count <= 1000:
                    validate(home)
                measure(taken, calls, records, forge, rounds)
            memory = memories(stage, home, taken, counts[-1], peak, rounds)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    rows = [judged(name, found, counts) for name, found in taken.items()]
    return rows + memory, {"records": list(counts)}


def commands(stage: Stage, home: Path, forge: "poll.Place"):
    """Name → command and environment."""
    (home / "abra/servers/default").mkdir(parents=True)
    settings = home / "settings.toml"
    settings.write_text(f"""
[host]
zone = "bench.localhost"
shelf = "{home}/shelf"
runs = "{home}/runs"
lock = "{home}/lock"
abra_dir = "{home}/abra"
[run]
disk_warn = 99
disk_act = 100
""")
    environment = {**stage.environment, "CCCI_SETTINGS": str(settings)}
    found = {name: ([stage.binaries / name.split()[0], *name.split()[1:]], environment) for name in BY_SHELL}
    found["ccci-poll once"] = ([stage.binaries / "ccci-poll", "once"], {**forge.environment, "CCCI_HOST_RUNS": f"{home}/runs"})
    return found


def validate(home: Path) -> None:
    """The copies are records as good as the one that was copied."""
    done = subprocess.run([sys.executable, ROOT / "scripts/validate-records", home], capture_output=True, text=True, check=False)
    if done.returncode:
        stop(70, "the records that were made do not fit their schema", (done.stdout + done.stderr).strip()[-500:])


def measure(taken, calls, records: Records, forge: "poll.Place", rounds: int) -> None:
    for name, (command, environment) in calls.items():
        check(name, command, environment, records.made)
        pairs, other = [], []
        for _ in range(rounds):
            pairs += spawned(1, command, environment)
            other.append(shell(BY_SHELL[name], records.folder) if name in BY_SHELL else poll.curls(forge, 1))
        taken[name][records.made] = {"ms": [ms for ms, _, _ in pairs], "mib": max(mib for _, mib, _ in pairs), "other": other}
        say(f"{name}, {records.made} records: {median(taken[name][records.made]['ms'])} ms; by shell {median(other)} ms")


def check(name: str, command, environment, count: int) -> None:
    """That it does what is measured: the newest record first, none too old."""
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    lines = said.splitlines()
    wrong = {
        "ccci-run list": lambda: [line.split()[0] for line in lines[1:]] != [f"d{number}" for number in range(count, max(count - 20, 0), -1)],
        "ccci-run show": lambda: f"/d{count}" not in said,
        "ccci-janitor --dry-run": lambda: not said.startswith("nothing to do"),
    }.get(name)
    if wrong and wrong():
        stop(70, f"{name} beside {count} records does not answer as it should", said[:500])


def judged(name: str, found, counts) -> dict:
    medians = {count: median(values["ms"]) for count, values in found.items()}
    largest, least = counts[-1], counts[0]
    # Microseconds that one record more costs, among few and among many.
    middle = counts[-2] if len(counts) > 2 else largest
    few = (medians[middle] - medians[least]) / (middle - least) * 1000
    many = (medians[largest] - medians[middle]) / (largest - middle) * 1000 if middle != largest else few
    is_flat = many <= max(NOTHING_US, GROWTH * few)
    is_list = name == "ccci-run list"
    ours = medians[largest]
    other = median(found[largest]["other"])
    by = "one curl a repository" if name not in BY_SHELL else "a shell line with find, " + ("docker" if "docker" in BY_SHELL[name] else "jq and sort")
    goal = f"cost of a record flat{f', under {LIST_MS:g} ms' if is_list else ''}"
    return row(
        f"{name} beside {largest:,} records".replace(",", " "), "ms", ours, other, by, goal, is_flat and (not is_list or ours < LIST_MS),
        "the time that its folder was changed is asked of every record, few are opened" if name != "ccci-poll once" else "requests; it reads no records that it does not follow",
        [f"{count} records: {words_of(values['ms'], 'ms')}, other {median(values['other'])} ms, peak {values['mib']:.1f} MiB" for count, values in found.items()]
        + [f"one record more: {few:.2f} us up to {middle}, {many:.2f} us above"],
        us_few=round(few, 3), us_many=round(many, 3))


def memories(stage: Stage, home: Path, taken, largest: int, run_peak: float, rounds: int):
    """Peak memory of every command at the largest row, but ccci-snap's, which its own benchmark takes."""
    peaks = {f"{name}, {largest} records": values[largest]["mib"] for name, values in taken.items()}
    peaks["ccci-run, a whole run"] = run_peak
    environment = {**stage.environment, "CCCI_SETTINGS": str(home / "settings.toml")}
    alerts = 100 if stage.quick else 10_000
    fill_alerts(home / "shelf/alerts", alerts)
    peaks[f"ccci-alerts list, {alerts} alerts"] = max(mib for _, mib, _ in spawned(rounds, [stage.binaries / "ccci-alerts", "list"], environment))
    peaks["ccci-reconcile --check of an app"] = reconcile(stage, home)
    return [
        row(f"peak memory: {name}", "MiB", round(peak, 1), None, "nobody else does the same", f"under {MEMORY_MIB:g} MiB", peak < MEMORY_MIB,
            "libraries and Swift's runtime; among many records their names and times" if "records" in name else "libraries and Swift's runtime")
        for name, peak in peaks.items()]


def fill_alerts(folder: Path, count: int) -> None:
    folder.mkdir(parents=True)
    for number in range(count):
        at = datetime(2026, 1, 1) + timedelta(seconds=number)
        alert = {"schema": 1, "app": "host", "reason": "disk", "says": "a filesystem is full", "ts": at.strftime(FORMAT), "details": {"number": str(number)}}
        (folder / f"{at.strftime('%Y%m%dT%H%M%S')}.000Z-host-disk.json").write_text(json.dumps(alert))


def reconcile(stage: Stage, home: Path) -> float:
    """Of a shared app that is not deployed: its upstream is fetched, its releases and notes are read."""
    world = (stage.world / "settings.toml").read_text()
    (home / "reconcile.toml").write_text(
        re.sub(r"^shelf = .*$", f'shelf = "{home}/shelf"', world, flags=re.M) + '\n[reconcile.bench]\nrecipe = "shared-keycloak"\ndomain = "bench.ci.localhost"\n')
    process = subprocess.Popen(
        [stage.binaries / "ccci-reconcile", "bench", "--check"], env={**stage.environment, "CCCI_SETTINGS": str(home / "reconcile.toml")},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peak = watched(process)
    if process.returncode not in (0, 1):
        stop(70, f"ccci-reconcile ended with {process.returncode}", (process.stderr.read() if process.stderr else "").strip()[-500:])
    return peak
