"""The fault switches that every stand-in of a server has, tried on the Gitea one."""

from __future__ import annotations

import json
import time
from http.client import BadStatusLine, IncompleteRead, RemoteDisconnected

import pytest
from gitea_place import Place, Servers, at, now, servers  # noqa: F401

from standin import ask, until

pytestmark = pytest.mark.worldless


def bodies(place: Place) -> list[str]:
    return [row["body"] for row in place.gitea.control("GET", f"/comments?repo={place.full}")]


def test_so_many_requests_get_a_status_and_then_no_more(now: Place) -> None:
    now.gitea.fault("status", status=503, times=2, match="*/pulls/1", headers={"Retry-After": "7"})
    replies = [now.get(f"{now.repo}/pulls/1") for _ in range(3)]
    assert [reply.status for reply in replies] == [503, 503, 200] and replies[0].headers["Retry-After"] == "7"


def test_a_fault_meets_the_method_and_skips(now: Place) -> None:
    now.gitea.fault("status", status=429, method="POST", skip=1, times=1)
    assert now.get("/version").status == 200
    assert [now("POST", f"{now.repo}/issues/1/comments", {"body": str(n)}).status for n in range(3)] == [201, 429, 201]
    assert bodies(now) == ["0", "2"]


def test_a1_500_though_the_comment_is_stored(now: Place) -> None:
    now.gitea.fault("status", status=500, body="Internal Server Error", method="POST", after=True, times=1)
    reply = now("POST", f"{now.repo}/issues/1/comments", {"body": "queued"})
    assert (reply.status, reply.text) == (500, "Internal Server Error")
    assert bodies(now) == ["queued"]


def test_a_dropped_connection_before_and_after(now: Place) -> None:
    for after in (False, True):
        now.gitea.fault("drop", after=after, times=1)
        with pytest.raises((RemoteDisconnected, ConnectionResetError, BadStatusLine)):
            now("POST", f"{now.repo}/issues/1/comments", {"body": str(after)})
    assert bodies(now) == ["True"]


def test_a_slow_answer_and_a_client_that_does_not_wait(now: Place) -> None:
    now.gitea.fault("slow", seconds=0.3, times=1)
    begun = time.monotonic()
    assert now.get("/version").status == 200 and time.monotonic() - begun >= 0.3
    for after in (False, True):
        now.gitea.fault("slow", seconds=0.4, after=after, times=1)
        with pytest.raises(TimeoutError):
            headers = {"Authorization": f"token {now.token('bot')}"}
            ask(now.gitea.url, "POST", f"/api/v1{now.repo}/issues/1/comments", headers, {"body": str(after)}, seconds=0.1)
    time.sleep(0.5)
    assert bodies(now) == ["True"]


def test_an_html_page_a_foreign_host_and_what_is_not_json(now: Place) -> None:
    now.gitea.fault("html", times=1)
    now.gitea.fault("redirect", to="http://elsewhere.example.org", times=1)
    now.gitea.fault("status", status=200, body="not json", times=1)
    page, away, odd = (now.get("/version?x=1") for _ in range(3))
    assert page.status == 502 and page.headers["Content-Type"] == "text/html" and page.text.startswith("<!DOCTYPE html>")
    assert (away.status, away.headers["Location"]) == (302, "http://elsewhere.example.org/api/v1/version?x=1")
    assert (odd.status, odd.text) == (200, "not json")


def test_a_huge_answer_is_good_json_without_a_length(now: Place) -> None:
    now.gitea.fault("huge", bytes=9_000_000, times=1)
    reply = now.get(f"{now.repo}/issues/comments")
    assert "Content-Length" not in reply.headers and len(reply.body) >= 9_000_000 and isinstance(json.loads(reply.body), list)


def test_half_an_answer(now: Place) -> None:
    for kind, words in (("cut", {}), ("stall", {"seconds": 0.2})):
        now.say("x" * 4000)
        now.gitea.fault(kind, times=1, **words)
        with pytest.raises((IncompleteRead, ConnectionResetError)):
            now.get(f"{now.repo}/issues/comments")


def test_a_server_that_is_down_keeps_what_it_holds_and_its_port(now: Place) -> None:
    now.say("before")
    now.gitea.control("POST", "/down")
    with pytest.raises(ConnectionError):
        now.get("/version")
    now.say("meanwhile")
    now.gitea.control("POST", "/up")
    assert [item["body"] for item in now.get(f"{now.repo}/issues/comments").json] == ["before", "meanwhile"]


def test_what_was_asked_is_logged_without_its_token(now: Place) -> None:
    now.gitea.control("DELETE", "/log")
    now.gitea.fault("status", status=503, times=1)
    now.get("/user")
    now.get("/user?a=b")
    until(lambda: now.gitea.counts()["total"] == 2)
    first, second = now.gitea.control("GET", "/log")
    assert (first["fault"], first["status"], second["fault"], second["route"]) == ("status", 503, "", "GET /user")
    assert (second["user"], second["query"], second["headers"]["authorization"]) == (now.name("bot"), "a=b", "…")
    assert now.gitea.counts()["statuses"] == {"200": 1, "503": 1}


def test_faults_can_be_listed_and_lifted(now: Place) -> None:
    now.gitea.control("POST", "/faults", [{"fault": "html"}, {"fault": "drop"}])
    assert [fault["fault"] for fault in now.gitea.control("GET", "/faults")] == ["html", "drop"]
    now.gitea.control("DELETE", "/faults")
    assert now.get("/version").status == 200


def test_chance_is_the_same_every_time(now: Place) -> None:
    rounds = []
    for _ in range(2):
        now.gitea.control("DELETE", "/faults")
        now.gitea.fault("status", status=503, chance=0.5)
        rounds.append([now.get("/version").status for _ in range(40)])
    assert rounds[0] == rounds[1] and 8 < rounds[0].count(503) < 32
