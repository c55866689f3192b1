"""The Drone stand-in: its API, with the test in the runner's place. One test a quirk, named by its section of the reference."""

from __future__ import annotations

import time

import pytest
from drone_place import Place, drone, place  # noqa: F401

from standin import ask

pytestmark = pytest.mark.worldless
BRANCHED = "kind: pipeline\ntype: exec\nname: {name}\ntrigger: {{event: [{event}]}}\nsteps: [{{name: run, commands: [true]}}]\n"


# B.1


def test_b1_the_token_as_bearer_bare_or_in_the_query(place: Place) -> None:
    token = place.token("bot")
    for headers in ({"Authorization": f"Bearer {token}"}, {"Authorization": token}):
        assert ask(place.drone.url, "GET", "/api/user", headers).json["login"] == "bot"
    assert ask(place.drone.url, "GET", f"/api/user?access_token={token}").status == 200


def test_b1_an_unknown_token_is_a_guest_and_a_200_proves_nothing(place: Place) -> None:
    reply = place.drone("GET", "/api/user", token="wrong")
    assert (reply.status, reply.json) == (401, {"message": "Unauthorized"})
    path = f"{place.repo}/builds"
    assert place.drone("GET", path, token="wrong").status == 401
    place.config(None, visibility="public")
    assert place.drone("GET", path, token="wrong").status == 200
    assert place.drone("POST", path, token="wrong").status == 401


def test_b1_without_the_right_it_is_404_and_403_for_administrators_things(place: Place) -> None:
    assert place("GET", f"{place.repo}/builds", "nobody").status == 404
    assert place.create(who="reader").status == 404
    assert place("PATCH", place.repo, "bot", {}).status == 404
    assert place("GET", f"{place.repo}/builds", "root").status == 200, "a system administrator needs no right"
    assert place("GET", "/api/queue", "bot").status == 403
    assert place("GET", "/api/queue", "").status == 401


def test_b1_a_missing_row_leaks_its_database(place: Place) -> None:
    reply = place("GET", f"{place.repo}/builds/999")
    assert (reply.status, reply.json) == (404, {"message": "sql: no rows in result set"})
    assert place("GET", "/api/repos/no/such/builds").status == 404
    assert "no-store" in place("GET", "/api/user").headers["Cache-Control"]


def test_b1_a_build_without_the_queue_answers_501(place: Place) -> None:
    place.settings(oss=True)
    for path in ("/api/queue", "/api/builds/incomplete", "/api/builds/incomplete/v2"):
        assert place("GET", path, "root").status == 501


# B.2


def test_b2_a_build_by_api_is_custom_pending_and_without_stages(place: Place) -> None:
    made = place.create(RECIPE="notes", PR="12").json
    facts = (made["status"], made["event"], made["ref"], made["source"], made["target"], made["trigger"], made["sender"])
    assert facts == ("pending", "custom", "refs/heads/main", "main", "main", "bot", "bot")
    assert made["params"] == {"RECIPE": "notes", "PR": "12"} and made["before"] == made["after"]
    assert not {"stages", "parent", "error"} & set(made)
    assert (made["started"], made["finished"]) == (0, 0)


def test_b2_parameters_are_the_querys_only(place: Place) -> None:
    path = f"{place.repo}/builds?branch=main&A=1&A=2&access_token=x&commit=&message=hi&L=a%0Ab"
    made = place("POST", path, body=b"B=3").json
    assert made["params"] == {"A": "1", "message": "hi", "L": "a\nb"} and made["message"] == "hi"


@pytest.mark.parametrize("what", ["event", "branch", "inactive"])
def test_b2_what_matches_nothing_is_null_with_200(place: Place, what: str) -> None:
    if what == "event":
        place.config(BRANCHED.format(name="a", event="push"))
    elif what == "branch":
        place.config("kind: pipeline\ntype: exec\nname: a\ntrigger: {branch: {exclude: [ma*]}}\nsteps: []\n")
    else:
        place.drone.control("POST", "/repos", {"repo": place.slug, "owner_active": False})
    reply = place.create(RECIPE="notes")
    assert (reply.status, reply.json) == (200, None)
    assert place("GET", f"{place.repo}/builds").json == []


def test_b2_a_broken_file_is_a_build_of_status_error_without_its_parameters(place: Place) -> None:
    place.config("kind: pipeline\ntype: exec\nsteps: [a, b\n")
    reply = place.create(CCCI_TRIGGER="k")
    assert (reply.status, reply.json["status"], reply.json["trigger"]) == (200, "error", "")
    assert reply.json["error"].startswith("yaml: line ") and "params" not in reply.json
    assert place("GET", f"{place.repo}/builds").json[0]["status"] == "error"


def test_b2_an_unknown_branch_is_404_and_so_is_a_broken_login_at_the_forge(place: Place) -> None:
    assert place.create({"branch": "no-such"}).status == 404
    assert place.create({"commit": "9" * 40}).status == 404
    place.settings(oauth_broken=True)
    assert place.create().status == 404


def test_b2_with_a_commit_the_branch_is_not_looked_at(place: Place) -> None:
    sha = place.drone.control("POST", "/repos", {"repo": place.slug})["branches"]["main"]
    made = place.create({"branch": "$(touch${IFS}x)", "commit": sha}).json
    assert (made["status"], made["source"]) == ("pending", "$(touch${IFS}x)")


def test_b2_a_value_that_begins_with_refs_is_kept(place: Place) -> None:
    assert place.create({"branch": "refs/heads/main"}).json["ref"] == "refs/heads/main"


def test_b2_a_missing_file_is_500_after_long(place: Place) -> None:
    assert place.drone.control("GET", "/settings")["missing_config_seconds"] == 45
    place.settings(missing_config_seconds=0.3)
    place.config(None)
    begun = time.monotonic()
    reply = place.create()
    assert (reply.status, reply.json) == (500, {"message": "Not Found"}) and time.monotonic() - begun >= 0.3


def test_b2_ci_skip_does_not_skip(place: Place) -> None:
    place.drone.control("POST", "/repos", {"repo": place.slug, "branches": {"main": {"message": "x [CI SKIP]"}}})
    assert place.create().json["status"] == "pending"


def test_b2_a_restart_has_a_parent_and_the_old_parameters_win(place: Place) -> None:
    number = place.built(CCCI_TRIGGER="k", A="old")
    made = place("POST", f"{place.repo}/builds/{number}?A=new&B=2").json
    assert (made["parent"], made["event"], made["params"]) == (number, "custom", {"CCCI_TRIGGER": "k", "A": "old", "B": "2"})
    assert made["number"] == number + 1
    assert place("POST", f"{place.repo}/builds/999").status == 404


def test_b2_created_though_the_answer_never_came(place: Place) -> None:
    """A time-out after creation, a 5xx after creation: the build is there both times."""
    place.drone.fault("slow", seconds=0.5, after=True, method="POST", times=1)
    headers = {"Authorization": f"Bearer {place.token('bot')}"}
    with pytest.raises(TimeoutError):
        ask(place.drone.url, "POST", f"{place.repo}/builds?branch=main&K=1", headers, seconds=0.1)
    place.drone.fault("status", status=504, after=True, method="POST", times=1)
    assert place.create(K="2").status == 504
    assert [build["params"]["K"] for build in place("GET", f"{place.repo}/builds").json] == ["2", "1"]


# B.3


def test_b3_the_list_is_newest_first_in_pages_without_stages_and_headers(place: Place) -> None:
    place.drone.control("POST", "/builds", [{"repo": place.slug, "params": {"N": str(n)}, "by": "bot"} for n in range(130)])

    def numbers(query: str) -> list[int]:
        reply = place("GET", f"{place.repo}/builds{query}")
        assert not {"Link", "X-Total-Count"} & set(reply.headers)
        assert not any("stages" in build for build in reply.json)
        return [build["number"] for build in reply.json]

    assert numbers("") == list(range(130, 105, -1))
    assert numbers("?per_page=100") == list(range(130, 30, -1))
    assert numbers("?per_page=100&page=2") == list(range(30, 0, -1))
    assert len(numbers("?per_page=101")) == 25 and len(numbers("?per_page=0")) == 25
    assert numbers("?branch=other") == []


def test_b3_one_build_has_stages_and_steps_once_a_runner_began(place: Place) -> None:
    number = place.built()
    stage = place.stage(number)
    assert (stage["status"], stage["started"]) == ("pending", 0) and not {"steps", "machine"} & set(stage)
    place.move(number, "start")
    build = place.build(number)
    assert (build["status"], build["stages"][0]["machine"]) == ("running", "cc-ci")
    assert place.steps(number) == [("clone", "success", 0), ("run", "running", 0)]
    step = build["stages"][0]["steps"][1]
    assert step["step_id"] == build["stages"][0]["id"] and "stopped" not in step
    assert place("GET", f"{place.repo}/builds/latest").json["number"] == number


@pytest.mark.parametrize(("status", "code"), [("success", 0), ("failure", 1), ("killed", 137)])
def test_b3_how_a_build_ends(place: Place, status: str, code: int) -> None:
    """`killed` is a time-out's word too."""
    number = place.built()
    place.move(number, "start", steps=["clone", "run", "after"])
    place.move(number, "finish", status=status)
    assert place.build(number)["status"] == status and place.build(number)["finished"] > 0
    assert place.steps(number)[1] == ("run", status, code)
    assert place.steps(number)[2] == ("after", "skipped", 0) or status != "killed"


def test_b3_logs_are_404_until_the_step_ends(place: Place) -> None:
    number = place.built()
    place.move(number, "start")
    place.move(number, "log", text="+ ccci-run\n")
    place.move(number, "log", text="half a li")
    path = f"{place.repo}/builds/{number}/logs/1/2"
    assert place("GET", path).status == 404
    place.move(number, "finish")
    assert place("GET", path).json == [{"pos": 0, "out": "+ ccci-run\n", "time": 0}, {"pos": 1, "out": "half a li", "time": 0}]
    assert place("GET", f"{place.repo}/builds/{number}/logs/1/9").status == 404


def test_b3_a_build_has_a_page_for_people(place: Place) -> None:
    assert ask(place.drone.url, "GET", f"/{place.slug}/1").status == 200


# B.4


def test_b4_cancelling_what_waits(place: Place) -> None:
    number = place.built()
    reply = place("DELETE", f"{place.repo}/builds/{number}")
    assert (reply.status, reply.json["status"], reply.json["stages"][0]["status"]) == (200, "killed", "skipped")


def test_b4_a_cancel_that_was_heard_ends_with_137(place: Place) -> None:
    number = place.built()
    place.move(number, "start", steps=["clone", "run", "after"])
    assert place("DELETE", f"{place.repo}/builds/{number}").status == 200
    assert (place.build(number)["status"], place.stage(number)["exit_code"]) == ("killed", 137)
    assert place.steps(number)[1:] == [("run", "killed", 137), ("after", "skipped", 0)]


def test_b4_a_cancel_that_was_lost_leaves_130_and_a_second_is_no_signal(place: Place) -> None:
    place.settings(lose_cancels=1)
    number = place.built()
    place.move(number, "start", steps=["clone", "run", "after"])
    for _ in range(2):
        assert place("DELETE", f"{place.repo}/builds/{number}").json["status"] == "killed"
        assert place.steps(number)[1:] == [("run", "killed", 130), ("after", "skipped", 130)]
    assert place.stage(number)["exit_code"] == 0


@pytest.mark.parametrize(("seconds", "code"), [(5, 137), (34, 130), (45, 137)])
def test_b4_a_quarter_of_the_time_the_runner_is_deaf(place: Place, seconds: int, code: int) -> None:
    place.settings(watch=[30, 10])
    number = place.built()
    place.move(number, "start")
    place.drone.control("POST", "/clock", {"advance": seconds})
    place("DELETE", f"{place.repo}/builds/{number}")
    assert place.steps(number)[1] == ("run", "killed", code)


def test_b4_cancelling_what_is_done_is_200_and_changes_nothing(place: Place) -> None:
    number = place.built()
    place.move(number, "start")
    place.move(number, "finish")
    reply = place("DELETE", f"{place.repo}/builds/{number}")
    assert (reply.status, reply.json["status"]) == (200, "success")


# B.5


def mine(place: Place, rows: list[dict[str, object]]) -> list[dict[str, object]]:
    build_ids = {build["id"] for build in place("GET", f"{place.repo}/builds").json}
    return [row for row in rows if row.get("build_id") in build_ids or row.get("repo_slug") == place.slug]


def test_b5_the_queue_is_of_stages_oldest_first_and_knows_no_numbers(place: Place) -> None:
    first, second = place.built(), place.built()
    place.move(first, "start")
    rows = mine(place, place("GET", "/api/queue", "root").json)
    assert [row["status"] for row in rows] == ["running", "pending"]
    assert not {"build_number", "repo_slug", "steps"} & set(rows[0]) and rows[0]["build_id"] == place.build(first)["id"]
    place("DELETE", f"{place.repo}/builds/{second}")
    assert len(mine(place, place("GET", "/api/queue", "root").json)) == 1


def test_b5_incomplete_v2_is_flat_newest_first_with_limits_as_text(place: Place) -> None:
    first, second = place.built(), place.built()
    place.move(first, "start")
    rows = mine(place, place("GET", "/api/builds/incomplete/v2", "root").json)
    seen = [(row["build_number"], row["stage_status"], row["stage_machine"]) for row in rows]
    assert seen == [(second, "pending", ""), (first, "running", "cc-ci")]
    assert (rows[0]["stage_limit"], rows[0]["stage_type"], rows[0]["build_sender"]) == ("0", "exec", "bot")
    newest = place("GET", "/api/builds/incomplete", "root").json[0]
    assert (newest["slug"], newest["build"]["number"]) == (place.slug, second)


def test_b5_the_queue_can_be_paused_and_resumed_by_administrators(place: Place) -> None:
    assert [place("DELETE", "/api/queue", "root").status, place("POST", "/api/queue", "root").status] == [204, 204]
    assert place("DELETE", "/api/queue", "bot").status == 403


def test_b5_accepted_and_never_started(place: Place) -> None:
    """The second kind of zombie: pending, with a machine, without a start."""
    number = place.built()
    place.move(number, "accept")
    stage = place.stage(number)
    assert (stage["status"], stage["machine"], stage["started"], stage["version"]) == ("pending", "cc-ci", 0, 2)
    reply = place("DELETE", f"{place.repo}/builds/{number}")
    assert (reply.json["status"], reply.json["stages"][0]["status"]) == ("killed", "skipped")


# B.6


def test_b6_four_settings_are_ignored_with_200_unless_by_an_administrator(place: Place) -> None:
    words = {"timeout": 90, "throttle": 2, "trusted": False, "counter": 700, "protected": True}
    reply = place("PATCH", place.repo, "owner", words)
    assert (reply.status, reply.json["protected"]) == (200, True)
    assert (reply.json["timeout"], reply.json["throttle"], reply.json["trusted"]) == (60, 0, True)
    reply = place("PATCH", place.repo, "root", words)
    assert (reply.json["timeout"], reply.json["throttle"], reply.json["trusted"]) == (90, 2, False)
    assert place.built() == 701


# Several pipelines


def test_a_pipeline_waits_for_those_it_depends_on(place: Place) -> None:
    after = BRANCHED.format(name="after", event="custom") + "depends_on: [first]\n"
    place.config(BRANCHED.format(name="first", event="custom") + "---\n" + after)
    number = place.built()
    assert [stage["status"] for stage in place.build(number)["stages"]] == ["pending", "waiting_on_dependencies"]
    place.move(number, "start")
    place.move(number, "finish")
    assert place.build(number)["stages"][1]["status"] == "pending"
    place.move(number, "start")
    place.move(number, "finish")
    assert place.build(number)["status"] == "success"


@pytest.mark.parametrize(("trigger", "status"), [("", "skipped"), (", status: [success, failure]", "pending")])
def test_after_a_failure_only_who_asks_for_it_runs(place: Place, trigger: str, status: str) -> None:
    after = BRANCHED.format(name="after", event=f"custom]{trigger}, ref: [refs/heads/main") + "depends_on: [first]\n"
    place.config(BRANCHED.format(name="first", event="custom") + "---\n" + after)
    number = place.built()
    place.move(number, "start")
    place.move(number, "finish", status="failure")
    build = place.build(number)
    assert build["stages"][1]["status"] == status
    assert (build["status"] == "failure") == (status == "skipped")


def test_builds_of_long_ago_can_be_seeded(place: Place) -> None:
    seed = {"repo": place.slug, "params": {"RECIPE": "notes"}, "status": "success", "created": 1_780_000_000, "seconds": 300}
    number = place.drone.control("POST", "/builds", seed)["number"]
    build = place.build(number)
    assert (build["status"], build["created"], build["finished"] - build["started"]) == ("success", 1_780_000_000, 300)
