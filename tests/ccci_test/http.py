"""HTTP as tests need it: short time-outs, no surprises, the host's authority trusted."""

import json
import os
import ssl
import time
import urllib.error
import urllib.request

# What goes wrong in here is shown where the test called it.
__tracebackhide__ = True


def context():
    """For urllib: trusts the host's authority."""
    return ssl.create_default_context(cafile=os.environ.get("CCCI_CA_FILE") or None)


def _parsed(body):
    try:
        return json.loads(body)
    except ValueError:
        return None


def _request(method, url, data, headers, timeout):
    request = urllib.request.Request(url, data=data, headers=headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=timeout, context=context()) as response:
            return response.status, _parsed(response.read())
    except urllib.error.HTTPError as error:
        return error.code, _parsed(error.read())


def http_get(url, headers=None, timeout=10):
    """GET. Returns (status, the body's JSON or None). Raises OSError when nothing answers."""
    return _request("GET", url, None, headers, timeout)


def http_post(url, body=None, headers=None, timeout=10):
    """POST of a JSON value. Returns (status, the body's JSON or None)."""
    data = json.dumps(body).encode() if body is not None else b""
    return _request("POST", url, data, {"Content-Type": "application/json", **(headers or {})}, timeout)


def retry_http_get(url, headers=None, timeout=10, tries=5, pause=1.0):
    """GET until something below 500 answers, at most so many times. Returns as http_get; raises the last error."""
    last = None
    for attempt in range(tries):
        if attempt:
            time.sleep(pause)
        try:
            status, body = http_get(url, headers, timeout)
            if status < 500:
                return status, body
            last = RuntimeError(f"{url} answers {status}")
        except OSError as error:
            last = error
    raise last


def wait_for_http(url, ok=(200,), limit=60, pause=0.25):
    """Waits until a GET answers with one of the statuses. Raises TimeoutError that says what it saw last."""
    end = time.monotonic() + limit
    seen = "nothing"
    while time.monotonic() < end:
        try:
            status, _ = http_get(url, timeout=5)
            if status in ok:
                return status
            seen = str(status)
        except OSError as error:
            seen = str(error)
        time.sleep(pause)
    raise TimeoutError(f"{url}: last saw {seen} in {limit} s")
