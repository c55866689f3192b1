"""The rows of the self-test: a recipe, what is changed about it, and the answer that it must get."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable

COMPOSE = "compose.yml"
Edit = Callable[[str], str]


@dataclass(frozen=True)
class Row:
    name: str
    recipe: str = "custom-html"
    # The pull request's head gets these changes: file → a change of its text, or its whole text.
    edits: dict[str, "Edit | str"] = field(default_factory=dict)
    # tests/<recipe>/ of this repository: file → text; None keeps the recipe's own folder.
    overlay: dict[str, str] | None = field(default_factory=dict)
    # A published version instead of a pull request; empty: the newest, which only one row may take.
    version: str | None = None
    # Pull request that the edits go on top of; without edits it is tested itself.
    pull: int = 1
    arguments: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    approved: bool = False
    variables: dict[str, str] = field(default_factory=dict)
    # What must come out.
    verdict: str = "green"
    exit: int = 0
    tier: str | None = None
    outcome: str | None = None
    reason: str | None = None
    says: str = ""
    base: str | None = None
    proved: dict[str, str] | None = None
    # Without this assertion of the product the row must come out otherwise.
    assertion: str | None = None


def swap(old: str, new: str) -> Edit:
    def change(text: str) -> str:
        if old not in text:
            raise SystemExit(f"selftest: nothing to change: {old!r} is not there")
        return text.replace(old, new, 1)

    return change


def under(service: str, lines: str) -> Edit:
    """Adds lines to a service of compose.yml."""
    return swap(f"  {service}:\n", f"  {service}:\n" + "".join(f"    {line}\n" for line in lines.splitlines()))


def label(text: str) -> Edit:
    return swap("      labels:\n", f"      labels:\n        - \"{text}\"\n")


def then(*changes: Edit) -> Edit:
    def change(text: str) -> str:
        for one in changes:
            text = one(text)
        return text

    return change


UNHEALTHY = then(swap('"http://127.0.0.1/"]', '"http://127.0.0.1/no-such-page"]'), swap("retries: 10", "retries: 2"))
IMAGE = "image: ccci/nginx:1.27.3"
ERROR_PAGE = swap("    listen 80;\n", "    listen 80;\n    location = / { if ($http_user_agent !~* wget) { return 500; } }\n")


def policy(name: str, change: Edit, says: str, more: dict[str, "Edit | str"] | None = None) -> Row:
    return Row(
        f"policy: {name}", edits={COMPOSE: change, **(more or {})}, verdict="unjudged", exit=2, tier="install", outcome="error", reason="policy",
        says=says)


def overlay(name: str, text: str, verdict: str, exit: int, outcome: str, reason: str | None, says: str, file: str = "test_it") -> Row:
    return Row(
        f"overlay: {name}", overlay={file: text}, arguments=("--tiers", "install,custom"), verdict=verdict, exit=exit, tier="custom",
        outcome=outcome, reason=reason, says=says)


ROWS = [
    # What is good stays green.
    Row("simple, newest release, drops a service", version="", overlay=None, base="1.1.0+1.27.1"),
    Row("stateful, two services, dump and load", "notes", overlay=None, base="1.0.0+1.2.0", proved={"restore": "data", "upgrade": "files"}),
    Row("no folder under tests/", proved={"restore": "files", "upgrade": "files"}),
    Row("labels only", pull=2),
    Row("oldest release: no predecessor", version="1.0.0+1.27.0", tier="upgrade", outcome="skip", reason="structural", says="no predecessor"),
    Row("a dump without an overlay proves nothing", "notes", proved={"restore": "nothing", "upgrade": "files"}),
    Row("a dump with backup_verify proves data", "notes", overlay={"backup_verify.sh": "#!/bin/sh\nexit 0\n"}, proved={"restore": "data", "upgrade": "files"}),
    Row("an entrypoint that empties its volume's dot files", edits={
        COMPOSE: under("app", 'entrypoint: ["sh", "-c", "find /usr/share/nginx/html -name \'.*\' -type f -delete; exec nginx -g \'daemon off;\'"]')}, tier="upgrade", outcome="pass"),
    Row("a declared skip", overlay={"recipe.toml": '[expected_na]\nupgrade = "data moves by hand"\n'}, tier="upgrade", outcome="skip", reason="declared"),
    Row("no backup labels", edits={COMPOSE: swap('        - "backupbot.backup=${ENABLE_BACKUPS:-true}"\n', "")}, tier="backup", outcome="skip", reason="structural"),
    Row("an opt-out is shown", overlay={"recipe.toml": 'skip_generic = ["restore"]\n'}),
    Row("repo-local, not approved", edits={"tests/test_boom": "#!/bin/sh\nexit 1\n"}),
    Row("repo-local, approved", edits={"tests/test_fine": "#!/bin/sh\nexit 0\n"}, approved=True),
    Row("ready probes", overlay={"recipe.toml": '[[ready]]\nhttp = "/"\nok = [200]\n'}),
    Row("fewer tiers are partial", arguments=("--tiers", "install"), verdict="partial"),
    # Install.
    Row("crash loop", "crash-loop", arguments=("--tiers", "install"), overlay={"recipe.toml": 'http_timeout = "5s"\n[crash_loop]\nfailures = 3\nafter = "10s"\n'}, verdict="red", exit=1,
        tier="install", outcome="fail", reason="crash-loop", says="crash loop: app failed", assertion="install converged"),
    Row("answers 500", "wrong-http", arguments=("--tiers", "install"), overlay={"recipe.toml": 'http_timeout = "5s"\n'}, verdict="red", exit=1, tier="install", outcome="fail",
        reason="routing", says="answers 500 instead of", assertion="install serving"),
    Row("its own 404", overlay={"recipe.toml": 'health_path = "/no-such-page"\nhttp_timeout = "5s"\n'}, arguments=("--tiers", "install"), verdict="red", exit=1,
        tier="install", outcome="fail", reason="routing", says="answers 404, which is never accepted"),
    Row("not on the proxy's network", edits={COMPOSE: then(swap("    networks:\n      - proxy\n", "    networks:\n      - own\n"), swap("networks:\n  proxy:\n    external: true\n", "networks:\n  own:\n"))},
        overlay={"recipe.toml": 'http_timeout = "5s"\n'}, arguments=("--tiers", "install"), verdict="red", exit=1, tier="install", outcome="fail", reason="routing",
        says="the proxy reaches no app"),
    Row("an image that does not exist", edits={COMPOSE: swap("image: ccci/nginx:1.27.3", "image: ccci/nginx:9.9.9")}, arguments=("--tiers", "install"),
        overlay={"recipe.toml": 'deploy_timeout = "20s"\n'}, verdict="unjudged", exit=2, tier="install", outcome="error", reason="infra", says="9.9.9"),
    Row("a deploy that fails", arguments=("--tiers", "install"), faults=("deploy-applies-then-exit-1",), verdict="red", exit=1, tier="install", outcome="fail",
        reason="assertion", says="abra app deploy", assertion="install deployed"),
    Row("a base that does not install", "crash-loop", edits={COMPOSE: swap("exit 3", "mkdir -p /www; echo ok >/www/index.html; exec httpd -f -p 80 -h /www")},
        overlay={"recipe.toml": 'http_timeout = "10s"\n[crash_loop]\nfailures = 3\nafter = "10s"\n'}, verdict="unjudged", exit=2, tier="upgrade", outcome="error",
        reason="base-broken", says="base-broken"),
    # Upgrade.
    Row("a volume is wiped", "wiped-volume", verdict="red", exit=1, tier="upgrade", outcome="fail", reason="data-lost", says="canary lost: volume data",
        assertion="upgrade data"),
    Row("swarm rolls back while the old task serves", edits={COMPOSE: UNHEALTHY}, verdict="red", exit=1, tier="upgrade", outcome="fail", says="rolled back",
        assertion="upgrade finished"),
    Row("the update pauses", edits={COMPOSE: then(UNHEALTHY, swap("failure_action: rollback", "failure_action: pause"))}, verdict="red", exit=1, tier="upgrade",
        outcome="fail", says="paused", assertion="upgrade finished"),
    Row("a secret that nobody inserted", edits={
        COMPOSE: then(under("app", "secrets:\n  - token"), swap("\nvolumes:\n  content:\n", "\nvolumes:\n  content:\n\nsecrets:\n  token:\n    external: true\n    name: ${STACK_NAME}_token_${SECRET_TOKEN_VERSION}\n")),
        ".env.sample": lambda text: text + "SECRET_TOKEN_VERSION=v1 # generate=false\n"},
        verdict="red", exit=1, tier="upgrade", outcome="fail", says="secret", assertion="upgrade deployed"),
    Row("the head answers 500", edits={"nginx.conf.tmpl": ERROR_PAGE, "abra.sh": lambda text: text.replace("_VERSION=v", "_VERSION=v9")},
        overlay={"recipe.toml": 'http_timeout = "5s"\n'}, verdict="red", exit=1, tier="upgrade", outcome="fail", reason="routing", says="answers 500",
        assertion="upgrade serving"),
    # Backup and restore.
    Row("a truncated dump", "notes", faults=("backup-truncated",), verdict="red", exit=1, tier="backup", outcome="fail", reason="backup-incomplete",
        assertion="backup complete"),
    Row("an empty snapshot", faults=("backup-empty",), verdict="red", exit=1, tier="backup", outcome="fail", reason="backup-incomplete", assertion="backup complete"),
    Row("a hook's container is gone", faults=("hook-container-gone",), verdict="red", exit=1, tier="backup", outcome="fail", reason="assertion",
        assertion="backup created"),
    Row("a restore that does nothing", "noop-restore", verdict="red", exit=1, tier="restore", outcome="fail", reason="no-op", says="no-op: data",
        assertion="restore data"),
    Row("a restore hook that fails", edits={COMPOSE: label("backupbot.restore.post-hook=sh -c 'echo the load failed >&2; exit 4'")}, verdict="red", exit=1,
        tier="restore", outcome="fail", reason="assertion", says="abra app restore", assertion="restore done"),
    Row("a restore after which the app serves no more", edits={COMPOSE: label("backupbot.restore.post-hook=sh -c 'chmod 0 /usr/share/nginx/html/index.html'")},
        overlay={"recipe.toml": 'http_timeout = "5s"\n'}, verdict="red", exit=1, tier="restore", outcome="fail", reason="routing", assertion="restore serving"),
    # Overlays.
    overlay("fails", "#!/bin/sh\necho 'the page is gone' >&2\nexit 1\n", "red", 1, "fail", "assertion", "exit 1: the page is gone"),
    overlay("errs", "#!/bin/sh\necho 'no such tool' >&2\nexit 99\n", "unjudged", 2, "error", "harness", "no such tool"),
    overlay("collects nothing", "x = 1\n", "unjudged", 2, "error", "harness", "no test was collected", file="test_it.py"),
    overlay("does not parse", "def test_a(:\n", "unjudged", 2, "error", "harness", "SyntaxError", file="test_it.py"),
    overlay("kills itself", "#!/bin/sh\nkill -9 $$\n", "unjudged", 2, "error", "harness", "killed by signal 9"),
    overlay("leaves a process behind", "#!/bin/sh\nsetsid sleep 600 >/dev/null 2>&1 &\nexit 0\n", "unjudged", 2, "error", "harness", "processes behind"),
    Row("overlay: a hook that fails", overlay={"pre_upgrade.sh": "#!/bin/sh\necho 'no seed' >&2\nexit 7\n"}, verdict="unjudged", exit=2, tier="upgrade",
        outcome="error", reason="harness", says="pre_upgrade.sh: exit 7: no seed"),
    # The compose policy.
    policy("docker socket", swap("      - content:/usr/share/nginx/html\n", "      - content:/usr/share/nginx/html\n      - /var/run/docker.sock:/var/run/docker.sock\n"), "docker.sock"),
    policy("bind mount", swap("      - content:/usr/share/nginx/html\n", "      - content:/usr/share/nginx/html\n      - /etc:/host:ro\n"), "/etc:/host"),
    policy("privileged", under("app", "privileged: true"), "privileged"),
    policy("driver options", swap("volumes:\n  content:\n", "volumes:\n  content:\n    driver_opts: {type: none, o: bind, device: /root}\n"), "driver_opts"),
    policy("a secret of this host", swap("\nvolumes:\n  content:\n", "\nsecrets:\n  loot:\n    file: /run/secrets/forge\n\nvolumes:\n  content:\n"), "loot"),
    policy("a router for another host", swap("Host(`${DOMAIN}`${EXTRA_DOMAINS})", "Host(`git.ci.localhost`)"), "git.ci.localhost"),
    policy("another stack's volume", swap("volumes:\n  content:\n", "volumes:\n  content:\n    external: true\n    name: demo-decade_ci_localhost_content\n"), "demo-decade"),
    policy("a published port", under("app", 'ports:\n  - "8022:22"'), "8022"),
]
