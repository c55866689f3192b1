"""The packages, as the stub of nixpkgs lets them be looked at: what is fetched, checked and installed."""

import json

import evaluation

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


def test_abra_is_the_pinned_version() -> None:
    abra = packages("null", "{ inherit (it.abra.arguments) version vendorHash ldflags; inherit (it.abra.arguments.src.arguments) rev hash; }")
    assert abra["version"] == "0.13.0-beta" and abra["rev"] == "refs/tags/0.13.0-beta" and abra["hash"] == "sha256-y="
    assert "-X main.Version=0.13.0-beta" in abra["ldflags"]


def test_the_scripts_that_units_call_are_all_installed() -> None:
    script = packages("null", "it.host-scripts.script")
    assert "cc-ci-*" in script and "cc-ci-nightly" in script
    assert all(path.name.startswith("cc-ci-") for path in (evaluation.ROOT / "nix" / "scripts").iterdir())
