"""An empty Debian 12 in a folder, in which nothing of this machine is to be seen, and no network."""

import os
import re
import shutil
import subprocess
from pathlib import Path

# The chroot gets namespaces of its own: its mounts end with it, and it reaches nobody. `shared` is the same folder in and outside.
ENTER = """
root=$1 shared=$2; shift 2
mkdir -p "$root$shared"
mount --bind "$shared" "$root$shared"
mount -t proc proc "$root/proc"
exec chroot "$root" "$@"
"""
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Debian:
    def __init__(self, folder: Path, release: Path) -> None:
        self.root, self.shared = folder / "root", folder / "shared"
        self.shared.mkdir(parents=True)
        install, unpack = self.readme(release)
        _loud(["debootstrap", "--variant=minbase", "bookworm", self.root])
        shutil.copy("/etc/resolv.conf", self.root / "etc/resolv.conf")
        environment = {"PATH": PATH, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
        _loud(["chroot", self.root, "sh", "-ec", f"{install} --yes"], environment)
        shutil.copy(release, self.root / "tmp")
        _loud(["chroot", self.root, "sh", "-ec", f"cd /tmp; {unpack}"], environment)

    def readme(self, release: Path) -> tuple[str, str]:
        """The two commands that the README in the tarball tells people to type."""
        text = subprocess.run(["tar", "-xzOf", release, "cc-ci/README.md"], check=True, capture_output=True, text=True).stdout
        block = re.search(r"^```\n(apt-get install [^\n]+)\n(tar -x[^\n]+)\n```$", text, re.MULTILINE)
        assert block, "the README says neither what to install nor how to unpack"
        return block[1], block[2]

    def run(self, *words: object, limit: float = 60, **environment: str) -> subprocess.CompletedProcess[str]:
        call = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "sh", "-ec", ENTER, "enter", self.root, self.shared]
        settings = f"{self.shared}/settings.toml"
        return subprocess.run(
            [str(word) for word in (*call, *words)], env={"PATH": PATH, "HOME": "/root", "CCCI_SETTINGS": settings, **environment},
            capture_output=True, text=True, timeout=limit, check=False)

    def remove(self) -> None:
        shutil.rmtree(self.root)


def _loud(words: list[object], environment: dict[str, str] | None = None) -> None:
    """Runs it; what it said is in the error when it fails."""
    done = subprocess.run([str(word) for word in words], env=environment or dict(os.environ), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}: exit {done.returncode}\n{(done.stdout + done.stderr)[-2000:]}"
