"""What only the stand-in can do: its call log, its faults, and the backup bot inside it."""

from __future__ import annotations

import json
import signal
import subprocess
import tarfile
import time
from pathlib import Path
from typing import Iterator

import pytest
from conftest import WORLD, Abra, Answer, docker, git, stack

NEWEST, OLDEST = "1.2.0+1.27.2", "1.0.0+1.27.0"


@pytest.fixture
def faults() -> Iterator[list[dict[str, object]]]:
    """What is appended is switched on by `strike`; whatever was switched on before comes back."""
    path = WORLD / "faults.json"
    before = path.read_text() if path.exists() else "[]"
    yield json.loads(before)
    path.write_text(before)


def strike(faults: list[dict[str, object]], fault: str, domain: str, **more: object) -> None:
    faults.append({"fault": fault, "domain": domain, **more})
    (WORLD / "faults.json").write_text(json.dumps(faults))


@pytest.fixture(scope="module")
def site(abra: Abra) -> str:
    """A running custom-html."""
    domain = abra.new("custom-html")
    assert abra("app", "deploy", domain, "-n", "-C", "-o", "-D").status == 0
    return domain


@pytest.fixture(scope="module")
def notes(abra: Abra) -> str:
    """A running notes."""
    domain = abra.new("notes")
    assert abra("app", "secret", "generate", domain, "--all", "-m", "-C", "-o", "-n").status == 0
    assert abra("app", "deploy", domain, "-n", "-C", "-o", "-D").status == 0
    return domain


def deploy(abra: Abra, domain: str) -> Answer:
    return abra("app", "deploy", domain, "-n", "-C", "-o", "-D", "-f", "-c")


def back_up(abra: Abra, domain: str) -> str:
    answer = abra.at_terminal("app", "backup", "create", domain, "-n", "-C", "-o")
    assert answer.status == 0, answer
    summary = json.loads(answer.out.strip().splitlines()[-1])
    assert summary["message_type"] == "summary"
    return summary["snapshot_id"]


def restore(abra: Abra, domain: str, snapshot: str) -> None:
    answer = abra.at_terminal("app", "restore", domain, "-s", snapshot, "-n", "-C", "-o")
    assert answer.status == 0, answer


def volume(domain: str, name: str) -> Path:
    return Path(docker("volume", "inspect", f"{stack(domain)}_{name}", "--format", "{{.Mountpoint}}"))


def http(domain: str, path: str, *more: str) -> str:
    command = ["curl", "-sS", "--cacert", str(WORLD / "ca" / "ca.pem"), f"https://{domain}{path}", *more]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


# Call log


def last_call() -> dict[str, object]:
    return json.loads((WORLD / "abra-calls.jsonl").read_text().splitlines()[-1])


def test_call_log_names_folder_recipe_and_heads(abra: Abra, tmp_path: Path) -> None:
    domain = abra.new("custom-html", OLDEST)
    git(abra.recipe("custom-html"), "checkout", "--quiet", NEWEST)
    abra("app", "secret", "list", domain, "-o", "-n", cwd=tmp_path)
    call = last_call()
    assert call["argv"] == ["app", "secret", "list", domain, "-o", "-n"]
    assert (call["cwd"], call["abra_dir"]) == (str(tmp_path), str(abra.home))
    assert (call["recipe"], call["exit"]) == ("custom-html", 0)
    assert call["head_before"] == git(abra.recipe("custom-html"), "rev-parse", f"{NEWEST}^{{commit}}")
    assert call["head_after"] == git(abra.recipe("custom-html"), "rev-parse", f"{OLDEST}^{{commit}}")


def test_call_that_is_stopped_is_logged_with_its_signal(
    abra: Abra, site: str, faults: list[dict[str, object]]
) -> None:
    strike(faults, "hang-deploy", site)
    command = [abra.program, "app", "deploy", site, "-n", "-C", "-o", "-D", "-f", "-c"]
    with subprocess.Popen(command, env=abra.environment, stderr=subprocess.PIPE) as process:
        assert process.stderr and b"deploying" in process.stderr.readline()
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 128 + signal.SIGTERM
    assert last_call()["exit"] == 128 + signal.SIGTERM


# Faults


def test_applied_and_exit_1(abra: Abra, site: str, faults: list[dict[str, object]]) -> None:
    strike(faults, "deploy-applies-then-exit-1", f"{site[:9]}*")
    git(abra.recipe("custom-html"), "checkout", "--quiet", "--force", "refs/pull/1/head")
    assert deploy(abra, site).status == 1
    image = docker("service", "inspect", f"{stack(site)}_app", "--format", "{{.Spec.TaskTemplate.ContainerSpec.Image}}")
    assert image == "ccci/nginx:1.27.3"


def test_checkout_is_moved_behind_the_drivers_back(abra: Abra, site: str, faults: list[dict[str, object]]) -> None:
    strike(faults, "checkout-moved", site)
    folder = abra.recipe("custom-html")
    git(folder, "checkout", "--quiet", "--force", "refs/pull/1/head")
    assert deploy(abra, site).status == 0
    assert git(folder, "rev-parse", "HEAD") == git(folder, "rev-parse", f"{NEWEST}^{{commit}}")


def test_checkout_is_lent_for_as_long_as_the_recipe_is_read(abra: Abra, site: str, faults: list[dict[str, object]]) -> None:
    strike(faults, "checkout-borrowed", site)
    folder = abra.recipe("custom-html")
    git(folder, "checkout", "--quiet", "--force", "refs/pull/1/head")
    own = git(folder, "rev-parse", "HEAD")
    assert deploy(abra, site).status == 0
    assert git(folder, "rev-parse", "HEAD") == own
    label = f'{{{{index .Spec.Labels "coop-cloud.{stack(site)}.chaos-version"}}}}'
    assert docker("service", "inspect", f"{stack(site)}_app", "--format", label) == git(folder, "rev-parse", f"{NEWEST}^{{commit}}")[:8]


def test_slow_start_creates_nothing_for_a_while(abra: Abra, site: str, faults: list[dict[str, object]]) -> None:
    strike(faults, "slow-start", site)
    started = time.monotonic()
    assert deploy(abra, site).status == 0
    assert time.monotonic() - started > 4


def test_undeploy_fails_and_nothing_is_removed(abra: Abra, site: str, faults: list[dict[str, object]]) -> None:
    strike(faults, "undeploy-fails", site)
    assert abra("app", "undeploy", site, "-n").status == 1
    assert docker("service", "ls", "-q", "--filter", f"name={stack(site)}_app") != ""


def test_log_lines_and_fatal_lines_may_come_on_standard_output(
    abra: Abra, site: str, faults: list[dict[str, object]]
) -> None:
    strike(faults, "log-line-on-stdout", site)
    strike(faults, "fatal-on-stdout", site)
    assert deploy(abra, site).out.startswith("INFO ")
    assert abra("app", "volume", "remove", site, "-n", "-f").out.startswith("FATA ")


def test_fault_with_times_wears_off(abra: Abra, faults: list[dict[str, object]]) -> None:
    domain = abra.new("wiped-volume")
    docker("volume", "create", "--label", f"com.docker.stack.namespace={stack(domain)}", f"{stack(domain)}_data")
    strike(faults, "volume-in-use", domain, times=1)
    answer = abra("app", "volume", "remove", domain, "-n", "-f")
    assert (answer.status, "volume is in use" in answer.err) == (1, True)
    assert abra("app", "volume", "remove", domain, "-n", "-f").status == 0


def test_backup_is_empty_and_exits_0(abra: Abra, site: str, faults: list[dict[str, object]]) -> None:
    strike(faults, "backup-empty", site)
    snapshot = back_up(abra, site)
    assert abra.at_terminal("app", "backup", "list", site, "-s", snapshot, "-n", "-C", "-o").out == ""


def test_dump_is_cut_in_half_and_exits_0(abra: Abra, notes: str, faults: list[dict[str, object]], tmp_path: Path) -> None:
    strike(faults, "backup-truncated", notes)
    snapshot = back_up(abra, notes)
    with tarfile.open(WORLD / "backups" / f"{snapshot[:8]}.tar") as archive:
        (dump,) = [member for member in archive if member.name.endswith("backup.json.gz")]
        archive.extract(dump, tmp_path)
    whole = (volume(notes, "dbdata") / "backup.json.gz").stat().st_size
    assert (tmp_path / dump.name).stat().st_size == whole // 2


def test_hook_whose_container_is_gone_ends_the_backup(abra: Abra, notes: str, faults: list[dict[str, object]]) -> None:
    strike(faults, "hook-container-gone", notes)
    assert abra.at_terminal("app", "backup", "create", notes, "-n", "-C", "-o").status == 1


def test_container_that_is_gone_ends_the_restore_before_it_begins(abra: Abra, site: str, faults: list[dict[str, object]]) -> None:
    content = volume(site, "content")
    (content / "kept").write_text("before")
    snapshot = back_up(abra, site)
    (content / "kept").write_text("after")
    strike(faults, "restore-container-gone", site)
    assert abra.at_terminal("app", "restore", site, "-s", snapshot, "-n", "-C", "-o").status == 1
    assert (content / "kept").read_text() == "after"


# Backup and restore


def test_files_come_back_and_others_are_left_alone(abra: Abra, site: str) -> None:
    content = volume(site, "content")
    (content / "kept").write_text("before")
    (content / "link").symlink_to("kept")
    (content / "kept").chmod(0o640)
    snapshot = back_up(abra, site)
    (content / "kept").write_text("after")
    (content / "link").unlink()
    (content / "new").write_text("new")
    restore(abra, site, snapshot)
    assert (content / "kept").read_text() == "before"
    assert (content / "kept").stat().st_mode & 0o777 == 0o640
    assert (content / "link").readlink() == Path("kept")
    assert (content / "new").read_text() == "new"


def test_listing_ends_lines_as_a_terminal_does(abra: Abra, site: str) -> None:
    snapshot = back_up(abra, site)
    answer = abra.at_terminal("app", "backup", "list", site, "-s", snapshot[:8], "-n", "-C", "-o")
    assert f"/var/lib/docker/volumes/{stack(site)}_content/_data/index.html\r\n" in answer.out
    assert snapshot[:8] in abra.at_terminal("app", "backup", "snapshots", site, "-n", "-C", "-o").out


def test_download_leaves_an_archive_in_the_current_folder(abra: Abra, notes: str) -> None:
    snapshot = back_up(abra, notes)
    answer = abra.at_terminal("app", "backup", "download", notes, "-s", snapshot, "-v", "dbdata", "-n", "-C", "-o")
    assert answer.status == 0, answer
    with tarfile.open(abra.home / "backup.tar.gz") as archive:
        assert archive.getnames() == [f"var/lib/docker/volumes/{stack(notes)}_dbdata/_data/backup.json.gz"]


def test_database_comes_back_through_its_hooks(abra: Abra, notes: str) -> None:
    http(notes, "/notes", "-d", '{"text": "before"}')
    before = http(notes, "/notes")
    snapshot = back_up(abra, notes)
    http(notes, "/notes", "-d", '{"text": "after"}')
    assert http(notes, "/notes") != before
    restore(abra, notes, snapshot)
    assert http(notes, "/notes") == before


def test_database_does_not_notice_files_that_are_replaced(abra: Abra, notes: str) -> None:
    before = http(notes, "/notes")
    journal = volume(notes, "dbdata") / "journal.jsonl"
    text = journal.read_text()
    journal.write_text("")
    assert http(notes, "/notes") == before
    journal.write_text(text)


def test_default_is_the_newest_snapshot_and_another_apps_is_refused(abra: Abra, site: str, notes: str) -> None:
    content = volume(site, "content")
    (content / "kept").write_text("newest")
    back_up(abra, site)
    (content / "kept").write_text("after")
    answer = abra.at_terminal("app", "restore", site, "-n", "-C", "-o")
    assert (answer.status, (content / "kept").read_text()) == (0, "newest")
    foreign = back_up(abra, notes)
    assert abra.at_terminal("app", "restore", site, "-s", foreign, "-n", "-C", "-o").status == 1


def test_restore_that_does_nothing_does_nothing(abra: Abra) -> None:
    domain = abra.new("noop-restore")
    git(abra.recipe("noop-restore"), "checkout", "--quiet", "--force", "refs/pull/1/head")
    assert abra("app", "deploy", domain, "-n", "-C", "-o", "-D").status == 0
    data = volume(domain, "data")
    (data / ".canary").write_text("as it was")
    snapshot = back_up(abra, domain)
    (data / ".canary").write_text("changed")
    restore(abra, domain, snapshot)
    assert (data / ".canary").read_text() == "changed"
