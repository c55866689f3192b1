"""Where things are: the world, and the state directory that `$ABRA_DIR` moves."""

from __future__ import annotations

import os
from pathlib import Path


def world() -> Path:
    return Path(os.environ["CCCI_WORLD"])


def abra_dir() -> Path:
    return Path(os.environ.get("ABRA_DIR") or Path.home() / ".abra")


def servers() -> Path:
    return abra_dir() / "servers"


def recipes() -> Path:
    return abra_dir() / "recipes"


def catalogue() -> Path:
    return abra_dir() / "catalogue" / "recipes.json"
