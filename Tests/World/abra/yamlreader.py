"""Reads the YAML that `docker stack config` prints: block style, one document, no anchors, no folding.

Flow collections appear only empty. Anything else is an error, never a guess.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Union

Value = Union[None, bool, int, float, str, list["Value"], dict[str, "Value"]]

KEY = re.compile(r"""(?P<key>"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#\-?:][^#]*?|-[^\s#][^#]*?):(?:\s+(?P<value>.*))?$""")
BLOCK = re.compile(r"[|>](?P<indent>[1-9])?(?P<chomp>[+-])?$|[|>](?P<chomp2>[+-])(?P<indent2>[1-9])$")
NUMBER = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?")
ESCAPES = {"0": "\0", "a": "\a", "e": "\x1b", "v": "\v", "_": "\xa0", "N": "\x85", "L": "\u2028", "P": "\u2029", " ": " "}


@dataclass
class Reader:
    """A cursor over the lines."""

    lines: list[str]
    at: int = 0

    def indent(self) -> int:
        """The indentation of the next line with content; -1 at the end."""
        while self.at < len(self.lines) and self.lines[self.at].strip() in ("", "---"):
            self.at += 1
        if self.at == len(self.lines):
            return -1
        return len(self.lines[self.at]) - len(self.lines[self.at].lstrip(" "))

    def block(self, indent: int) -> Value:
        line = self.lines[self.at][indent:]
        if line == "-" or line.startswith("- "):
            return self.sequence(indent)
        if KEY.match(line):
            return self.mapping(indent)
        self.at += 1
        return self.scalar(line, indent)

    def mapping(self, indent: int) -> dict[str, Value]:
        result: dict[str, Value] = {}
        while self.indent() == indent and not self.lines[self.at][indent:].startswith("- "):
            match = KEY.match(self.lines[self.at][indent:])
            if match is None:
                raise ValueError(f"line {self.at + 1}: not a key: {self.lines[self.at]}")
            self.at += 1
            result[str(unquote(match["key"]))] = self.value(match["value"], indent)
        return result

    def value(self, text: str | None, indent: int) -> Value:
        if text:
            return self.scalar(text, indent)
        inner = self.indent()
        if inner > indent or (inner == indent and self.lines[self.at][indent:].startswith("-")):
            return self.block(inner)
        return None

    def sequence(self, indent: int) -> list[Value]:
        result: list[Value] = []
        while self.indent() == indent and re.match(r"-( |$)", self.lines[self.at][indent:]):
            rest = self.lines[self.at][indent + 1 :]
            if not rest.strip():
                self.at += 1
                result.append(self.value(None, indent))
            elif KEY.match(rest.lstrip()):
                # A mapping that begins on the dash's own line: read it as if the dash were a space.
                self.lines[self.at] = " " * (indent + 1) + rest
                result.append(self.mapping(self.indent()))
            else:
                self.at += 1
                result.append(self.scalar(rest.strip(), indent))
        return result

    def scalar(self, text: str, indent: int) -> Value:
        block = BLOCK.match(text)
        if block is None:
            return unquote(text)
        if text.startswith(">"):
            raise ValueError(f"line {self.at}: folded text")
        explicit = block["indent"] or block["indent2"]
        return self.literal(indent, int(explicit) if explicit else None, block["chomp"] or block["chomp2"] or "")

    def literal(self, indent: int, extra: int | None, chomp: str) -> str:
        start = self.at
        first = self.indent() if extra is None else indent + extra
        self.at = start
        while self.at < len(self.lines) and (
            not self.lines[self.at].strip() or len(self.lines[self.at]) - len(self.lines[self.at].lstrip(" ")) >= first
        ):
            self.at += 1
        body = [line[first:] for line in self.lines[start : self.at]]
        while body and not body[-1] and chomp != "+":
            body.pop()
        return "\n".join(body) + ("" if chomp == "-" else "\n")


def unquote(text: str) -> Value:
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    if text.startswith('"'):
        return double_quoted(text[1:-1])
    if text in ("{}", "[]"):
        return {} if text == "{}" else []
    if text[:1] in "{[&*!%@`":
        raise ValueError(f"not in docker's own style: {text}")
    if text in ("null", "~", "true", "false"):
        return {"null": None, "~": None, "true": True, "false": False}[text]
    if NUMBER.fullmatch(text):
        return json.loads(text.lstrip("+")) if not re.match(r"[-+]?0\d", text) else text
    return text


def double_quoted(text: str) -> str:
    def replace(match: re.Match[str]) -> str:
        code = match[1]
        if code[0] in "xuU":
            return chr(int(code[1:], 16))
        return ESCAPES.get(code) or json.loads(f'"\\{code}"')

    return re.sub(r"\\(x..|u....|U........|.)", replace, text)


def read(text: str) -> Value:
    reader = Reader(text.split("\n"))
    indent = reader.indent()
    result = reader.block(indent) if indent >= 0 else None
    if reader.indent() != -1:
        raise ValueError(f"line {reader.at + 1}: unexpected: {reader.lines[reader.at]}")
    return result
