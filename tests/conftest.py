"""Fixtures for overlays. They read the JSON files that the run names in the environment, and nothing else."""

import contextlib
import json
import os
import shutil
from dataclasses import dataclass

import pytest
from ccci_test import open_browser
from ccci_test.deps import dependencies


@dataclass(frozen=True)
class App:
    """The app under test."""

    recipe: str
    domain: str
    url: str
    env_file: str
    op: str


def _read(variable):
    with open(os.environ[variable], encoding="utf-8") as file:
        return json.load(file)


@pytest.fixture(scope="session")
def app():
    """Recipe, domain, URL, .env and the op that has just been performed."""
    return App(
        recipe=os.environ["CCCI_RECIPE"],
        domain=os.environ["CCCI_APP_DOMAIN"],
        url=os.environ["CCCI_APP_URL"],
        env_file=os.environ["CCCI_APP_ENV"],
        op=os.environ["CCCI_OP"],
    )


@pytest.fixture(scope="session")
def op_state():
    """What each op did so far: op → fact → value."""
    return _read("CCCI_OP_STATE_FILE")


@pytest.fixture(scope="session")
def deps():
    """Dependencies of the run with their credentials; asking for one that is not ready skips."""
    return dependencies()


@pytest.fixture(scope="session")
def meta():
    """The recipe's settings that are not at their default."""
    return _read("CCCI_META_FILE")


@pytest.fixture
def browser():
    """Opens chromium's window: browser(address, …) names the servers that it will talk to. A host without chromium is an error of the test, not of the app."""
    if shutil.which("chromium") is None:
        raise RuntimeError("chromium is not on PATH: apt-get install chromium")
    with contextlib.ExitStack() as windows:
        yield lambda *urls: windows.enter_context(open_browser(*urls))


def pytest_configure(config):
    config.addinivalue_line("markers", "extra: runs only when extra tests are asked for (--extra-tests)")


def pytest_collection_modifyitems(items):
    """What is marked extra is skipped, visibly, unless it was asked for."""
    if os.environ.get("CCCI_EXTRA_TESTS") == "1":
        return
    for item in items:
        if item.get_closest_marker("extra"):
            item.add_marker(pytest.mark.skip(reason="extra: not asked for (--extra-tests)"))
