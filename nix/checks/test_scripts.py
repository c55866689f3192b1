"""The host's scripts, run for real: docker, systemctl and the like are small programs that write down how they were called; Drone is a small server."""

import fcntl
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import evaluation
import pytest

ROOT = evaluation.ROOT
SCRIPTS = ROOT / "nix" / "scripts"


class Stage:
    """A PATH with programs of the test, and what they were called with."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.bin = place / "bin"
        self.bin.mkdir()
        self.log = place / "calls"
        self.log.touch()

    def program(self, name: str, body: str = "") -> None:
        """`body` is shell; the call is written down before it runs."""
        path = self.bin / name
        path.write_text(f'#!/bin/bash\nprintf "%s\\n" "{name} $*" >>{self.log}\n{body}\n', encoding="utf-8")
        path.chmod(0o755)

    def run(self, script: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        full = {"PATH": f"{self.bin}:/usr/bin:/bin", "HOME": str(self.place), **environment}
        return subprocess.run([script], capture_output=True, text=True, env=full, timeout=30, cwd=self.place)

    @property
    def calls(self) -> list[str]:
        return self.log.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


ALL = [*sorted(SCRIPTS.iterdir()), ROOT / "scripts" / "nightly", ROOT / ".ci" / "check", ROOT / "scripts" / "check-nix", ROOT / "scripts" / "check-secrets"]


@pytest.mark.parametrize("script", ALL, ids=lambda path: path.name)
def test_each_script_helps(script: Path, stage: Stage) -> None:
    done = subprocess.run([script, "--help"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and done.stdout.strip() and done.stderr == ""


@pytest.mark.parametrize("script", [path for path in ALL if path.parent == SCRIPTS and path.name != "cc-ci-runner"] + [ROOT / "scripts" / "nightly"], ids=lambda path: path.name)
def test_each_script_names_what_is_not_set(script: Path, stage: Stage) -> None:
    done = stage.run(script)
    assert done.returncode == 72 and "is not set" in done.stderr and "hint:" in done.stderr
    assert stage.calls == []


# cc-ci-swarm

SWARM = {"SWARM_ADVERTISE": "127.0.0.1", "SWARM_PROXY": "proxy", "SWARM_SUBNET": "10.200.0.0/16", "ABRA_SERVER": "default"}
DOCKER = """
case "$1 $2" in
  "info --format") echo "$STATE" ;;
  "network ls") echo "$NETWORK" ;;
  "network inspect") echo "$FOUND" ;;
esac
"""


def swarm(stage: Stage, state: str, network: str = "", found: str = "") -> subprocess.CompletedProcess[str]:
    stage.program("docker", DOCKER)
    stage.program("abra", f'mkdir -p {stage.place}/abra/servers/default')
    return stage.run(SCRIPTS / "cc-ci-swarm", **SWARM, ABRA_DIR=f"{stage.place}/abra", STATE=state, NETWORK=network, FOUND=found)


def test_an_empty_engine_becomes_a_swarm_with_a_wide_network(stage: Stage) -> None:
    assert swarm(stage, "inactive false").returncode == 0
    assert "docker swarm init --advertise-addr 127.0.0.1 --listen-addr 127.0.0.1:2377" in stage.calls
    assert "docker network create --driver overlay --attachable --subnet 10.200.0.0/16 proxy" in stage.calls
    assert stage.calls[-1] == "abra server add --local --no-input"


def test_what_is_right_is_left_alone(stage: Stage) -> None:
    assert swarm(stage, "inactive false").returncode == 0
    stage.log.write_text("", encoding="utf-8")
    done = swarm(stage, "active true", "0123", "overlay 10.200.0.0/16 ")
    assert done.returncode == 0 and done.stderr == ""
    assert not any(word in call for call in stage.calls for word in ("init", "create", "abra"))


def test_a_small_network_is_said_and_kept(stage: Stage) -> None:
    done = swarm(stage, "active true", "0123", "overlay 10.0.1.0/24 ")
    assert done.returncode == 0 and "overlay 10.0.1.0/24" in done.stderr
    assert not any("create" in call or " rm " in call for call in stage.calls)


def test_a_worker_of_another_swarm_is_refused(stage: Stage) -> None:
    done = swarm(stage, "active false")
    assert done.returncode == 72 and "no manager" in done.stderr
    assert stage.calls == ["docker info --format {{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}"]


def test_an_engine_that_does_not_answer_is_unavailable(stage: Stage) -> None:
    stage.program("docker", "exit 1")
    assert stage.run(SCRIPTS / "cc-ci-swarm", **SWARM, ABRA_DIR=f"{stage.place}/abra").returncode == 69


# cc-ci-drone-settings


class Drone(ThreadingHTTPServer):
    """A Drone that knows one repository. `ignores` is what it does to a change by one who is no administrator."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.repository: dict[str, Any] = {"slug": "o/cc-ci", "timeout": 60, "ignore_pull_requests": False}
        self.ignores = False
        self.seen: list[str] = []


class _Answers(BaseHTTPRequestHandler):
    server: Drone

    def log_message(self, *arguments: object) -> None:
        pass

    def _answer(self) -> None:
        self.server.seen.append(f"{self.command} {self.path} {self.headers.get('Authorization')}")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status = 200 if self.headers.get("Authorization") == "Bearer s3cret" else 401
        if self.path != "/api/repos/o/cc-ci":
            status = 404
        if status == 200 and self.command == "PATCH":
            change = json.loads(body)
            if self.server.ignores:
                change.pop("timeout")
            self.server.repository.update(change)
        said = json.dumps(self.server.repository if status == 200 else {"message": "no"}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_PATCH = _answer


@pytest.fixture
def drone() -> Iterator[Drone]:
    server = Drone()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def drone_settings(stage: Stage, drone: Drone, token: str = "s3cret", timeout: str = "90", repository: str = "o/cc-ci") -> subprocess.CompletedProcess[str]:
    file = stage.place / "token"
    file.write_text(f"{token}\n", encoding="utf-8")
    url = f"http://127.0.0.1:{drone.server_address[1]}"
    return stage.run(SCRIPTS / "cc-ci-drone-settings", DRONE_URL=url, DRONE_REPOSITORY=repository, DRONE_TIMEOUT=timeout, DRONE_TOKEN_FILE=str(file))


def test_the_time_limit_is_set_and_read_back(stage: Stage, drone: Drone) -> None:
    done = drone_settings(stage, drone)
    assert done.returncode == 0, done.stderr
    assert drone.repository["timeout"] == 90 and drone.repository["ignore_pull_requests"] is True
    assert [line.split()[0] for line in drone.seen] == ["GET", "PATCH", "GET"]


def test_what_drone_already_has_is_not_sent(stage: Stage, drone: Drone) -> None:
    drone.repository.update(timeout=90, ignore_pull_requests=True)
    assert drone_settings(stage, drone).returncode == 0
    assert [line.split()[0] for line in drone.seen] == ["GET"]


def test_a_change_that_drone_ignores_is_not_believed(stage: Stage, drone: Drone) -> None:
    drone.ignores = True
    done = drone_settings(stage, drone)
    assert done.returncode == 77 and "the time limit is 60 minutes, not 90" in done.stderr


def test_a_refused_token_and_an_unknown_repository_are_told_apart(stage: Stage, drone: Drone) -> None:
    assert drone_settings(stage, drone, token="wrong").returncode == 77
    assert drone_settings(stage, drone, repository="o/nothing").returncode == 66


def test_the_token_is_on_no_command_line(stage: Stage, drone: Drone) -> None:
    stage.program("curl", 'exec /usr/bin/curl "$@"')
    stage.program("jq", 'exec /usr/bin/jq "$@"')
    assert drone_settings(stage, drone).returncode == 0
    assert len(stage.calls) >= 3
    assert not any("s3cret" in call for call in stage.calls)


# cc-ci-runner


def test_the_runner_gets_its_secret_by_environment(stage: Stage) -> None:
    stage.program("drone-runner-exec", f'printf %s "$DRONE_RPC_SECRET" >{stage.place}/seen')
    stage.place.joinpath("rpc_secret").write_text("s3cret\n", encoding="utf-8")
    assert stage.run(SCRIPTS / "cc-ci-runner", CREDENTIALS_DIRECTORY=str(stage.place)).returncode == 0
    assert stage.calls == ["drone-runner-exec daemon"]
    assert stage.place.joinpath("seen").read_text(encoding="utf-8") == "s3cret"


def test_no_runner_without_a_secret(stage: Stage) -> None:
    stage.program("drone-runner-exec")
    assert stage.run(SCRIPTS / "cc-ci-runner").returncode == 72
    assert stage.calls == []


# cc-ci-rebuild


def test_the_host_is_rebuilt_from_its_own_repository(stage: Stage) -> None:
    stage.program("git")
    stage.program("nixos-rebuild")
    clone = stage.place / "cc-ci"
    clone.joinpath("nix").mkdir(parents=True)
    assert stage.run(SCRIPTS / "cc-ci-rebuild", REBUILD_CHECKOUT=str(clone), REBUILD_CONFIGURATION="cc-ci").returncode == 0
    assert stage.calls == [
        f"git -C {clone} pull --ff-only --quiet",
        f"git -C {clone} submodule update --init --quiet",
        f"nixos-rebuild switch --flake git+file://{clone}?dir=nix&submodules=1#cc-ci",
    ]


def test_nothing_is_switched_to_what_could_not_be_fetched(stage: Stage) -> None:
    stage.program("git", "exit 1")
    stage.program("nixos-rebuild")
    clone = stage.place / "cc-ci"
    clone.joinpath("nix").mkdir(parents=True)
    assert stage.run(SCRIPTS / "cc-ci-rebuild", REBUILD_CHECKOUT=str(clone), REBUILD_CONFIGURATION="cc-ci").returncode == 69
    assert not any(call.startswith("nixos-rebuild") for call in stage.calls)


# scripts/nightly

NIGHT = ROOT / "scripts" / "nightly"
UNITS = {"NIGHTLY_WAIT": "1", "NIGHTLY_REBUILD": "cc-ci-rebuild.service", "NIGHTLY_RECONCILE": "a.service b.service", "NIGHTLY_SWEEP": "yes"}


def test_the_night_has_its_order(stage: Stage) -> None:
    stage.program("systemctl")
    stage.program("ccci-poll")
    done = stage.run(NIGHT, **UNITS, NIGHTLY_LOCK=f"{stage.place}/nightly")
    assert done.returncode == 0, done.stderr
    assert stage.calls == ["systemctl start cc-ci-rebuild.service", "systemctl restart a.service", "systemctl restart b.service", "ccci-poll sweep"]


def test_the_sweep_follows_whatever_failed(stage: Stage) -> None:
    stage.program("systemctl", "exit 1")
    stage.program("ccci-poll")
    done = stage.run(NIGHT, **UNITS, NIGHTLY_LOCK=f"{stage.place}/nightly")
    assert done.returncode == 1 and "the rebuild failed" in done.stderr and "b.service failed" in done.stderr
    assert stage.calls[-1] == "ccci-poll sweep"


def test_a_failed_sweep_is_a_failed_night(stage: Stage) -> None:
    stage.program("systemctl")
    stage.program("ccci-poll", "exit 70")
    assert stage.run(NIGHT, **UNITS, NIGHTLY_LOCK=f"{stage.place}/nightly").returncode == 1


def test_a_run_in_flight_puts_rebuild_and_reconcile_off(stage: Stage) -> None:
    stage.program("systemctl")
    stage.program("ccci-poll")
    with open(stage.place / "nightly", "a", encoding="utf-8") as run:
        fcntl.flock(run, fcntl.LOCK_SH)
        done = stage.run(NIGHT, **UNITS, NIGHTLY_LOCK=f"{stage.place}/nightly")
    assert done.returncode == 1 and "put off" in done.stderr
    assert stage.calls == ["ccci-poll sweep"]


def test_no_run_begins_between_rebuild_and_reconcile_and_the_sweep_may(stage: Stage) -> None:
    lock = f"{stage.place}/nightly"
    # What a run would find: the lock, tried shared and without waiting.
    stage.program("systemctl", f'flock --shared --nonblock {lock} true && echo "a run could begin" >>{stage.log} || true')
    stage.program("ccci-poll", f"flock --shared --nonblock {lock} true")
    assert stage.run(NIGHT, **UNITS, NIGHTLY_LOCK=lock).returncode == 0
    assert "a run could begin" not in stage.calls


def test_a_lock_that_cannot_be_is_said(stage: Stage) -> None:
    stage.program("systemctl")
    done = stage.run(NIGHT, **UNITS, NIGHTLY_LOCK=f"{stage.place}/gone/nightly")
    assert done.returncode == 72 and f"{stage.place}/gone: no such folder" in done.stderr and stage.calls == []


def test_a_host_without_reconcilers_only_sweeps(stage: Stage) -> None:
    stage.program("systemctl")
    stage.program("ccci-poll")
    done = stage.run(NIGHT, NIGHTLY_LOCK=f"{stage.place}/nightly", NIGHTLY_WAIT="1", NIGHTLY_SWEEP="yes")
    assert done.returncode == 0 and stage.calls == ["ccci-poll sweep"]


# .ci/check


def test_the_check_of_a_push_runs_the_same_script_in_a_container(stage: Stage) -> None:
    stage.program("docker", "exit 3")
    done = stage.run(ROOT / ".ci" / "check", DRONE_BUILD_NUMBER="7")
    assert done.returncode == 3
    assert len(stage.calls) == 1
    assert stage.calls[0].startswith(f"docker run --rm --name cc-ci-check-7 --volume {ROOT}:/src --workdir /src swift:")
    assert stage.calls[0].endswith("scripts/bootstrap; exec scripts/check")


def test_the_environment_of_the_tests_is_whole() -> None:
    assert os.access("/usr/bin/jq", os.X_OK) and os.access("/usr/bin/curl", os.X_OK)
