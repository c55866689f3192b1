"""Switches for things that have really happened: `<world>/faults.json`, documented in the world's README."""

from __future__ import annotations

import fcntl
import json
from fnmatch import fnmatch

import places


def strikes(name: str, domain: str) -> bool:
    """Whether the fault is switched on for this domain; uses up one of its `times`, where it has them."""
    path = places.world() / "faults.json"
    try:
        file = path.open("r+")
    except FileNotFoundError:
        return False
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        faults = json.load(file)
        for fault in faults:
            if fault["fault"] == name and fnmatch(domain, fault["domain"]) and fault.get("times") != 0:
                if "times" in fault:
                    fault["times"] -= 1
                    file.seek(0)
                    file.truncate()
                    json.dump(faults, file)
                return True
    return False
