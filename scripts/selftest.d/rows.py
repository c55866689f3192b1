"""The rows of the self-test: a recipe, what is changed about it, and the answer that it must get."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from case import ROOT, Content

COMPOSE = "compose.yml"
Edit = Callable[[str], str]


@dataclass(frozen=True)
class Row:
    name: str
    recipe: str = "custom-html"
    # The pull request's head gets these changes: file → a change of its text, or its whole text.
    edits: dict[str, Content] = field(default_factory=dict)
    # tests/<recipe>/ of this repository: file → content, or a folder that is copied. `@PROOF@` is a file that only the self-test looks at.
    overlay: "dict[str, Content] | Path" = field(default_factory=dict)
    # A published version instead of a pull request; empty: the newest, which only one row may take.
    version: str | None = None
    # Pull request that the edits go on top of; without edits it is tested itself.
    pull: int = 1
    arguments: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    approved: bool = False
    variables: dict[str, str] = field(default_factory=dict)
    # A program that must be there, and Debian's package of it.
    needs: str | None = None
    # Patterns that must and must not be in anything printed or stored.
    shows: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    # Tests of overlays that must have passed.
    passed: tuple[str, ...] = ()
    # What must come out.
    verdict: str = "green"
    exit: int = 0
    tier: str | None = None
    outcome: str | None = None
    reason: str | None = None
    says: str = ""
    base: str | None = None
    proved: dict[str, str] | None = None
    # Seconds that it takes, roughly: the longest begin.
    weight: float = 8
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


def policy(name: str, change: Edit, says: str, more: dict[str, Content] | None = None) -> Row:
    return Row(
        f"policy: {name}", edits={COMPOSE: change, **(more or {})}, verdict="unjudged", exit=2, tier="install", outcome="error", reason="policy",
        says=says)


def overlay(name: str, text: str, verdict: str, exit: int, outcome: str, reason: str | None, says: str, file: str = "test_it", limit: str = "15m") -> Row:
    return Row(
        f"overlay: {name}", overlay={file: text}, arguments=("--tiers", "install,custom"), verdict=verdict, exit=exit, tier="custom",
        outcome=outcome, reason=reason, says=says, variables={"CCCI_RUN_OVERLAY_LIMIT": limit})


def own(recipe: str) -> Path:
    """The recipe's folder of this repository."""
    return ROOT / "tests" / recipe


def sample(recipe: str) -> Path:
    """The folder that tests/ would have for a sample recipe."""
    return ROOT / "Tests/World/overlays" / recipe


# Prints the password of the app's database in every way in which a careless test could, and tells the self-test alone what it was.
CARELESS = """#!/usr/bin/env python3
import base64, sys, time
from ccci_test import exec_in_app
import os
_, secret = exec_in_app(os.environ["CCCI_APP_DOMAIN"], ["cat", "/run/secrets/db_password"])
secret = secret.strip()
assert len(secret) == 32
open("@PROOF@", "w").write(secret)
print("clear=" + secret)
print("basic=" + base64.b64encode(f"notes:{secret}".encode()).decode())
print("url=https://notes:" + secret + "@db.example.org/")
print('json={"password": "' + secret + '"}', file=sys.stderr)
for piece in ("split=", secret[:7], secret[7:20], secret[20:], "\\n"):
    sys.stdout.write(piece)
    sys.stdout.flush()
    time.sleep(0.2)
"""


def indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


# A page whose words only a script can make.
SCRIPTED = """<!doctype html><title>page</title><body><h1 id="words">not yet</h1><script>
fetch("/part.txt").then(answer => answer.text()).then(text => setTimeout(() => { document.getElementById("words").textContent = text + " " + 6 * 7 }, 300))
</script>"""
VISITOR = """
import pytest
from ccci_test import page_text, screenshot


def test_a_script_makes_the_page(app):
    assert page_text(f"{app.url}/page.html") == "made by a script: 42"


def test_a_page_with_nothing_on_it_is_no_page(app):
    with pytest.raises(AssertionError, match="page is blank .status 200.; Error: nothing works"):
        page_text(f"{app.url}/blank.html")


def test_it_can_be_seen(app, tmp_path):
    screenshot(f"{app.url}/page.html", tmp_path / "page.png")
    assert (tmp_path / "page.png").read_bytes().startswith(bytes([0x89]) + b"PNG")


def test_a_person_can_use_it(app, browser):
    window = browser(app.url).open(f"{app.url}/page.html")
    assert window.status == 200
    window.run("document.getElementById('words').onclick = event => { event.target.textContent = 'clicked' }")
    window.run("document.getElementById('words').click()")
    assert window.text() == "clicked"
"""
PAGES = """#!/bin/sh
set -eu
stack=$(printf %s "$CCCI_APP_DOMAIN" | tr . _)
folder=$(docker volume inspect "${stack}_content" --format '{{.Mountpoint}}')
printf %s '@PAGE@' >"$folder/page.html"
printf %s 'made by a script:' >"$folder/part.txt"
printf %s '<!doctype html><body><script>throw new Error("nothing works")</script>' >"$folder/blank.html"
chmod 644 "$folder"/*.html "$folder"/*.txt
""".replace("@PAGE@", SCRIPTED.replace("\n", " "))
# A head that the run installs by itself, with a secret in it.
WITH_SECRET = {
    COMPOSE: then(
        under("app", 'secrets:\n  - token\nentrypoint: ["sh", "-c", "echo the token is $$(cat /run/secrets/token) >&2; exit 3"]'),
        swap("\nvolumes:\n  content:\n", "\nvolumes:\n  content:\n\nsecrets:\n  token:\n    external: true\n    name: ${STACK_NAME}_token_${SECRET_TOKEN_VERSION}\n")),
    ".env.sample": lambda text: text + "SECRET_TOKEN_VERSION=v1 # length=32 charset=hex\n"}


ROWS = [
    # What is good stays green.
    Row("simple, newest release, drops a service", version="", overlay=own("custom-html"), base="1.1.0+1.27.1"),
    Row("stateful, two services, dump and load", "notes", overlay=own("notes"), base="1.0.0+1.2.0", proved={"restore": "data", "upgrade": "files"}, weight=30),
    Row("no folder under tests/", proved={"restore": "files", "upgrade": "files"}),
    Row("labels only", pull=2),
    Row("oldest release: no predecessor", version="1.0.0+1.27.0", tier="upgrade", outcome="skip", reason="structural", says="no predecessor"),
    Row("a dump without an overlay proves nothing", "notes", proved={"restore": "nothing", "upgrade": "files"}, weight=20),
    Row("a dump with backup_verify proves data", "notes", overlay={"backup_verify.sh": "#!/bin/sh\nexit 0\n"}, proved={"restore": "data", "upgrade": "files"}, weight=23),
    Row("files and a dump, read back by a test of the restore", "notes", overlay={"test_restore.sh": "#!/bin/sh\nexit 0\n"}, arguments=("--tiers", "install,backup,restore"),
        verdict="partial", proved={"restore": "data"}),
    Row("keycloak itself", "keycloak", overlay=sample("keycloak"), version="1.0.0+26.0.0", proved={"restore": "files"}),
    Row("sso-app logs in at the host's Keycloak", "sso-app", overlay=sample("sso-app"), base="0.2.0+1.1.0",
        passed=("test_the_user_of_this_run_is_let_in", "test_a_wrong_password_is_not", "test_the_client_itself_gets_a_token"), weight=20),
    Row("a dependency that cannot be had", overlay={"recipe.toml": 'requires = ["no-such-recipe"]\n'}, verdict="unjudged", exit=2, tier="install", outcome="error",
        reason="deps", says="the dependency no-such-recipe is not ready"),
    Row("a dependency of the tests that cannot be had", overlay={
        "recipe.toml": 'test_requires = ["no-such-recipe"]\n', "test_store.py": "def test_page(app):\n    assert app.url\n\n\ndef test_store(deps):\n    deps['no-such-recipe']\n"},
        verdict="unjudged", exit=2, tier="custom", outcome="error", reason="deps", says="the dependency no-such-recipe is not ready", passed=("test_page",)),
    Row("a visitor in a real browser", overlay={"playwright/test_page.py": VISITOR, "setup_custom_tests.sh": PAGES}, arguments=("--tiers", "install,custom"),
        verdict="partial", needs="chromium", passed=(
            "test_a_script_makes_the_page", "test_a_page_with_nothing_on_it_is_no_page", "test_it_can_be_seen", "test_a_person_can_use_it"), weight=16),
    Row("an entrypoint that empties its volume's dot files", edits={
        COMPOSE: under("app", 'entrypoint: ["sh", "-c", "rm -f /usr/share/nginx/html/.[a-z]*; exec /docker-entrypoint.sh nginx"]')}, tier="upgrade", outcome="pass"),
    Row("a declared skip", overlay={"recipe.toml": '[expected_na]\nupgrade = "data moves by hand"\n'}, tier="upgrade", outcome="skip", reason="declared"),
    Row("no backup labels", edits={COMPOSE: swap('        - "backupbot.backup=${ENABLE_BACKUPS:-true}"\n', "")}, tier="backup", outcome="skip", reason="structural"),
    Row("an opt-out is shown", overlay={"recipe.toml": 'skip_generic = ["restore"]\n'}),
    Row("repo-local, not approved", edits={"tests/test_boom": "#!/bin/sh\nexit 1\n"}),
    Row("repo-local, approved", edits={"tests/test_fine": "#!/bin/sh\nexit 0\n"}, approved=True),
    Row("repo-local, approved, and kept from what is this host's", approved=True, edits={
        "tests/test_secrets": "#!/bin/sh\n! ls /run/secrets 2>/dev/null\n", "tests/test_engine": "#!/bin/sh\n! [ -S /var/run/docker.sock ]\n",
        "tests/test_user": '#!/bin/sh\n[ "$(id -u)" = 65534 ]\n', "tests/test_write": "#!/bin/sh\n! touch /etc/loot 2>/dev/null\n"},
        passed=("test_secrets", "test_engine", "test_user", "test_write")),
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
        says="routing: "),
    Row("nothing listens", edits={COMPOSE: then(under("app", 'entrypoint: ["sleep", "600"]'), swap('test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1/"]', 'test: ["CMD", "true"]'))},
        overlay={"recipe.toml": 'http_timeout = "5s"\n'}, arguments=("--tiers", "install"), verdict="red", exit=1, tier="install", outcome="fail", reason="routing",
        says="answers 502"),
    Row("its database is late", "late-database", edits={COMPOSE: swap("sleep 150", "sleep 20")}, arguments=("--tiers", "install"),
        overlay={"recipe.toml": '[crash_loop]\nfailures = 3\nafter = "10s"\n'}, verdict="partial", weight=30),
    Row("it migrates for a while", "slow-migration", edits={COMPOSE: swap("sleep 150", "sleep 20")}, arguments=("--tiers", "install"),
        overlay={"recipe.toml": '[crash_loop]\nfailures = 3\nafter = "10s"\n'}, verdict="partial", weight=30),
    Row("a base that does not install, and the one before it does", faults=("deploy-applies-then-exit-1*1",), base="1.1.0+1.27.1"),
    Row("an image that does not exist", edits={COMPOSE: swap("image: ccci/nginx:1.27.3", "image: ccci/nginx:9.9.9")}, arguments=("--tiers", "install"),
        overlay={"recipe.toml": 'deploy_timeout = "20s"\n'}, verdict="unjudged", exit=2, tier="install", outcome="error", reason="infra", says="9.9.9", weight=22),
    Row("a deploy that fails", arguments=("--tiers", "install"), faults=("deploy-applies-then-exit-1",), verdict="red", exit=1, tier="install", outcome="fail",
        reason="assertion", says="abra app deploy", assertion="install deployed"),
    Row("another commit than the wanted one is installed", version="1.0.0+1.27.0", arguments=("--tiers", "install"), faults=("checkout-borrowed",), verdict="red", exit=1,
        tier="install", outcome="fail", reason="assertion", says="the chaos-version label is ", assertion="install version"),
    Row("a base that does not install", "crash-loop", edits={COMPOSE: swap("exit 3", "mkdir -p /www; echo ok >/www/index.html; exec httpd -f -p 80 -h /www")},
        overlay={"recipe.toml": 'http_timeout = "10s"\n[crash_loop]\nfailures = 3\nafter = "10s"\n'}, verdict="unjudged", exit=2, tier="upgrade", outcome="error",
        reason="base-broken", says="base-broken"),
    # Upgrade.
    Row("a volume is wiped", "wiped-volume", verdict="red", exit=1, tier="upgrade", outcome="fail", reason="data-lost", says="canary lost: volume data",
        assertion="upgrade data"),
    Row("swarm rolls back while the old task serves", edits={COMPOSE: UNHEALTHY}, verdict="red", exit=1, tier="upgrade", outcome="fail", says="rolled back",
        assertion="upgrade finished", weight=17),
    Row("the update pauses", edits={COMPOSE: then(UNHEALTHY, swap("failure_action: rollback", "failure_action: pause"))}, verdict="red", exit=1, tier="upgrade",
        outcome="fail", says="paused", assertion="upgrade finished"),
    Row("a secret that nobody inserted", edits={
        COMPOSE: then(under("app", "secrets:\n  - token"), swap("\nvolumes:\n  content:\n", "\nvolumes:\n  content:\n\nsecrets:\n  token:\n    external: true\n    name: ${STACK_NAME}_token_${SECRET_TOKEN_VERSION}\n")),
        ".env.sample": lambda text: text + "SECRET_TOKEN_VERSION=v1 # generate=false\n"},
        verdict="red", exit=1, tier="upgrade", outcome="fail", says="secret", assertion="upgrade deployed"),
    Row("the head answers 500", edits={"nginx.conf.tmpl": ERROR_PAGE, "abra.sh": lambda text: text.replace("_VERSION=v", "_VERSION=v9")},
        overlay={"recipe.toml": 'http_timeout = "5s"\n'}, verdict="red", exit=1, tier="upgrade", outcome="fail", reason="routing", says="answers 500",
        assertion="upgrade serving", weight=23),
    Row("the base is deployed once more, as if it were the head", pull=2, edits={COMPOSE: swap("1.2.0+1.27.2", "1.1.0+1.27.1")}, faults=("checkout-borrowed",),
        base="1.1.0+1.27.1", verdict="red", exit=1, tier="upgrade", outcome="fail", reason="assertion", says="the head is not what runs", assertion="upgrade commit"),
    Row("a setting of ours hides the head's image", edits={COMPOSE: swap("ccci/nginx:1.27.3", "ccci/nginx:${NGINX_TAG:-1.27.3}")},
        overlay={"recipe.toml": '[upgrade.env]\nNGINX_TAG = "1.27.2"\n'}, verdict="red", exit=1, tier="upgrade", outcome="fail", reason="assertion",
        says="app runs ccci/nginx:1.27.2, not ccci/nginx:1.27.3", assertion="upgrade images"),
    # Backup and restore.
    Row("a truncated dump", "notes", faults=("backup-truncated",), verdict="red", exit=1, tier="backup", outcome="fail", reason="backup-incomplete",
        assertion="backup complete", weight=25),
    Row("a label that names what is not there", edits={COMPOSE: swap("backupbot.backup.path=/usr/share/nginx/html", "backupbot.backup.volumes.content.path=dump.sql.gz")},
        verdict="red", exit=1, tier="backup", outcome="fail", reason="backup-incomplete", says="dump.sql.gz"),
    Row("an empty snapshot", faults=("backup-empty",), verdict="red", exit=1, tier="backup", outcome="fail", reason="backup-incomplete", assertion="backup complete", weight=15),
    Row("a hook's container is gone", faults=("hook-container-gone",), verdict="red", exit=1, tier="backup", outcome="fail", reason="assertion",
        assertion="backup created", weight=15),
    Row("a restore that does nothing", "noop-restore", verdict="red", exit=1, tier="restore", outcome="fail", reason="no-op", says="no-op: data",
        assertion="restore data"),
    Row("a restore after which the app serves no more", edits={COMPOSE: label("backupbot.restore.post-hook=sh -c 'chmod 0 /usr/share/nginx/html/index.html'")},
        overlay={"recipe.toml": 'http_timeout = "5s"\n'}, verdict="red", exit=1, tier="restore", outcome="fail", reason="routing", assertion="restore serving", weight=18),
    Row("a restore that dies", faults=("restore-container-gone",), arguments=("--tiers", "install,backup,restore"), verdict="red", exit=1, tier="restore",
        outcome="fail", reason="assertion", says="409 Client Error", assertion="restore done"),
    # Overlays.
    overlay("fails", "#!/bin/sh\necho 'the page is gone' >&2\nexit 1\n", "red", 1, "fail", "assertion", "exit 1: the page is gone"),
    overlay("errs", "#!/bin/sh\necho 'no such tool' >&2\nexit 99\n", "unjudged", 2, "error", "harness", "no such tool"),
    overlay("collects nothing", "x = 1\n", "unjudged", 2, "error", "harness", "no test was collected", file="test_it.py"),
    overlay("does not parse", "def test_a(:\n", "unjudged", 2, "error", "harness", "SyntaxError", file="test_it.py"),
    overlay("kills itself", "#!/bin/sh\nkill -9 $$\n", "unjudged", 2, "error", "harness", "killed by signal 9"),
    overlay("leaves a process behind", "#!/bin/sh\nsetsid sleep 600 >/dev/null 2>&1 &\nexit 0\n", "unjudged", 2, "error", "harness", "processes behind"),
    overlay("hangs", "#!/bin/sh\nexec sleep 600\n", "unjudged", 2, "error", "timeout", "no end after 2 s", limit="2s"),
    overlay("hangs in pytest", "import time\n\n\ndef test_it():\n    time.sleep(600)\n", "unjudged", 2, "error", "timeout", "no end after 3 s", "test_it.py", "3s"),
    overlay("kills pytest", "import os\n\n\ndef test_it():\n    os.kill(os.getpid(), 9)\n", "unjudged", 2, "error", "harness", "killed by signal 9", "test_it.py"),
    overlay("leaves a process behind in pytest", "import subprocess\n\n\ndef test_it():\n    subprocess.Popen(['sleep', '600'], start_new_session=True)\n", "unjudged", 2,
        "error", "harness", "processes behind", "test_it.py"),
    overlay("skips, and nothing else ran", "#!/bin/sh\necho 'not on this host'\nexit 77\n", "unjudged", 2, "error", "harness", "every test was skipped"),
    Row("overlay: skips beside one that passes", overlay={"test_a": "#!/bin/sh\nexit 77\n", "test_b": "#!/bin/sh\nexit 0\n"}, arguments=("--tiers", "install,custom"),
        verdict="partial", tier="custom", outcome="pass", passed=("test_b",)),
    Row("overlay: a hook that hangs", overlay={"pre_install.sh": "#!/bin/sh\nexec sleep 600\n"}, arguments=("--tiers", "install"),
        variables={"CCCI_RUN_OVERLAY_LIMIT": "2s"}, verdict="unjudged", exit=2, tier="install", outcome="error", reason="timeout", says="pre_install.sh: no end after 2 s"),
    # Secrets.
    Row("a careless test and a careless hook print a secret", "notes", overlay={
        "test_it": CARELESS + "sys.exit('the password is ' + secret)\n", "setup_custom_tests.sh": CARELESS}, arguments=("--tiers", "install,custom"),
        verdict="red", exit=1, tier="custom", outcome="fail", reason="assertion", says="the password is •••",
        shows=("clear=•••", "basic=\\S*•••", "url=https://notes:•••@db", 'json={"password": "•••"}', "split=•••"), weight=18),
    Row("a careless pytest prints a secret", "notes", overlay={
        "test_it.py": "def test_it():\n" + indented(CARELESS.split("\n", 1)[1] + "assert secret == 'open sesame'\nassert False\n")},
        arguments=("--tiers", "install,custom"), verdict="red", exit=1, tier="custom", outcome="fail", reason="assertion", says="•••", shows=("clear=•••", "split=•••"), weight=18),
    Row("a service prints its secret and stops", edits=WITH_SECRET, overlay={"recipe.toml": 'http_timeout = "5s"\n[crash_loop]\nfailures = 2\nafter = "5s"\n'},
        arguments=("--tiers", "install"), verdict="red", exit=1, tier="install", outcome="fail", reason="crash-loop", shows=("the token is •••",), hides=("the token is [0-9a-f]",)),
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
