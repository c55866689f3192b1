"""The contract of abra. It holds for the stand-in and, with `ABRA=<path>`, must hold for the original.

Each test names the fact of the abra reference that it checks; what only the stand-in can do is in test_standin.py.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Iterator

import pytest
from conftest import Abra, containers, docker, git, labels, stack, wait_until

NEWEST, OLDER, OLDEST = "1.2.0+1.27.2", "1.1.0+1.27.1", "1.0.0+1.27.0"


@pytest.fixture
def fresh(abra: Abra) -> str:
    """An app of custom-html that was never deployed, its checkout clean."""
    folder = abra.recipe("custom-html")
    git(folder, "checkout", "--quiet", "--force", "--detach", NEWEST)
    git(folder, "clean", "-fdq")
    return abra.new("custom-html")


@pytest.fixture(scope="module")
def running(abra: Abra) -> Iterator[str]:
    """An app of notes at its second version, deployed once for all tests that only look."""
    domain = abra.new("notes", "0.2.0+1.1.0")
    assert abra("app", "secret", "generate", domain, "--all", "-m", "-C", "-o", "-n").status == 0
    answer = abra("app", "deploy", domain, "-o", "-n", "-f")
    assert answer.status == 0, answer
    yield domain


def head(abra: Abra, recipe: str = "custom-html") -> str:
    return git(abra.recipe(recipe), "rev-parse", "HEAD")


def commit_of(abra: Abra, revision: str, recipe: str = "custom-html") -> str:
    return git(abra.recipe(recipe), "rev-parse", f"{revision}^{{commit}}")


def type_line(abra: Abra, domain: str) -> str:
    return next(line for line in abra.env(domain).read_text().splitlines() if line.startswith("TYPE="))


# Invocation


def test_version_has_the_known_form(abra: Abra) -> None:
    assert re.fullmatch(r"abra version \S+\n", abra("--version").out)


def test_unknown_command_and_flag_exit_1(abra: Abra) -> None:
    assert abra("app", "frobnicate").status == 1
    assert abra("app", "deploy", "x.example", "--frobnicate").status == 1


def test_unknown_app_is_fatal(abra: Abra) -> None:
    answer = abra("app", "deploy", "no-such.example", "-n")
    assert answer.status == 1
    assert "FATA" in answer.err + answer.out


def test_flags_may_stand_before_the_command_and_be_joined(abra: Abra, fresh: str) -> None:
    assert abra("-n", "-o", "app", "secret", "list", fresh, "-mC").status == 0


# New


def test_new_goes_to_the_newest_tag_and_fills_the_env(abra: Abra) -> None:
    git(abra.recipe("custom-html"), "checkout", "--quiet", "--force", OLDEST)
    domain = abra.new("custom-html")
    assert head(abra) == commit_of(abra, NEWEST)
    assert type_line(abra, domain) == f"TYPE=custom-html:{NEWEST}"
    assert f"DOMAIN={domain}\n" in abra.env(domain).read_text()


def test_new_with_chaos_leaves_the_checkout_alone(abra: Abra) -> None:
    git(abra.recipe("custom-html"), "checkout", "--quiet", "--force", OLDEST)
    domain = "cust-chaos.ci.localhost"
    assert abra("app", "new", "custom-html", "-n", "-o", "-C", "-D", domain, "-s", "default").status == 0
    assert head(abra) == commit_of(abra, OLDEST)


def test_new_never_overwrites_an_env(abra: Abra, fresh: str) -> None:
    assert abra("app", "new", "custom-html", "-n", "-o", f"--domain={fresh}", "--server=default").status == 1


# What moves the checkout


def test_without_chaos_the_version_of_the_env_is_checked_out(abra: Abra) -> None:
    domain = abra.new("custom-html", OLDEST)
    git(abra.recipe("custom-html"), "checkout", "--quiet", "--force", NEWEST)
    abra("app", "secret", "list", domain, "-o", "-n")
    assert head(abra) == commit_of(abra, OLDEST)


def test_with_chaos_it_is_not(abra: Abra) -> None:
    domain = abra.new("custom-html", OLDEST)
    git(abra.recipe("custom-html"), "checkout", "--quiet", "--force", NEWEST)
    abra("app", "secret", "list", domain, "-o", "-n", "-C")
    assert head(abra) == commit_of(abra, NEWEST)


def test_tags_that_cannot_be_fetched_are_fatal_unless_offline(abra: Abra, fresh: str) -> None:
    folder = abra.recipe("custom-html")
    origin = git(folder, "remote", "get-url", "origin")
    git(folder, "remote", "set-url", "origin", "https://git.ci.localhost:8443/mirror/custom-html.git")
    try:
        answer = abra("app", "secret", "list", fresh, "-n")
    finally:
        git(folder, "remote", "set-url", "origin", origin)
    assert answer.status == 1
    assert "authentication required" in answer.err + answer.out


# What a deploy without chaos refuses


def test_untracked_file_is_refused_and_an_ignored_one_is_not(abra: Abra, fresh: str) -> None:
    folder = abra.recipe("custom-html")
    (folder / "compose.ccci.yml").touch()
    answer = abra("app", "deploy", fresh, "-n", "-o", "-D", "-c")
    assert answer.status == 1
    assert "locally unstaged changes" in answer.err + answer.out
    (folder / ".git" / "info" / "exclude").write_text("compose.ccci.yml\n")
    assert abra("app", "deploy", fresh, "-n", "-o", "-D", "-c").status == 0
    (folder / "compose.ccci.yml").unlink()


def test_lightweight_version_tag_is_refused(abra: Abra, fresh: str) -> None:
    folder = abra.recipe("custom-html")
    git(folder, "tag", "0.9.0+1.26.0", commit_of(abra, OLDEST))
    try:
        answer = abra("app", "deploy", fresh, "-n", "-o", "-D", "-c")
    finally:
        git(folder, "tag", "--delete", "0.9.0+1.26.0")
    assert answer.status == 1
    assert "only annotated tags used for recipe version" in answer.err + answer.out


def test_version_together_with_chaos_is_refused(abra: Abra, fresh: str) -> None:
    assert abra("app", "deploy", fresh, OLDEST, "-C", "-n", "-o", "-D", "-c").status == 1


def test_missing_secret_is_named_before_anything_is_created(abra: Abra) -> None:
    domain = abra.new("notes")
    answer = abra("app", "deploy", domain, "-n", "-o", "-D", "-c", "-C")
    assert answer.status == 1
    assert f"secret not generated: {stack(domain)}_db_password_v1" in answer.err + answer.out
    assert docker("network", "ls", "-q", "--filter", f"name={stack(domain)}") == ""


def test_domain_must_resolve_unless_told_not_to_look(abra: Abra) -> None:
    abra.recipe("custom-html")
    domain = "cust-nowhere.invalid"
    assert abra("app", "new", "custom-html", "-n", "-o", f"--domain={domain}", "--server=default").status == 0
    assert abra("app", "deploy", domain, "-n", "-o", "-c").status == 1


# Deploy


def test_deploy_without_chaos_pins_the_version_and_sets_the_labels(abra: Abra, fresh: str) -> None:
    assert abra("app", "deploy", fresh, OLDER, "-n", "-o", "-D", "-c", "-f").status == 0
    prefix = f"coop-cloud.{stack(fresh)}."
    found = labels(f"{stack(fresh)}_app")
    assert found[prefix + "version"] == OLDER
    assert found[prefix + "chaos"] == "false"
    assert found[prefix + "recipe"] == "custom-html"
    assert prefix + "chaos-version" not in found
    assert type_line(abra, fresh) == f"TYPE=custom-html:{OLDER}"
    assert abra("app", "deploy", fresh, "-n", "-o", "-D", "-c").status == 1, "already deployed"


def test_deploy_with_chaos_names_the_commit_and_keeps_the_version_label(abra: Abra, fresh: str) -> None:
    folder = abra.recipe("custom-html")
    git(folder, "checkout", "--quiet", "--force", "refs/pull/1/head")
    assert abra("app", "deploy", fresh, "-n", "-C", "-o", "-D", "-f", "-c").status == 0
    prefix, found = f"coop-cloud.{stack(fresh)}.", labels(f"{stack(fresh)}_app")
    assert found[prefix + "chaos"] == "true"
    assert found[prefix + "chaos-version"] == head(abra)[:8]
    assert found[prefix + "version"] == NEWEST
    assert head(abra) == commit_of(abra, "refs/pull/1/head")
    (folder / "untracked").touch()
    assert abra("app", "deploy", fresh, "-n", "-C", "-o", "-D", "-f", "-c").status == 0
    assert labels(f"{stack(fresh)}_app")[prefix + "chaos-version"] == head(abra)[:8] + "+U"


def test_plain_deploy_of_a_dirty_chaos_version_is_refused(abra: Abra, fresh: str) -> None:
    text = abra.env(fresh).read_text()
    abra.env(fresh).write_text(text.replace(f":{NEWEST}", f":{commit_of(abra, NEWEST)[:8]}+U"))
    answer = abra("app", "deploy", fresh, "-n", "-o", "-D", "-c")
    assert answer.status == 1
    assert "chaos version" in answer.err + answer.out


def test_values_come_from_the_env_alone(abra: Abra, fresh: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMEOUT", "7")
    monkeypatch.setenv("EXTRA_DOMAINS", "stray")
    assert abra("app", "deploy", fresh, "-n", "-C", "-o", "-D", "-c").status == 0
    found = labels(f"{stack(fresh)}_app")
    assert found[f"coop-cloud.{stack(fresh)}.timeout"] == "60"
    assert found[f"traefik.http.routers.{stack(fresh)}.rule"] == f"Host(`{fresh}`)"


def test_env_reaches_the_container_of_app(abra: Abra, running: str) -> None:
    environment = docker("service", "inspect", f"{stack(running)}_app", "--format", "{{json .Spec.TaskTemplate.ContainerSpec.Env}}")
    assert f'"DOMAIN={running}"' in environment
    assert '"TYPE=notes:0.2.0+1.1.0"' in environment
    assert '"NOTES_LANGUAGE=en"' in environment, "what the compose file says wins"


def test_dollars_arrive_as_they_were_written(abra: Abra, fresh: str) -> None:
    labelled = 'deploy: {labels: ["odd=$$HOME and ${ODD} and ${MISSING:-$$5}"]}, environment: ["PRICE=$$5"]'
    (abra.recipe("custom-html") / "compose.odd.yml").write_text(f'version: "3.8"\nservices: {{app: {{{labelled}}}}}\n')
    text = abra.env(fresh).read_text().replace('COMPOSE_FILE="compose.yml"', 'COMPOSE_FILE="compose.yml:compose.odd.yml"')
    abra.env(fresh).write_text(text + "ODD='a$b'\n")
    assert abra("app", "deploy", fresh, "-n", "-C", "-o", "-D", "-c").status == 0
    assert labels(f"{stack(fresh)}_app")["odd"] == "$HOME and a$b and $$5"
    environment = docker("service", "inspect", f"{stack(fresh)}_app", "--format", "{{json .Spec.TaskTemplate.ContainerSpec.Env}}")
    assert '"ODD=a$b"' in environment
    assert '"PRICE=$5"' in environment


def test_crashing_app_fails_and_stays_as_applied(abra: Abra) -> None:
    domain = abra.new("crash-loop")
    answer = abra("app", "deploy", domain, "-n", "-o", "-D")
    assert answer.status == 1
    assert re.search(r"FATA deploy (failed|timed out)", answer.err + answer.out)
    assert docker("service", "ls", "-q", "--filter", f"name={stack(domain)}_app") != ""


def test_without_converge_checks_it_returns_at_once(abra: Abra) -> None:
    assert abra("app", "deploy", abra.new("crash-loop"), "-n", "-o", "-D", "-c").status == 0


# Upgrade, rollback


def test_upgrade_passes_over_versions_and_prints_their_notes(abra: Abra, fresh: str) -> None:
    assert abra("app", "deploy", fresh, OLDEST, "-n", "-o", "-D", "-c", "-f").status == 0
    answer = abra("app", "upgrade", fresh, "-n", "-o", "-D", "-c")
    assert answer.status == 0
    assert "counts the files" in answer.out and "is gone" in answer.out
    assert type_line(abra, fresh) == f"TYPE=custom-html:{NEWEST}"
    assert abra("app", "upgrade", fresh, OLDER, "-n", "-o", "-D", "-c").status == 1, "not an upgrade"
    assert abra("app", "upgrade", fresh, "-n", "-o", "-D", "-c").status == 0, "nothing newer"
    assert abra("app", "rollback", fresh, "-n", "-o", "-D", "-c").status == 0
    assert labels(f"{stack(fresh)}_app")[f"coop-cloud.{stack(fresh)}.version"] == OLDER


def test_a_service_that_was_dropped_lives_on(abra: Abra, fresh: str) -> None:
    assert abra("app", "deploy", fresh, OLDER, "-n", "-o", "-D", "-c", "-f").status == 0
    assert abra("app", "upgrade", fresh, NEWEST, "-n", "-o", "-D", "-c").status == 0
    assert docker("service", "ls", "-q", "--filter", f"name={stack(fresh)}_stats") != ""


# Looking


def test_ps_is_an_object_of_objects_of_strings(abra: Abra, running: str) -> None:
    rows = abra("app", "ps", running, "-m", "-C", "-o").json
    assert len(rows) == 2
    for row in rows.values():
        assert {"service", "image", "state", "status", "chaos", "version"} <= set(row)
        assert all(isinstance(value, str) for value in row.values())


def test_ls_is_keyed_by_server(abra: Abra, running: str) -> None:
    entry = abra("app", "ls", "-m").json["default"]
    assert entry["appCount"] == len(entry["apps"])
    assert running in [app["appName"] for app in entry["apps"]]
    assert all(app["status"] == "" for app in entry["apps"])


def test_ls_with_status_knows_what_is_newer(abra: Abra, running: str) -> None:
    entry = abra("app", "ls", "-m", "-S", "-o", "-r", "notes").json["default"]
    row = next(app for app in entry["apps"] if app["appName"] == running)
    assert (row["status"], row["version"], row["upgrade"]) == ("deployed", "0.2.0+1.1.0", "1.0.0+1.2.0")


def test_servers_are_listed(abra: Abra) -> None:
    assert [row["name"] for row in abra("server", "ls", "-m").json] == ["default"]


# Secrets


def test_generated_secret_honours_its_modifiers_and_outlives_the_stack(abra: Abra) -> None:
    domain = abra.new("notes")
    (made,) = abra("app", "secret", "generate", domain, "--all", "-m", "-C", "-o", "-n").json
    assert made["name"] == "db_password"
    assert re.fullmatch(r"[0-9a-f]{32}", made["value"])
    name = f"{stack(domain)}_db_password_v1"
    assert docker("secret", "inspect", name, "--format", "{{json .Spec.Labels}}") in ("{}", "null")
    assert abra("app", "secret", "generate", domain, "--all", "-m", "-C", "-o", "-n").status == 1, "nothing to do"
    (row,) = abra("app", "secret", "list", domain, "-m", "-C", "-o").json
    assert row == {"name": "db_password", "version": "v1", "generated name": name, "created on server": "true"}
    assert abra("app", "secret", "remove", domain, "--all", "-n", "-C", "-o").status == 0
    assert docker("secret", "ls", "-q", "--filter", f"name={name}") == ""


def test_inserting_twice_gives_the_engines_own_words(abra: Abra, tmp_path: Path) -> None:
    domain = abra.new("notes")
    path = tmp_path / "value"
    path.write_text("hidden")
    arguments = ("app", "secret", "insert", domain, "db_password", "v1", str(path), "-f", "-C", "-o", "-n")
    assert abra(*arguments).status == 0
    answer = abra(*arguments)
    assert answer.status == 1
    assert "AlreadyExists" in answer.err + answer.out


def test_secret_in_use_cannot_be_removed(abra: Abra, running: str) -> None:
    answer = abra("app", "secret", "remove", running, "--all", "-n", "-C", "-o")
    assert answer.status == 1
    assert "is in use" in answer.err + answer.out


# Terminal


@pytest.mark.parametrize("words", [("backup", "create"), ("backup", "snapshots"), ("restore",)])
def test_backup_and_restore_want_a_terminal(abra: Abra, running: str, words: tuple[str, ...]) -> None:
    answer = abra("app", *words, running, "-n", "-C", "-o")
    assert answer.status == 1
    assert "FATA" in answer.err + answer.out


def test_lint_wants_a_terminal_and_never_fails_for_a_rule(abra: Abra) -> None:
    folder = abra.recipe("wrong-http")
    answer = abra("recipe", "lint", "wrong-http", "-C", "-o", "-n")
    assert (answer.status, "inappropriate ioctl for device" in answer.err + answer.out) == (1, True)
    git(folder, "tag", "9.0.0+1", "HEAD")
    answer = abra.at_terminal("recipe", "lint", "wrong-http", "-C", "-o", "-n")
    assert answer.status == 0
    row = next(line for line in answer.out.splitlines() if "R014" in line)
    assert "❌" in row and "error" in row
    (folder / ".env.sample").unlink()
    answer = abra.at_terminal("recipe", "lint", "wrong-http", "-C", "-o", "-n")
    assert (answer.status, ".env.sample" in answer.err + answer.out) == (1, True)


# Undeploy


def test_undeploy_keeps_volumes_and_secrets_and_remove_takes_them(abra: Abra) -> None:
    domain = abra.new("notes")
    name = stack(domain)
    assert abra("app", "undeploy", domain, "-n").status == 1, "is not deployed"
    assert abra("app", "secret", "generate", domain, "--all", "-m", "-C", "-o", "-n").status == 0
    assert abra("app", "deploy", domain, "-n", "-C", "-o", "-D").status == 0
    assert abra("app", "volume", "remove", domain, "-f", "-n").status == 1, "still deployed"
    assert abra("app", "undeploy", domain, "-n").status == 0
    assert docker("service", "ls", "-q", "--filter", f"label=com.docker.stack.namespace={name}") == ""
    assert len(docker("volume", "ls", "-q", "--filter", f"name={name}_").split()) == 2
    assert docker("secret", "ls", "-q", "--filter", f"name={name}_") != ""
    wait_until(lambda: not containers(name))
    assert abra("app", "volume", "remove", domain, "-f", "-n").status == 0
    assert abra("app", "remove", domain, "-n").status == 0
    assert docker("volume", "ls", "-q", "--filter", f"name={name}_") == ""
    assert docker("secret", "ls", "-q", "--filter", f"name={name}_") == ""
    assert not abra.env(domain).exists()
