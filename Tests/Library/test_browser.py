"""The parts of tests/ccci_test/browser.py that need no browser; the self-test has a row with a real one."""

from __future__ import annotations

import base64
import hashlib
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
import ccci_test.browser as browser  # noqa: E402

RED, BLUE = bytes([200, 10, 10]), bytes([10, 10, 200])


def png(rows: list[bytes], filters: list[int], depth: int = 3) -> bytes:
    """A picture whose rows are stored with these filters."""
    raw, above = b"", bytes(len(rows[0]))
    for kind, row in zip(filters, rows):
        raw += bytes([kind])
        for i, value in enumerate(row):
            left, corner = (row[i - depth], above[i - depth]) if i >= depth else (0, 0)
            raw += bytes([(value - (0, left, above[i], (left + above[i]) // 2, paeth(left, above[i], corner))[kind]) % 256])
        above = row
    head = struct.pack(">IIBBBBB", len(rows[0]) // depth, len(rows), 8, 2 if depth == 3 else 6, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(raw)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(struct.pack(">I4s", len(data), kind) + data + bytes(4) for kind, data in parts)


def paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    far = [abs(guess - left), abs(guess - above), abs(guess - corner)]
    return left if far[0] <= far[1] and far[0] <= far[2] else above if far[1] <= far[2] else corner


@pytest.mark.parametrize("filters", [[0, 0, 0], [1, 2, 3], [4, 4, 4], [3, 1, 4]])
def test_one_colour_is_told_from_two_whatever_the_filter(filters: list[int]) -> None:
    assert browser._one_colour(png([RED * 5] * 3, filters))
    assert not browser._one_colour(png([RED * 5, RED * 2 + BLUE + RED * 2, RED * 5], filters))
    assert not browser._one_colour(png([RED * 5, RED * 5, RED * 4 + BLUE], filters))


def test_see_through_pixels_count_too() -> None:
    assert browser._one_colour(png([RED[:2] + b"\x00\xff" + RED[:2] + b"\x00\xff"] * 2, [1, 4], 4))
    assert not browser._one_colour(png([RED[:2] + b"\x00\xff" + RED[:2] + b"\x00\xfe"] * 2, [1, 4], 4))


@pytest.mark.parametrize("key", [["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"], ["rsa:2048"]])
def test_the_key_of_a_certificate_is_found_as_openssl_finds_it(key: list[str], tmp_path: Path) -> None:
    words = ["req", "-x509", "-newkey", *key, "-nodes", "-keyout", tmp_path / "key", "-out", tmp_path / "pem", "-subj", "/CN=a b", "-days", "1"]
    subprocess.run(["openssl", *words], check=True, capture_output=True)
    der = subprocess.run(["openssl", "x509", "-in", tmp_path / "pem", "-outform", "DER"], check=True, capture_output=True).stdout
    public = subprocess.run(["openssl", "pkey", "-in", tmp_path / "key", "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
    assert base64.b64encode(hashlib.sha256(browser._key(der)).digest()) == base64.b64encode(hashlib.sha256(public).digest())


class Wire:
    """Answers navigations one after the other; each may fail, or lose a request on its way."""

    def __init__(self, *answers: tuple[str | None, list[str]]) -> None:
        self.answers, self.problems, self.in_flight, self.changed = list(answers), [], set(), 0.0
        self.main = self.session = self.status = None

    def call(self, method: str, **_: object) -> dict[str, object]:
        if method == "Runtime.evaluate":
            return {"result": {"value": "complete"}}
        if method != "Page.navigate":
            return {"targetId": "t", "sessionId": "s"}
        error, problems = self.answers.pop(0)
        self.problems += problems
        return {"errorText": error} if error else {}

    def listen(self, _: float) -> None:
        raise AssertionError("nothing is on its way")


def test_a_page_is_loaded_again_when_the_interfaces_of_the_host_changed_under_it() -> None:
    wire = Wire((browser._DISTURBED, []), (None, [browser._DISTURBED]), (None, ["net::ERR_FAILED"]))
    browser.Window(wire).open("https://a.example.org", 5)
    assert wire.answers == [] and wire.problems == ["net::ERR_FAILED"]


def test_one_that_cannot_be_reached_fails_at_once() -> None:
    wire = Wire(("net::ERR_CONNECTION_REFUSED", []), (None, []))
    with pytest.raises(AssertionError, match="https://a.example.org: net::ERR_CONNECTION_REFUSED"):
        browser.Window(wire).open("https://a.example.org", 5)
    assert len(wire.answers) == 1
