"""The stand-in's reader of compose files. What docker itself says of the same text is asked as well."""

from __future__ import annotations

import json
from pathlib import Path

import composefile
import pytest
from compose import Compose
from conftest import docker_reads
from fatal import Fatal
from interpolation import Refused, substitute

TRICKY = [
    "x: y",
    "- dash",
    "",
    " leading",
    "trailing ",
    "#hash",
    "a #hash",
    "'single'",
    '"double"',
    "it's",
    "true",
    "null",
    "012",
    "1e3",
    "one\ntwo\n",
    "one\n\n  indented\ntwo",
    "tab\there",
    "ünïcode ✅",
    '{"json": [1, 2]}',
    "*star",
    "&and",
    "back\\slash",
    "bell\a",
    "Host(`a.b`)",
    "key: value\nother: value\n",
    "---",
    ":",
    "?",
    "word " * 60,
]

VALUES = {"A": "aa", "EMPTY": "", "_x1": "under"}
FILLED = [
    ("plain", "plain"),
    ("$A", "aa"),
    ("${A}", "aa"),
    ("$A$A.b-c", "aaaa.b-c"),
    ("$_x1+", "under+"),
    ("$A:b", "aa:b"),
    ("x$NO", "x"),
    ("x${NO}", "x"),
    ("x$a", "x"),
    ("${A:-d}", "aa"),
    ("${EMPTY:-d}", "d"),
    ("${NO:-d}", "d"),
    ("x${NO:-}", "x"),
    ("${NO:-d e?f:g}", "d e?f:g"),
    ("${NO:-one-two}", "one-two"),
    ("${A-d}", "aa"),
    ("x${EMPTY-d}", "x"),
    ("${NO-d}", "d"),
    ("${A:?m}", "aa"),
    ("${A?m}", "aa"),
    ("x${EMPTY?m}", "x"),
    ("$$A", "$A"),
    ("$${A}", "${A}"),
    ("$$$$", "$$"),
    ("$$$A", "$aa"),
    # Docker's own oddities: operators without braces, defaults that are not interpolated and end at the first brace,
    # `-` found before `:?`, and forgotten errors.
    ("$A-data", "aa"),
    ("$NO-data", "data"),
    ("$EMPTY:-data $A", "data $A"),
    ("$A?x", "aa"),
    ("x$ $A", "x aa"),
    ("x${NO?words}$A", "xaa"),
    ("${NO:-$A}", "$A"),
    ("${NO:-${A}}", "${A}"),
    ("${A:-${NO:-c}}", "aa}"),
    ("${NO:?a-b}", "b"),
    ("${NO-a:-b}", "b"),
]
REFUSED = ["x$", "$A$", "$-", "$1", "$Ä", "${}", "${A", "${A }", "${A:}", "${1}", "${a.b}", "${A:+b}", "${A+b}"]
REQUIRED = ["$NO?words", "${NO:?words}", "${NO?words}", "${EMPTY:?words}"]


def file(folder: Path, text: str, name: str = "compose.yml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def probe(folder: Path, text: str) -> Path:
    """A file of which docker can only complain, with the interpolated text: there is no such env file."""
    service = {"image": "a:1", "env_file": f"./{text}"}
    return file(folder, json.dumps({"version": "3.8", "services": {"app": service}}, ensure_ascii=False))


def read(folder: Path, *texts: str, **values: str) -> Compose:
    names = [file(folder, text, f"compose.{number}.yml").name for number, text in enumerate(texts)]
    return Compose.of(folder, {**values, "COMPOSE_FILE": ":".join(names)}, {}, "stack")


@pytest.mark.parametrize(("text", "value"), FILLED)
def test_interpolation(tmp_path: Path, text: str, value: str) -> None:
    assert substitute(text, VALUES) == value
    assert f"{tmp_path}/{value}: no such file" in docker_reads(probe(tmp_path, text), **VALUES)


@pytest.mark.parametrize("text", REFUSED)
def test_interpolation_that_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(Refused):
        substitute(text, VALUES)
    assert "invalid interpolation format" in docker_reads(probe(tmp_path, text), **VALUES)


@pytest.mark.parametrize("text", REQUIRED)
def test_required_values(tmp_path: Path, text: str) -> None:
    with pytest.raises(Refused) as refused:
        substitute(text, VALUES)
    assert str(refused.value) in docker_reads(probe(tmp_path, text), **VALUES)
    assert str(refused.value).endswith("is missing a value: words")


def test_refusal_names_the_place_as_docker_does(tmp_path: Path) -> None:
    text = 'version: "3.8"\nservices: {app: {image: "a:1", labels: ["k=${A"]}}\n'
    with pytest.raises(Fatal) as fatal:
        read(tmp_path, text).config
    assert str(fatal.value) in docker_reads(file(tmp_path, text))


def test_keys_version_and_extensions_are_not_interpolated(tmp_path: Path) -> None:
    compose = read(tmp_path, 'version: "3.8"\nx-a: $A\nservices: {app: {image: "$A", labels: {$A: $A}}}\n', A="aa")
    assert compose.config["x-a"] == "$A"
    assert compose.services["app"]["labels"] == {"$A": "aa"}


@pytest.mark.parametrize(
    "text",
    [
        "services: {app: {image: a}, app: {image: b}}",
        "services: {app: {image: a}\n",
        "services:\n  app:\n    image: a\n   networks: []\n",
        "services:\n\tapp: {}\n",
        "services: {app: {image: *unknown}}",
        "services: {app: {imagee: a}}",
        "services: {app: }",
        "services: {app: {image: [a]}}",
        "services: {app: {image: a, environment: }}",
        "services: {app: {image: a, deploy: [a]}}",
        "services: {app: {image: a, deploy: {labels: [a: b]}}}",
        "services: [app]",
        "app: {image: a}",
        "name: a",
        "volumes:",
        "- version",
    ],
)
def test_what_docker_refuses_is_fatal(tmp_path: Path, text: str) -> None:
    text = text if text == "- version" else f'version: "3.8"\n{text}'
    with pytest.raises(Fatal):
        read(tmp_path, text).config
    if "app: {image: b}" not in text:  # Client 20.10 takes the last of two equal keys.
        assert docker_reads(file(tmp_path, text)) != ""


def test_empty_file_is_fatal(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match="top-level object must be a mapping"):
        composefile.read(file(tmp_path, ""))


def test_scalars_stay_text_and_anchors_are_merged(tmp_path: Path) -> None:
    text = """---
version: "3.8"
x-both: &both
  A: 012
  B: yes
services:
  app:
    image: a:1.10
    environment:
      <<: *both
      B: 1e3
      C:
    deploy:
      labels: {on: true, "a.b": "it's"}
"""
    app = read(tmp_path, text).services["app"]
    assert app["image"] == "a:1.10"
    assert app["environment"] == {"A": "012", "B": "1e3", "C": ""}
    assert app["deploy"]["labels"] == {"on": "true", "a.b": "it's"}


def test_files_are_merged(tmp_path: Path) -> None:
    first = """version: "3.8"
services:
  app: {image: "a:1", healthcheck: {test: x}, environment: [A=1, B], deploy: {labels: ["one=1", "two=a=b"]}}
  db: {image: "b:1"}
secrets:
  password: {external: true, name: "${STACK_NAME}_password_v1"}
  own: {file: own}
"""
    second = """version: "3.8"
services:
  app: {image: "a:2", environment: {C: 3}, deploy: {replicas: 1, labels: {two: 2}}}
secrets:
  old: {external: {name: from_before}}
  plain: {external: true}
"""
    compose = read(tmp_path, first, second)
    app = compose.services["app"]
    assert (app["image"], app["healthcheck"], compose.services["db"]["image"]) == ("a:2", {"test": "x"}, "b:1")
    assert app["environment"] == {"A": "1", "B": "", "C": "3"}
    assert app["deploy"] == {"labels": {"one": "1", "two": "2"}, "replicas": "1"}
    assert compose.secret_names() == {"password": "stack_password_v1", "old": "from_before", "plain": "plain"}


def test_overlay_is_good_compose_whatever_the_values(tmp_path: Path) -> None:
    compose = read(tmp_path, 'version: "3.8"\nservices: {app: {image: "a:1"}}\n')
    values = {f"K{number}": value for number, value in enumerate(TRICKY)}
    path = file(tmp_path, compose.overlay_text(values, {**values, "image": "$A"}))
    assert docker_reads(tmp_path / "compose.0.yml", path) == ""
    again = read(tmp_path, path.read_text()).services["app"]
    assert again["deploy"]["labels"] == values
    assert again["environment"] == {**values, "image": "$A"}


