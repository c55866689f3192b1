"""Broken values of options: each makes an assertion fail, with the sentence that says the fix."""

import functools
import re
from pathlib import Path

import evaluation
import pytest

# What is wrong → the module that does it, and the beginning of what is said. Every assertion of the modules has a row (a test below).
BROKEN: dict[str, tuple[str, str]] = {
    "no zone": ('{ lib, ... }: { ccci.zone = lib.mkForce ""; }', 'ccci.zone: "" is no domain: set it to'),
    "a zone with capitals": ('{ lib, ... }: { ccci.zone = lib.mkForce "CI.example.org"; }', 'ccci.zone: "CI.example.org" is no domain'),
    "a token without a host": (
        '{ lib, ... }: { ccci.forge.url = lib.mkForce null; ccci.forge.tokenFile = "/run/secrets/x"; ccci.poll.enable = lib.mkForce false; ccci.nightly.sweep = false; }',
        "ccci.forge: url and tokenFile go together",
    ),
    "an open line to the git host": ('{ lib, ... }: { ccci.forge.url = lib.mkForce "http://git.example.org"; }', "ccci.forge.url: the token would go over"),
    "an unknown setting": ("{ ccci.settings.run.deadlin = \"1m\"; }", "ccci.settings: [run] deadlin: no command knows it"),
    "an unknown table": ("{ ccci.settings.runs.deadline = \"1m\"; }", "ccci.settings: [runs] deadline: no command knows it"),
    "no file of secrets": ("{ lib, ... }: { ccci.sops.file = lib.mkForce /nowhere/cc-ci.yaml; }", "ccci.sops.file: /nowhere/cc-ci.yaml is not there: fetch"),
    "no key": (
        "{ lib, ... }: { ccci.sops.hostKey = null; ccci.sops.recoveryKey = lib.mkForce null; }",
        "ccci.sops: there is no key to decrypt with",
    ),
    "a small network": ('{ ccci.swarm.subnet = "10.0.1.0/24"; }', "ccci.swarm.subnet: 10.0.1.0/24 is too small"),
    "live restore": ("{ lib, ... }: { virtualisation.docker.liveRestore = lib.mkForce true; }", "virtualisation.docker.liveRestore: docker refuses"),
    "no firewall": ("{ lib, ... }: { networking.firewall.enable = lib.mkForce false; }", "networking.firewall.enable: the swarm's"),
    "another name of config.json": ('{ ccci.dockerAuth.path = "/root/.docker/auth.json"; }', "ccci.dockerAuth.path: docker reads no other name"),
    "somebody else prunes": ("{ virtualisation.docker.autoPrune.enable = true; }", "virtualisation.docker.autoPrune.enable: it removes images"),
    "a mark above the refusal": ("{ ccci.dockerPrune.mark = 95; }", "ccci.dockerPrune.mark: 95 is not below [run] disk_refuse"),
    "a mirror of an open line": ('{ ccci.registryMirror.upstream = "http://hub"; }', "ccci.registryMirror.upstream: http://hub: write an https://"),
    "a reconciler that does not wait": ('{ ccci.reconcile.wait = "5m"; }', "ccci.reconcile.wait: 5m is shorter than one run"),
    "a name that is no unit": ('{ ccci.reconcile.apps."Key Cloak" = { domain = "k.ci.example.org"; }; }', "ccci.reconcile.apps.Key Cloak: no name for a unit"),
    "two labels below the zone": (
        '{ ccci.reconcile.apps.minio.domain = "minio.files.ci.example.org"; }',
        "ccci.reconcile.apps.minio.domain: minio.files.ci.example.org is not one label below ci.example.org",
    ),
    "a domain elsewhere": ('{ ccci.reconcile.apps.minio.domain = "minio.example.org"; }', "ccci.reconcile.apps.minio.domain: minio.example.org is not one"),
    "after nobody": ('{ ccci.reconcile.apps.minio.after = [ "nobody" ]; ccci.nightly.enable = (import <lib>).mkForce false; }', "ccci.reconcile.apps.minio.after: nobody"),
    "certificates from somebody": (
        '{ lib, ... }: { ccci.traefik.env.LETS_ENCRYPT_ENV = "production"; }',
        "ccci.reconcile.apps.traefik.env.LETS_ENCRYPT_ENV: certificates are never requested",
    ),
    "one file for both": ('{ ccci.traefik.keyFile = "/run/secrets/wildcard_cert"; }', "ccci.traefik: the certificate and its key are one file"),
    "an open line to keycloak": ('{ ccci.keycloak.url = "http://keycloak.ci.example.org"; }', "ccci.keycloak.url: http://keycloak.ci.example.org: the password goes there"),
    "an open line to drone": ('{ ccci.drone.url = "http://drone.ci.example.org"; }', "ccci.drone.url: http://drone.ci.example.org: the token goes there"),
    "a path behind drone": ('{ ccci.drone.url = "https://drone.ci.example.org/"; }', "ccci.drone.url: https://drone.ci.example.org/: the token goes there"),
    "no repository": ('{ ccci.drone.repository = "cc-ci"; }', "ccci.drone.repository: cc-ci names no repository: write owner/name"),
    "drone kills the teardown": ("{ ccci.drone.buildTimeout = 55; }", "ccci.drone.buildTimeout: Drone would kill a run before its teardown has ended: write at least 60"),
    "drone kills the teardown of a longer run": ('{ ccci.settings.run.deadline = "70m"; }', "ccci.drone.buildTimeout: Drone would kill a run before its teardown has ended: write at least 78"),
    "no OAuth application": ('{ lib, ... }: { ccci.drone.server.clientId = lib.mkForce ""; }', "ccci.drone.server: giteaDomain, clientId and admin are needed"),
    "a password in the store": ('{ ccci.backupbot.repository = "rest:https://me:x@b.example.org"; }', "ccci.backupbot.repository: it holds a password"),
    "a runner without a server": (
        "{ lib, ... }: { ccci.drone.enable = lib.mkForce false; ccci.poll.enable = lib.mkForce false; }",
        "ccci.droneRunner.enable: it has no server",
    ),
    "every repository": ("{ ccci.droneRunner.limitRepos = [ ]; }", "ccci.droneRunner.limitRepos: an empty list means every repository"),
    "pull requests": ('{ ccci.droneRunner.limitEvents = [ "push" "pull_request" ]; }', "ccci.droneRunner.limitEvents: whoever opens a pull request"),
    "every event": ("{ ccci.droneRunner.limitEvents = [ ]; }", "ccci.droneRunner.limitEvents: whoever opens a pull request"),
    "a page for everybody": ('{ ccci.droneRunner.listen = ":3000"; }', "ccci.droneRunner.listen: :3000 can be reached from outside"),
    "a label with a comma": ('{ ccci.droneRunner.labels.a = "b,c"; }', "ccci.droneRunner.labels: a comma or a colon"),
    "a poller without a git host": ("{ lib, ... }: { ccci.forge.url = lib.mkForce null; }", "ccci.poll.enable: there is no git host to ask"),
    "a poller without a server": ("{ lib, ... }: { ccci.drone.enable = lib.mkForce false; }", "ccci.poll.enable: there is no server to give builds to"),
    "no repositories": ("{ lib, ... }: { ccci.poll.repositories = lib.mkForce [ ]; }", "ccci.poll.repositories: nobody's comments would be read"),
    "a repository without an owner": ('{ ccci.poll.repositories = [ "notes" ]; }', "ccci.poll.repositories: nobody's comments would be read"),
    "a hook without a port": ('{ ccci.poll.hook.listen = "127.0.0.1"; }', "ccci.poll.hook.listen: 127.0.0.1 is no address with a port"),
    "hooks without an address": ("{ lib, ... }: { ccci.poll.hook.address = lib.mkForce null; }", "ccci.poll.hook.register: the git host must be told"),
    "a hook for everybody": ('{ ccci.poll.hook.listen = "0.0.0.0:8099"; }', "ccci.poll.hook.listen: every address of this host"),
    "a sweep without a poller": ("{ lib, ... }: { ccci.poll.enable = lib.mkForce false; ccci.nightly.sweep = true; }", "ccci.nightly.sweep: ccci-poll feeds"),
    "an idle night": (
        "{ lib, ... }: { ccci.nightly.sweep = false; ccci.nightly.rebuild.enable = lib.mkForce false; ccci.reconcile.enable = lib.mkForce false; }",
        "ccci.nightly.enable: there is nothing to do",
    ),
    "a night that does not wait": ('{ ccci.nightly.wait = "10m"; }', "ccci.nightly.wait: 10m is shorter than one run"),
    "a janitor without a pause": ('{ ccci.janitor.every = "5s"; }', "ccci.janitor.every: 5s would list the whole swarm"),
    "a sink that is no table": ('{ ccci.alerts.sinks."My Chat".url = "https://c"; }', "ccci.alerts.sinks.My Chat: no name for a table"),
    "a sink that is a key": ('{ ccci.alerts.sinks.retry.url = "https://c"; }', "ccci.alerts.sinks.retry: no name for a table"),
    "a sink with nothing": ("{ ccci.alerts.sinks.chat2 = { }; }", "ccci.alerts.sinks.chat2: an alert goes to a program or to an address"),
    "a sink with both": ('{ ccci.alerts.sinks.mail.url = "https://c"; }', "ccci.alerts.sinks.mail: an alert goes to a program or to an address"),
    "a token for a program": ('{ ccci.alerts.sinks.mail.tokenFile = "/x"; }', "ccci.alerts.sinks.mail.tokenFile: a program gets no token"),
}
BROKEN["after nobody"] = ('{ lib, ... }: { ccci.reconcile.apps.minio.after = [ "nobody" ]; ccci.nightly.enable = lib.mkForce false; }', BROKEN["after nobody"][1])

# What types alone refuse, and what no option is.
REFUSED = {
    "a capacity of 0": ("{ ccci.droneRunner.capacity = 0; }", "ccci.droneRunner.capacity' is not of type"),
    "a duration without a unit": ('{ ccci.run.deadline = "52"; }', "ccci.run.deadline' is not of type"),
    "a version of a certificate": ('{ ccci.traefik.certificateVersion = "2"; }', "ccci.traefik.certificateVersion' is not of type"),
    "an update that nobody knows": ('{ ccci.reconcile.apps.x.update = "always"; }', "ccci.reconcile.apps.x.update' is not of type"),
    "an option that is none": ("{ ccci.zones = \"a\"; }", "ccci.zones' does not exist"),
    "an option of an app that is none": ("{ ccci.reconcile.apps.x.recip = \"a\"; }", "ccci.reconcile.apps.x.recip' does not exist"),
    "a sink of another kind": ("{ ccci.alerts.sinks.x.command = \"mail root\"; }", "ccci.alerts.sinks.x.command' is not of type"),
    "a word beside options and config": ("{ options = { }; config = { }; assertions = [ ]; }", "unsupported attribute `assertions'"),
    "an option that is none, if nothing": ("{ lib, ... }: { ccci.zones = lib.mkIf false 1; }", "ccci.zones' does not exist"),
    "two lists for one setting": ('{ lib, ... }: { ccci.settings.forge.allow = lib.mkMerge [ [ "a" ] [ "b" ] ]; }', "conflicting definition values"),
    "two zones": ('{ ccci.zone = "b.example.org"; }', "ccci.zone' has conflicting definition values"),
}


@functools.cache
def failures(module: str) -> list[str]:
    return evaluation.evaluate(extra=module)["failed"]


def test_a_host_with_everything_has_no_failed_assertion(everything: dict) -> None:
    assert everything["failed"] == []
    assert everything["sentences"] >= 35


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_value_is_answered_with_its_sentence(name: str) -> None:
    module, sentence = BROKEN[name]
    said = failures(module)
    assert any(message.startswith(sentence) for message in said), said


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_type_or_name_stops_the_evaluation(name: str) -> None:
    module, words = REFUSED[name]
    with pytest.raises(evaluation.EvaluationFailed, match=re.escape(words)):
        evaluation.evaluate(extra=module)


def test_every_assertion_is_seen_to_fail() -> None:
    """The messages in the sources, with what is put in as a wildcard: each is matched by one that was seen above."""
    seen = [message for module, _ in BROKEN.values() for message in failures(module)]
    seen += evaluation.evaluate(unpinned=True)["failed"]
    never = []
    for path in sorted((evaluation.ROOT / "nix" / "modules").glob("*.nix")):
        for message in re.findall(r'^\s*message = "((?:[^"\\]|\\.)*)";$', path.read_text(encoding="utf-8"), re.MULTILINE):
            # The nested braces of an interpolation: one level is enough here.
            pattern = ".*".join(re.escape(part) for part in re.split(r"\$\{(?:[^{}]|\{[^{}]*\})*\}", message.replace('\\"', '"')))
            if not any(re.fullmatch(pattern, one, re.DOTALL) for one in seen):
                never.append(f"{path.name}: {message}")
    assert never == []


def test_what_is_not_pinned_says_how_to_pin_it() -> None:
    said = evaluation.evaluate(unpinned=True)["failed"]
    assert any(message.startswith("ccci: no release is pinned: make cc-ci-0.1.0-x86_64-linux.tar.gz as docs/install.md says") for message in said) or "hash = null" not in _pins()
    assert any(message.startswith("abra: its source is not pinned: write the hash") for message in said) or "hash = null" not in _pins()


def _pins() -> str:
    return (evaluation.ROOT / "nix" / "packages" / "pins.nix").read_text(encoding="utf-8")


def test_the_capacity_is_one_knob() -> None:
    evaluated = evaluation.evaluate(extra="{ lib, ... }: { ccci.droneRunner.capacity = lib.mkForce 5; }")
    assert "capacity = 5\n" in evaluated["settings"]
    assert evaluated["services"]["drone-runner-exec"]["environment"]["DRONE_RUNNER_CAPACITY"] == "5"


def test_a_setting_of_the_operator_wins_over_a_typed_option_everywhere() -> None:
    evaluated = evaluation.evaluate(
        extra='{ ccci.drone.buildTimeout = 100; ccci.settings.run = { deadline = "70m"; teardown = "5m"; capacity = 3; }; ccci.settings.host.lock = "/run/l"; }'
    )
    assert 'deadline = "70m"\n' in evaluated["settings"]
    runner = evaluated["services"]["drone-runner-exec"]
    assert runner["serviceConfig"]["TimeoutStopSec"] == 75 * 60 + 300
    assert runner["environment"]["DRONE_RUNNER_CAPACITY"] == "3"
    assert evaluated["services"]["cc-ci-nightly"]["environment"]["NIGHTLY_LOCK"] == "/run/l/nightly"
    assert "d /run/l 0755 root root -" in evaluated["tmpfiles"]


def test_the_lib_of_a_nixpkgs_is_taken_when_one_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Only the way there: this nixpkgs has the stub for its lib, without the word that it is one."""
    assert evaluation.evaluate()["stub"] is (evaluation.nixpkgs() is None)
    tmp_path.joinpath("lib").mkdir()
    tmp_path.joinpath("lib", "default.nix").write_text(f'removeAttrs (import {evaluation.ROOT}/nix/checks/lib.nix) [ "isStub" ]\n', encoding="utf-8")
    monkeypatch.setenv("CCCI_NIXPKGS", str(tmp_path))
    assert evaluation.evaluate()["stub"] is False


def test_switched_off_means_nothing() -> None:
    evaluated = evaluation.evaluate(host=_bare("{ ... }: { }"))
    assert evaluated["services"] == evaluated["timers"] == evaluated["sockets"] == {}
    assert evaluated["etc"] == {} and evaluated["tmpfiles"] == []


def test_the_least_host_has_commands_a_swarm_and_a_janitor() -> None:
    evaluated = evaluation.evaluate(host=_bare('{ ... }: { ccci = { enable = true; zone = "ci.example.org"; sops.enable = false; }; }'))
    assert evaluated["failed"] == []
    assert set(evaluated["services"]) == {"cc-ci-swarm", "ccci-janitor"}
    assert evaluated["docker"]["enable"] is True
    assert set(evaluated["secrets"]) == {"wildcard_cert", "wildcard_key", "restic_password"}


def test_without_reconcile_the_apps_have_their_secrets_and_no_units() -> None:
    evaluated = evaluation.evaluate(extra="{ lib, ... }: { ccci.reconcile.enable = lib.mkForce false; }")
    assert evaluated["failed"] == []
    assert not any(name.startswith("ccci-reconcile-") for name in evaluated["services"])
    assert {"wildcard_cert", "keycloak_admin_password", "drone_client_secret"} <= set(evaluated["secrets"])
    assert any("backup-bot-two, drone, keycloak, traefik by hand" in warning for warning in evaluated["warnings"])
    assert evaluated["services"]["cc-ci-nightly"]["environment"]["NIGHTLY_RECONCILE"] == ""


def test_traefik_comes_before_what_is_behind_it_in_the_night(everything: dict) -> None:
    order = everything["services"]["cc-ci-nightly"]["environment"]["NIGHTLY_RECONCILE"].split()
    assert set(order) == {f"{name}.service" for name in everything["services"] if name.startswith("ccci-reconcile-")}
    assert order.index("ccci-reconcile-traefik.service") < min(order.index(f"ccci-reconcile-{app}.service") for app in ("keycloak", "drone"))


def test_the_poller_may_write_to_the_shelf_and_the_locks_only(everything: dict) -> None:
    config = everything["services"]["ccci-poll"]["serviceConfig"]
    assert config["ProtectSystem"] == "strict"
    assert config["ReadWritePaths"] == ["/var/lib/ci-warm", "/run/lock/cc-ci"]


def test_the_mirror_is_off_unless_asked_for() -> None:
    evaluated = evaluation.evaluate(extra="{ lib, ... }: { ccci.registryMirror.enable = lib.mkForce false; }")
    assert evaluated["registry"]["enable"] is False
    assert "registry-mirrors" not in evaluated["docker"]["daemon"]["settings"]


_PLACES: list[Path] = []


@pytest.fixture(autouse=True)
def _places(tmp_path: Path):
    _PLACES.append(tmp_path)
    yield
    _PLACES.pop()


def _bare(module: str) -> Path:
    path = _PLACES[-1] / "host.nix"
    path.write_text(module, encoding="utf-8")
    return path
