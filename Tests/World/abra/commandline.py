"""The flag grammar of cobra: flags anywhere, short ones joined, `--flag=value`, `--` ends them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, Sequence

from fatal import UsageError


@dataclass(frozen=True)
class Flag:
    """`name` is the long form; a flag that takes a value swallows the next word."""

    name: str
    short: str = ""
    takes_value: bool = False


@dataclass
class Call:
    """A parsed command line."""

    words: tuple[str, ...]
    arguments: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)

    def on(self, name: str) -> bool:
        return name in self.values

    def value(self, name: str, default: str = "") -> str:
        return self.values.get(name, default)

    def argument(self, index: int) -> str | None:
        return self.arguments[index] if index < len(self.arguments) else None


@dataclass(frozen=True)
class Command:
    """One command: its words, how many arguments it takes, its flags and what it does."""

    words: tuple[str, ...]
    fewest: int
    most: int
    run: Callable[[Call], None]
    flags: tuple[Flag, ...] = ()
    aliases: tuple[tuple[str, ...], ...] = ()


GLOBAL_FLAGS = (
    Flag("no-input", "n"),
    Flag("offline", "o"),
    Flag("debug", "d"),
    Flag("help", "h"),
)
ANY = 1_000


def parse(commands: Sequence[Command], argv: Sequence[str]) -> tuple[Command, Call]:
    command = find(commands, argv)
    call = Call(command.words)
    positional: list[str] = []
    rest = list(argv)
    while rest:
        word = rest.pop(0)
        if word == "--":
            positional += rest
            break
        if word.startswith("--"):
            long_flag(command, word[2:], rest, call)
        elif word.startswith("-") and word != "-":
            short_flags(command, word[1:], rest, call)
        else:
            positional.append(word)
    call.arguments = positional[len(command.words) :]
    if not call.on("help"):
        check_count(command, len(call.arguments))
    return command, call


def find(commands: Sequence[Command], argv: Sequence[str]) -> Command:
    """The command whose words lead the positional ones; flags may stand between them."""
    names = {name: command for command in commands for name in (command.words, *command.aliases)}
    words: list[str] = []
    skip = False
    for word in argv:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = "=" not in word and swallows_next(commands, word)
        else:
            words.append(word)
            if tuple(words) in names:
                return names[tuple(words)]
            if not any(name[: len(words)] == tuple(words) for name in names):
                break
    unknown = words[-1] if words else ""
    raise UsageError(f'unknown command "{unknown}" for "{" ".join(["abra", *words[:-1]])}"')


def swallows_next(commands: Sequence[Command], word: str) -> bool:
    every = [flag for command in commands for flag in command.flags if flag.takes_value]
    if word.startswith("--"):
        return any(flag.name == word[2:] for flag in every)
    return any(flag.short == word[-1] for flag in every) and len(word) == 2 and word[1] not in shorts_without_value(commands)


def shorts_without_value(commands: Sequence[Command]) -> set[str]:
    """Letters that are a plain switch somewhere: before the command's words they are read as that."""
    flags = [*GLOBAL_FLAGS, *(flag for command in commands for flag in command.flags)]
    return {flag.short for flag in flags if not flag.takes_value}


def long_flag(command: Command, text: str, rest: list[str], call: Call) -> None:
    name, given, value = text.partition("=")
    flag = next((flag for flag in (*command.flags, *GLOBAL_FLAGS) if flag.name == name), None)
    if flag is None:
        raise UsageError(f"unknown flag: --{name}")
    if not flag.takes_value:
        if value in ("", "true"):
            call.values[name] = "true"
        return
    if not given:
        if not rest:
            raise UsageError(f"flag needs an argument: --{name}")
        value = rest.pop(0)
    call.values[name] = value


def short_flags(command: Command, letters: str, rest: list[str], call: Call) -> None:
    for position, letter in enumerate(letters):
        flag = next((flag for flag in (*command.flags, *GLOBAL_FLAGS) if flag.short == letter), None)
        if flag is None:
            raise UsageError(f"unknown shorthand flag: {letter!r} in -{letters}")
        if not flag.takes_value:
            call.values[flag.name] = "true"
            continue
        value = letters[position + 1 :].removeprefix("=")
        if not value and not rest:
            raise UsageError(f"flag needs an argument: {letter!r} in -{letters}")
        call.values[flag.name] = value or rest.pop(0)
        return


def check_count(command: Command, given: int) -> None:
    if command.fewest <= given <= command.most:
        return
    if command.fewest == command.most:
        wanted = f"{command.fewest}"
    elif given < command.fewest:
        raise UsageError(f"requires at least {command.fewest} arg(s), only received {given}")
    else:
        wanted = f"at most {command.most}"
    raise UsageError(f"accepts {wanted} arg(s), received {given}")
