"""The Gitea stand-in: who asks, how it says no, pages, redirects, members. One test a quirk, named by its section of the reference."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from gitea_place import HEAD, NOW, OLD, Place, Servers, at, now, old, servers  # noqa: F401

from standin import ask, basic

pytestmark = pytest.mark.worldless


# A.1


@pytest.mark.parametrize("form", ["token {}", "Bearer {}", "bearer {}"])
def test_a1_a_token_may_come_in_a_header(now: Place, form: str) -> None:
    reply = now.gitea.get("/user", "", Authorization=form.format(now.token("bot")))
    assert (reply.status, reply.json["login"]) == (200, now.name("bot"))


def test_a1_basic_takes_the_token_as_either_half_and_the_password(now: Place) -> None:
    token = now.token("bot")
    now.seed("users", login=now.name("petra"), password="geheim")
    now.seed("users", login=now.name("tom"), password="geheim", two_factor=True)
    halves = [("anybody", token, "bot"), (token, "x-oauth-basic", "bot"), (token, "", "bot"), (now.name("petra"), "geheim", "petra")]
    for name, word, who in halves:
        assert now.gitea.get("/user", "", Authorization=basic(name, word)).json["login"] == now.name(who)
    assert now.gitea.get("/user", "", Authorization=basic(now.name("tom"), "geheim")).status == 401
    assert now.gitea.get("/user", "", Authorization=basic(now.name("petra"), "falsch")).status == 401


def test_a1_a_token_in_the_query_can_be_switched_off(now: Place) -> None:
    for key in ("token", "access_token"):
        assert now.get(f"/user?{key}={now.token('bot')}", who="").status == 200
    now.seed("settings", query_tokens=False)
    assert now.get(f"/user?token={now.token('bot')}", who="").status == 401


def test_a1_a_bad_token_is_refused_now_and_was_silently_nobody(at: Servers) -> None:
    now, old = at.place(NOW), at.place(OLD)
    reply = now.gitea.get(f"{now.repo}/issues/comments", "wrong")
    assert (reply.status, reply.json["message"]) == (401, "invalid username, password or token")
    assert old.gitea.get(f"{old.repo}/issues/comments", "wrong").status == 200
    assert old.gitea.get(f"/orgs/{old.org}/members/{old.name('mira')}", "wrong").status == 302
    assert old.gitea.get("/user", "wrong").status == 401


SCOPED = [
    ("GET", "{repo}/pulls", "repository", "read"),
    ("GET", "{repo}/issues/comments", "issue", "read"),
    ("GET", "/repos/issues/search", "issue", "read"),
    ("POST", "{repo}/issues/1/comments", "issue", "write"),
    ("GET", "/orgs/{org}/members/x", "organization", "read"),
    ("GET", "/user", "user", "read"),
    ("POST", "{repo}/statuses/2", "repository", "write"),
]


@pytest.mark.parametrize(("method", "path", "category", "level"), SCOPED)
def test_a1_a_missing_scope_is_403_and_says_which(now: Place, method: str, path: str, category: str, level: str) -> None:
    now.seed("users", login=now.name("bot"), tokens=[{"text": now.token("thin"), "scopes": ["read:misc"]}])
    reply = now(method, path.format(repo=now.repo, org=now.org), {"body": "x"}, who="thin")
    assert reply.status == 403
    wanted = f"token does not have at least one of required scope(s), required=[{level}:{category}], token scope=read:misc"
    assert reply.json["message"] == wanted


def test_a1_the_smallest_token_of_the_bot_is_enough(now: Place) -> None:
    scopes = ["read:repository", "write:issue", "read:organization", "read:user"]
    now.seed("users", login=now.name("bot"), tokens=[{"text": now.token("thin"), "scopes": scopes}])
    for path in (f"{now.repo}/pulls/1", f"{now.repo}/issues/comments", "/user", f"/orgs/{now.org}/members/{now.name('mira')}"):
        assert now.get(path, who="thin").status in (200, 204), path
    assert now("POST", f"{now.repo}/issues/1/comments", {"body": "hello"}, who="thin").status == 201


def test_a1_scopes_are_younger_than_1_15(old: Place) -> None:
    old.seed("users", login=old.name("bot"), tokens=[{"text": old.token("thin"), "scopes": ["read:misc"]}])
    assert old.get("/user", who="thin").status == 200


def test_a1_public_only_does_not_see_private_repositories(now: Place) -> None:
    now.seed("repos", repo=f"{now.org}/secret", private=True)
    now.seed("users", login=now.name("bot"), tokens=[{"text": now.token("thin"), "scopes": ["all", "public-only"]}])
    assert now.get(f"/repos/{now.org}/secret/pulls", who="thin").status == 403
    assert now.get(f"{now.repo}/pulls", who="thin").status == 200


def test_a1_a_private_repository_does_not_exist_for_others(now: Place) -> None:
    now.seed("repos", repo=f"{now.org}/secret", private=True)
    assert now.get(f"/repos/{now.org}/secret/pulls", who="otto").status == 404
    assert now.get(f"/repos/{now.org}/secret/pulls").status == 200


def test_a1_bodies_of_404_differ_and_an_unknown_route_is_text(at: Servers) -> None:
    now, old = at.place(NOW), at.place(OLD)
    assert now.get("/repos/no/such").json == {"message": "not found", "url": f"{now.gitea.url}/api/swagger", "errors": None}
    assert set(old.get("/repos/no/such").json) == {"documentation_url", "errors", "message"}
    reply = now.get("/no/such/route")
    assert (reply.status, reply.text) == (404, "404 page not found\n")
    assert now.gitea.counts()["routes"]["unknown route"] >= 1


def test_a1_an_issue_that_is_not_there_is_500_for_comments_and_404_for_pulls(now: Place) -> None:
    for method in ("GET", "POST"):
        reply = now(method, f"{now.repo}/issues/99/comments", {"body": "x"} if method == "POST" else None)
        assert (reply.status, reply.json["message"]) == (500, "")
    assert now.get(f"{now.repo}/pulls/99").status == 404
    assert now.get(f"{now.repo}/pulls/3").status == 404, "a plain issue's number"


def test_a1_the_limit_is_clamped_and_links_name_root_url() -> None:
    from standin import started

    with started("gitea", "--root-url", "https://git.example.org/") as gitea:
        gitea.prefix = "/api/v1"
        pulls = [{"repo": "o/r", "author": "u"} for _ in range(120)]
        gitea.control("POST", "/seed", {"users": [{"login": "u"}], "repos": [{"repo": "o/r"}], "pulls": pulls})
        reply = gitea.get("/repos/o/r/pulls?limit=1000&page=2")
        assert len(reply.json) == 50 and reply.headers["X-Total-Count"] == "120"
        link = reply.headers["Link"]
        assert re.findall(r'<https://git.example.org/api/v1/repos/o/r/pulls\?[^>]*page=(\d)[^>]*>; rel="(\w+)"', link) == [
            ("3", "next"), ("3", "last"), ("1", "first"), ("1", "prev")]
        assert ", " not in link
        assert len(gitea.get("/repos/o/r/pulls").json) == 30
        assert gitea.get("/repos/o/r/pulls/1").json["html_url"] == "https://git.example.org/o/r/pulls/1"


def test_a1_nothing_can_be_cached_and_1_15_sets_a_cookie(at: Servers) -> None:
    now, old = at.place(NOW), at.place(OLD)
    reply = now.get(f"{now.repo}/issues/comments", **{"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT", "If-None-Match": "*"})
    assert reply.status == 200 and not {"ETag", "Last-Modified", "Set-Cookie"} & set(reply.headers)
    assert "Set-Cookie" in old.get("/version").headers


def test_a1_times_carry_the_servers_zone_and_date_is_its_clock(now: Place) -> None:
    now.say("hello", at=1_780_304_404)
    item = now.get(f"{now.repo}/issues/comments").json[0]
    assert item["created_at"] == "2026-06-01T11:00:04+02:00"
    now.gitea.control("POST", "/clock", {"now": 1_780_000_000})
    assert now.get("/version").headers["Date"].startswith("Thu, 28 May 2026 20:26:4")
    now.gitea.control("POST", "/clock", {"advance": 3600})
    assert now.get("/version").headers["Date"].startswith("Thu, 28 May 2026 21:26:4")


@pytest.mark.parametrize(("version", "status"), [(NOW, 301), (OLD, 302)])
def test_a1_a_renamed_repository_redirects_with_a_path(at: Servers, version: str, status: int) -> None:
    place = at.place(version)
    place.seed("renames", repo=place.full, to="padcrypt")
    reply = place.get(f"{place.repo}/issues/comments?since=2026-01-01T00:00:00Z")
    assert reply.status == status
    assert reply.headers["Location"] == f"/api/v1/repos/{place.org}/padcrypt/issues/comments?since=2026-01-01T00:00:00Z"
    assert place.get(reply.headers["Location"].removeprefix("/api/v1")).status == 200


def test_a1_a_renamed_owner_redirects_with_307(now: Place) -> None:
    now.seed("renames", account=now.org, to=f"new-{now.org}")
    reply = now.get(f"{now.repo}/pulls/1")
    assert (reply.status, reply.headers["Location"]) == (307, f"/api/v1/repos/new-{now.org}/cryptpad/pulls/1")
    assert now.get(f"/orgs/{now.org}/members/{now.name('mira')}").status == 307
    assert now.get(f"/orgs/new-{now.org}/members/{now.name('mira')}").status == 204


def test_a1_the_old_name_can_be_taken_by_somebody_else(now: Place) -> None:
    now.seed("renames", repo=now.full, to="padcrypt")
    now.seed("repos", repo=now.full)
    assert now.get(f"{now.repo}/pulls/1").status == 404


# A.6


@pytest.mark.parametrize(("version", "redirect"), [(OLD, 302), ("1.22.6", 303), (NOW, 303)])
def test_a6_the_matrix_of_members(at: Servers, version: str, redirect: int) -> None:
    place = at.place(version)

    def status(who: str, target: str) -> int:
        return place.get(f"/orgs/{place.org}/members/{target}", who=who).status

    mira, pia, otto = place.name("mira"), place.name("pia"), place.name("otto")
    for insider in ("bot", "root"):
        assert [status(insider, target) for target in (mira, pia, otto, "nobody")] == [204, 204, 404, 404]
    assert [status("otto", target) for target in (mira, pia, place.name("root"), "nobody")] == [redirect] * 3 + [404]
    assert status("otto", otto) == 404, "about oneself"
    assert place.get(f"/orgs/no-such/members/{mira}").status == 404


def test_a6_the_redirect_leads_to_the_public_members_only(now: Place) -> None:
    reply = now.get(f"/orgs/{now.org}/members/{now.name('mira')}", who="otto")
    assert reply.headers["Location"] == f"/api/v1/orgs/{now.org}/public_members/{now.name('mira')}"
    assert now.get(f"/orgs/{now.org}/public_members/{now.name('mira')}", who="otto").status == 404
    assert now.get(f"/orgs/{now.org}/public_members/{now.name('pia')}", who="otto").status == 204


@pytest.mark.parametrize(("version", "status"), [(OLD, 302), ("1.19.4", 302), ("1.20.0", 401), (NOW, 401)])
def test_a6_nobody_is_redirected_and_since_1_20_refused(at: Servers, version: str, status: int) -> None:
    place = at.place(version)
    assert place.get(f"/orgs/{place.org}/members/{place.name('pia')}", who="").status == status


def test_a6_names_compare_without_case_and_a_user_is_no_organisation(now: Place) -> None:
    assert now.get(f"/orgs/{now.org.upper()}/members/{now.name('MIRA')}").status == 204
    assert now.get(f"/orgs/{now.name('otto')}/members/{now.name('mira')}").status == 404


def test_a6_who_leaves_is_no_member(now: Place) -> None:
    now.seed("orgs", name=now.org, leave=[now.name("mira")])
    assert now.get(f"/orgs/{now.org}/members/{now.name('mira')}").status == 404


def test_a6_permission_is_told_to_administrators_or_about_oneself(now: Place) -> None:
    path = f"{now.repo}/collaborators/{{}}/permission"
    assert now.get(path.format(now.name("mira"))).status == 403
    assert now.get(path.format(now.name("bot"))).json["permission"] == "read"
    assert now.get(path.format(now.name("mira")), who="root").status == 200


# The server itself.


def test_one_connection_serves_many_requests(now: Place) -> None:
    from http.client import HTTPConnection

    host, port = now.gitea.url.removeprefix("http://").split(":")
    now.gitea.control("DELETE", "/log")
    connection = HTTPConnection(host, int(port))
    for _ in range(50):
        connection.request("GET", "/api/v1/version")
        assert connection.getresponse().read()
    connection.close()
    counts = now.gitea.counts()
    assert (counts["total"], counts["connections"], counts["most_at_once"]) == (50, 1, 1)
    entries = now.gitea.control("GET", "/log?since=48")
    assert [entry["n"] for entry in entries] == [49, 50] and entries[0]["path"] == "/api/v1/version"


def test_what_is_no_http_is_a_400(now: Place) -> None:
    import socket

    host, port = now.gitea.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as raw:
        raw.sendall(b"hello\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 400")


def test_a_mistake_of_a_test_is_loud(now: Place) -> None:
    calls = [("/faults", {"fault": "sttaus"}), ("/settings", {"no": 1}), ("/pulls", {"repo": "no/such"}), ("/seed", {"pulsl": []})]
    for path, body in calls:
        assert ask(now.gitea.control_url, "POST", path, {}, body).status == 400, path
    assert ask(now.gitea.control_url, "POST", "/no-such", {}, {}).status == 404


def test_an_encoded_slash_is_no_border(now: Place) -> None:
    assert now.get(f"/repos/{quote(now.full, safe='')}/pulls").status == 404
    assert now.get(f"{now.repo}/pulls/1").json["head"]["sha"] == HEAD
