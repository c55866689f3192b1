"""ccci-snap beside what people would use instead: the same trees, the same disk, cold data, everything on disk at the end."""

import functools
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ground import ROOT, Stage, row, stop

sys.path.insert(0, str(ROOT / "Tests/Snapshots"))

HELP = "snapshots beside tar, zstd, cp, rsync, restic and the disk itself"
PRODUCTS = ("ccci-snap",)

# Left out of the quick form.
SLOW = ("rsync -a", "restic", "docker run … tar")
# Goals, as ratios to GNU tar in the same run: create, restore, stored (of the tree's own size).
GOALS = {"A": (2.5, 4.0, 0.1), "B": (3.3, 1.7, 0.5), "C": (1.7, 1.5, None), "D": (None, None, None)}
DISK = "the disk itself"
OURS_AND_DISK = ("ccci-snap", DISK)
RESIDENT_MIB = 64
REBUILT_S = 0.5
NAMES = {"A": "database directory", "B": "100 000 small files", "C": "2 GiB incompressible", "D": "2 GiB sparse, 50 MB data"}

TAR = "tar --numeric-owner --xattrs --acls --sparse --one-file-system --format=posix"
# An image that holds nothing but the tar of this machine.
IMAGE = "ccci-bench/tar:latest"
IN_CONTAINER = "docker run --rm --network none"
# name: (create, restore, program that must be there); {src} is the tree, {store} an empty folder, {out} an empty folder
OTHERS = {
    "GNU tar": (f"{TAR} -C {{src}} -cf {{store}}/t.tar .", f"{TAR} -C {{out}} -xpf {{store}}/t.tar", "tar"),
    "tar | zstd -1 -T0": (
        f"{TAR} -C {{src}} -c . | zstd -q -1 -T0 -o {{store}}/t.tar.zst", f"zstd -qdc {{store}}/t.tar.zst | {TAR} -C {{out}} -xp", "zstd"),
    "cp -a": ("cp -a --reflink=auto {src}/. {store}/t", "cp -a --reflink=auto {store}/t/. {out}/", "cp"),
    "rsync -a": ("rsync -aHAXS --numeric-ids {src}/ {store}/t/", "rsync -aHAXS --numeric-ids {store}/t/ {out}/", "rsync"),
    "restic": (
        "export RESTIC_PASSWORD=x RESTIC_CACHE_DIR={store}/cache; restic -q init -r {store}/r && cd {src} && restic -q -r {store}/r backup .",
        "export RESTIC_PASSWORD=x RESTIC_CACHE_DIR={store}/cache; restic -q -r {store}/r restore latest --target {out}", "restic"),
    "docker run … tar": (
        f"{IN_CONTAINER} -v {{src}}:/src -v {{store}}:/store {IMAGE} {TAR} -C /src -cf /store/t.tar .",
        f"{IN_CONTAINER} -v {{out}}:/out -v {{store}}:/store {IMAGE} {TAR} -C /out -xpf /store/t.tar", "docker"),
}


def database(folder: Path, dice: random.Random) -> None:
    """Tables of many sizes full of rows, and a log that hardly shrinks."""
    row = b"".join(b"%08d|user%05d|lorem ipsum dolor sit amet|2026-01-01 00:00:00|active|" % (i, dice.randrange(99999)) for i in range(2000))
    for number in range(5):
        (folder / f"base/{number}").mkdir(parents=True)
        for table in range(300):
            size = dice.choice([8192, 8192, 16384, 40960, 65536, 262144, 1 << 20])
            (folder / f"base/{number}/{16384 + table}").write_bytes((row * (size // len(row) + 1))[:size])
    for big in range(4):
        (folder / f"base/big{big}").write_bytes((row * ((100 << 20) // len(row) + 1))[: 100 << 20])
    (folder / "pg_wal").mkdir()
    for number in range(20):
        (folder / f"pg_wal/{number:024d}").write_bytes(((row + dice.randbytes(2000)) * 200)[: 16 << 20])


def small(folder: Path, dice: random.Random) -> None:
    noise, text = dice.randbytes(1 << 20), b"the quick brown fox jumps over the lazy dog %d\n" * 30000
    for number in range(100_000):
        place = folder / f"{number % 400:03d}"
        place.mkdir(exist_ok=True)
        source = noise if number % 2 else text
        start = dice.randrange(len(source) - 1)
        file = place / f"file{number}"
        file.write_bytes((source[start:] + source)[: int(dice.expovariate(1 / 12000))])
        if number % 97 == 0:
            os.link(file, place / f"link{number}")
        elif number % 89 == 0:
            os.symlink("../nowhere", place / f"symlink{number}")
        elif number % 83 == 0:
            os.setxattr(file, "user.note", b"odd")


def noise(folder: Path, dice: random.Random) -> None:
    with open(folder / "blob", "wb") as file:
        for _ in range(128):
            file.write(dice.randbytes(16 << 20))


def sparse(folder: Path, dice: random.Random) -> None:
    with open(folder / "disk", "wb") as file:
        file.truncate(2 << 30)
        for _ in range(50):
            file.seek(dice.randrange(2000) << 20)
            file.write(dice.randbytes(1 << 20))


MAKERS = {"A": database, "B": small, "C": noise, "D": sparse}


@functools.cache
def loaded(program: str) -> list[str]:
    """A program's file, and the libraries that it loads: what `start` measures, and not we."""
    place = shutil.which(program)
    said = subprocess.run(["ldd", place], capture_output=True, text=True, check=False).stdout if place else ""
    return ([place] if place else []) + re.findall(r"(/\S+) \(0x", said)


def cold(*programs: str) -> None:
    """Nothing of the trees is in memory any more, all of the programs is."""
    os.sync()
    Path("/proc/sys/vm/drop_caches").write_text("3")
    for file in sorted({file for program in programs for file in loaded(program)}):
        Path(file).read_bytes()


@contextmanager
def tar_image() -> Iterator[bool]:
    """An image with this machine's tar, for as long as it is needed; False where docker does not answer."""
    if not shutil.which("docker") or subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        print("bench: docker does not answer: without `docker run … tar`", file=sys.stderr)
        yield False
        return
    files = subprocess.Popen(["tar", "-ch", *loaded("tar")], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    subprocess.run(["docker", "import", "-c", "ENV PATH=/usr/bin:/bin", "-", IMAGE], stdin=files.stdout, check=True, capture_output=True)
    files.wait()
    try:
        yield True
    finally:
        subprocess.run(["docker", "image", "rm", "-f", IMAGE], check=True, capture_output=True)


def shell(line: str, place: Path) -> float:
    cold("bash", "sync", "tar", "zstd", "cp", "rsync", "restic", "docker", "dd")
    start = time.monotonic()
    subprocess.run(["bash", "-c", f"set -o pipefail; {{ {line}; }} && sync -f {place}"], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


def disk(place: Path, reads: int, writes: int) -> float:
    """So many bytes read and so many written by dd past the page cache, without names and without a thought: nothing that keeps its word can be quicker."""
    blob, piece = place / "blob", 4 << 20
    if not blob.exists() or blob.stat().st_size < reads:
        noise = random.Random(2).randbytes(piece)
        with open(blob, "wb") as file:
            for _ in range(reads // piece + 1):
                file.write(noise)
    direct = [["dd", f"if={blob}", "of=/dev/null", "iflag=direct"], ["dd", "if=/dev/zero", f"of={place / 'out'}", "oflag=direct", "conv=fsync"]]
    cold("dd")
    start = time.monotonic()
    for words, size in zip(direct, (reads, writes)):
        subprocess.run([*words, f"bs={piece}", f"count={-(-size // piece)}", "status=none"], check=True)
    seconds = time.monotonic() - start
    (place / "out").unlink()
    return seconds


def stored(folder: Path) -> int:
    return int(subprocess.run(["du", "-sk", folder], capture_output=True, text=True, check=True).stdout.split()[0]) * 1024


def fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def same(source: Path, copy: Path) -> bool:
    """The independent check: nothing that rsync would change."""
    done = subprocess.run(
        ["rsync", "-aHAXn", "--checksum", "--delete", "--numeric-ids", "-i", f"{source}/", f"{copy}/"], capture_output=True, text=True, check=True)
    return done.stdout == ""


class Ours:
    """ccci-snap with a volume of a stand-in engine; the tree is moved away before a restore, so that it begins empty as the others do."""

    def __init__(self, folder: Path, source: Path) -> None:
        from lab import Lab

        self.lab = Lab(folder)
        self.source = source
        self.data = self.lab.volume()
        self.peak = 0

    def run(self, word: str, *options: str) -> float:
        # It asks the engine through libcurl, as curl does, which it loads late.
        cold(str(self.lab.command(word, "demo")[0]), "curl")
        start = time.monotonic()
        process = subprocess.Popen(
            self.lab.command(word, "demo", *options), env=self.lab.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        watch = threading.Thread(target=self.watch, args=[process.pid])
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        watch.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"bench: ccci-snap {word}: {process.stderr.read() if process.stderr else ''}")
        if os.environ.get("CCCI_BENCH_CPU"):
            print(f"bench: {word} {seconds:.2f} s, user {usage.ru_utime:.2f}, system {usage.ru_stime:.2f}", file=sys.stderr)
        return seconds

    def watch(self, pid: int) -> None:
        """The most that is resident; rusage would count what its starter had before exec."""
        try:
            while True:
                text = Path(f"/proc/{pid}/status").read_text()
                found = [int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("VmHWM:")]
                if not found:
                    return
                if "ccci-snap" in text.split("\n", 1)[0]:
                    self.peak = max(self.peak, found[0])
                time.sleep(0.02)
        except (OSError, ProcessLookupError):
            return

    def create(self, *options: str) -> float:
        self.data.rmdir()
        self.source.rename(self.data)
        seconds = self.run("create", *options)
        self.data.rename(self.source)
        self.data.mkdir()
        return seconds

    def restore(self) -> float:
        seconds = self.run("restore")
        if not same(self.source, self.data):
            sys.exit("bench: what ccci-snap restored is not what it saved")
        shutil.rmtree(self.data)
        self.data.mkdir()
        return seconds


def one_set(name: str, folder: Path, rounds: int, others: dict) -> list[dict]:
    source = fresh(folder / name / "tree")
    MAKERS[name](source, random.Random(1))
    size = stored(source)
    ours = Ours(fresh(folder / name / "ours"), source)
    rivals = {key: value for key, value in others.items() if shutil.which(value[2])}
    times: dict[str, list[tuple[float, float]]] = {key: [] for key in ["ccci-snap", DISK, *rivals]}
    kept: dict[str, int] = {}
    for number in range(rounds):
        times["ccci-snap"].append((ours.create(), ours.restore()))
        kept["ccci-snap"] = stored(ours.lab.app / "snapshot")
        kept[DISK] = 0
        place = folder / name / "disk"
        place.mkdir(exist_ok=True)
        times[DISK].append((disk(place, size, kept["ccci-snap"]), disk(place, kept["ccci-snap"], size)))
        for rival, (create, restore, _) in rivals.items():
            if number and rival != "GNU tar" and is_slow(times, rival):
                continue
            store, out = fresh(folder / name / "store"), fresh(folder / name / "out")
            words = {"src": source, "store": store, "out": out}
            times[rival].append((shell(create.format(**words), store), shell(restore.format(**words), out)))
            kept[rival] = stored(store)
            shutil.rmtree(store)
            shutil.rmtree(out)
        print(f"bench: {name} round {number + 1}: " + ", ".join(f"{k} {v[-1][0]:.2f}/{v[-1][1]:.2f}" for k, v in times.items()), file=sys.stderr)
    ours.lab.engine.close()
    shutil.rmtree(folder / name)
    medians = {key: tuple(round(statistics.median(row[i] for row in rows), 3) for i in range(2)) for key, rows in times.items()}
    return judged(name, medians, kept, size, ours.peak)


def is_slow(times: dict[str, list[tuple[float, float]]], rival: str) -> bool:
    """Far from the quickest of the others, in the first round: such are taken once, since they only have to be slower."""
    best = [min(found[0][way] for key, found in times.items() if found and key not in OURS_AND_DISK) for way in range(2)]
    return all(times[rival][0][way] > 1.3 * best[way] for way in range(2))


def judged(name: str, medians: dict[str, tuple[float, ...]], kept: dict[str, int], size: int, peak: int) -> list[dict]:
    return [one_way(name, index, medians, kept, size, peak) for index in range(2)]


def one_way(name: str, index: int, medians: dict[str, tuple[float, ...]], kept: dict[str, int], size: int, peak: int) -> dict:
    """Create or restore of one set. What is stored and resident counts at the creation."""
    word = ("create", "restore")[index]
    times = {key: found[index] for key, found in medians.items()}
    mine, tar = times["ccci-snap"], times["GNU tar"]
    goal, missed, goals = GOALS[name][index], [], []
    if goal:
        goals.append(f"{goal} times as fast as GNU tar")
        if tar / mine < goal:
            missed.append(f"{tar / mine:.2f} times as fast as GNU tar, the goal is {goal}")
    goals.append("within 1.1 of the best")
    best = min((seconds, key) for key, seconds in times.items() if key not in OURS_AND_DISK)
    if mine > 1.1 * best[0]:
        missed.append(f"{mine} s, {best[1]} {best[0]} s")
    if name == "C":
        goals.append("twice the disk itself")
        if mine > 2 * times[DISK]:
            missed.append(f"{mine} s, the disk itself {times[DISK]} s")
    if name == "D":
        goals.append("0.3 s")
        if mine > 0.3:
            missed.append(f"{mine} s, the goal is 0.3 s")
    if not index:
        missed += weighed(name, kept, size, peak, goals)
    return row(
        f"{word}: {NAMES[name]}, {size >> 20} MiB", "s", mine, tar, "GNU tar", ", ".join(goals), not missed,
        f"the disk, which takes {times[DISK]:.2f} s for nothing but the bytes" + ("" if name in ("C", "D") else "; and the system calls for each file"),
        [f"{key}: {seconds:.2f} s" + (f", {kept[key] >> 20} MiB" if kept[key] else "") for key, seconds in times.items()] + [f"missed: {line}" for line in missed]
        + [f"{peak >> 20} MiB resident"], set=name, seconds=times, resident_mib=peak >> 20, missed=missed)


def weighed(name: str, kept: dict[str, int], size: int, peak: int, goals: list[str]) -> list[str]:
    missed, share, most = [], kept["ccci-snap"] / size, GOALS[name][2]
    if most:
        goals.append(f"stored in {most} of the tree")
        if share > most:
            missed.append(f"stored {share:.3f} of the tree, the goal is {most}")
    goals.append(f"{RESIDENT_MIB} MiB resident")
    if peak > RESIDENT_MIB << 20:
        missed.append(f"{peak >> 20} MiB resident, the goal is {RESIDENT_MIB}")
    return missed


class Loop:
    """A file system whose files can share blocks, on a file."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.image, self.mount, self.kind = folder / f"{kind}.img", folder / kind, kind
        self.mount.mkdir(parents=True)
        with open(self.image, "wb") as file:
            file.truncate(6 << 30)
        subprocess.run([f"mkfs.{kind}", "-q", self.image], check=True, stdout=subprocess.DEVNULL)

    def __enter__(self) -> "Loop":
        subprocess.run(["mount", "-o", "loop", self.image, self.mount], check=True)
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", self.mount], check=True)


def missing(kind: str) -> str | None:
    """Why such a file system cannot be had here."""
    if not shutil.which(f"mkfs.{kind}"):
        return f"mkfs.{kind} is not installed: apt-get install btrfs-progs xfsprogs"
    subprocess.run(["modprobe", "-q", kind], check=False, capture_output=True) if shutil.which("modprobe") else None
    return None if kind in Path("/proc/filesystems").read_text() else f"this kernel does not know {kind}"


def rebuilt(folder: Path, kind: str, rounds: int, set_name: str) -> list[dict]:
    """A volume that is made anew of the tree beside its archive, which shares its blocks, as a quick run does."""
    if why := missing(kind):
        print(f"bench: NOT MEASURED on {kind}: {why}", file=sys.stderr)
        return []
    with Loop(folder, kind) as loop:
        source = fresh(loop.mount / "tree")
        MAKERS[set_name](source, random.Random(1))
        size = stored(source)
        ours = Ours(fresh(loop.mount / "ours"), source)
        ours.create("--tree")
        times: dict[str, list[float]] = {"ccci-snap": [], "cp -a --reflink": [], "GNU tar": []}
        archive = loop.mount / "t.tar"
        subprocess.run(["bash", "-c", f"{TAR} -C {source} -cf {archive} ."], check=True)
        for _ in range(rounds):
            times["ccci-snap"].append(ours.restore())
            for rival, line in (("cp -a --reflink", f"cp -a --reflink=always {source}/. {{out}}/"), ("GNU tar", f"{TAR} -C {{out}} -xpf {archive}")):
                out = fresh(loop.mount / "out")
                times[rival].append(shell(line.format(out=out), out))
                shutil.rmtree(out)
        ours.lab.engine.close()
    found = {name: round(statistics.median(values), 3) for name, values in times.items()}
    print(f"bench: {kind}: {found}", file=sys.stderr)
    return [row(
        f"a volume made anew of the tree that shares blocks, {kind}: {NAMES[set_name]}, {size >> 20} MiB", "s", found["ccci-snap"], found["cp -a --reflink"], "cp -a --reflink",
        f"under {REBUILT_S:g} s", found["ccci-snap"] < REBUILT_S, "the file system: a few system calls for each file, and all is on the disk at the end",
        [f"{name}: {seconds:.2f} s" for name, seconds in found.items()], set=set_name, seconds=found)]


def bench(stage: Stage):
    os.environ["CCCI_BINARIES"] = str(stage.binaries)
    if os.geteuid() != 0:
        stop(77, "snap needs root", "caches are dropped, and owners kept: run it as root")
    folder = Path(os.environ.get("CCCI_BENCH_FOLDER", "/var/tmp")) / "ccci-bench-snap"
    # The quick form only sees that it works.
    sets, rounds = os.environ.get("CCCI_BENCH_SETS", "D" if stage.quick else "ABCD"), 1 if stage.quick else 5
    try:
        with tar_image() as has_docker:
            others = {key: value for key, value in OTHERS.items() if (has_docker or value[2] != "docker") and not (stage.quick and key in SLOW)}
            rows = [found for name in sets for found in one_set(name, folder, rounds, others)]
        for kind in ("btrfs", "xfs"):
            rows += rebuilt(folder, kind, rounds, "D" if stage.quick else "A")
        return rows, {}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
