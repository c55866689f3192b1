"""Each rule of the check catches a bad example: layout, synopses, settings, units, pipelines, pages."""

import importlib.machinery
import importlib.util
import json
import os
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import evaluation
import formatting
import pages
import pipelines
import pytest
import settings
import synopsis
import units

ROOT = evaluation.ROOT
STORE = "/pkgs"
Everything = dict[str, Any]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{\n\ta = 1;\n}\n", ":2: a tab"),
        ("{ }  \n", ":1: blanks at the end"),
        ("{\n   a = 1;\n}\n", ":2: indentation"),
        ("{ }", "must end with one newline"),
        ("{ }\n\n", "must end with one newline"),
        ("{\n\n\n}\n", ":3: two empty lines"),
        (f"# {'x' * 140}\n", ":1: longer than 140"),
    ],
)
def test_a_layout_that_is_not_ours_is_named(text: str, words: str) -> None:
    assert any(words in one for one in formatting.complaints(Path("a.nix"), text))


def test_our_layout_is_not_complained_of() -> None:
    assert formatting.complaints(Path("a.nix"), "{\n  a = 1;\n\n  b = [\n    2\n  ];\n}\n") == []


def test_a_file_that_does_not_parse_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.nix"
    path.write_text("{ a = ; }\n", encoding="utf-8")
    assert "syntax error" in (evaluation.parse(path) or "")
    path.write_text("{ a = 1; }\n", encoding="utf-8")
    assert evaluation.parse(path) is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ccci-alerts relay", None),
        ("ccci-alerts relay --now", None),
        ("ccci-alerts", None),
        ("ccci-alerts --check", None),
        ("ccci-alerts ack --all", None),
        ("ccci-janitor --dry-run", None),
        ("ccci-snap verify notes --json", None),
        ("ccci-run notes --version 1.0.0+1.2.0 --tiers install,upgrade", None),
        ("ccci-run plan notes --ref 0123", None),
        ("ccci-run list -n 3", None),
        ("ccci-run --help", None),
        ("ccci-alerts relay --every", "no flag --every"),
        ("ccci-alerts send", "takes no argument send"),
        ("ccci-janitor --age 3", "no flag --age"),
        ("ccci-snap make notes", "no such verb"),
        ("ccci-runs notes", "no such command"),
    ],
)
def test_command_lines_are_compared_with_the_pages(line: str, words: str | None, commands: dict[str, list[synopsis.Form]]) -> None:
    said = synopsis.complaint(line, commands)
    assert said is None if words is None else words in (said or "")


def test_a_page_without_a_synopsis_is_an_error(tmp_path: Path) -> None:
    tmp_path.joinpath("ccci-x.md").write_text("# ccci-x\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no synopsis"):
        synopsis.of_pages(tmp_path)


def test_the_units_of_a_host_with_everything_are_right(everything: Everything, commands: dict[str, list[synopsis.Form]]) -> None:
    assert len(everything["services"]) >= 13
    assert units.complaints(everything, STORE, commands) == []


def _service(name: str, **changes: Any) -> Callable[[Everything], None]:
    def change(evaluated: Everything) -> None:
        service = evaluated["services"][name]
        for key, value in changes.items():
            if key in service:
                service[key] = value
            else:
                service["serviceConfig"][key] = value

    return change


def _drop(kind: str, name: str) -> Callable[[Everything], None]:
    return lambda evaluated: evaluated[kind].pop(name)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_service("ccci-janitor", ExecStart=f"{STORE}/cc-ci/bin/ccci-janitor --all"), "ccci-janitor: ccci-janitor --all: no flag --all"),
        (_service("ccci-janitor", ExecStart=f"{STORE}/cc-ci/bin/ccci-sweeper"), "ccci-sweeper: no such command"),
        (_service("ccci-janitor", ExecStart="/usr/bin/docker system prune --all"), "neither a command nor a script of ours"),
        (_service("ccci-janitor", ExecStart=None), "no ExecStart"),
        (_service("ccci-janitor", ExecStartPre=f"-{STORE}/cc-ci/bin/ccci-poll twice"), "ccci-poll twice"),
        (_service("cc-ci-swarm", ExecStart=f"{STORE}/cc-ci-host-scripts/bin/cc-ci-warm"), "cc-ci-warm: no such script"),
        (_service("cc-ci-swarm", ExecStart=f"{STORE}/cc-ci-host-scripts/bin/cc-ci-swarm now"), "takes no arguments"),
        (_service("cc-ci-swarm", environment={"HOME": "/root"}), "wants SWARM_ADVERTISE, and the unit does not set it"),
        (_service("ccci-poll", ExecStart=f"{STORE}/cc-ci/bin/ccci-poll once token=abc"), "everybody on the host can read a command line"),
        (_service("ccci-poll", ExecStart=f"{STORE}/cc-ci/bin/ccci-poll once $DRONE"), "everybody on the host can read a command line"),
        (_service("ccci-poll", environment={"DRONE_TOKEN": "0123"}), "DRONE_TOKEN: its value would stand in the store"),
        (_service("ccci-poll", environment={"URL": "https://me:" + "pass@h"}), "URL: holds a password"),
        (_service("ccci-poll", after=["network-online.target"], wants=[]), "network-online.target must be in wants"),
        (_service("ccci-poll", after=["networking.service"]), "networking.service: no such unit"),
        (_service("ccci-poll", Type="simple"), "a timer starts it"),
        (_service("ccci-poll", TimeoutStartSec=None), "it may hang for ever"),
        (_service("ccci-reconcile-keycloak", after=["docker.service", "network-online.target", "cc-ci-swarm.service"]), "ccci-reconcile-traefik.service must be in after"),
        (_service("ccci-reconcile-traefik", requires=[]), "docker.service must be in requires"),
        (_service("ccci-reconcile-traefik", after=["docker.service"]), "cc-ci-swarm.service must be in after"),
        (_service("ccci-reconcile-traefik", RemainAfterExit=False), "must be a oneshot that remains"),
        (_service("drone-runner-exec", restartIfChanged=True), "a switch would restart it"),
        (_service("cc-ci-nightly", restartIfChanged=True), "a switch would restart it"),
        (_drop("services", "ccci-janitor"), "ccci-janitor.timer: there is no ccci-janitor.service"),
        (_drop("services", "ccci-poll-hook@"), "ccci-poll-hook.socket: there is no ccci-poll-hook@.service"),
    ],
)
def test_a_broken_unit_is_named(
    change: Callable[[Everything], None], words: str, everything: Everything, commands: dict[str, list[synopsis.Form]]
) -> None:
    change(everything)
    assert any(words in one for one in units.complaints(everything, STORE, commands)), units.complaints(everything, STORE, commands)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_service("ccci-janitor", Colour="blue"), "Unknown key"),
        (_service("ccci-janitor", TimeoutStartSec="soon"), "TimeoutStartSec"),
        (_service("ccci-janitor", KillMode="gently"), "kill mode"),
        (_service("ccci-janitor", ExecStart="/nowhere/ccci-janitor"), "/nowhere/ccci-janitor is not executable"),
        (lambda evaluated: evaluated["timers"]["cc-ci-nightly"]["timerConfig"].update(OnCalendar="at night"), "calendar specification"),
        (lambda evaluated: evaluated["sockets"]["ccci-poll-hook"]["socketConfig"].update(ListenStream="nowhere"), "ListenStream"),
    ],
)
def test_systemd_itself_is_asked(change: Callable[[Everything], None], words: str, commands: dict[str, list[synopsis.Form]], tmp_path: Path) -> None:
    store = tmp_path / "store"
    units.fill(store, commands)
    evaluated = evaluation.evaluate(store=str(store))
    assert units.verify(evaluated, tmp_path / "right") == []
    change(evaluated)
    assert any(words in line for line in units.verify(evaluated, tmp_path / "wrong"))


def test_the_settings_are_those_of_the_page(everything: Everything) -> None:
    assert settings.complaints(everything, ROOT / "docs" / "settings.md") == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('zone = "', 'zones = "', "[host] zones: not in settings.md"),
        ("capacity = 2", "capacity = 3", "the runner's capacity is not [run] capacity"),
        ("capacity = 2", "capacity = 99", "is no 1…64"),
        ('deadline = "52m"', 'deadline = "soon"', "is no duration"),
        ('deadline = "52m"', 'deadline = "9h"', "TimeoutStopSec is too short"),
        ('shelf = "/var', 'shelf = "var', "is no path"),
        ("heartbeat = true", 'heartbeat = "yes"', "is no bool"),
        ("[run]", "[run", "does not parse"),
    ],
)
def test_a_wrong_settings_file_is_named(old: str, new: str, words: str, everything: Everything) -> None:
    assert old in everything["settings"]
    everything["settings"] = everything["settings"].replace(old, new)
    assert any(words in one for one in settings.complaints(everything, ROOT / "docs" / "settings.md"))


def test_toml_survives_every_character(tmp_path: Path) -> None:
    value = {"a": {"text": 'q" b\\ n\n t\t é ☃ \u0001', "n": -3, "yes": True, "list": ["x", "y"], "rows": [{"k": "v", "n": 1}]}, "b c": {"d": {"e": "f"}}}
    source = f"(import {ROOT}/nix/lib/toml.nix {{ lib = import {ROOT}/nix/checks/lib.nix; }}) (builtins.fromJSON (builtins.readFile {tmp_path}/v.json))"
    tmp_path.joinpath("v.json").write_text(json.dumps(value), encoding="utf-8")
    text = json.loads(evaluation.instantiate("--eval", "--strict", "--json", "-E", source))
    assert tomllib.loads(text) == value


GOOD = (ROOT / ".drone.yml").read_text(encoding="utf-8")


def test_our_pipelines_keep_the_rules(commands: dict[str, list[synopsis.Form]]) -> None:
    assert pipelines.complaints(GOOD, commands) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("bin/ccci-run", "bin/ccci-run ${RECIPE}", "a dollar and a brace"),
        ("- /run/current", "- exec /run/current", "would be killed without a word"),
        ("/run/current-system/sw/bin/ccci-run", "ccci-run", "must be the host's own"),
        ("bin/ccci-run", "bin/ccci-run --ref", "its first command must be"),
        ("bin/ccci-run", "bin/ccci-run --fast", "no flag --fast"),
        ("    - custom\n", "    - custom\n    - pull_request\n", "of push and custom alone"),
        ("    - push\n", "    - pull_request\n", "0 pipelines for the event push"),
        ("type: exec\nname: recipe", "type: docker\nname: recipe", "must be a pipeline of type exec"),
        ("name: recipe", "name: recipe\nconcurrency:\n  limit: 1", "no concurrency limit"),
        ("- .ci/check", "- make", "neither a command of ours"),
        ("trigger:\n  event:\n    - push", "trigger: {}", "its trigger must name events"),
        ("kind: pipeline", "kind: [", "does not parse"),
    ],
)
def test_a_pipeline_that_breaks_a_rule_is_named(old: str, new: str, words: str, commands: dict[str, list[synopsis.Form]]) -> None:
    assert old in GOOD
    assert any(words in one for one in pipelines.complaints(GOOD.replace(old, new), commands))


def test_the_tables_of_secrets_are_compared(everything: Everything) -> None:
    assert pages.secrets(everything, ROOT) == []
    everything["secrets"]["new_token"] = {"class": "operator", "readers": ["x"]}
    everything["secrets"]["forge_token"]["readers"] = ["ccci-run"]
    del everything["secrets"]["hook_secret"]
    said = "\n".join(pages.secrets(everything, ROOT))
    assert "new_token: no row" in said and "forge_token: says" in said and "hook_secret: no module declares it" in said


def test_a_secret_for_others_is_named(everything: Everything) -> None:
    everything["sops"]["forge_token"]["mode"] = "0444"
    assert any("forge_token: others than root could read it" in one for one in pages.secrets(everything, ROOT))


def test_wrong_words_in_the_guides_are_named(commands: dict[str, list[synopsis.Form]], tmp_path: Path) -> None:
    tmp_path.joinpath("docs").mkdir()
    for page in pages.PAGES:
        tmp_path.joinpath("docs", f"{page}.md").write_text(
            "```\n$ ccci-janitor --age\n```\n\n`scripts/nothing` and [a page](nowhere.md) and ok.\n", encoding="utf-8"
        )
    said = "\n".join(pages.command_lines(tmp_path, commands))
    assert "no flag --age" in said and "scripts/nothing: there is no such file" in said


def test_dead_links_are_named(tmp_path: Path) -> None:
    tmp_path.joinpath("a.md").write_text(
        "# One, two\n\n[ok](b.md) [ok](b.md#in-b) [ok](#one-two) [ok](https://x/y) [bad](c.md) [bad](b.md#in-a) [bad](#three)\n```\n[code](d.md)\n```\n",
        encoding="utf-8",
    )
    tmp_path.joinpath("b.md").write_text("## In `b`!\n", encoding="utf-8")
    assert pages.links(tmp_path, [Path("a.md"), Path("b.md")]) == ["a.md: c.md: dead link", "a.md: b.md#in-a: no such heading", "a.md: #three: no such heading"]


def test_names_that_are_none_are_named(everything: Everything, tmp_path: Path) -> None:
    tmp_path.joinpath("docs").mkdir()
    tmp_path.joinpath("docs", "settings.md").write_text((ROOT / "docs" / "settings.md").read_text(encoding="utf-8"), encoding="utf-8")
    for page in pages.PAGES:
        tmp_path.joinpath("docs", f"{page}.md").write_text(
            "`ccci.pol.enable`, `ccci.poll.enable`, `ccci.alerts.sinks.chat`, `ccci-polls.timer`, systemctl start cc-ci-night, `[run] speed`, `[run] deadline`\n",
            encoding="utf-8",
        )
    said = [line.removeprefix("docs/install.md: ") for line in pages.names(everything, tmp_path) if line.startswith("docs/install.md")]
    assert sorted(said) == [
        "[run] speed: no such setting",
        "ccci-polls.timer: no such unit",
        "ccci.pol.enable: no such option",
        "systemctl start cc-ci-night: no such unit",
    ]


def test_the_guides_are_right(everything: Everything, commands: dict[str, list[synopsis.Form]]) -> None:
    assert pages.command_lines(ROOT, commands) == []
    assert pages.names(everything, ROOT) == []


def _check_secrets() -> Any:
    loader = importlib.machinery.SourceFileLoader("check_secrets", str(ROOT / "scripts" / "check-secrets"))
    spec = importlib.util.spec_from_loader("check_secrets", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


DASHES = "-----"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("docs/a.md", f"{DASHES}BEGIN OPENSSH PRIVATE KEY{DASHES}\n", "a private key"),
        ("docs/a.md", "AGE-SECRET" + "-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQ\n", "an age secret key"),
        ("a.nix", 'token = "0123456789abcdef0123456789abcdef";\n', "a long value"),
        ("a.yml", "  drone_rpc_secret: 0123456789abcdef0123456789abcdef\n", "a long value"),
        ("a.py", 'URL = "https://bot:' + 'hunter2hunter2@git.example.org"\n', "a URL with a password"),
        ("config.json", '{"auths": {"docker.io": {"auth": "' + "bWU6cGFzc3dvcmQ=" + '"}}}\n', "a docker login"),
        ("secrets/cc-ci.yaml", "forge_token: abc\n", "is not encrypted by sops"),
        ("secrets/cc-ci.yaml", "a: ENC[AES256_GCM,data:x]\nforge_token: abc\nsops:\n  mac: ENC[x]\n", "line 2 is not encrypted"),
        ("secrets/notes.txt", "anything\n", "is not encrypted by sops"),
    ],
)
def test_a_plain_secret_is_found(name: str, text: str, words: str) -> None:
    said = _check_secrets().of_file(name, text)
    assert len(said) == 1 and words in said[0]
    assert "0123456789abcdef" not in said[0] and "hunter2" not in said[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("secrets/README.md", "names, and no values\n"),
        ("secrets/sops.yaml.example", "keys: [age1…]\n"),
        ("secrets/cc-ci.yaml", "# who\nforge_token: ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]\nsops:\n  mac: ENC[x]\n"),
        ("a.nix", 'tokenFile = "/run/secrets/forge_token_number_1";\n'),
        ("a.nix", 'secretFile = cfg.hook.secretFile.number1.of.them;\n'),
        ("docs/a.md", "the token 0123456789abcdef0123456789abcdef is an example\n"),
        ("a.yml", "token: 0123456789abcdef0123456789abcdef # not-a-secret\n"),
        ("a.md", "https://user:…@host is never written\n"),
    ],
)
def test_what_is_no_secret_is_let_be(name: str, text: str) -> None:
    assert _check_secrets().of_file(name, text) == []


def test_the_check_says_when_it_cannot_run(tmp_path: Path) -> None:
    for program in ("git", "python3", "env"):
        tmp_path.joinpath(program).symlink_to(f"/usr/bin/{program}")
    environment = {**os.environ, "PATH": str(tmp_path)}
    done = subprocess.run([ROOT / "scripts" / "check-nix"], capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 72
    assert "CANNOT CHECK nix/: there is no nix-instantiate" in done.stderr and "apt-get install nix-bin" in done.stderr
