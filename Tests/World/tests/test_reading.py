"""The stand-in's readers: `.env` files, versions, command lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import Call, Command, Flag, parse
from envfile import EnvFile, set_line
from fatal import UsageError
from versions import ordered


@pytest.mark.parametrize(
    ("line", "value", "comment"),
    [
        ("A=plain", "plain", ""),
        ("A=", "", ""),
        ("A=with spaces in it", "with spaces in it", ""),
        ('A="quoted # not a comment"', "quoted # not a comment", ""),
        ("A='$HOME is not filled in'", "$HOME is not filled in", ""),
        ("A=', `www.x`'", ", `www.x`", ""),
        ("A=v1 # length=64 charset=hex", "v1", "length=64 charset=hex"),
        ("A=v1   #generate=false", "v1", "generate=false"),
        ("A=a#b", "a#b", ""),
        ('A="$EARLIER:more"', "before:more", ""),
        ("A=${EARLIER}s", "befores", ""),
    ],
)
def test_env_lines(tmp_path: Path, line: str, value: str, comment: str) -> None:
    path = tmp_path / "app.env"
    path.write_text(f"# a comment\nEARLIER=before\n#A=commented out\n{line}\n")
    env = EnvFile.read(path)
    assert env.values == {"EARLIER": "before", "A": value}
    assert env.comments["A"] == comment


def test_repeated_key_may_extend_itself(tmp_path: Path) -> None:
    path = tmp_path / "app.env"
    path.write_text('COMPOSE_FILE="compose.yml"\nCOMPOSE_FILE="$COMPOSE_FILE:compose.db.yml"\n')
    assert EnvFile.read(path).values == {"COMPOSE_FILE": "compose.yml:compose.db.yml"}


def test_setting_a_line_keeps_everything_else(tmp_path: Path) -> None:
    path = tmp_path / "app.env"
    path.write_text("# first\nTYPE=a:1 # why\n\nOTHER='x'\n")
    set_line(path, "TYPE", "a:2")
    assert path.read_text() == "# first\nTYPE=a:2 # why\n\nOTHER='x'\n"


def test_versions_are_ordered_by_their_numbers() -> None:
    tags = ["1.10.0+2.0", "1.9.0+1.0", "1.9.0+1.10", "1.9.0+1.9", "0.1.0+v3", "latest", "1.0"]
    assert ordered(tags) == ["0.1.0+v3", "1.9.0+1.0", "1.9.0+1.9", "1.9.0+1.10", "1.10.0+2.0"]


COMMANDS = (
    Command(("app", "ls"), 0, 0, lambda call: None, (Flag("status", "S"), Flag("server", "s", takes_value=True))),
    Command(("app", "deploy"), 1, 2, lambda call: None, (Flag("chaos", "C"), Flag("force", "f"))),
)


@pytest.mark.parametrize(
    ("line", "arguments", "values"),
    [
        ("app deploy d -C -f", ["d"], {"chaos", "force"}),
        ("-n app deploy -Cf d v", ["d", "v"], {"no-input", "chaos", "force"}),
        ("app -o deploy --chaos=true d", ["d"], {"offline", "chaos"}),
        ("app deploy d -- -C", ["d", "-C"], set()),
        ("app ls --server=x -S", [], {"server", "status"}),
        ("app ls -sx", [], {"server"}),
    ],
)
def test_command_lines(line: str, arguments: list[str], values: set[str]) -> None:
    _, call = parse(COMMANDS, line.split())
    assert isinstance(call, Call)
    assert (call.arguments, set(call.values)) == (arguments, values)


@pytest.mark.parametrize("line", ["", "app", "app dance", "app deploy", "app deploy a b c", "app ls -x", "app ls --server"])
def test_command_lines_that_are_refused(line: str) -> None:
    with pytest.raises(UsageError):
        parse(COMMANDS, line.split())
