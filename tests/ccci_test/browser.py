"""Pages as a visitor sees them: Debian's chromium without a window, driven by its own protocol through a pair of pipes."""

import base64
import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import time
import urllib.parse
import zlib
from select import select

# What goes wrong in here is shown where the test called it.
__tracebackhide__ = True

# Seconds without a request in flight after which a page is taken for finished.
_QUIET = 0.5
# Pixels, and the part of them that is looked at for an empty page.
_SIZE, _THUMB = (1280, 800), 0.1
_DISTURBED = "net::ERR_NETWORK_CHANGED"


def page_text(url, limit=30):
    """What a page shows once its scripts have run and its network is idle, as text. Raises AssertionError for a page that shows nothing."""
    with open_browser(url) as window:
        return window.open(url, limit).text()


def screenshot(url, path, limit=30):
    """A picture of the page, as a PNG file. Raises AssertionError for a page that shows nothing."""
    with open_browser(url) as window:
        window.open(url, limit).screenshot(path)


@contextlib.contextmanager
def open_browser(*urls):
    """A browser with one window, trusting for these addresses what this host trusts (CCCI_CA_FILE). It ends with the block, and leaves nothing."""
    program = shutil.which("chromium")
    if program is None:
        raise RuntimeError("chromium is not on PATH: apt-get install chromium")
    with tempfile.TemporaryDirectory(prefix="ccci-browser-", ignore_cleanup_errors=True) as home:
        process, pipes = _start(program, home, _pins(urls))
        try:
            yield Window(_Wire(pipes, process, f"{home}/errors"))
        finally:
            _stop(process)
            for descriptor in pipes:
                os.close(descriptor)


class Window:
    """The page that is open. What a method does not offer, `run` does in JavaScript."""

    def __init__(self, wire):
        self._wire, self.url = wire, None
        # A page's main frame is called as its target.
        wire.main = wire.call("Target.createTarget", url="about:blank")["targetId"]
        wire.session = wire.call("Target.attachToTarget", targetId=wire.main, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime"):
            wire.call(f"{domain}.enable")
        width, height = _SIZE
        wire.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def open(self, url, limit=30):
        """Goes there and waits until nothing is on its way any more, at most so many seconds. Returns the window."""
        self.url, end = url, time.monotonic() + limit
        while True:
            self._wire.problems.clear()
            problem = self._wire.call("Page.navigate", url=url).get("errorText")
            if problem is None:
                self.settle(end - time.monotonic())
            # Containers of others come and go on this host, and chromium drops what is on its way whenever an interface does.
            if _DISTURBED not in (problem, *self._wire.problems) or time.monotonic() > end:
                break
            time.sleep(0.2)
        assert problem is None, f"{url}: {problem}"
        return self

    @property
    def status(self):
        """Of the document that was loaded last."""
        return self._wire.status

    def settle(self, limit=30):
        """Waits until the page is loaded and its network idle. A page that never rests, such as one that polls, is taken as it is then."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            busy = self._wire.in_flight or time.monotonic() - self._wire.changed < _QUIET
            if not busy and self.run("document.readyState") == "complete":
                return
            self._wire.listen(0.05)

    def run(self, script):
        """The value of a JavaScript expression in the page; promises are awaited. Raises AssertionError with what it throws."""
        answer = self._wire.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            words = details.get("exception", {}).get("description") or details["text"]
            raise AssertionError(f"{self.url}: {words.splitlines()[0]}")
        return answer["result"].get("value")

    def text(self):
        """What can be read on the page. Raises AssertionError when nothing is to be seen at all."""
        text = self.run("document.body ? document.body.innerText.trim() : ''")
        assert text or not self.is_blank(), self._blank()
        return text

    def html(self):
        """The document as it is now, after its scripts."""
        return self.run("document.documentElement.outerHTML")

    def screenshot(self, path):
        """Writes a PNG file of what is seen. Raises AssertionError when that is one colour from edge to edge."""
        assert not self.is_blank(), self._blank()
        with open(path, "wb") as file:
            file.write(self._picture())

    def is_blank(self):
        """Whether every pixel has the same colour."""
        width, height = _SIZE
        return _one_colour(self._picture(clip={"x": 0, "y": 0, "width": width, "height": height, "scale": _THUMB}))

    def _picture(self, **how):
        return base64.b64decode(self._wire.call("Page.captureScreenshot", format="png", **how)["data"])

    def _blank(self):
        problems = "".join(f"; {words}" for words in self._wire.problems[:3])
        return f"{self.url}: the page is blank (status {self.status}){problems}"


class _Wire:
    """Messages to and from the browser: JSON, each ended by a NUL."""

    def __init__(self, pipes, process, log):
        self._read, self._write = pipes
        self._process, self._log = process, log
        self._number, self._buffer, self._answers = 0, b"", {}
        self.session = self.main = self.status = None
        self.in_flight, self.changed, self.problems = set(), time.monotonic(), []

    def call(self, method, timeout=30, **parameters):
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters, **({"sessionId": self.session} if self.session else {})}
        with contextlib.suppress(BrokenPipeError):
            os.write(self._write, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + timeout
        while self._number not in self._answers:
            self.listen(end - time.monotonic())
            if time.monotonic() >= end:
                raise RuntimeError(f"chromium: no answer to {method} in {timeout} s")
        answer = self._answers.pop(self._number)
        if "error" in answer:
            raise RuntimeError(f"chromium: {method}: {answer['error']['message']}")
        return answer["result"]

    def listen(self, timeout):
        """Takes in what has come, or comes within the time."""
        if not select([self._read], [], [], max(0.0, timeout))[0]:
            return
        piece = os.read(self._read, 1 << 20)
        if not piece:
            raise RuntimeError(f"chromium ended: {self._last_words()}")
        *whole, self._buffer = (self._buffer + piece).split(b"\0")
        for text in whole:
            message = json.loads(text)
            if "id" in message:
                self._answers[message["id"]] = message
            else:
                self._notice(message["method"], message["params"])

    def _notice(self, method, event):
        if method == "Network.requestWillBeSent":
            self.in_flight.add(event["requestId"])
        elif method in ("Network.loadingFinished", "Network.loadingFailed"):
            self.in_flight.discard(event["requestId"])
            if event.get("errorText") and (not event.get("canceled") or event["errorText"] == _DISTURBED):
                self.problems.append(event["errorText"])
        elif method == "Network.responseReceived" and event["type"] == "Document" and event.get("frameId") == self.main:
            self.status = event["response"]["status"]
        elif method == "Runtime.exceptionThrown":
            details = event["exceptionDetails"]
            self.problems.append((details.get("exception", {}).get("description") or details["text"]).splitlines()[0])
        if method.startswith("Network."):
            self.changed = time.monotonic()

    def _last_words(self):
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        with open(self._log, encoding="utf-8", errors="replace") as file:
            lines = [line.strip() for line in file if line.strip()]
        return lines[-1][-300:] if lines else f"status {self._process.returncode}"


def _start(program, home, pins):
    """The process and our ends of its pipes, to read from and to write to. It reads commands at 3 and answers at 4."""
    commands, write = os.pipe()
    read, answers = os.pipe()
    # Out of the way of 3 and 4, which they become.
    theirs_in, theirs_out = (fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (commands, answers))
    words = [
        program, "--headless", "--remote-debugging-pipe", f"--user-data-dir={home}/profile", "--no-first-run", "--no-default-browser-check",
        "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", "--disable-breakpad", "--hide-scrollbars", "--mute-audio", "--password-store=basic",
        *([f"--ignore-certificate-errors-spki-list={','.join(pins)}"] if pins else []),
        # As root chromium refuses to make its own sandbox.
        *(["--no-sandbox"] if os.geteuid() == 0 else []), "about:blank"]
    shuffle = f'exec 3<&{theirs_in} 4>&{theirs_out} {theirs_in}<&- {theirs_out}>&-; exec "$@"'
    try:
        with open(f"{home}/errors", "wb") as errors:
            process = subprocess.Popen(
                ["/bin/bash", "-c", shuffle, "browser", *words], pass_fds=(theirs_in, theirs_out), stdin=subprocess.DEVNULL, stdout=errors, stderr=errors,
                start_new_session=True, env={**os.environ, "HOME": home, "XDG_RUNTIME_DIR": home})
    finally:
        for end in (commands, answers, theirs_in, theirs_out):
            os.close(end)
    return process, (read, write)


def _stop(process):
    """The whole of its session, at once: nothing of its profile is kept."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _pins(urls):
    """The keys of the servers, each checked against this host's authority: chromium itself knows only public ones."""
    authority = os.environ.get("CCCI_CA_FILE")
    found = []
    for url in urls if authority else ():
        parts = urllib.parse.urlsplit(url)
        if parts.scheme != "https":
            continue
        context = ssl.create_default_context(cafile=authority)
        with socket.create_connection((parts.hostname, parts.port or 443), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname=parts.hostname) as secure:
                found.append(base64.b64encode(hashlib.sha256(_key(secure.getpeercert(binary_form=True))).digest()).decode())
    return found


def _key(certificate):
    """The public key of a certificate, as it stands in it: the seventh part of its first part, or the sixth where it names no version."""
    _, body, _ = _part(certificate, 0)
    _, at, end = _part(certificate, body)
    parts = []
    while at < end:
        tag, _, after = _part(certificate, at)
        parts.append((tag, certificate[at:after]))
        at = after
    return [part for tag, part in parts if tag != 0xA0][5]


def _part(data, at):
    """Of DER: the tag, where the content begins, and where it ends."""
    tag, length, start = data[at], data[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        length, start = int.from_bytes(data[start:start + count], "big"), start + count
    return tag, start, start + length


def _one_colour(png):
    """Whether a picture of eight bits a channel is one colour from edge to edge."""
    at, packed, width, depth = 8, b"", 0, 0
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        data = png[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, _, bits, colours = struct.unpack(">IIBB", data[:10])
            if bits != 8 or colours not in (2, 6):
                raise ValueError(f"a picture of {bits} bits and kind {colours}")
            depth = 3 if colours == 2 else 4
        elif kind == b"IDAT":
            packed += data
        at += length + 12
    pixels = b"".join(_rows(zlib.decompress(packed), width * depth, depth))
    return pixels == pixels[:depth] * (len(pixels) // depth)


def _rows(raw, length, depth):
    """The rows of a picture, each freed of the filter that stands before it."""
    above = bytearray(length)
    for start in range(0, len(raw), length + 1):
        kind, row = raw[start], bytearray(raw[start + 1:start + 1 + length])
        for i in range(length):
            left = row[i - depth] if i >= depth else 0
            corner = above[i - depth] if i >= depth else 0
            row[i] = (row[i] + (0, left, above[i], (left + above[i]) // 2, _nearest(left, above[i], corner))[kind]) & 0xFF
        yield bytes(row)
        above = row


def _nearest(left, above, corner):
    """The filter that is named after Paeth."""
    guess = left + above - corner
    return min((abs(guess - left), 0, left), (abs(guess - above), 1, above), (abs(guess - corner), 2, corner))[2]
