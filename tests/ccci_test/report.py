"""A pytest plugin: one JSON line for each test, in the file that CCCI_REPORT_FILE names. A test is judged by its worst phase."""

import json
import os
import re

_RANK = {"pass": 0, "skip": 1, "error": 2, "fail": 3}
# Characters of a reason. The run masks it before it cuts it to a line: what is cut here must be more than it ever shows.
_LONGEST = 20_000
_open = {}
_root = "."


def _because(report):
    if report.outcome == "skipped" and isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")[:_LONGEST]
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash else str(report.longrepr or "")
    lines = [line for line in text.splitlines() if line.strip()]
    # The lines of an error are marked; before them stands the code that it was found in.
    marked = [line[1:].strip() for line in lines if line.startswith("E ")]
    return (marked or lines or ["failed"])[0][:_LONGEST]


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
        text = str(report.longrepr)
        lines = [line for line in text.splitlines() if line.strip()]
        because = lines[-1].removeprefix("E").strip()[:_LONGEST] if lines else "cannot be collected"
        own = re.escape(os.path.basename(report.nodeid))
        places = re.findall(rf'{own}(?:", line |:)(\d+)', text)
        _write(_unread(report.nodeid, f"line {places[-1]}: {because}" if places else because))


def pytest_configure(config):
    global _root
    _root = str(config.rootpath)


def pytest_internalerror(excinfo):
    """A file that ends the program while it is read takes pytest with it: the last test file on the way there."""
    for entry in reversed(excinfo.traceback):
        if os.path.basename(entry.path).startswith("test_"):
            _write(_unread(os.path.relpath(entry.path, _root), f"line {entry.lineno + 1}: {excinfo.exconly()}"[:_LONGEST]))
            return


def _unread(file, because):
    return {"name": file, "file": file, "outcome": "error", "because": because, "seconds": 0.0}
