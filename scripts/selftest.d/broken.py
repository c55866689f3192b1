"""Files as people break them, one in each case: the exit code and the words that the user must get, and that nothing of ours falls over or stays."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from case import Answer, Content, Executable, Folder, Installation, Link, Plain

RECIPE = "custom-html"
COMPOSE = "compose.yml"


@dataclass(frozen=True)
class Broken:
    name: str
    # What every line of the message together must hold.
    says: tuple[str, ...]
    exit: int = 65
    # tests/<recipe>/ of this repository.
    overlay: dict[str, Content] = field(default_factory=dict)
    # Of the pull request; None when the plan alone must notice.
    edits: dict[str, Content] | None = None
    # How long a test or a hook may take.
    limit: str = "60s"
    weight: float = 0


def settings(name: str, content: Content, *says: str) -> Broken:
    return Broken(f"recipe.toml: {name}", ("recipe.toml", *says), overlay={"recipe.toml": content})


def listed(name: str, overlay: dict[str, Content], *says: str) -> Broken:
    """A folder whose listing alone shows it."""
    return Broken(name, says, overlay=overlay)


def environment(name: str, content: Content, *says: str) -> Broken:
    return Broken(f"compose.ccci.yml: {name}", ("compose.ccci.yml", *says), overlay={"compose.ccci.yml": content})


def hook(name: str, overlay: dict[str, Content], *says: str, limit: str = "60s") -> Broken:
    """One that the run calls before it deploys."""
    return Broken(name, says, exit=2, overlay=overlay, edits={}, limit=limit, weight=4)


def test(name: str, overlay: dict[str, Content], *says: str, exit: int = 2) -> Broken:
    """A test that runs against the app."""
    return Broken(name, says, exit=exit, overlay=overlay, edits={}, weight=7)


def recipe(name: str, edits: dict[str, Content], *says: str, exit: int = 65) -> Broken:
    return Broken(name, says, exit=exit, edits=edits, weight=3)


def compose(name: str, content: Content, *says: str, exit: int = 65) -> Broken:
    return recipe(f"compose.yml: {name}", {COMPOSE: content}, "compose.yml", *says, exit=exit)


def swap(old: str, new: str):
    def change(text: str) -> str:
        if old not in text:
            raise ValueError(f"nothing to change: {old!r} is not there")
        return text.replace(old, new, 1)

    return change


def ops(name: str, text: Content, *says: str, limit: str = "60s") -> Broken:
    return hook(f"ops.py: {name}", {"ops.py": text}, "ops.py", *says, limit=limit)


LAUGHS = "x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n" + "".join(f"x{i}: &x{i} [{', '.join([f'*x{i - 1}'] * 10)}]\n" for i in range(1, 10)) + "services: *x9\n"

BROKEN = [
    # recipe.toml
    settings("an unknown key", 'helth_path = "/"\n', "helth_path: unknown key", "did you mean health_path?"),
    settings("an unknown table", "[crashloop]\nfailures = 3\n", "crashloop: unknown key", "did you mean crash_loop?"),
    settings("an unknown key in a table", '[crash_loop]\nfailures = 3\nafterr = "1m"\n', "crash_loop.afterr: unknown key", "did you mean crash_loop.after?"),
    settings("a number for a text", "health_path = 5\n", "health_path", "must be a string, is a whole number"),
    settings("a text for a list", 'health_ok = "200"\n', "health_ok", "must be a list of whole numbers, is a string"),
    settings("a text in a list of numbers", 'health_ok = [200, "301"]\n', "health_ok", "must be a list of whole numbers"),
    settings("a text for a bool", 'backup_capable = "yes"\n', "backup_capable", "must be true or false"),
    settings("a text for a table", 'env = "A=b"\n', "env", "must be a table, is a string"),
    settings("a number for an env value", "[env]\nPORT = 80\n", "env.PORT", "must be a string, is a whole number"),
    settings("words for a duration", 'deploy_timeout = "ten minutes"\n', "deploy_timeout", '"ten minutes" is no duration'),
    settings("a duration without a unit", "http_timeout = 60\n", "http_timeout", "must be a string"),
    settings("a value without quotes", "health_path = /health\n", "line 1"),
    settings("a table that is not closed", '[env\nA = "b"\n', "line 1"),
    settings("a key twice", 'health_path = "/"\nhttp_timeout = "1m"\nhealth_path = "/a"\n', "line 3"),
    settings("a text that is not closed", 'requires = ["keycloak]\n', "line 1"),
    settings("YAML in its place", "---\nhealth_path: /\n", "line 1"),
    settings("bytes that are no UTF-8", b'[env]\nTITLE = "caf\xe9"\n', "line 2", "UTF-8"),
    settings("UTF-16", 'health_path = "/"\n'.encode("utf-16"), "line 1: a NUL byte", "save the file as plain text"),
    settings("a NUL byte", b'health_path = "/"\n\x00', "line 2: a NUL byte"),
    settings("lists in lists without end", "health_ok = " + "[" * 20000 + "\n", "line 1"),
    settings("a folder in its place", Folder, "is a folder"),
    settings("a link that leads nowhere", Link("../no-such-file.toml"), "leads nowhere"),
    settings("64 MiB of comments", b"# a comment\n" * (64 << 20 >> 4), "too large"),
    settings("a status that the proxy gives", "health_ok = [200, 404]\n", "health_ok", "404"),
    settings("an empty list", "health_ok = []\n", "health_ok", "an empty list accepts nothing"),
    settings("a path without its slash", 'health_path = "health"\n', "health_path", "begin it with /"),
    settings("a tier that there is not", 'skip_generic = ["instal"]\n', "skip_generic", "did you mean install?"),
    settings("an opt-out that changes nothing", 'skip_generic = ["custom"]\n', "skip_generic", "custom has no generic assertions"),
    settings("install declared not applicable", '[expected_na]\ninstall = "too big"\n', "expected_na.install", "never optional"),
    settings("a skip without a reason", '[expected_na]\nupgrade = ""\n', "expected_na.upgrade", "has no reason"),
    settings("a variable that cannot be one", '[env]\n"1ST" = "a"\n', "env.1ST", "no name of a variable"),
    settings("a variable of ours", '[env]\nDOMAIN = "example.org"\n', "env.DOMAIN", "set by cc-ci"),
    settings("a placeholder that there is not", '[env]\nHOST = "a-{domian}"\n', "env.HOST", "{domian} is no placeholder"),
    settings("a name below the domain", '[upgrade.env]\nHOST = "minio.{domain}"\n', "upgrade.env.HOST", "covers one label"),
    settings("a probe of two kinds", '[[ready]]\nhttp = "/"\ntcp = 80\n', "ready[0].http", "either http or tcp"),
    settings("a port out of range", "[[ready]]\ntcp = 70000\n", "ready[0].tcp", "out of range"),
    settings("an exception without a reason", '[[allow]]\nservice = "app"\nkey = "ports"\nvalue = "1:1"\n', "allow[0].reason", "is missing"),
    settings("itself as a dependency", f'requires = ["{RECIPE}"]\n', "requires", "needs itself"),
    settings("a dependency that cannot be a name", 'requires = ["Key Cloak"]\n', "requires", "Key Cloak"),
    # Files of tests/<recipe>/ that would never run.
    listed("test_it.sh: not executable", {"test_it.sh": Plain("#!/bin/sh\n")}, "test_it.sh: would never run", "chmod +x"),
    listed("test_it: a first line that ends as on Windows", {"test_it": "#!/bin/sh\r\nexit 0\r\n"}, "test_it: cannot be run", "line 1", "carriage return"),
    listed("install_steps.sh: a first line that ends as on Windows", {"install_steps.sh": "#!/bin/sh\r\nexit 0\r\n"}, "install_steps.sh: cannot be run", "carriage return"),
    listed("test_it: an interpreter that there is not", {"test_it": "#!/usr/bin/no-such-shell\n"}, "test_it: cannot be run", "line 1", "/usr/bin/no-such-shell"),
    listed("test_it: no first line for the kernel", {"test_it": Executable("exit 0\n")}, "test_it: cannot be run", "line 1: names no interpreter"),
    listed("pre_upgrade: not executable", {"pre_upgrade": Plain("#!/bin/sh\n")}, "pre_upgrade: would never run", "no hook is called so"),
    listed("pre_upgrad.sh: a hook that there is not", {"pre_upgrad.sh": "#!/bin/sh\nexit 0\n"}, "pre_upgrad.sh: would never run", "no hook is called so"),
    listed("pre_custom.sh: a hook that there is not", {"pre_custom.sh": "#!/bin/sh\nexit 0\n"}, "pre_custom.sh: would never run", "no hook is called so"),
    listed("backup_verify: twice", {"backup_verify.sh": "#!/bin/sh\n", "backup_verify.py": ""}, "backup_verify.sh: would never run", "backup_verify.py"),
    listed("tests/test_it.py: a folder that is none for tests", {"tests/test_it.py": ""}, "tests/test_it.py: would never run", "is no folder for tests"),
    listed("functional/test_it: not executable", {"functional/test_it": Plain("#!/bin/sh\n")}, "functional/test_it: would never run"),
    listed("ops.py: a folder in its place", {"ops.py": Folder}, "ops.py"),
    listed("test_it.py: a link that leads nowhere", {"test_it.py": Link("nowhere.py")}, "test_it.py", "leads nowhere"),
    # compose.ccci.yml
    environment("an image", "services:\n  app:\n    image: busybox\n", "line 3", "image"),
    environment("no services", "environment:\n  A: b\n", "line 2", "environment"),
    environment("nothing", "", "compose.ccci.yml"),
    environment("a tab", "services:\n\tapp:\n", "line 2"),
    environment("a list of services", "services:\n  - app\n", "compose.ccci.yml"),
    environment("a key twice", "services:\n  app:\n    environment: {A: b}\n  app:\n    environment: {A: c}\n", "line 4", "app"),
    environment("a folder in its place", Folder, "compose.ccci.yml"),
    Broken("compose.ccci.yml: a service that there is not", ("compose.ccci.yml: line 3: aap", "did you mean app?"), overlay={
        "compose.ccci.yml": "services:\n  aap:\n    environment: {A: b}\n"}, edits={}, weight=3),
    # Hooks.
    ops("a syntax error", "def pre_install(domain, meta)\n    pass\n", "pre_install", "line 1", "SyntaxError"),
    ops("an import that there is not", "import no_such_module\n", "line 1", "No module named 'no_such_module'"),
    ops("an exception", "def pre_install(domain, meta):\n    seed = {}\n    return seed['note']\n", "line 3", "KeyError: 'note'"),
    ops("an exception while it is read", "SEED = int('ten')\n", "line 1", "ValueError: invalid literal"),
    ops("a hook with other parameters", "def pre_install():\n    pass\n", "pre_install", "(domain, meta)"),
    ops("a hook that cannot be called", "pre_install = 'seed'\n", "pre_install", "is no function"),
    ops("it ends the program", "import sys\n\n\ndef pre_install(domain, meta):\n    sys.exit('no seed today')\n", "no seed today"),
    ops("it ends the process", "import os\n\n\ndef pre_install(domain, meta):\n    os._exit(7)\n", "exit 7"),
    ops("it never ends", "def pre_install(domain, meta):\n    while True:\n        pass\n", "no end after 3 s", limit="3s"),
    ops("bytes that are no UTF-8", b"SEED = 'caf\xe9'\n", "utf-8"),
    ops("a NUL byte", b"def pre_install(domain, meta):\n    pass\n\x00", "null bytes"),
    ops("a hook that there is not", "def pre_instal(domain, meta):\n    pass\n", "pre_instal", "no hook is called so"),
    hook("pre_install.sh: a syntax error", {"pre_install.sh": "#!/bin/sh\nif then\n"}, "pre_install.sh", "Syntax error"),
    hook("pre_install.sh: a command that there is not", {"pre_install.sh": "#!/bin/sh\nset -e\nno-such-command\n"}, "pre_install.sh", "exit 127", "no-such-command"),
    hook("install_steps.sh: no end", {"install_steps.sh": "#!/bin/sh\nread -r line </dev/zero\n"}, "install_steps.sh", "no end after 3 s", limit="3s"),
    hook("install_steps.sh: bytes that are no text", {"install_steps.sh": b"#!/bin/sh\nprintf '\\033[2J\\377\\376\\n' >&2\nexit 4\n"}, "install_steps.sh", "exit 4"),
    # Tests.
    test("test_install.py: a syntax error", {"test_install.py": "def test_it(:\n    pass\n"}, "test_install.py", "line 1", "SyntaxError"),
    test("test_install.py: an import that there is not", {"test_install.py": "import no_such_module\n"}, "test_install.py", "No module named 'no_such_module'"),
    test("test_install.py: a fixture that there is not", {"test_install.py": "def test_it(ap):\n    pass\n"}, "fixture 'ap' not found"),
    test("test_install.py: no test in it", {"test_install.py": "def check_it(app):\n    pass\n"}, "test_install.py", "no test was collected"),
    test("test_install.py: empty", {"test_install.py": ""}, "test_install.py", "no test was collected"),
    test("test_install.py: it ends the program while it is read", {"test_install.py": "import sys\nsys.exit('not today')\n"}, "test_install.py", "not today"),
    test("test_install.py: it ends the process", {"test_install.py": "import os\n\n\ndef test_it():\n    os._exit(0)\n"}, "test_install.py", "no test was collected"),
    test("test_install.py: bytes that are no UTF-8", {"test_install.py": b"SEED = 'caf\xe9'\n"}, "test_install.py", "utf-8"),
    test("test_install.py: a conftest.py that does not parse", {"conftest.py": "import\n", "test_install.py": "def test_it():\n    pass\n"}, "conftest.py", "line 1"),
    test("test_install.py: the deps of a recipe that has none", {"test_install.py": "def test_it(deps):\n    deps['keycloak']\n"}, "keycloak is no dependency of this run", exit=1),
    test("test_install: a syntax error", {"test_install": "#!/bin/sh\nif then\n"}, "test_install", "Syntax error", exit=1),
    # compose.yml of the pull request
    compose("a tab", swap("    networks:\n", "\tnetworks:\n"), "line "),
    compose("a bracket that is not closed", swap('test: ["CMD"', 'test: [["CMD"'), "line "),
    compose("a key twice", swap("    image: ", "    image: a\n    image: "), "line ", "image"),
    compose("a service twice", lambda text: text.replace("\nnetworks:\n  proxy:", "\n  app:\n    image: busybox\n\nnetworks:\n  proxy:", 1), "app"),
    compose("empty", "", "compose.yml"),
    compose("words", "hello\n", "line 1", "is no compose file"),
    compose("a list of services", "services:\n  - app\n", "compose.yml"),
    compose("a service that is a word", "services:\n  app: nginx\n", "line 2", "app"),
    compose("no service app", lambda text: text.replace("\n  app:\n", "\n  web:\n", 1), "no service named app", "web"),
    compose("no services", lambda text: re.sub(r"(?s)services:.*?\nnetworks:", "networks:", text), "no service named app"),
    compose("no image", lambda text: re.sub(r"    image: .*\n", "", text, count=1), "app", "image"),
    compose("bytes that are no UTF-8", b"services:\n  app:\n    image: caf\xe9\n", "line 3"),
    compose("a NUL byte", b"services:\n  app:\n    image: a\x00b\n", "compose.yml"),
    compose("an alias that there is not", swap("    networks:\n", "    labels: *common\n    networks:\n"), "line ", "common"),
    compose("a thousand million laughs", LAUGHS, "compose.yml"),
    compose("an anchor that holds itself", "x-app: &app\n  again: *app\nservices:\n  app: *app\n", "compose.yml"),
    compose("two documents", lambda text: text + "---\nservices:\n  app:\n    image: busybox\n", "compose.yml"),
    compose("a tag", swap("    image: ", "    image: !!python/object:os.system "), "compose.yml"),
    compose("mappings in mappings without end", "services: " + "{a: " * 20000 + "\n", "compose.yml"),
    compose("16 MiB of comments", lambda text: text + "# a comment\n" * (16 << 20 >> 3), "too large"),
    compose("an expression that is not closed", swap("${STACK_NAME}", "${STACK_NAME"), "line ", "${STACK_NAME"),
    compose("an expression that docker does not know", swap("${TIMEOUT:-300}", "${TIMEOUT|300}"), "line ", "${TIMEOUT|300}"),
    compose("a variable that must be set", swap("${TIMEOUT:-300}", "${SPEED:?say how fast}"), "SPEED", "say how fast"),
    compose("a folder in its place", Folder, "is a folder"),
    compose("no such file", None, "does not exist"),
    compose("a link out of the recipe", Link("/etc/passwd"), "compose.yml", "a link that leads out"),
    # What stands in more than one file is named by service and key.
    recipe("compose.yml: a word for a number", {COMPOSE: swap("      update_config:\n", "      replicas: many\n      update_config:\n")}, "app: deploy.replicas", '"many"', exit=2),
    recipe("compose.yml: a network that there is not", {COMPOSE: swap("    networks:\n      - proxy\n", "    networks:\n      - prxy\n")}, "service app", 'network "prxy"', exit=1),
    # .env.sample
    recipe(".env.sample: no such file", {".env.sample": None}, ".env.sample"),
    recipe(".env.sample: a folder in its place", {".env.sample": Folder}, ".env.sample", "is a folder"),
    recipe(".env.sample: a NUL byte", {".env.sample": lambda text: text + "A=\0\n"}, ".env.sample", "NUL"),
    recipe(".env.sample: bytes that are no UTF-8", {".env.sample": b"TYPE=custom-html\nTITLE=caf\xe9\n"}, ".env.sample", "UTF-8"),
    recipe(".env.sample: a compose file that there is not", {".env.sample": lambda text: text + 'COMPOSE_FILE="compose.yml:compose.smtp.yml"\n'}, "compose.smtp.yml", "does not exist"),
    recipe(".env.sample: a compose file out of the recipe", {".env.sample": lambda text: text + 'COMPOSE_FILE="../../etc/passwd"\n'}, "passwd"),
    # abra.sh
    recipe("abra.sh: another app's stack", {"abra.sh": "export STACK_NAME=demo-decade_ci_localhost\n"}, "abra.sh", "STACK_NAME"),
    recipe("abra.sh: a folder in its place", {"abra.sh": Folder}, "abra.sh", "is a folder"),
    recipe("abra.sh: a link out of the recipe", {"abra.sh": Link("/etc/passwd")}, "abra.sh", "a link that leads out"),
]

# Swift's own last words, and frames of the small library for recipe authors.
FALLEN = re.compile(r"Fatal error|Stack dump|\bCrash:|Illegal instruction|Segmentation fault|\.swift:\d+|File \"[^\"]*/ccci_test/|File \"[^\"]*/tests/conftest\.py")


def tried(one: Broken, variables: dict[str, str], commands: Path) -> tuple[Answer, bool]:
    """What ccci-run said, and whether it went as far as a run."""
    with Installation({**variables, "CCCI_RUN_OVERLAY_LIMIT": one.limit}, commands, RECIPE) as place:
        place.overlay(one.overlay)
        if one.edits is None:
            plan = place.plan()
            return Answer(plan.returncode, plan.stdout, plan.stderr, None, place.record()), False
        target = ["--tiers", "install", *place.pull_request(1, one.edits)]
        plan = place.plan(*target)
        if plan.returncode:
            return Answer(plan.returncode, plan.stdout, plan.stderr, None), False
        return place.run(*target, domain=json.loads(plan.stdout)["domain"]), True


def complaints(one: Broken, answer: Answer, ran: bool) -> list[str]:
    """What is not as it should be."""
    found: list[str] = []
    message = answer.message
    if not message and answer.results:
        # As the summary says it: tier, test, reason.
        failure = answer.results.get("failure") or {}
        message = [": ".join(failure[key] for key in ("tier", "test", "because") if failure.get(key))]
    text = " / ".join(message)

    def want(what: str, is_so: object, seen: object) -> None:
        if not is_so:
            found.append(f"{what}, but {seen}")

    want(f"exit {one.exit}", answer.exit == one.exit, f"{answer.exit}: {text or answer.errors.strip()[-300:]}")
    for words in one.says:
        want(f"the words {words!r}", words in text, repr(text[:500]))
    want("a message of one or two lines", 1 <= len(message) <= 2 and not any("\n" in line for line in message), repr(message))
    place = FALLEN.search(answer.said)
    want("no stack trace of ours", place is None, place and repr(answer.said[max(0, place.start() - 80):place.end() + 120]))
    want("nothing left", not answer.left, answer.left)
    if not ran:
        want("nothing begun", not answer.record and not answer.output, f"{sorted(answer.record)} {answer.output[:100]}")
    if answer.results:
        want("a clean teardown", answer.results["flags"]["clean_teardown"], answer.results["flags"])
    return found
