"""The Drone stand-in with a runner: queue, limits, kills, logs. reference gitea-drone B.4, B.5, C."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from drone_place import Place

from standin import started, until

pytestmark = pytest.mark.worldless
NUMBERS = count(1)
DONE = ("success", "failure", "killed", "error")


def config(*steps: str, head: str = "") -> str:
    """Each step is YAML without its name."""
    lines = "".join(f"- name: step{number}\n  {text}\n" for number, text in enumerate(steps, 1))
    return f"kind: pipeline\ntype: exec\nname: recipe\ntrigger: {{event: [custom]}}\n{head}steps:\n{lines}"


@contextmanager
def runner(*arguments: str, text: str | None = None) -> Iterator[Place]:
    with started("drone", *arguments) as drone:
        drone.scheme = "Bearer"
        place = Place(drone, next(NUMBERS))
        place.settle(**({"config": text} if text else {}))
        yield place


def status(place: Place, number: int) -> str:
    return str(place.build(number)["status"])


def ended(place: Place, number: int, seconds: float = 15) -> str:
    until(lambda: status(place, number) in DONE, seconds)
    return status(place, number)


# Pretended


def test_b5_one_after_the_other_in_the_order_of_creation() -> None:
    with runner("--runner", "pretend") as place:
        place.settings(pretend_seconds=0.15)
        numbers = [place.built(N=str(n)) for n in range(3)]
        until(lambda: status(place, numbers[0]) == "running")
        assert [status(place, number) for number in numbers[1:]] == ["pending", "pending"]
        assert [ended(place, number) for number in reversed(numbers)] == ["success"] * 3
        starts = [place.stage(number)["id"] for number in numbers]
        assert starts == sorted(starts)


def test_b5_a_pause_holds_the_queue() -> None:
    with runner("--runner", "pretend") as place:
        place("DELETE", "/api/queue", "root")
        number = place.built()
        with pytest.raises(AssertionError):
            until(lambda: status(place, number) != "pending", 0.4)
        place("POST", "/api/queue", "root")
        assert ended(place, number) == "success"


def test_b5_a_restart_of_the_server_forgets_the_pause() -> None:
    with runner("--runner", "pretend") as place:
        place("DELETE", "/api/queue", "root")
        number = place.built()
        place.drone.control("POST", "/restart")
        assert ended(place, number) == "success"


def test_b5_a_killed_runner_leaves_a_build_running_for_ever() -> None:
    with runner("--runner", "pretend") as place:
        place.settings(pretend_seconds=0.1)
        zombie = place.built()
        until(lambda: status(place, zombie) == "running")
        place.drone.control("POST", "/runner", {"alive": False})
        waiting = place.built()
        place.drone.control("POST", "/runner", {"alive": True})
        assert ended(place, waiting) == "success"
        assert status(place, zombie) == "running"
        assert place("DELETE", f"{place.repo}/builds/{zombie}").json["status"] == "killed"


def test_b5_a_zombie_blocks_a_pipeline_with_a_limit_and_no_other() -> None:
    limited = config("commands: [true]", head="concurrency: {limit: 1}\n")
    with runner("--runner", "pretend", "--capacity", "2", text=limited) as place:
        place.settings(pretend_seconds=0.05)
        place.drone.control("POST", "/runner", {"alive": False})
        zombie = place.built()
        place.move(zombie, "accept")
        place.drone.control("POST", "/runner", {"alive": True})
        blocked = place.built()
        place.config(config("commands: [true]"))
        free = place.built()
        assert ended(place, free) == "success"
        assert status(place, blocked) == "pending"
        place("DELETE", f"{place.repo}/builds/{zombie}")
        assert ended(place, blocked) == "success"


def test_b5_a_runner_without_the_details_leaves_it_pending_with_a_machine() -> None:
    with runner("--runner", "pretend") as place:
        place("DELETE", "/api/queue", "root")
        stuck = place.built()
        place.settings(oauth_broken=True)
        place("POST", "/api/queue", "root")
        until(lambda: "machine" in place.stage(stuck))
        assert (status(place, stuck), place.stage(stuck)["started"]) == ("pending", 0)


def test_c5_a_lost_cancel_keeps_the_slot_busy_until_the_natural_end() -> None:
    with runner("--runner", "pretend") as place:
        place.settings(pretend_seconds=0.6, lose_cancels=1)
        first, second = place.built(), place.built()
        until(lambda: any(step[0] == "run" and step[1] == "running" for step in place.steps(first)))
        place("DELETE", f"{place.repo}/builds/{first}")
        assert (status(place, first), status(place, second)) == ("killed", "pending")
        assert place("GET", "/api/queue", "root").json[0]["status"] == "pending", "nothing runs, says the queue"
        assert ended(place, second) == "success"
        assert place.steps(first)[1] == ("run", "killed", 130)


def test_c5_a_timeout_is_killed_too() -> None:
    with runner("--runner", "pretend") as place:
        place.settings(pretend_seconds=5)
        place.drone.control("POST", "/repos", {"repo": place.slug, "timeout_seconds": 0.2})
        number = place.built()
        assert ended(place, number) == "killed" and place.stage(number)["exit_code"] == 137


# Executed


def test_c2_a_step_runs_with_the_parameters_and_what_drone_says(tmp_path: Path) -> None:
    text = config('commands: ["echo $RECIPE $X $DRONE_BUILD_NUMBER $DRONE_STEP_NAME $KEY", "cat ../src/file"]\n  environment: {KEY: own}')
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "file").write_text("from the clone\n")
    words = ["--runner", "exec", "--root", str(tmp_path), "--source", str(tmp_path / "source"), "--runner-env", "X=runner"]
    with runner(*words, text=text) as place:
        number = place.built(RECIPE="notes")
        assert ended(place, number) == "success"
        chunks = place("GET", f"{place.repo}/builds/{number}/logs/1/2").json
        written = "".join(chunk["out"] for chunk in chunks)
        assert f"notes runner {number} step1 own\n" in written and "from the clone\n" in written
        assert place.steps(number) == [("clone", "success", 0), ("step1", "success", 0)]
        assert [path.name for path in tmp_path.iterdir()] == ["source"], "the workspace is gone"


def test_c2_a_restart_knows_its_parent(tmp_path: Path) -> None:
    with runner("--runner", "exec", "--root", str(tmp_path), text=config('commands: ["echo parent $CI_PARENT_BUILD_NUMBER."]')) as place:
        number = place.built()
        assert ended(place, number) == "success"
        again = place("POST", f"{place.repo}/builds/{number}").json["number"]
        assert ended(place, again) == "success"
        texts = [place.drone.control("GET", f"/output/{place.slug}/{one}")["text"] for one in (number, again)]
        assert "parent 0.\n" in texts[0] and f"parent {number}.\n" in texts[1]


def test_c6_codes_and_what_runs_after_them(tmp_path: Path) -> None:
    cases = [
        (["commands: [exit 3]", "commands: [true]", "commands: [true]\n  when: {status: [success, failure]}"], "failure",
         [("step1", "failure", 3), ("step2", "skipped", 0), ("step3", "success", 0)]),
        (["commands: [exit 78]", "commands: [exit 1]"], "success", [("step1", "success", 78), ("step2", "skipped", 0)]),
        (["commands: [exit 1]\n  failure: ignore", "commands: [true]"], "success", [("step1", "failure", 1), ("step2", "success", 0)]),
        (["commands: [false]\n  when: {event: [push]}", "commands: [true]"], "success", [("step1", "skipped", 0), ("step2", "success", 0)]),
    ]
    with runner("--runner", "exec", "--root", str(tmp_path)) as place:
        for steps, wanted, seen in cases:
            place.config(config(*steps))
            number = place.built()
            assert ended(place, number) == wanted
            assert place.steps(number)[1:] == seen


def test_the_steps_of_a_stage_share_a_workspace_and_clone_can_be_off(tmp_path: Path) -> None:
    text = config("commands: [echo here > file]", "commands: [cat file]", head="clone: {disable: true}\n")
    with runner("--runner", "exec", "--root", str(tmp_path), text=text) as place:
        number = place.built()
        assert ended(place, number) == "success"
        assert [name for name, _, _ in place.steps(number)] == ["step1", "step2"]


def test_c3_braces_are_filled_before_the_file_is_read(tmp_path: Path) -> None:
    text = config('commands: ["echo sub ${TITLE}", "echo safe $TITLE $${TITLE}"]')
    with runner("--runner", "exec", "--root", str(tmp_path), text=text) as place:
        number = place.built(TITLE="x; echo injected $((40 + 2))")
        assert ended(place, number) == "success"
        text = place.drone.control("GET", f"/output/{place.slug}/{number}")["text"]
        assert "\ninjected 42\n" in text and "\nsafe x; echo injected $((40 + 2)) x; echo injected" in text


def test_c5_a_cancel_kills_the_shell_alone_and_the_next_build_starts(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    after = "commands: [true]\n  when: {status: [success, failure]}"
    text = config(f"commands: ['sh -c \"echo \\$\\$ > {mark}; exec sleep 30\"; true']", after)
    with runner("--runner", "exec", "--root", str(tmp_path), text=text) as place:
        number = place.built()
        until(lambda: mark.exists() and mark.read_text().strip() != "", 10)
        child = int(mark.read_text())
        assert place("DELETE", f"{place.repo}/builds/{number}").json["status"] == "killed"
        until(lambda: place.steps(number)[1] == ("step1", "killed", 137))
        assert place.steps(number)[2] == ("step2", "skipped", 0)
        os.kill(child, 0)
        assert not list(tmp_path.glob("drone-*"))
        place.config(config("commands: [true]"))
        assert ended(place, place.built()) == "success"
        os.kill(child, signal.SIGKILL)


def test_c5_a_timeout_is_counted_from_the_start_of_the_stage(tmp_path: Path) -> None:
    with runner("--runner", "exec", "--root", str(tmp_path), text=config("commands: [sleep 12; true]")) as place:
        place.drone.control("POST", "/repos", {"repo": place.slug, "timeout_seconds": 0.5})
        number = place.built()
        assert ended(place, number, 10) == "killed" and place.steps(number)[1] == ("step1", "killed", 137)


def test_c5_a_process_that_keeps_the_output_makes_the_step_hang(tmp_path: Path) -> None:
    with runner("--runner", "exec", "--root", str(tmp_path), text=config("commands: [sleep 2 & echo begun]")) as place:
        number = place.built()
        until(lambda: "begun" in place.drone.control("GET", f"/output/{place.slug}/{number}")["text"])
        time.sleep(0.8)
        assert status(place, number) == "running"
        assert ended(place, number) == "success"


def test_c7_the_last_of_a_long_log_is_kept(tmp_path: Path) -> None:
    many = config("commands: ['head -c 8000000 /dev/zero | tr \"\\\\0\" x; echo; echo the end']")
    with runner("--runner", "exec", "--root", str(tmp_path), text=many) as place:
        number = place.built()
        assert ended(place, number) == "success"
        text = place.drone.control("GET", f"/output/{place.slug}/{number}")["text"]
        assert 5_000_000 < len(text) <= 5_242_880 and text.endswith("the end\n")


@pytest.mark.parametrize("killed", [False, True])
def test_nothing_stays_when_the_stand_in_ends(tmp_path: Path, killed: bool) -> None:
    with runner("--runner", "exec", "--root", str(tmp_path), text=config("commands: [sleep 20; true]")) as place:
        number = place.built()
        until(lambda: len(place.steps(number)) > 1 and place.steps(number)[1][1] == "running")
        until(lambda: list(tmp_path.glob("drone-*")) != [])
        if killed:
            place.drone.control("POST", "/runner", {"alive": False})
    assert list(tmp_path.iterdir()) == []


def test_b4_a_lost_cancel_lets_the_step_run_to_its_end(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    with runner("--runner", "exec", "--root", str(tmp_path), text=config(f"commands: [sleep 1, 'echo ran > {mark}']")) as place:
        place.settings(lose_cancels=1)
        number = place.built()
        until(lambda: len(place.steps(number)) > 1 and place.steps(number)[1][1] == "running")
        assert place("DELETE", f"{place.repo}/builds/{number}").json["status"] == "killed"
        until(mark.exists)
        until(lambda: not list(tmp_path.glob("drone-*")))
        assert (status(place, number), place.steps(number)[1]) == ("killed", ("step1", "killed", 130))
