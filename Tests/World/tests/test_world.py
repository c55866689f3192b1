"""The world itself: idempotent, on loopback, and its proxy answers as traefik does."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Callable, Iterator

import pytest
from conftest import HERE, WORLD, ZONE, docker_stack, remove_stacks, stack, wait_until

SCRIPT = str(HERE.parent / "world")


def world(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([SCRIPT, *arguments], capture_output=True, text=True)


def get(domain: str) -> tuple[int, str]:
    command = ["curl", "-sS", "-w", "\n%{http_code}", "--cacert", str(WORLD / "ca" / "ca.pem"), f"https://{domain}/"]
    body, _, status = subprocess.run(command, check=True, capture_output=True, text=True).stdout.rpartition("\n")
    return int(status), body


def test_second_up_does_nothing_and_is_quick() -> None:
    started = time.monotonic()
    answer = world("up")
    assert answer.returncode == 0, answer.stderr
    assert time.monotonic() - started < 3
    assert all(line.endswith(" ok") for line in answer.stdout.splitlines())


def test_status_says_that_all_is_there() -> None:
    assert world("status").returncode == 0


def test_wrong_words_are_refused_with_the_usage() -> None:
    assert world("frobnicate").returncode == 64
    assert world().returncode == 64
    assert "usage: world" in world("--help").stdout


def test_env_can_be_evaluated() -> None:
    script = f'eval "$({SCRIPT} env)"; command -v abra; echo "$CCCI_SETTINGS"; echo "$CCCI_WORLD"'
    lines = subprocess.run(["bash", "-c", script], check=True, capture_output=True, text=True).stdout.splitlines()
    assert lines == [f"{WORLD}/bin/abra", f"{WORLD}/settings.toml", f"{WORLD}"]


def test_fingerprint_is_the_same_twice_and_knows_the_bystander() -> None:
    first = world("fingerprint").stdout
    bystander = [line for line in first.splitlines() if "demo-decade" in line or "bystander" in line]
    kinds = {next(iter(json.loads(line))) for line in bystander}
    assert kinds == {"service", "network", "volume", "secret", "config", "server-file", "bystander-task"}
    again = world("fingerprint").stdout
    assert [line for line in again.splitlines() if line in bystander] == bystander


def test_servers_listen_on_loopback_only() -> None:
    lines = subprocess.run(["ss", "-Hltn"], check=True, capture_output=True, text=True).stdout.splitlines()
    local = {line.split()[3] for line in lines}
    for port in ("80", "443", "2377", "7946", "8443"):
        assert [address for address in local if address.endswith(f":{port}")] == [f"127.0.0.1:{port}"]


def test_log_of_calls_is_emptied_by_reset(tmp_path: Path) -> None:
    folder = {**os.environ, "CCCI_WORLD": str(tmp_path)}
    (tmp_path / "abra-calls.jsonl").write_text("{}\n")
    subprocess.run([SCRIPT, "reset-log"], check=True, env=folder)
    assert (tmp_path / "abra-calls.jsonl").read_text() == ""


# The proxy

Deploy = Callable[[str, str], None]
UNKNOWN = (404, "404 page not found\n")
SILENT = """
services:
  app:
    image: ccci/busybox:1.36
    command: ["sh", "-c", "COMMAND"]
    init: true
    stop_grace_period: 1s
    networks: [proxy]
networks:
  proxy:
    external: true
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Deploy]:
    """Deploys a service that runs a shell command, and takes it away again."""
    names = []

    def deploy(domain: str, command: str) -> None:
        path = tmp_path / "compose.yml"
        path.write_text('version: "3.8"\n' + SILENT.replace("COMMAND", command))
        names.append(stack(domain))
        docker_stack("deploy", "--resolve-image", "never", "-c", str(path), stack(domain))
        # Swarm names a task some moments after it runs.
        wait_until(lambda: get(domain) != UNKNOWN)

    yield deploy
    remove_stacks(names)


def test_unknown_host_gets_the_404_of_traefik() -> None:
    assert get(f"no-such-app.{ZONE}") == UNKNOWN


def test_host_that_does_not_listen_gets_bad_gateway(app: Deploy) -> None:
    app(f"silent-1.{ZONE}", "sleep 1000")
    assert get(f"silent-1.{ZONE}") == (502, "Bad Gateway")


def test_the_apps_own_404_is_passed_on(app: Deploy) -> None:
    app(f"silent-2.{ZONE}", "httpd -f -p 80 -h /run")
    wait_until(lambda: get(f"silent-2.{ZONE}")[0] == 404)
    assert "The requested URL was not found" in get(f"silent-2.{ZONE}")[1]


def test_plain_http_is_redirected() -> None:
    command = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", f"http://some-app.{ZONE}/x"]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert answer == f"301 https://some-app.{ZONE}/x"
