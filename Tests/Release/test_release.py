"""What is in a release, and what scripts/release refuses."""

import os
import re
import subprocess
import tarfile
from pathlib import Path

import pytest
from conftest import BINARIES, COMMANDS, RELEASE, ROOT


def release(*words: object, script: Path = ROOT / "scripts/release", path: str = os.environ["PATH"]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": path}
    return subprocess.run([script, *map(str, words)], capture_output=True, text=True, check=False, env=environment)


def test_a_release_holds_commands_pages_and_completions_and_nothing_else() -> None:
    wanted = {"cc-ci/README.md"} | {f"cc-ci/{path.name}" for path in ROOT.glob("LICENSE*")}
    for name in COMMANDS:
        wanted |= {
            f"cc-ci/bin/{name}", f"cc-ci/share/man/man1/{name}.1", f"cc-ci/share/bash-completion/completions/{name}",
            f"cc-ci/share/zsh/site-functions/_{name}", f"cc-ci/share/fish/vendor_completions.d/{name}.fish"}
    with tarfile.open(RELEASE) as archive:
        assert {one.name for one in archive if not one.isdir()} == wanted


def test_who_owns_it_when_it_was_made_and_in_what_order_is_the_commits() -> None:
    date = int(subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    with tarfile.open(RELEASE) as archive:
        members = archive.getmembers()
    assert {(one.uid, one.gid, one.uname, one.gname, one.mtime) for one in members} == {(0, 0, "", "", date)}
    assert {(one.mode, one.isdir() or "/bin/" in one.name) for one in members} == {(0o755, True), (0o644, False)}
    assert [one.name for one in members] == sorted(one.name for one in members)


def test_packing_again_gives_the_same_bytes(tmp_path: Path) -> None:
    environment = {**os.environ, "TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8"}
    subprocess.run([ROOT / "scripts/release.d/pack", BINARIES, tmp_path / "again.tar.gz"], check=True, env=environment)
    assert (tmp_path / "again.tar.gz").read_bytes() == RELEASE.read_bytes()


def test_the_checksum_beside_it_is_its_own() -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "--status", "SHA256SUMS"], cwd=RELEASE.parent, check=True)
    assert RELEASE.name in (RELEASE.parent / "SHA256SUMS").read_text()


def test_its_readme_leads_nowhere_that_is_not_there(unpacked: Path) -> None:
    text = (unpacked / "README.md").read_text(encoding="utf-8")
    assert "## A release" in text and "apt-get install" in text and "## The map" not in text
    assert re.findall(r"\]\((?!https?://)[^)]*\)", text) == []


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--no-such"], 64, "--no-such: no such argument"),
        (["--output"], 64, "--output: which folder?"),
        (["--debug", "--commands", "/nowhere"], 64, "--debug and --commands: which of them?"),
        (["--allow-dirty", "--commands", "/nowhere"], 66, "/nowhere/ccci-alerts: no such command"),
    ],
)
def test_a_wrong_call_gets_two_lines(words: list[str], code: int, says: str) -> None:
    done = release(*words)
    lines = done.stderr.splitlines()
    assert (done.returncode, len(lines)) == (code, 2) and says in lines[0] and lines[1].startswith("release: hint: "), done.stderr


def test_commands_that_need_a_toolchain_are_no_release(tmp_path: Path) -> None:
    """Those of a plain debug build look for its libraries where they were built."""
    found = subprocess.run(["bash", "-c", ". scripts/lib.sh; find_swift"], cwd=ROOT, check=True, capture_output=True, text=True)
    commands = stubs(tmp_path / "bin", {})
    program = '#include <stdio.h>\nint main(void) { return puts("1.2.3") < 0; }\n'
    options = ["-x", "c", "-", "-Wl,-rpath,/opt/toolchain/lib", "-o", commands / "ccci-snap"]
    subprocess.run([Path(found.stdout.strip()).with_name("clang"), *options], input=program, text=True, check=True)
    done = release("--allow-dirty", "--commands", commands, "--output", tmp_path / "out")
    assert done.returncode == 65 and "ccci-snap needs a Swift toolchain at run time" in done.stderr and not (tmp_path / "out").exists()


def checkout(folder: Path) -> Path:
    """A clone of what is released, without history of its own."""
    subprocess.run(["git", "init", "-q", folder], check=True)
    for name in ("scripts", "Sources"):
        subprocess.run(["cp", "-r", ROOT / name, folder], check=True)
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", "-C", folder, "add", "--all"], check=True)
    subprocess.run(["git", "-C", folder, *identity, "commit", "-qm", "all"], check=True)
    return folder


def test_a_tree_with_changes_is_refused_and_a_clean_one_goes_on(tmp_path: Path) -> None:
    copy = checkout(tmp_path / "copy")
    script = copy / "scripts/release"
    clean = release("--commands", "/nowhere", script=script)
    assert clean.returncode == 66 and "/nowhere/ccci-alerts: no such command" in clean.stderr
    (copy / "new").write_text("x")
    dirty = release("--commands", "/nowhere", script=script)
    assert dirty.returncode == 65 and dirty.stderr.splitlines() == [
        "release: the tree has changes that are not committed: ?? new", "release: hint: commit them, or add --allow-dirty"]


def test_a_folder_that_is_no_checkout_is_refused(tmp_path: Path) -> None:
    subprocess.run(["cp", "-r", ROOT / "scripts", tmp_path], check=True)
    done = release("--commands", "/nowhere", script=tmp_path / "scripts/release")
    assert done.returncode == 66 and "is no git checkout" in done.stderr.splitlines()[0]


def test_a_proof_without_its_tools_is_refused_before_anything_is_built(tmp_path: Path) -> None:
    for name in ("bash", "dirname", "basename", "git", "readelf", "gzip", "tar", "python3", "cat", "uname", "id"):
        (tmp_path / name).symlink_to(Path("/usr/bin", name).resolve())
    done = release("--allow-dirty", "--prove", path=str(tmp_path))
    assert done.returncode == 72 and done.stderr.splitlines() == ["release: debootstrap: not on PATH", "release: hint: scripts/bootstrap"]


def stubs(folder: Path, versions: dict[str, str]) -> Path:
    """Commands that say a version and do nothing else."""
    folder.mkdir()
    for name in COMMANDS:
        (folder / name).write_text(f"#!/bin/sh\necho {versions.get(name, '1.2.3')}\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.mark.parametrize(("version", "says"), [("1.2.4", "is of another version than"), ("", "is of another version than")])
def test_commands_of_two_versions_are_no_release(tmp_path: Path, version: str, says: str) -> None:
    done = release("--allow-dirty", "--commands", stubs(tmp_path / "bin", {"ccci-run": version}))
    assert done.returncode == 65 and says in done.stderr


def test_a_version_that_is_none_is_refused(tmp_path: Path) -> None:
    done = release("--allow-dirty", "--commands", stubs(tmp_path / "bin", dict.fromkeys(COMMANDS, "../x")))
    assert done.returncode == 65 and '"../x" is no version' in done.stderr
