"""The README names every control call, fault and setting of the stand-ins of servers, and no other."""

from __future__ import annotations

import re

import pytest

from standin import WORLD_FOLDER, ask, started

pytestmark = pytest.mark.worldless
README = (WORLD_FOLDER / "README.md").read_text()
SECTION = README.split("## Gitea and Drone")[1].split("## Recipes")[0]


def table(heading: str) -> list[str]:
    """The first cells of the table under this first cell."""
    lines = SECTION.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    cells = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        cells.append(line.split("|")[1])
    return cells


def names(heading: str) -> set[str]:
    return {name for cell in table(heading) for name in re.findall(r"`([^`]+)`", cell)}


@pytest.mark.parametrize(("program", "title"), [("gitea", "Gitea"), ("drone", "Drone")])
def test_calls_and_settings_are_those_of_the_program(program: str, title: str) -> None:
    with started(program) as standin:
        assert set(standin.control("GET", "/calls")) == names("call") | names(title)
        assert set(standin.control("GET", "/settings")) == names(f"setting of {title}")


def test_faults_are_those_that_exist() -> None:
    with started("gitea") as gitea:
        for fault in names("fault"):
            gitea.fault(fault, match="/nowhere")
        reply = ask(gitea.control_url, "POST", "/faults", {}, {"fault": "no-such"})
        assert reply.status == 400
        assert {fault["fault"] for fault in gitea.control("GET", "/faults")} == names("fault")
    source = (WORLD_FOLDER / "serving" / "faults.py").read_text()
    assert set(re.findall(r'"(\w+)"', re.search(r"KINDS = \{(.*?)\}", source)[1])) == names("fault")
