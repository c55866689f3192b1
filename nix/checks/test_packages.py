"""The packages, as the stub of nixpkgs lets them be looked at: what is fetched, checked and installed."""

import json
import os
import subprocess
from pathlib import Path

import evaluation
import pytest

PINS = """{
  ccci = { version = "1.2.3"; url = URL; hash = "sha256-x="; };
  abra = { version = "0.13.0-beta"; hash = "sha256-y="; };
}"""


def packages(url: str, what: str) -> dict:
    root = evaluation.ROOT
    source = f'let it = import {root}/nix/packages {{ pkgs = import {root}/nix/checks/pkgs.nix {{ store = "/pkgs"; }}; pins = {PINS.replace("URL", url)}; }}; in {what}'
    return json.loads(evaluation.instantiate("--eval", "--strict", "--json", "-E", source))


def test_the_release_comes_from_its_address() -> None:
    src = packages('"https://git.example.org/r.tar.gz"', "it.ccci.arguments.src.arguments")
    assert src == {"url": "https://git.example.org/r.tar.gz", "hash": "sha256-x="}


def test_a_release_without_an_address_is_put_into_the_store_by_hand() -> None:
    src = packages("null", "it.ccci.arguments.src.arguments")
    assert src["name"] == "cc-ci-1.2.3-x86_64-linux.tar.gz" and src["hash"] == "sha256-x="
    assert "nix-store --add-fixed sha256" in src["message"]


def test_every_command_is_installed_and_started_once() -> None:
    install = packages("null", "{ inherit (it.ccci.arguments) installPhase installCheckPhase; }")
    sources = {path.name for path in (evaluation.ROOT / "Sources").glob("ccci-*")}
    loop = install["installPhase"].split("for command in ")[1].split(";")[0].split()
    assert {f"ccci-{name}" for name in loop} == sources
    assert "--help" in install["installCheckPhase"]


def run_phases(tmp_path: Path, *left_out: str) -> subprocess.CompletedProcess[str]:
    """The phases on a small release, with a command that does nothing; `left_out` is not in it."""
    phases = packages("null", "{ inherit (it.ccci.arguments) installPhase installCheckPhase; }")
    for path in (evaluation.ROOT / "Sources").glob("ccci-*"):
        for place in ("bin", "share/man/man1", "share/bash-completion/completions"):
            file = tmp_path / "cc-ci" / place / (f"{path.name}.1" if place.endswith("man1") else path.name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("#!/bin/sh\n")
            file.chmod(0o755)
    for name in left_out:
        (tmp_path / "cc-ci" / name).unlink()
    script = f"runHook() {{ :; }}\n{phases['installPhase']}\n{phases['installCheckPhase']}"
    environment = {"PATH": os.environ["PATH"], "out": f"{tmp_path}/out"}
    return subprocess.run(["bash", "-euc", script], cwd=tmp_path, env=environment, capture_output=True, text=True)


def test_pages_and_completions_of_the_release_are_installed(tmp_path: Path) -> None:
    done = run_phases(tmp_path)
    assert done.returncode == 0, done.stderr
    share = tmp_path / "out/share"
    assert (share / "man/man1/ccci-run.1").is_file() and (share / "bash-completion/completions/ccci-snap").is_file()


@pytest.mark.parametrize("name", ["bin/ccci-poll", "share/man/man1/ccci-snap.1", "share/bash-completion/completions/ccci-run"])
def test_a_release_that_lacks_something_is_not_installed(tmp_path: Path, name: str) -> None:
    assert run_phases(tmp_path, name).returncode != 0


def test_abra_is_the_pinned_version() -> None:
    abra = packages("null", "{ inherit (it.abra.arguments) version vendorHash ldflags; inherit (it.abra.arguments.src.arguments) rev hash; }")
    assert abra["version"] == "0.13.0-beta" and abra["rev"] == "refs/tags/0.13.0-beta" and abra["hash"] == "sha256-y="
    assert "-X main.Version=0.13.0-beta" in abra["ldflags"]


def test_the_scripts_that_units_call_are_all_installed() -> None:
    script = packages("null", "it.host-scripts.script")
    assert "cc-ci-*" in script and "cc-ci-nightly" in script
    assert all(path.name.startswith("cc-ci-") for path in (evaluation.ROOT / "nix" / "scripts").iterdir())


def test_the_flake_offers_the_host_the_modules_and_the_packages(tmp_path: Path) -> None:
    """Its outputs, called with inputs of the test: nixpkgs is the stub, and nixosSystem gives back what it is called with."""
    root = evaluation.ROOT
    tmp_path.joinpath("default.nix").write_text(f'arguments: import {root}/nix/checks/pkgs.nix {{ store = "/pkgs"; }} // {{ inherit arguments; }}\n', encoding="utf-8")
    source = f"""
      let
        flake = import {root}/nix/flake.nix;
        nixpkgs = {{ outPath = "{tmp_path}"; lib = {{ nixosSystem = it: it; getName = it: it.name; }}; }};
        made = flake.outputs {{ self = {{ }}; inherit nixpkgs; sops-nix.nixosModules.sops = "sops"; }};
        config = builtins.foldl' (all: one: all // (if builtins.isAttrs one then one else {{ }})) {{ }} made.nixosConfigurations.cc-ci.modules;
      in
      {{
        packages = builtins.attrNames made.packages.x86_64-linux;
        modules = map toString (builtins.filter (one: !builtins.isAttrs one) made.nixosConfigurations.cc-ci.modules);
        shared = map toString made.nixosModules.default.imports;
        free = map (name: config.nixpkgs.config.allowUnfreePredicate {{ inherit name; }}) [ "drone-runner-exec" "other" ];
        inputs = builtins.attrNames flake.inputs;
      }}
    """
    made = json.loads(evaluation.instantiate("--eval", "--strict", "--json", "-E", source))
    assert made["packages"] == ["abra", "ccci", "drone-runner-exec", "host-scripts"]
    assert made["modules"] == ["sops", f"{root}/nix/modules", f"{root}/nix/hosts/cc-ci"]
    assert made["shared"] == ["sops", f"{root}/nix/modules"]
    assert made["free"] == [True, False]
    assert made["inputs"] == ["nixpkgs", "sops-nix"]
