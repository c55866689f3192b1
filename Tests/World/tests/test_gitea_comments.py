"""The Gitea stand-in: comments, the feed, pull requests, statuses, the timeline. One test a quirk, named by its section."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest
from gitea_place import HEAD, NEXT, NOW, OLD, Place, Servers, at, now, old, servers  # noqa: F401

pytestmark = pytest.mark.worldless
T = 1_780_304_400  # 2026-06-01T09:00:00Z


def utc(when: int) -> str:
    return datetime.fromtimestamp(when, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def ids(place: Place, path: str) -> list[int]:
    reply = place.get(f"{place.repo}/issues/{path}")
    assert reply.status == 200, reply.text
    return [item["id"] for item in reply.json]


# A.2


def test_a2_the_version_needs_nobody(now: Place) -> None:
    assert now.get("/version", who="").json == {"version": NOW}


def test_a2_a_reader_posts_edits_and_deletes_its_own(now: Place) -> None:
    made = now("POST", f"{now.repo}/issues/1/comments", {"body": "queued"})
    assert made.status == 201 and made.json["user"]["login"] == now.name("bot")
    path = f"{now.repo}/issues/comments/{made.json['id']}"
    assert now("PATCH", path, {"body": "running"}).json["body"] == "running"
    assert [now("DELETE", path).status, now("DELETE", path).status] == [204, 404]
    assert now("PATCH", path, {"body": "x"}).status == 404, "deleted by somebody"


def test_a2_refusals_of_a_comment(now: Place) -> None:
    path = f"{now.repo}/issues/1/comments"
    assert now("POST", path, {"body": ""}).status == 422
    assert now("POST", path, {"body": "x"}, who="").status == 401
    now.seed("changes", repo=now.full, number=1, locked=True)
    assert now("POST", path, {"body": "x"}).status == 403
    now.seed("changes", repo=now.full, number=1, locked=False)
    now.seed("blocks", owner=now.org, user=now.name("bot"))
    assert now("POST", path, {"body": "x"}).status == 403


def test_a2_an_archived_repository_answers_423(now: Place) -> None:
    made = now("POST", f"{now.repo}/issues/1/comments", {"body": "x"}).json["id"]
    now.seed("repos", repo=now.full, archived=True)
    assert now("POST", f"{now.repo}/issues/1/comments", {"body": "x"}).status == 423
    assert now("PATCH", f"{now.repo}/issues/comments/{made}", {"body": "y"}).status == 423


def test_a2_anothers_comment_is_403_without_a_body_for_a_reader(now: Place) -> None:
    path = f"{now.repo}/issues/comments/{now.say('hello')}"
    for method in ("PATCH", "DELETE"):
        reply = now(method, path, {"body": "x"})
        assert (reply.status, reply.body) == (403, b"")


def test_a1_a_comment_of_another_repository_is_404_without_a_body(now: Place) -> None:
    now.seed("repos", repo=f"{now.org}/other")
    reply = now.get(f"/repos/{now.org}/other/issues/comments/{now.say('hello')}")
    assert (reply.status, reply.body) == (404, b"")


def test_a2_one_comment_is_204_when_it_is_an_event(now: Place) -> None:
    row = now.seed("pushes", repo=now.full, number=1, sha=NEXT)["id"]
    assert now.get(f"{now.repo}/issues/comments/{row}").status == 204
    assert now.get(f"{now.repo}/issues/comments/{now.say('hello')}").json["body"] == "hello"
    assert now.get(f"{now.repo}/issues/comments/987654").status == 404


def test_a2_a_reaction_is_201_once_and_does_not_touch_the_comment(now: Place) -> None:
    made = now.say("!testme", at=T)
    path = f"{now.repo}/issues/comments/{made}/reactions"
    assert [now("POST", path, {"content": "eyes"}).status for _ in range(2)] == [201, 200]
    assert now("POST", path, {"content": "skull"}).status == 403
    assert ids(now, f"comments?since={utc(T + 1)}") == []
    assert [entry["user"]["login"] for entry in now.get(path).json] == [now.name("bot")]
    assert now("DELETE", path, {"content": "eyes"}).status == 200
    assert now.get(path).json == []


@pytest.mark.parametrize(("version", "status"), [(OLD, 201), ("1.16.8", 201), ("1.16.9", 403), ("1.17.0", 403), (NOW, 403)])
def test_a2_a_reader_may_not_set_a_status_since_1_16_9(at: Servers, version: str, status: int) -> None:
    place = at.place(version)
    words = {"state": "pending", "target_url": "https://drone.example.org/1", "description": "queued", "context": "cc-ci/testme"}
    assert place("POST", f"{place.repo}/statuses/{HEAD}", words).status == status


def test_a2_a_writer_sets_a_status_and_state_comes_back_as_status(now: Place) -> None:
    now.seed("repos", repo=now.full, collaborators={now.name("bot"): "write"})
    words = {"state": "pending", "target_url": "", "description": "queued", "context": "cc-ci/testme"}
    reply = now("POST", f"{now.repo}/statuses/{HEAD}", words)
    assert (reply.status, reply.json["status"], reply.json["context"]) == (201, "pending", "cc-ci/testme")
    now("POST", f"{now.repo}/statuses/{HEAD}", words | {"state": "success"})
    assert [row["status"] for row in now.get(f"{now.repo}/statuses/{HEAD}").json] == ["success", "pending"]
    assert now("POST", f"{now.repo}/statuses/{'9' * 40}", words).status == 500


# A.3


def test_a3_since_and_before_are_inclusive_and_speak_of_the_update(now: Place) -> None:
    first = now.say("one", at=T)
    second = now.say("two", at=T + 1)
    assert ids(now, f"comments?since={utc(T)}") == [first, second]
    assert ids(now, f"comments?since={utc(T + 1)}") == [second]
    assert ids(now, f"comments?before={utc(T)}") == [first]
    now.seed("edits", id=first, body="one!", at=T + 50)
    assert ids(now, f"comments?since={utc(T + 2)}") == [first]
    assert ids(now, f"comments?before={utc(T + 1)}") == [second]
    assert ids(now, f"1/comments?since={utc(T + 2)}") == [first]


def test_a3_the_order_is_that_of_creation(now: Place) -> None:
    made = [now.say(text, at=when) for text, when in [("late", T + 5), ("early", T), ("also early", T)]]
    now.seed("edits", id=made[1], body="edited", at=T + 99)
    assert ids(now, "comments") == [made[1], made[2], made[0]]


def test_a3_without_page_everything_comes_whatever_the_limit(now: Place) -> None:
    now.gitea.control("POST", "/comments", [{"repo": now.full, "number": 1, "author": now.name("mira"), "body": str(n)} for n in range(70)])
    reply = now.get(f"{now.repo}/issues/comments?limit=5")
    assert len(reply.json) == 70 and reply.headers["X-Total-Count"] == "70" and "Link" not in reply.headers
    paged = now.get(f"{now.repo}/issues/comments?limit=60&page=2")
    assert len(paged.json) == 20 and "Link" not in paged.headers
    assert len(now.get(f"{now.repo}/issues/1/comments?limit=5&page=2").json) == 70, "no pages for one issue"


def test_a2_1_15_does_not_count_comments(old: Place) -> None:
    assert "X-Total-Count" not in old.get(f"{old.repo}/issues/comments").headers


@pytest.mark.parametrize("since", ["yesterday", "2026-06-01", "2026-06-01T09:00:00+00:00", "1780304400"])
def test_a1_a_bad_time_is_422_and_a_bare_plus_is_one(now: Place, since: str) -> None:
    reply = now.get(f"{now.repo}/issues/comments?since={since}")
    assert reply.status == 422 and reply.json["message"].startswith("parsing time")


def test_a1_fractions_are_cut_and_an_encoded_offset_is_read(now: Place) -> None:
    made = now.say("hello", at=T)
    for since in (utc(T).replace("Z", ".999Z"), "2026-06-01T11:00:00%2B02:00"):
        assert ids(now, f"comments?since={since}") == [made]


def test_a3_events_are_no_comments(now: Place) -> None:
    made = now.say("hello")
    now.seed("pushes", repo=now.full, number=1, sha=NEXT)
    now.seed("comments", repo=now.full, number=1, author=now.name("mira"), body="!testme", kind="review")
    assert ids(now, "comments") == [made]


def test_a3_plain_issues_and_closed_pull_requests_are_in_the_list(now: Place) -> None:
    now.seed("changes", repo=now.full, number=1, state="closed")
    now.say("on the pull request")
    now.say("on the issue", number=3)
    first, second = now.get(f"{now.repo}/issues/comments").json
    assert first["pull_request_url"] == f"{now.gitea.url}/{now.full}/pulls/1" and first["issue_url"] == ""
    assert second["pull_request_url"] == "" and second["issue_url"].endswith("/issues/3")


def test_a3_a_unit_that_is_off_is_left_out_and_without_any_it_is_404(now: Place) -> None:
    made = now.say("on the pull request")
    now.say("on the issue", number=3)
    now.seed("repos", repo=now.full, issues=False)
    assert ids(now, "comments") == [made]
    now.seed("repos", repo=now.full, pulls=False)
    assert now.get(f"{now.repo}/issues/comments").status == 404


def test_a3_who_edits_leaves_no_name(now: Place) -> None:
    made = now.say("a fine change", at=T)
    now.seed("edits", id=made, body="!testme", by=now.name("otto"), at=T + 9)
    item = now.get(f"{now.repo}/issues/comments/{made}").json
    assert (item["user"]["login"], item["body"]) == (now.name("mira"), "!testme")
    assert item["created_at"] != item["updated_at"]


def test_a3_only_posting_moves_the_pull_requests_update(now: Place) -> None:
    made = now.say("hello", at=T + 4_000_000_00)
    updated = now.get(f"{now.repo}/pulls/1").json["updated_at"]
    now.seed("edits", id=made, body="hello!", at=T + 5_000_000_00)
    now.seed("deletes", id=made)
    item = now.get(f"{now.repo}/pulls/1").json
    assert (item["updated_at"], item["comments"]) == (updated, 0)
    assert item["updated_at"].startswith(datetime.fromtimestamp(T + 4_000_000_00, timezone.utc).strftime("%Y-%m-%d"))
    assert ids(now, "comments") == []


def test_a3_a_deleted_user_is_ghost_and_a_migrated_comment_says_so(now: Place) -> None:
    made = now.say("!testme", who="pia")
    moved = now.say("!testme", original_author="elsewhere")
    now.seed("removals", account=now.name("pia"))
    ghost, migrated = now.get(f"{now.repo}/issues/comments").json
    assert (ghost["id"], ghost["user"]["id"], ghost["user"]["login"]) == (made, -1, "Ghost")
    assert (migrated["id"], migrated["original_author"], migrated["user"]["login"]) == (moved, "elsewhere", now.name("mira"))


def test_a3_a_row_may_be_committed_late(now: Place) -> None:
    """A comment stamped earlier may appear after a later one was seen."""
    later = now.say("two", at=T + 1)
    assert ids(now, f"comments?since={utc(T)}") == [later]
    earlier = now.say("one", at=T)
    assert ids(now, f"comments?since={utc(T)}") == [earlier, later]


# A.4


def feed(place: Place, query: str, who: str = "bot") -> list[dict[str, object]]:
    reply = place.get(f"/repos/issues/search?type=pulls&state=all&owner={place.org}&{query}", who=who)
    assert reply.status == 200, reply.text
    return reply.json


def test_a4_the_feed_shows_what_changed_since_newest_created_first(now: Place) -> None:
    for number, when in ((11, T + 10), (12, T + 20), (13, T + 30)):
        now.seed("pulls", repo=now.full, number=number, author=now.name("otto"), at=when)
    now.say("hello", number=11, at=T + 40)
    listed = feed(now, f"since={utc(T + 20)}")
    assert [item["number"] for item in listed][-3:] == [13, 12, 11]
    assert [item["number"] for item in feed(now, f"since={utc(T + 31)}&before={utc(T + 60)}")] == [11]
    item = listed[-1]
    assert (item["comments"], item["repository"]["full_name"], item["pull_request"]["merged"]) == (1, now.full, False)


def test_a4_the_feed_does_not_lag(now: Place) -> None:
    before = now.gitea.control("GET", "/clock")["now"]
    now("POST", f"{now.repo}/issues/1/comments", {"body": "now"}, who="mira")
    assert [item["comments"] for item in feed(now, f"since={utc(before)}")] == [1]


def test_a4_state_open_is_the_default_and_plain_issues_are_of_another_type(now: Place) -> None:
    now.seed("changes", repo=now.full, number=1, state="closed")
    assert [item["number"] for item in feed(now, "")] == [1]
    assert now.get(f"/repos/issues/search?type=pulls&owner={now.org}").json == []
    assert [item["number"] for item in now.get(f"/repos/issues/search?owner={now.org}").json] == [3]


def test_a4_an_unknown_owner_is_400_and_1_15_does_not_know_owners(at: Servers) -> None:
    now, old = at.place(NOW), at.place(OLD)
    assert now.get("/repos/issues/search?owner=nobody-at-all").status == 400
    assert old.get("/repos/issues/search?owner=nobody-at-all&state=all").json != []


def test_a4_private_repositories_are_for_who_may_read_them(now: Place) -> None:
    now.seed("repos", repo=now.full, private=True)
    assert len(feed(now, "")) == 1 and feed(now, "", who="otto") == []


def test_a4_the_feed_has_pages_with_links(now: Place) -> None:
    now.gitea.control("POST", "/pulls", [{"repo": now.full, "author": now.name("otto")} for _ in range(60)])
    reply = now.get(f"/repos/issues/search?type=pulls&state=all&owner={now.org}&limit=50&page=2")
    assert len(reply.json) == 11 and reply.headers["X-Total-Count"] == "61" and 'rel="first"' in reply.headers["Link"]


# A.5


def test_a5_a_fork_a_branch_that_is_gone_a_fork_that_is_gone_agit(now: Place) -> None:
    path = f"{now.repo}/pulls/1"
    head = now.get(path).json["head"]
    assert (head["ref"], head["sha"], head["repo"]["fork"]) == ("bump$(id)", HEAD, True)
    assert head["repo"]["id"] != now.get(path).json["base"]["repo"]["id"]
    now.seed("changes", repo=now.full, number=1, branch_gone=True)
    head = now.get(path).json["head"]
    assert (head["ref"], head["repo"]["fork"]) == ("refs/pull/1/head", True)
    now.seed("changes", repo=now.full, number=1, branch_gone=False)
    now.seed("removals", repo=f"{now.name('otto')}/cryptpad")
    head = now.get(path).json["head"]
    assert (head["ref"], head["repo"], head["repo_id"], head["sha"]) == ("refs/pull/1/head", None, -1, HEAD)
    now.seed("pulls", repo=now.full, number=8, author=now.name("otto"), agit=True)
    head = now.get(f"{now.repo}/pulls/8").json["head"]
    assert (head["label"], head["ref"], head["repo"]["full_name"]) == ("", "refs/pull/8/head", now.full)


def test_a5_the_url_is_the_pages(now: Place) -> None:
    item = now.get(f"{now.repo}/pulls/1").json
    assert item["url"] == item["html_url"] == f"{now.gitea.url}/{now.full}/pulls/1"


def test_a5_draft_is_younger_than_1_15(at: Servers) -> None:
    now, old = at.place(NOW), at.place(OLD)
    assert now.get(f"{now.repo}/pulls/1").json["draft"] is False
    assert "draft" not in old.get(f"{old.repo}/pulls/1").json


def test_a5_closed_and_merged(now: Place) -> None:
    now.seed("changes", repo=now.full, number=1, merged=True)
    item = now.get(f"{now.repo}/pulls/1").json
    assert (item["state"], item["merged"]) == ("closed", True) and item["merged_at"] and item["closed_at"]
    assert now.get(f"{now.repo}/pulls").json == []
    assert len(now.get(f"{now.repo}/pulls?state=closed").json) == 1


def test_a2_pull_requests_can_be_sorted(now: Place) -> None:
    for number in (11, 12):
        now.seed("pulls", repo=now.full, number=number, author=now.name("otto"), at=T + number)
    now.say("hello", number=11, at=T + 60)
    for sort, first in [("oldest", 11), ("recentupdate", 1), ("leastupdate", 12), ("mostcomment", 11)]:
        assert now.get(f"{now.repo}/pulls?sort={sort}").json[0]["number"] == first, sort


# The timeline


def test_the_timeline_shows_a_push_after_the_comment(now: Place) -> None:
    made = now.say("!testme", at=T)
    now.seed("pushes", repo=now.full, number=1, sha=NEXT, force=True, at=T + 5)
    rows = now.get(f"{now.repo}/issues/1/timeline?since={utc(T)}").json
    assert [(row["id"] == made, row["type"]) for row in rows] == [(True, "comment"), (False, "pull_push")]
    assert json.loads(rows[1]["body"]) == {"is_force_push": True, "commit_ids": [HEAD, NEXT]}
    assert now.get(f"{now.repo}/pulls/1").json["head"]["sha"] == NEXT


def test_an_empty_timeline_is_null_and_an_unknown_issues_is_500(now: Place) -> None:
    assert now.get(f"{now.repo}/issues/1/timeline").json is None
    assert now.get(f"{now.repo}/issues/99/timeline").status == 500


def test_the_timeline_is_younger_than_1_15(old: Place) -> None:
    assert old.get(f"{old.repo}/issues/1/timeline").status == 404


# A.8


def test_a8_mentions_and_references_are_noticed_outside_of_code(now: Place) -> None:
    now.say("hello @alice, see recipes/x#4 and #7\n```\n@bob #8\n```\n`@carol` <!-- @dave --> @\u200berin")
    seen = [entry for entry in now.gitea.control("GET", "/notified") if entry["where"] == f"{now.full}#1"]
    assert [(entry["kind"], entry["target"]) for entry in seen] == [("mention", "alice"), ("reference", "recipes/x#4"), ("reference", "#7")]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("````\n```\n@a\n````\n@b", ["b"]), ("~~~\n@a\n```\n@b\n~~~ \n@c", ["c"]), ("``a ` @b`` @c", ["c"]), ("`open @a", ["a"]),
        ("mail@a.b", []),
        ("<summary>@a</summary>", ["a"]), ("**@a**", ["a"]), ("| @a | x@b |", ["a"]),
    ],
)
def test_a8_what_counts_as_code(now: Place, text: str, wanted: list[str]) -> None:
    now.say(text)
    seen = [entry["target"] for entry in now.gitea.control("GET", "/notified") if entry["where"] == f"{now.full}#1"]
    assert seen == wanted


def test_a8_a_marker_stays_in_the_body(now: Place) -> None:
    body = "<!-- ccci:v1 key=a/b#1@2 -->\nqueued"
    assert now("POST", f"{now.repo}/issues/1/comments", {"body": body}).json["body"] == body


def test_what_was_said_can_be_looked_up(now: Place) -> None:
    now.say("one")
    now("POST", f"{now.repo}/issues/1/comments", {"body": "two \u2713"})
    rows = now.gitea.control("GET", f"/comments?repo={now.full}&author={now.name('bot')}")
    assert [(row["number"], row["body"]) for row in rows] == [(1, "two \u2713")]
