"""The evaluation of a host with everything switched on, once for all tests."""

import copy
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import evaluation  # noqa: E402
import synopsis  # noqa: E402


@pytest.fixture(scope="session")
def _everything() -> dict[str, Any]:
    return evaluation.evaluate()


@pytest.fixture
def everything(_everything: dict[str, Any]) -> dict[str, Any]:
    """A copy: tests break it."""
    return copy.deepcopy(_everything)


@pytest.fixture(scope="session")
def commands() -> dict[str, list[synopsis.Form]]:
    return synopsis.of_pages(evaluation.ROOT / "docs" / "commands")
