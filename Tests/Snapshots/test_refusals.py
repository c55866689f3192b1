"""What ccci-snap does not do, and that it touches nothing then."""

import fcntl
import json
import os
import random
import subprocess
import threading
from pathlib import Path

import pytest
import trees
from lab import Lab


@pytest.fixture
def lab(disk: Path) -> Lab:
    found = Lab(disk / "lab")
    (found.volume() / "file").write_bytes(random.Random(4).randbytes(3_000_000))
    (found.volume() / "marker").write_text("one")
    found.engine.secrets = [{"ID": "id1", "CreatedAt": "2026-01-01T00:00:00Z", "Spec": {"Name": f"{found.stack}_db_v1"}}]
    found.good("create", "demo")
    return found


def untouched(lab: Lab, *words: str) -> "subprocess.CompletedProcess[str]":
    """Runs a command, and proves that neither volume nor snapshot were changed by it."""
    before, kept = trees.look(lab.volume()), lab.meta()
    done = lab.snap(*words)
    assert trees.look(lab.volume()) == before
    assert lab.meta() == kept
    assert not (lab.app / "restore.json").exists()
    assert done.returncode == 0 or 1 <= len(done.stderr.splitlines()) <= 2, done.stderr
    return done


SERVICE = {
    "ID": "s", "Version": {"Index": 1}, "ServiceStatus": {"RunningTasks": 0, "DesiredTasks": 0},
    "Spec": {"Name": "demo_app", "Mode": {"Replicated": {"Replicas": 0}}, "TaskTemplate": {"ContainerSpec": {"Image": "demo:1"}}}}


@pytest.mark.parametrize("word", ["create", "restore"])
@pytest.mark.parametrize("kind", ["service", "container", "stopped container of somebody else"])
def test_a_deployed_app_is_refused(lab: Lab, word: str, kind: str) -> None:
    mounts = [{"Type": "volume", "Name": f"{lab.stack}_data", "Source": "/x", "Destination": "/data"}]
    if kind == "service":
        lab.engine.services = [SERVICE]
    else:
        labels = {"com.docker.stack.namespace": lab.stack} if kind == "container" else {}
        lab.engine.containers = [{"Id": "c", "Names": ["/somebody"], "State": "exited", "Image": "i", "Labels": labels, "Mounts": mounts}]
    done = untouched(lab, word, "demo")
    assert done.returncode == 75 and "is deployed" in done.stderr, done.stderr


def test_a_silent_engine_is_no_proof(lab: Lab) -> None:
    lab.engine.close()
    (lab.folder / "engine.sock").unlink()
    assert untouched(lab, "create", "demo").returncode == 69
    assert untouched(lab, "restore", "demo").returncode == 69


@pytest.mark.parametrize("secrets", [[], [("id2", "db_v1")], [("id1", "db_v2")]])
def test_lost_or_new_secrets_make_the_snapshot_void(lab: Lab, secrets: list[tuple[str, str]]) -> None:
    lab.engine.secrets = [
        {"ID": one, "CreatedAt": "2026-01-01T00:00:00Z", "Spec": {"Name": f"{lab.stack}_{name}"}} for one, name in secrets]
    (lab.volume() / "marker").write_text("two")
    done = untouched(lab, "restore", "demo")
    assert done.returncode == 1 and "void" in done.stderr and "db_v1" in done.stderr
    raised = [path.name for path in (lab.shelf / "alerts").iterdir() if path.name.endswith("-demo-secrets-lost.json")]
    assert len(raised) == 1


def test_another_apps_snapshot_is_refused(lab: Lab) -> None:
    for word in ("restore", "create"):
        more = ["--recipe", "demo", "--version", "1.0.0+1"] if word == "create" else []
        done = untouched(lab, word, "demo.ci.example.org", *more)
        assert done.returncode == 65 and "warm-demo" in done.stderr, done.stderr


def test_the_env_is_kept_and_not_printed(lab: Lab) -> None:
    lab.env_file.write_text(lab.env_file.read_text() + "PASSWORD=hidden-in-env\n")
    assert "hidden-in-env" not in lab.good("create", "demo", "--json")
    assert "hidden-in-env" in str(lab.meta()["env"])
    assert os.stat(lab.app / "snapshot/meta.json").st_mode & 0o777 == 0o600
    assert os.stat(lab.app / "snapshot").st_mode & 0o777 == 0o700


def test_every_flipped_byte_is_found(lab: Lab) -> None:
    dice = random.Random(5)
    whole = lab.archive.read_bytes()
    for place in [0, len(whole) - 1, *(dice.randrange(len(whole)) for _ in range(30))]:
        lab.archive.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << dice.randrange(8)]) + whole[place + 1:])
        assert lab.snap("verify", "demo").returncode == 1, place
        assert untouched(lab, "restore", "demo").returncode == 65, place
    lab.archive.write_bytes(whole)
    assert lab.snap("verify", "demo").returncode == 0


@pytest.mark.parametrize("length", [0, 1, 4096, 2_000_000])
def test_a_cut_archive_is_found(lab: Lab, length: int) -> None:
    os.truncate(lab.archive, length)
    assert lab.snap("verify", "demo").returncode == 1
    assert untouched(lab, "restore", "demo").returncode == 65


@pytest.mark.parametrize("loss", ["gone", "damaged"])
def test_a_lost_index_is_made_anew(lab: Lab, loss: str) -> None:
    index = lab.archive.with_name(lab.archive.name.replace(".tar.zst", ".index.json"))
    if loss == "gone":
        index.unlink()
    else:
        index.write_text(index.read_text().replace("1", "2"))
    before = trees.look(lab.volume())
    (lab.volume() / "file").unlink()
    assert lab.snap("verify", "demo").returncode == 0
    lab.good("restore", "demo")
    assert trees.look(lab.volume()) == before


def test_a_damaged_meta_is_named(lab: Lab) -> None:
    meta = lab.app / "snapshot/meta.json"
    meta.write_text(meta.read_text()[:100])
    done = lab.snap("restore", "demo")
    assert done.returncode == 65 and "meta.json" in done.stderr
    assert lab.snap("verify", "demo").returncode == 1
    assert "cannot be read" in lab.good("list")


def test_a_volume_that_is_written_is_no_snapshot(lab: Lab) -> None:
    over = threading.Event()

    def write() -> None:
        with open(lab.volume() / "busy", "ab", buffering=0) as file:
            while not over.is_set():
                file.write(os.urandom(4096))
                if file.tell() > 200 << 20:
                    file.truncate(0)

    (lab.volume() / "busy").write_bytes(bytes(50 << 20))
    writer = threading.Thread(target=write)
    writer.start()
    try:
        kept = lab.meta()
        done = lab.snap("create", "demo")
        assert done.returncode == 75 and "changed while it was read" in done.stderr, done.stderr
        assert lab.meta() == kept
    finally:
        over.set()
        writer.join()
    assert [name for name in os.listdir(lab.app) if name.startswith(".")] == []


def test_volumes_that_the_snapshot_does_not_know_go(lab: Lab) -> None:
    (lab.volume("later") / "x").write_text("x")
    assert "later: removed" in lab.good("restore", "demo")
    assert not (lab.engine.volumes / f"{lab.stack}_later").exists()


def test_a_lost_volume_and_env_come_back(lab: Lab) -> None:
    before, env = trees.look(lab.volume()), lab.env_file.read_text()
    subprocess.run(["rm", "-r", lab.volume().parent, lab.env_file], check=True)
    lab.engine.labels.clear()
    lab.good("restore", "demo")
    folder = lab.engine.volumes / f"{lab.stack}_data"
    assert lab.engine.labels[folder.name] == {"com.docker.stack.namespace": lab.stack}
    assert trees.look(folder / "_data") == before
    assert lab.env_file.read_text() == env


def test_two_at_once_exclude_each_other(lab: Lab) -> None:
    with open(lab.folder / f"lock/app-{lab.domain}", "r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for word in ("create", "restore"):
            assert untouched(lab, word, "demo").returncode == 75
        (lab.app / ".new-x").mkdir()
        assert "in use" in lab.good("prune")
    assert "would go" in lab.good("prune", "--dry-run")
    assert "removed" in lab.good("prune")
    assert os.listdir(lab.app) == ["snapshot"]


def test_a_canonical_is_moved_by_promotions_alone(lab: Lab) -> None:
    (lab.app / "canonical.json").write_text(json.dumps({
        "schema": 1, "recipe": "demo", "domain": lab.domain, "version": "1.0.0+1.2.3", "status": "dirty", "ts": "2026-01-01T00:00:00Z"}))
    (lab.volume() / "marker").write_text("of a pull request")
    done = untouched(lab, "create", "demo")
    assert done.returncode == 77 and "ccci-snap promote" in done.stderr, done.stderr
    lab.good("restore", "demo")
    assert (lab.volume() / "marker").read_text() == "one"


@pytest.mark.parametrize("step", ["saving", "proving", "restoring", "recovering"])
def test_the_way_back_of_an_upgrade_is_kept(lab: Lab, step: str) -> None:
    state = {"schema": 1, "app": "demo", "step": step, "from": "1.0.0+1.2.3", "to": "1.1.0+1.3.0", "attempts": 1, "rejected": [], "ts": "2026-01-01T00:00:00Z"}
    (lab.app / "reconcile.json").write_text(json.dumps(state))
    done = untouched(lab, "create", "demo")
    assert done.returncode == 75 and "ccci-reconcile demo" in done.stderr, done.stderr
    (lab.app / "reconcile.json").write_text(json.dumps({**state, "step": "idle"}))
    lab.good("create", "demo")


def test_a_shared_app_is_the_one_of_the_settings(lab: Lab) -> None:
    with open(lab.folder / "settings.toml", "a") as settings:
        settings.write('[reconcile.keycloak]\ndomain = "id.example.org"\n')
    (lab.engine.volumes / "id_example_org_data/_data").mkdir(parents=True)
    (lab.engine.volumes / "id_example_org_data/_data/realm").write_text("kept")
    subject = ["--recipe", "keycloak", "--version", "1.0.0+1"]
    for name in ("keycloak", "id.example.org"):
        lab.good("create", name, *subject)
        meta = json.loads((lab.shelf / "keycloak/snapshot/meta.json").read_text())
        assert meta["domain"] == "id.example.org" and len(meta["volumes"]) == 1
    assert (lab.folder / "lock/app-id.example.org").exists()
    for name in ("warm-keycloak.ci.example.org", "keycloak.ci.example.org"):
        done = untouched(lab, "create", name, *subject)
        assert done.returncode == 64 and "shared app id.example.org" in done.stderr, done.stderr


def test_what_has_no_volumes_is_not_saved(lab: Lab) -> None:
    done = untouched(lab, "create", "demmo.ci.example.org", "--recipe", "demo", "--version", "1.0.0+1")
    assert done.returncode == 66 and "no volumes" in done.stderr, done.stderr
    subprocess.run(["rm", "-r", lab.volume().parent], check=True)
    kept = lab.meta()
    assert lab.snap("create", "demo").returncode == 66 and lab.meta() == kept


def test_a_volume_of_another_kind_is_no_obstacle_to_a_restore(lab: Lab) -> None:
    before = trees.look(lab.volume())
    (lab.volume() / "marker").write_text("two")
    lab.volume("cache")
    lab.engine.options[f"{lab.stack}_cache"] = {"type": "tmpfs", "device": "tmpfs"}
    assert lab.snap("create", "demo").returncode == 72
    assert "cache: removed" in lab.good("restore", "demo")
    assert trees.look(lab.volume()) == before


def test_a_first_snapshot_under_way_is_not_pruned(lab: Lab) -> None:
    (lab.shelf / "other/.new-x").mkdir(parents=True)
    for name in ("app-other.elsewhere.org", "app-warm-other.ci.example.org"):
        with open(lab.folder / "lock" / name, "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            assert "in use" in lab.good("prune") and (lab.shelf / "other/.new-x").exists()
    assert "removed" in lab.good("prune")


@pytest.mark.parametrize("name", ["../x", ".", "a/b", "", "-x", "alerts", "poll", "A", "poll.ci.example.org", "warm-alerts.ci.example.org"])
def test_names_that_could_leave_the_shelf(lab: Lab, name: str) -> None:
    assert lab.snap("create", "--", name).returncode == 64


def test_no_space_is_said_before_anything_is_written(lab: Lab) -> None:
    os.truncate(lab.volume() / "file", 0)
    size = os.statvfs(lab.shelf).f_bavail * os.statvfs(lab.shelf).f_frsize
    done = subprocess.run(["fallocate", "-l", str(size // 6 * 5 + (64 << 20)), lab.volume() / "file"], check=False, capture_output=True)
    if done.returncode:
        pytest.skip("this file system cannot set so much aside")
    refused = lab.snap("create", "demo")
    os.truncate(lab.volume() / "file", 0)
    assert refused.returncode == 74 and "no space" in refused.stderr
