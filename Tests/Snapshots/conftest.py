"""Places to test in: a folder of the usual disk, and small file systems on loop devices."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

sys.path.insert(0, str(Path(__file__).parent))

COUNTS: list[str] = []


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    for line in COUNTS:
        terminalreporter.write_line(line)


def pytest_sessionfinish(session: pytest.Session) -> None:
    # In a worker of pytest-xdist: its lines are printed by who started it.
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["counts"] = COUNTS


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    COUNTS.extend(getattr(node, "workeroutput", {}).get("counts", []))


@pytest.fixture
def count() -> Iterator[list[str]]:
    """Lines that are printed at the end, whatever pytest was told."""
    yield COUNTS


@pytest.fixture
def disk(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder below /var/tmp, or where CCCI_SNAP_FOLDER says."""
    folder = Path(os.environ.get("CCCI_SNAP_FOLDER", "/var/tmp")) / f"ccci-snap-{os.getpid()}-{abs(hash(request.node.name)) % 10**8}"
    folder.mkdir(parents=True)
    yield folder
    subprocess.run(["chattr", "-R", "-f", "-i", folder], check=False)
    shutil.rmtree(folder)


class Loop:
    """A file system of its own on a loop device."""

    def __init__(self, folder: Path, kind: str, size: int) -> None:
        self.image, self.mount = folder / f"{kind}.img", folder / kind
        self.mount.mkdir()
        with open(self.image, "wb") as file:
            file.truncate(size)
        options = {"ext4": ["-q", "-F", "-m", "0"], "btrfs": ["-q"], "xfs": ["-q"]}[kind]
        subprocess.run([f"mkfs.{kind}", *options, self.image], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["mount", "-o", "loop", self.image, self.mount], check=True, capture_output=True, text=True)

    def close(self) -> None:
        subprocess.run(["umount", self.mount], check=True)
        self.image.unlink()


def loop(folder: Path, kind: str, size: int) -> Loop:
    """Skips loudly where this machine has no such thing."""
    reason = ""
    if os.geteuid() != 0 or not Path("/dev/loop-control").exists():
        reason = "no loop devices here, or not root"
    elif not shutil.which(f"mkfs.{kind}"):
        reason = f"mkfs.{kind} is not installed: apt-get install btrfs-progs xfsprogs e2fsprogs"
    elif kind not in Path("/proc/filesystems").read_text():
        reason = f"this kernel does not know {kind}"
    if reason:
        COUNTS.append(f"NOT TESTED on {kind}: {reason}")
        pytest.skip(reason)
    return Loop(folder, kind, size)


@pytest.fixture(params=["here", "btrfs", "xfs"])
def place(request: pytest.FixtureRequest, disk: Path) -> Iterator[Path]:
    """Where shelf and volumes lie."""
    if request.param == "here":
        yield disk
        return
    found = loop(disk, request.param, 3 << 30)
    yield found.mount
    found.close()
