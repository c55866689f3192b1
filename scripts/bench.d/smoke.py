#!/usr/bin/env python3
"""Reads what `scripts/bench --json` printed, and complains about every benchmark that is missing and every row that does not say what it should. Times are no matter here, soundness is."""

import json
import sys
from numbers import Real
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from ground import KEYS  # noqa: E402
from registry import NAMES  # noqa: E402

MACHINE = ("processor", "cores", "memory_gib", "kernel", "filesystem", "docker", "date", "load")


def complaints(answers):
    """What is wrong, as sentences."""
    found = {answer.get("bench"): answer for answer in answers}
    for name in NAMES:
        if name not in found:
            yield f"{name}: did not run"
            continue
        yield from (f"{name}: the machine's {key} is missing" for key in MACHINE if not found[name].get("machine", {}).get(key) and key != "load")
        if not found[name].get("rows"):
            yield f"{name}: no rows"
        for row in found[name].get("rows", []):
            yield from (f"{name}: {row.get('what')}: {words}" for words in of_row(row))


def of_row(row):
    yield from (f"{key} is missing" for key in KEYS if key not in row)
    yield from (f"{key} is empty" for key in ("what", "unit", "name_of_other", "goal", "limits") if not row.get(key))
    if not isinstance(row.get("ours"), Real) or row["ours"] < 0:
        yield "ours is no figure"
    elif row.get("other") is None:
        if row.get("ratio") is not None:
            yield "a ratio to nothing"
    elif not isinstance(row["other"], Real) or row["other"] <= 0 or row.get("ratio") != round(row["ours"] / row["other"], 4):
        yield "ratio is not ours by the other"
    if not isinstance(row.get("ok"), bool):
        yield "ok is neither true nor false"
    # Not a matter of time: what was left, or broken.
    if row.get("sound") is False:
        yield "; ".join(["is not sound", *row.get("details", [])])


def main():
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        sys.exit(f"Usage: scripts/bench.d/smoke.py FILE\n{__doc__}")
    try:
        answers = json.loads(Path(sys.argv[1]).read_text())["benches"]
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"smoke: {sys.argv[1]}: {error}\nsmoke: hint: scripts/bench --quick --json makes it")
    wrong = list(complaints(answers))
    for line in wrong:
        print(f"smoke: {line}")
    print(f"{len(answers)} benchmarks, {sum(len(answer.get('rows', [])) for answer in answers)} rows, {len(wrong)} complaints")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
