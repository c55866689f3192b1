"""The Gitea stand-in: webhooks and their deliveries. reference gitea-drone A.7."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest
from gitea_place import NOW, OLD, Place, Servers, at, now, old, servers  # noqa: F401

from standin import Receiver, receiver, until

pytestmark = pytest.mark.worldless
EVENTS = ["pull_request_comment"]


@pytest.fixture
def target() -> Receiver:
    with receiver() as kept:
        yield kept


def hook(place: Place, url: str, events: list[str] | None = None, secret: str = "geheim", **words: object) -> int:
    """An active hook, made by the one who may; deliveries to loopback are allowed."""
    place.seed("settings", allowed_hosts="loopback")
    config = {"url": url, "content_type": "json", "secret": secret}
    body = {"type": "gitea", "active": True, "events": EVENTS if events is None else events, "config": config}
    reply = place("POST", f"{place.repo}/hooks", body | words, who="root")
    assert reply.status == 201, reply.text
    return reply.json["id"]


def test_a7_hooks_are_for_administrators(now: Place) -> None:
    for who, status in (("bot", 403), ("", 401), ("root", 200)):
        assert now.get(f"{now.repo}/hooks", who=who).status == status
    now.seed("settings", webhooks=False)
    assert now.get(f"{now.repo}/hooks", who="root").status == 404


def test_a7_url_and_content_type_are_wanted_and_a_hook_is_born_inactive(now: Place) -> None:
    path = f"{now.repo}/hooks"
    for config in ({"url": "http://x/"}, {"content_type": "json"}, {"url": "http://x/", "content_type": "xml"}):
        assert now("POST", path, {"type": "gitea", "config": config}, who="root").status == 422
    made = now("POST", path, {"type": "gitea", "config": {"url": "http://x/", "content_type": "json", "secret": "s"}}, who="root").json
    assert (made["active"], made["events"], "secret" in json.dumps(made)) == (False, ["push"], False)
    assert now("DELETE", f"{path}/{made['id']}", who="root").status == 204
    assert now("DELETE", f"{path}/{made['id']}", who="root").status == 404


@pytest.mark.parametrize(
    ("version", "asked", "shown"),
    [
        (OLD, ["pull_request_comment"], ["pull_request_comment", "pull_request_review_comment"]),
        (NOW, ["pull_request_comment"], ["pull_request_comment"]),
        (NOW, ["issues"], ["issues", "issue_assign", "issue_label", "issue_milestone", "issue_comment"]),
        (NOW, ["issues_only"], ["issues"]),
    ],
)
def test_a7_the_listing_expands_names(at: Servers, version: str, asked: list[str], shown: list[str]) -> None:
    place = at.place(version)
    made = hook(place, "http://x/", asked)
    assert place.get(f"{place.repo}/hooks/{made}", who="root").json["events"] == shown


def test_a7_patch_ignores_the_secret_and_resets_what_is_left_out(now: Place) -> None:
    made = hook(now, "http://x/", branch_filter="main", authorization_header="Bearer x")
    path = f"{now.repo}/hooks/{made}"
    reply = now("PATCH", path, {"config": {"url": "http://y/", "secret": "new"}}, who="root").json
    assert (reply["events"], reply["branch_filter"], reply["authorization_header"], reply["active"]) == (["push"], "", "", True)
    assert reply["config"] == {"content_type": "json", "url": "http://y/"}
    kept = [entry["secret"] for entry in now.gitea.control("GET", "/hooks") if entry["id"] == made]
    assert kept == ["geheim"]
    assert now("PATCH", path, {"events": EVENTS, "active": False}, who="root").json["events"] == EVENTS


def test_a7_in_1_15_patch_cannot_change_pull_request_comment(old: Place) -> None:
    without, having = hook(old, "http://x/", ["push"]), hook(old, "http://x/")
    assert old("PATCH", f"{old.repo}/hooks/{without}", {"events": EVENTS}, who="root").json["events"] == []
    reply = old("PATCH", f"{old.repo}/hooks/{having}", {"events": ["push"]}, who="root")
    assert reply.json["events"] == ["push", "pull_request_comment", "pull_request_review_comment"]


def test_a7_a_delivery_and_its_signature(now: Place, target: Receiver) -> None:
    hook(now, target.url)
    made = now.say("!testme")
    target.wait_for(1)
    headers, raw = target.got[0]
    wanted = hmac.new(b"geheim", raw, hashlib.sha256).hexdigest()
    assert headers["X-Gitea-Signature"] == wanted and headers["X-Hub-Signature-256"] == f"sha256={wanted}"
    assert headers["X-Hub-Signature"] == "sha1=" + hmac.new(b"geheim", raw, hashlib.sha1).hexdigest()
    assert (headers["X-Gitea-Event"], headers["X-Gitea-Event-Type"]) == ("issue_comment", "pull_request_comment")
    assert headers["Content-Type"] == "application/json"
    body = json.loads(raw)
    assert (body["action"], body["is_pull"], body["comment"]["id"], body["repository"]["full_name"]) == ("created", True, made, now.full)
    assert body["sender"]["login"] == now.name("mira") and body["pull_request"]["head"]["sha"] and raw.startswith(b"{\n  ")


def test_a7_older_versions_say_less(at: Servers, target: Receiver) -> None:
    place = at.place(OLD)
    hook(place, target.url)
    place.say("!testme")
    target.wait_for(1)
    assert "X-Gitea-Event-Type" not in target.got[0][0] and "pull_request" not in json.loads(target.got[0][1])


def test_a7_issue_comment_alone_hears_nothing_of_pull_requests(now: Place, target: Receiver) -> None:
    hook(now, target.url, ["issue_comment"])
    now.say("!testme")
    now.say("hello", number=3)
    target.wait_for(1)
    assert [json.loads(raw)["is_pull"] for _, raw in target.got] == [False]


def test_a7_without_a_secret_the_signature_is_there_and_empty(now: Place, target: Receiver) -> None:
    hook(now, target.url, secret="")
    now.say("!testme")
    target.wait_for(1)
    assert target.got[0][0]["X-Gitea-Signature"] == ""


def test_a7_edits_and_deletions_are_told(now: Place, target: Receiver) -> None:
    hook(now, target.url)
    made = now.say("one")
    now.seed("edits", id=made, body="two", by=now.name("otto"))
    now.seed("deletes", id=made)
    target.wait_for(3)
    seen = {json.loads(raw)["action"]: json.loads(raw) for _, raw in target.got}
    assert set(seen) == {"created", "edited", "deleted"}
    assert seen["edited"]["changes"] == {"body": {"from": "one"}} and seen["edited"]["sender"]["login"] == now.name("otto")


def test_a7_one_uuid_may_come_twice_and_by_hand_it_is_a_new_one(now: Place, target: Receiver) -> None:
    hook(now, target.url)
    now.seed("settings", double_deliveries=1)
    now.say("!testme")
    target.wait_for(2)
    uuids = [headers["X-Gitea-Delivery"] for headers, _ in target.got]
    assert uuids[0] == uuids[1]
    number = now.gitea.control("GET", "/deliveries")[-1]["id"]
    now.gitea.control("POST", f"/deliveries/{number}/again", {})
    target.wait_for(3)
    assert target.got[2][0]["X-Gitea-Delivery"] != uuids[0] and target.got[2][1] == target.got[0][1]


def test_a7_the_order_is_not_kept(now: Place, target: Receiver) -> None:
    hook(now, target.url)
    now.seed("settings", hold_deliveries=True)
    made = [now.say("one"), now.say("two")]
    assert target.got == []
    now.gitea.control("POST", "/deliveries/release", {"order": [1]})
    target.wait_for(1)
    assert json.loads(target.got[0][1])["comment"]["id"] == made[1]


def test_a7_a_slow_target_is_given_up_and_never_tried_again(now: Place, target: Receiver) -> None:
    now.gitea.control("DELETE", "/deliveries")
    target.delay = 1
    hook(now, target.url)
    now.seed("settings", deliver_timeout=0.2)
    now.say("!testme")
    until(lambda: all(entry["done"] for entry in now.gitea.control("GET", "/deliveries")), 3)
    history = now.gitea.control("GET", "/deliveries")
    assert [(entry["status"], bool(entry["reason"])) for entry in history] == [(0, True)]


def test_a7_external_refuses_loopback_in_silence(now: Place, target: Receiver) -> None:
    now.gitea.control("DELETE", "/deliveries")
    hook(now, target.url)
    now.seed("settings", allowed_hosts="external")
    assert now("POST", f"{now.repo}/issues/1/comments", {"body": "x"}).status == 201
    until(lambda: now.gitea.control("GET", "/deliveries")[0]["done"], 3)
    assert now.gitea.control("GET", "/deliveries")[0]["reason"] == "webhook can only call allowed HTTP servers"
    assert target.got == []


def test_a7_an_inactive_hook_is_silent(now: Place, target: Receiver) -> None:
    now.gitea.control("DELETE", "/deliveries")
    hook(now, target.url, active=False)
    now.say("!testme")
    assert now.gitea.control("GET", "/deliveries") == []
