"""A pytest plugin: one JSON line for each test, in the file that CCCI_REPORT_FILE names. A test is judged by its worst phase."""

import json
import os

_RANK = {"pass": 0, "skip": 1, "error": 2, "fail": 3}
_open = {}


def _because(report):
    if report.outcome == "skipped" and isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash else str(report.longrepr or "")
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[0][:400] if lines else "failed"


def _outcome(report):
    if report.outcome == "passed":
        return "pass"
    if report.outcome == "skipped":
        return "skip"
    return "fail" if report.when == "call" else "error"


def _write(line):
    with open(os.environ["CCCI_REPORT_FILE"], "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def pytest_runtest_logreport(report):
    entry = _open.setdefault(
        report.nodeid,
        {"name": report.nodeid.split("::", 1)[-1], "file": report.nodeid.split("::", 1)[0], "outcome": "pass", "because": None, "seconds": 0.0},
    )
    entry["seconds"] += report.duration
    outcome = _outcome(report)
    if _RANK[outcome] > _RANK[entry["outcome"]]:
        entry["outcome"], entry["because"] = outcome, _because(report)
    if report.when == "teardown":
        _write(_open.pop(report.nodeid))


def pytest_collectreport(report):
    if report.failed:
        lines = [line for line in str(report.longrepr).splitlines() if line.strip()]
        because = lines[-1].removeprefix("E").strip()[:400] if lines else "cannot be collected"
        _write({"name": "collection", "file": report.nodeid, "outcome": "error", "because": because, "seconds": 0.0})
