"""The release on a Debian 12 that has nothing but what the README says: it starts, works, and says what it lacks."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import COMMANDS, ROOT
from debian import Debian

sys.path.insert(0, str(ROOT / "Tests/Snapshots"))
from lab import ZONE, Lab  # noqa: E402


@pytest.fixture
def host(debian: Debian) -> Debian:
    """With settings for a host that has no docker, and with a sink for alerts that keeps what it gets."""
    (debian.shared / "abra/servers/default").mkdir(parents=True, exist_ok=True)
    shutil.copytree(ROOT / "tests", debian.shared / "tests", dirs_exist_ok=True)
    (debian.shared / "settings.toml").write_text(
        f'[host]\nzone = "{ZONE}"\nshelf = "{debian.shared}/shelf"\nruns = "{debian.shared}/runs"\nlock = "{debian.shared}/lock"\n'
        f'tests = "{debian.shared}/tests"\n'
        f'engine = "{debian.shared}/no-engine.sock"\nabra_dir = "{debian.shared}/abra"\n'
        f'[alerts.file]\ncommand = ["/usr/bin/tee", "{debian.shared}/told"]\nheartbeat = true\n'
        '[reconcile.traefik]\n[forge]\nupstream = "https://localhost/x/{recipe}.git"\n')
    return debian


def two_lines(done: subprocess.CompletedProcess[str], command: str, code: int, says: str) -> None:
    lines = done.stderr.splitlines()
    assert (done.returncode, len(lines)) == (code, 2), done
    assert lines[0].startswith(f"{command}: ") and says in lines[0] and lines[1].startswith(f"{command}: hint: "), done.stderr


@contextmanager
def without(debian: Debian, *names: str) -> Iterator[None]:
    """As if these files were not installed."""
    places = [place for name in names for place in debian.root.glob(name)]
    assert places, names
    for place in places:
        place.rename(place.with_name(f"{place.name}.away"))
    try:
        yield
    finally:
        for place in places:
            place.with_name(f"{place.name}.away").rename(place)


def test_nothing_of_a_toolchain_is_there(debian: Debian) -> None:
    found = [str(path) for pattern in ("libswift*", "libFoundation*", "swift", "clang*") for path in debian.root.rglob(pattern)]
    assert found == []
    assert not (debian.root / "usr/bin/docker").exists()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_its_version_and_helps(debian: Debian, unpacked: Path, name: str) -> None:
    version = debian.run(name, "--version")
    assert (version.returncode, version.stderr) == (0, "") and version.stdout == debian.run("ccci-run", "--version").stdout
    text = debian.run(name, "--help")
    assert (text.returncode, text.stderr) == (0, "") and f"USAGE: {name}" in text.stdout
    assert f'"cc\\-ci {version.stdout.strip()}"' in (unpacked / f"share/man/man1/{name}.1").read_text()


@pytest.mark.parametrize("name", COMMANDS)
def test_pages_and_completions_are_where_debian_looks_for_them(debian: Debian, name: str) -> None:
    for place in (f"man/man1/{name}.1", f"bash-completion/completions/{name}", f"zsh/site-functions/_{name}"):
        assert (debian.root / "usr/local/share" / place).is_file()


def test_run_lists_nothing_and_shows_nothing(host: Debian) -> None:
    listed = host.run("ccci-run", "list", "--json")
    assert (listed.returncode, listed.stdout, listed.stderr) == (0, "", "")
    two_lines(host.run("ccci-run", "show"), "ccci-run", 66, "no runs in")


def test_git_is_asked_and_upstream_does_not_answer(host: Debian) -> None:
    two_lines(host.run("ccci-run", "propose", "custom-html"), "ccci-run", 69, "https://localhost/x/custom-html.git does not answer")
    two_lines(host.run("ccci-reconcile", "traefik", "--check"), "ccci-reconcile", 69, "https://localhost/x/traefik.git does not answer")


def test_run_says_what_it_would_do(host: Debian) -> None:
    planned = host.run("ccci-run", "plan", "custom-html")
    assert (planned.returncode, planned.stderr) == (0, "") and "https://localhost/x/custom-html.git" in planned.stdout


def test_alerts_are_listed_and_a_sink_is_told(host: Debian) -> None:
    alerts = host.run("ccci-alerts", "list", "--check", "--json")
    assert (alerts.returncode, alerts.stderr) == (0, ""), alerts
    beat = host.run("ccci-alerts", "heartbeat", "--now")
    assert beat.returncode == 0, beat
    assert json.loads((host.shared / "told").read_text())


def test_what_needs_docker_says_so(host: Debian) -> None:
    two_lines(host.run("ccci-janitor", "--dry-run"), "ccci-janitor", 69, "no-engine.sock")
    two_lines(host.run("ccci-run", "custom-html"), "ccci-run", 69, "no-engine.sock")
    two_lines(host.run("ccci-snap", "create", "demo", "--recipe", "demo", "--version", "1.0.0+1"), "ccci-snap", 69, "no-engine.sock")


def test_poll_says_which_settings_it_lacks(host: Debian) -> None:
    two_lines(host.run("ccci-poll", "once"), "ccci-poll", 72, "no token")


class Inside(Lab):
    """The lab of the snapshots' tests, with ccci-snap in the empty Debian: its folder is the same in and outside."""

    def __init__(self, debian: Debian, name: str) -> None:
        super().__init__(debian.shared / name)
        self.debian = debian

    def snap(self, *words: str, before: list[str] | None = None, limit: float = 300) -> subprocess.CompletedProcess[str]:
        return self.debian.run(*(before or []), "ccci-snap", *words, limit=limit, CCCI_SETTINGS=self.environment["CCCI_SETTINGS"])


def test_a_volume_is_saved_checked_spoilt_and_put_back(debian: Debian) -> None:
    lab = Inside(debian, "volume")
    try:
        page = lab.volume() / "page"
        page.write_text("good\n" * 100000)
        lab.good("create", "demo", "--verify")
        assert lab.good("verify", "demo").startswith("sound")
        page.write_text("spoilt")
        lab.good("restore", "demo", "--verify")
        assert page.read_text() == "good\n" * 100000
    finally:
        lab.engine.close()


@pytest.mark.parametrize(("program", "package"), [("git", "git"), ("tar", "tar"), ("python3", "python3 python3-pytest")])
def test_a_run_without_a_program_says_what_to_install(host: Debian, program: str, package: str) -> None:
    with without(host, f"usr/bin/{program}"):
        done = host.run("ccci-run", "custom-html")
    two_lines(done, "ccci-run", 72, f"{program}: not on PATH")
    assert done.stderr.endswith(f"on Debian: apt-get install {package}\n")


def test_commands_that_call_git_only_later_name_it_too(host: Debian) -> None:
    with without(host, "usr/bin/git"):
        two_lines(host.run("ccci-run", "propose", "custom-html"), "ccci-run", 72, "git: cannot be run")
        two_lines(host.run("ccci-reconcile", "traefik", "--check"), "ccci-reconcile", 72, "git: cannot be run")


@pytest.mark.parametrize("library", ["libyaml-0.so.2", "libcrypto.so.3", "libzstd.so.1", "libstdc++.so.6"])
def test_a_library_that_is_missing_is_named_by_the_loader(debian: Debian, library: str) -> None:
    """Its own words: nothing of ours runs yet. The README's list is why this happens to nobody, and each entry of it is needed."""
    with without(debian, f"usr/lib/x86_64-linux-gnu/{library}*"):
        done = debian.run("ccci-run", "--version")
    assert done.returncode == 127 and library in done.stderr


def test_without_libcurl_what_asks_nobody_works_and_the_rest_names_it(debian: Debian) -> None:
    """It is loaded when the first request is made."""
    lab = Inside(debian, "libcurl")
    try:
        (lab.volume() / "page").write_text("good")
        with without(debian, "usr/lib/x86_64-linux-gnu/libcurl.so.4*"):
            assert debian.run("ccci-run", "--version").returncode == 0
            done = lab.snap("create", "demo", "--recipe", "demo", "--version", "1.0.0+1")
    finally:
        lab.engine.close()
    two_lines(done, "ccci-snap", 72, "libcurl: cannot be loaded: libcurl.so.4: cannot open shared object file")
    assert done.stderr.endswith("apt-get install libcurl4\n")
