"""The release under test, and the commands that it was made of: `scripts/release --prove` names both."""

import os
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from debian import Debian

ROOT = Path(__file__).resolve().parents[2]
RELEASE = Path(os.environ["CCCI_RELEASE"])
BINARIES = Path(os.environ["CCCI_BINARIES"])
COMMANDS = sorted(path.name for path in (ROOT / "Sources").glob("ccci-*"))


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(RELEASE) as archive:
        archive.extractall(folder)
    return folder / "cc-ci"


@pytest.fixture(scope="session")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Debian]:
    """An empty Debian with the release and with the packages that its README names, as the README says."""
    made = Debian(tmp_path_factory.mktemp("debian"), RELEASE)
    yield made
    made.remove()
