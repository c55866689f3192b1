"""A shelf, volumes and an engine for one test, and the built ccci-snap on them."""

import json
import os
import subprocess
from pathlib import Path

from engine import Engine

ROOT = Path(__file__).resolve().parents[2]
BINARIES = Path(os.environ.get("CCCI_BINARIES", ROOT / ".build/debug"))
ZONE = "ci.example.org"


class Lab:
    """One app, `warm-demo`, with its volumes below `volumes`; the shelf lies where it is told to."""

    domain = f"warm-demo.{ZONE}"
    stack = domain.replace(".", "_")

    def __init__(self, folder: Path, shelf: Path | None = None, volumes: Path | None = None) -> None:
        self.folder = folder
        self.shelf = shelf or folder / "shelf"
        self.app = self.shelf / "demo"
        folder.mkdir(parents=True, exist_ok=True)
        servers = folder / "abra/servers/default"
        servers.mkdir(parents=True)
        self.env_file = servers / f"{self.domain}.env"
        self.env_file.write_text(f"TYPE=demo:1.0.0+1.2.3\nDOMAIN={self.domain}\n")
        settings = folder / "settings.toml"
        settings.write_text(
            f'[host]\nzone = "{ZONE}"\nshelf = "{self.shelf}"\nruns = "{folder}/runs"\nlock = "{folder}/lock"\n'
            f'engine = "{folder}/engine.sock"\nabra_dir = "{folder}/abra"\n')
        self.environment = {"PATH": os.environ["PATH"], "CCCI_SETTINGS": str(settings)}
        self.engine = Engine(folder / "engine.sock", volumes or folder / "volumes")

    def volume(self, name: str = "data") -> Path:
        """The folder of a volume's content; the volume is made when it is not there."""
        folder = self.engine.volumes / f"{self.stack}_{name}"
        (folder / "_data").mkdir(parents=True, exist_ok=True)
        self.engine.labels[folder.name] = {"com.docker.stack.namespace": self.stack}
        return folder / "_data"

    def command(self, *words: str) -> list[str]:
        return [str(BINARIES / "ccci-snap"), *words]

    def snap(self, *words: str, before: list[str] | None = None, limit: float = 300) -> subprocess.CompletedProcess[str]:
        """Runs ccci-snap; `before` are words in front of it, such as strace."""
        return subprocess.run(
            (before or []) + self.command(*words), env=self.environment, capture_output=True, text=True, timeout=limit, check=False)

    def good(self, *words: str) -> str:
        done = self.snap(*words)
        assert done.returncode == 0, f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    @property
    def archive(self) -> Path:
        return self.app / "snapshot/volumes" / f"{self.stack}_data.tar.zst"

    def meta(self) -> dict[str, object]:
        found: dict[str, object] = json.loads((self.app / "snapshot/meta.json").read_text())
        return found
