"""The machine on which something was measured, and when."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from datetime import datetime, timezone
from pathlib import Path

from ground import ROOT


def said(*command) -> str:
    """nothing when the program is not there or fails: a missing docker client is a fact too."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def facts() -> dict:
    processor = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    memory = re.search(r"^MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text(), re.M)
    return {
        "processor": processor[1] if processor else platform.machine(), "cores": os.cpu_count(), "memory_gib": round(int(memory[1]) / (1 << 20), 1),
        "kernel": platform.release(), "filesystem": said("findmnt", "-no", "FSTYPE", "-T", os.environ.get("CCCI_BENCH_FOLDER", "/var/tmp")),
        "docker": said("docker", "version", "--format", "{{.Server.Version}}"), "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        "load": round(os.getloadavg()[0], 1)}


def version() -> str:
    """Of the toolkit, as its commands print it."""
    found = re.search(r'static let version = "([^"]+)"', (ROOT / "Sources/CCCICore/Tool/Toolkit.swift").read_text())
    return found[1] if found else "unknown"


def words(found: dict) -> str:
    return (
        f"{found['processor']}, {found['cores']} cores, {found['memory_gib']} GiB, Linux {found['kernel']}, {found['filesystem']}, "
        f"Docker {found['docker']}")
