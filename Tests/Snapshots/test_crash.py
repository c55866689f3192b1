"""Kills and full disks at every point: one whole snapshot is always there, and the next command repairs the rest."""

import os
import random
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import trees
from conftest import loop
from lab import Lab

# What changes files. The engine of strace counts for each thread by itself.
CALLS = ["write", "pwrite64", "fsync", "rename", "renameat2", "unlink", "unlinkat", "openat", "mkdir", "mkdirat", "chmod", "fchmod",
         "ftruncate", "flock", "syncfs", "utimensat", "fchownat", "linkat", "symlinkat", "lsetxattr", "close", "futex", "sendto"]
FULL = os.environ.get("CCCI_SNAP_TESTS") == "full"
RANDOM_KILLS = 200 if FULL else 80


def strace(call: str, number: int, what: str) -> list[str]:
    # A C library may know a call by another name, and a kernel not at all: `?` lets that pass.
    return ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace=?{call}", "-e", f"inject=?{call}:{what}:when={number}"]


class Bench:
    """An app whose data says which version it is of, and what must be true after every crash."""

    def __init__(self, lab: Lab, size: int = 300_000) -> None:
        self.lab, self.number, self.size = lab, 0, size
        self.kills = self.survived = self.old = self.new = 0
        self.next_version()
        lab.good("create", "demo")
        self.true = self.version

    @property
    def version(self) -> str:
        return f"1.0.{self.number}+1"

    def next_version(self) -> None:
        """New data, of which no snapshot has been taken."""
        self.number += 1
        volume = self.lab.volume()
        subprocess.run(f"find {volume} -mindepth 1 -delete", shell=True, check=True)
        dice = random.Random(self.number)
        (volume / "marker").write_text(self.version)
        (volume / "folder").mkdir()
        for name in range(12):
            (volume / f"folder/{name}").write_bytes(dice.randbytes(self.size // 12))
        (volume / "large").write_bytes(dice.randbytes(2_500_000 if self.size > 1000 else 10))
        os.link(volume / "large", volume / "folder/again")
        os.symlink("large", volume / "link")
        os.setxattr(volume / "marker", "user.version", self.version.encode())
        with open(volume / "holes", "wb") as file:
            file.truncate(200_000)
        self.lab.env_file.write_text(f"TYPE=demo:{self.version}\n")
        self.look = trees.look(volume)

    def create(self, before: list[str] | None = None) -> "subprocess.CompletedProcess[str]":
        return self.lab.snap("create", "demo", before=before)

    def check_create(self, done: "subprocess.CompletedProcess[str]") -> bool:
        """Exactly one of the two versions is there and whole. True when the command had come to its end."""
        assert self.lab.snap("verify", "demo").returncode == 0, done.stderr
        found = str(self.lab.meta()["version"])
        assert found in (self.true, self.version), (found, self.true, self.version)
        if done.returncode == 0:
            assert found == self.version
        content = subprocess.run(
            f"zstd -dc {self.lab.archive} | tar -xO ./marker", shell=True, capture_output=True, text=True, check=True).stdout
        assert content == found, "version and data went apart"
        self.old += found == self.true
        self.new += found == self.version
        self.true = found
        return done.returncode == 0

    def check_restore(self, done: "subprocess.CompletedProcess[str]") -> None:
        """The snapshot is untouched; an unfinished restore is marked, nothing may be saved over it, and the next restore repairs it."""
        marked = (self.lab.app / "restore.json").exists()
        whole = trees.look(self.lab.volume()) == self.look if self.lab.volume().exists() else False
        if done.returncode == 0:
            assert whole and not marked
        # Whoever finds neither mark nor data would deploy half an app.
        assert marked or whole or (self.lab.volume() / "spoilt").exists()
        assert str(self.lab.meta()["version"]) == self.true
        if marked:
            assert self.create().returncode == 75
            assert self.lab.snap("verify", "demo").returncode == 1
        assert self.lab.snap("restore", "demo").returncode == 0
        assert trees.look(self.lab.volume()) == self.look
        assert not (self.lab.app / "restore.json").exists()

    def spoil(self) -> None:
        volume = self.lab.volume()
        (volume / "spoilt").write_text("x")
        (volume / "marker").write_text("other")
        if (volume / "large").exists():
            (volume / "large").unlink()


@pytest.fixture
def bench(disk: Path) -> Bench:
    return Bench(Lab(disk / "lab"))


def numbers(call: str) -> range:
    """Every one where there are few; of calls that are made hundreds of times, some."""
    many = {"openat", "close", "futex", "write", "sendto"}
    return range(1, 400, 1 if FULL else 4) if call in many else range(1, 400)


def test_create_killed_at_every_call(bench: Bench, count: list[str]) -> None:
    for call in CALLS:
        silent = 0
        for number in numbers(call):
            bench.next_version()
            done = bench.create(strace(call, number, "signal=KILL"))
            ended = bench.check_create(done)
            bench.kills += not ended
            # Threads divide the calls differently each time: twice without a kill is the end.
            silent = silent + 1 if ended else 0
            if silent == 2:
                break
    count.append(f"create killed at system calls: {bench.kills} kills, the old snapshot {bench.old} times, the new one {bench.new} times, always whole")
    assert bench.kills >= 60
    assert bench.new > 0 and bench.old > 0


def test_restore_killed_at_every_call(bench: Bench, count: list[str]) -> None:
    for call in CALLS:
        silent = 0
        for number in numbers(call):
            bench.spoil()
            done = bench.lab.snap("restore", "demo", before=strace(call, number, "signal=KILL"))
            bench.check_restore(done)
            bench.kills += done.returncode != 0
            silent = silent + 1 if done.returncode == 0 else 0
            if silent == 2:
                break
    count.append(f"restore killed at system calls: {bench.kills} kills, each repaired by the next restore")
    assert bench.kills >= 80


@pytest.mark.parametrize("word", ["create", "restore"])
def test_random_kills(disk: Path, word: str, count: list[str]) -> None:
    dice = random.Random(6)
    bench = Bench(Lab(disk / "lab"), size=3_000_000)
    # How long the command takes at most: what it took when it was not hit in time, since a machine is not always as quick.
    span = 1.0
    for _ in range(RANDOM_KILLS):
        if word == "create":
            bench.next_version()
        else:
            bench.spoil()
        process = subprocess.Popen(
            bench.lab.command(word, "demo"), env=bench.lab.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        start = time.monotonic()
        try:
            process.wait(dice.uniform(0, span))
            span = time.monotonic() - start
        except subprocess.TimeoutExpired:
            process.kill()
        _, error = process.communicate()
        done = subprocess.CompletedProcess(process.args, process.returncode, "", error)
        bench.kills += done.returncode != 0
        if word == "create":
            bench.check_create(done)
        else:
            bench.check_restore(done)
    count.append(f"{word} killed at random: {bench.kills} kills of {RANDOM_KILLS} tries")
    assert bench.kills >= RANDOM_KILLS // 4


FAULTS = [("pwrite64", "ENOSPC"), ("pwrite64", "EIO"), ("write", "ENOSPC"), ("fsync", "EIO"), ("fsync", "ENOSPC"), ("mkdir", "ENOSPC"),
          ("renameat2", "EIO"), ("rename", "EIO"), ("fallocate", "ENOSPC"), ("syncfs", "EIO"), ("ftruncate", "EIO"), ("linkat", "EIO")]


def test_faults_of_the_disk_are_said_and_survived(bench: Bench, count: list[str]) -> None:
    faults = 0
    for word in ("create", "restore"):
        for call, error in FAULTS:
            for number in (1, 2, 3, 5, 8):
                if word == "create":
                    bench.next_version()
                else:
                    bench.spoil()
                done = bench.lab.snap(word, "demo", before=strace(call, number, f"error={error}"))
                faults += done.returncode != 0
                if done.returncode != 0 and not done.stderr.startswith("ccci-snap: "):
                    # A write to standard error is one of the writes.
                    assert call == "write", done.stderr
                if word == "create":
                    bench.check_create(done)
                else:
                    bench.check_restore(done)
    count.append(f"injected ENOSPC and EIO: {faults} failed commands, the snapshot whole after each")
    assert faults >= 30


class Filler:
    """Fills a file system up to some free bytes as soon as something is seen, as somebody else's data would."""

    def __init__(self, mount: Path, begins: Callable[[], object], left: int) -> None:
        self.file, self.begins, self.left = mount / "filler", begins, left
        self.mount, self.over = mount, threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        while not self.over.is_set():
            if self.begins():
                facts = os.statvfs(self.mount)
                size = facts.f_bavail * facts.f_frsize - self.left
                if size > 0:
                    subprocess.run(["fallocate", "-l", str(size), self.file], check=False, capture_output=True)
                return

    def close(self) -> None:
        self.over.set()
        self.thread.join()
        self.file.unlink(missing_ok=True)
        # What a file system gives back only with its next commit.
        subprocess.run(["sync", "-f", self.mount], check=True)


@pytest.mark.parametrize("kind", ["ext4", "btrfs"])
def test_a_disk_that_fills_up_costs_nothing(disk: Path, kind: str, count: list[str]) -> None:
    found = loop(disk, kind, {"ext4": 64 << 20, "btrfs": 256 << 20}[kind])
    dice, full, tries = random.Random(7), {"create": 0, "restore": 0}, 60 if FULL else 25
    try:
        bench = Bench(Lab(disk / "lab", shelf=found.mount / "shelf", volumes=found.mount / "volumes"), size=6_000_000)
        slow = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64,openat", "-e", "inject=pwrite64:delay_enter=3000"]
        for _ in range(tries):
            bench.next_version()
            filler = Filler(found.mount, lambda: any(bench.lab.app.glob(".new-*")), dice.randrange(9 << 20))
            done = bench.create(slow)
            filler.close()
            full["create"] += done.returncode == 74
            assert done.returncode in (0, 74), done.stderr
            bench.check_create(done)
        if bench.true != bench.version:
            assert bench.create().returncode == 0
            bench.true = bench.version
        volume = bench.lab.volume()
        for _ in range(tries):
            bench.spoil()
            filler = Filler(found.mount, lambda: not (volume / "folder").exists(), dice.randrange(7 << 20))
            done = bench.lab.snap("restore", "demo", before=slow)
            filler.close()
            full["restore"] += done.returncode == 74
            assert done.returncode in (0, 74), done.stderr
            bench.check_restore(done)
        bench.lab.engine.close()
    finally:
        found.close()
    count.append(f"a full {kind}: {full['create']} of {tries} creates and {full['restore']} of {tries} restores found no space; nothing was lost")
    assert full["create"] >= tries // 8
    # btrfs gives what was emptied back only later, so that the filler cannot take it: there a restore always finds its space.
    assert full["restore"] >= tries // 8 or kind == "btrfs"


def test_nothing_is_published_before_it_is_on_disk(bench: Bench, disk: Path) -> None:
    """Power loss: no name appears before the fsync of what it names."""
    bench.next_version()
    log = disk / "calls"
    trace = ["strace", "-f", "-y", "-qq", "-o", str(log), "-e", "trace=pwrite64,write,fsync,rename,renameat2,openat,mkdir"]
    assert bench.create(trace).returncode == 0
    dirty: set[str] = set()
    published = False
    for line in log.read_text().splitlines():
        call = line.split(None, 1)[1]
        if "resumed" in call or "= -1" in call:
            continue
        name = call.split("(", 1)[0]
        path = call.split("<", 1)[1].split(">", 1)[0] if "<" in call.split(",", 1)[0] else ""
        if name in ("pwrite64", "write") and "/.new-" in path:
            dirty.add(path)
        elif name == "fsync":
            dirty.discard(path)
        elif name in ("rename", "renameat2"):
            source = call.split('"')[1]
            assert not {one for one in dirty if one == source}, line
            if name == "renameat2":
                assert not dirty, (line, dirty)
                published = True
    assert published
    assert log.read_text().rfind(f"fsync(") > log.read_text().rfind("renameat2("), "the exchange itself must be on disk"
