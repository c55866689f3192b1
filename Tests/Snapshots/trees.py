"""Trees of files as volumes have them, and an independent look at them."""

import hashlib
import os
import random
import socket
import stat
import struct
import subprocess
from pathlib import Path


def database(folder: Path, size: int = 64 << 20) -> None:
    """Tables of many sizes full of rows, and a log."""
    dice = random.Random(1)
    row = b"".join(b"%08d|user%05d|lorem ipsum|2026-01-01|active|" % (i, dice.randrange(99999)) for i in range(2000))
    for number in range(40):
        place = folder / f"base/{number % 4}"
        place.mkdir(parents=True, exist_ok=True)
        length = dice.choice([8192, 65536, 1 << 20, (3 << 20) + 17])
        (place / f"{16384 + number}").write_bytes((row * (length // len(row) + 1))[:length])
    with open(folder / "log", "wb") as log:
        while log.tell() < size:
            log.write(row + dice.randbytes(3000))
    for place, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            os.chown(f"{place}/{name}", 999, 999)


def access_list(user: int) -> bytes:
    """user::rw-, user:<user>:rwx, group::r--, mask::rwx, other::---, as the kernel keeps it."""
    nobody = 0xFFFFFFFF
    entries = [(0x01, 6, nobody), (0x02, 7, user), (0x04, 4, nobody), (0x10, 7, nobody), (0x20, 0, nobody)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def odd(folder: Path, count: int) -> None:
    """Everything that a file can be, `count` of them."""
    dice = random.Random(2)
    text = b"the quick brown fox " * 4000
    for number in range(count):
        place = folder / f"d{number % 97}/e{number % 7}"
        place.mkdir(parents=True, exist_ok=True)
        file = place / f"f{number}"
        kind = number % 29
        if kind == 0:
            os.symlink(f"../{number}/nowhere" * (1 if number % 2 else 30), file)
        elif kind == 1:
            os.mkfifo(file, 0o640)
        elif kind == 2:
            with open(file, "wb") as sparse:
                sparse.truncate(100_000 + number)
                for _ in range(3):
                    sparse.seek(dice.randrange(100_000))
                    sparse.write(b"island")
        else:
            file.write_bytes(text[dice.randrange(70_000):][: int(dice.expovariate(1 / 3000))])
            if kind == 3:
                os.link(file, place / f"link{number}")
            elif kind == 4:
                os.setxattr(file, "user.note=50%", dice.randbytes(dice.randrange(200)))
            elif kind == 5:
                os.setxattr(file, "system.posix_acl_access", access_list(1000 + number % 50))
            elif kind == 6:
                os.chown(file, 3_000_000 + number, 70_000)
            elif kind == 7:
                os.chmod(file, 0o6755)
            elif kind == 8:
                os.setxattr(file, "security.capability", struct.pack("<IIIII", 0x02000001, 1 << 10, 0, 0, 0))
    special(folder / "special")


def special(folder: Path) -> None:
    folder.mkdir()
    place = os.fsencode(folder)
    for name in [b"new\nline", b"in\xff\xfevalid", b"x" * 255, b"\xc3\xa4" * 127, b"-rf", b" ", b"back\\slash", b"'quoted\"", b"star*", b"..."]:
        with open(place + b"/" + name, "wb") as file:
            file.write(name)
    for name, when in [("before", -86_400 * 365 * 30), ("fraction", None), ("late", 7_258_118_400)]:
        file = folder / name
        file.write_text(name)
        stamp = -1_500_000_000 if when is None else when * 1_000_000_000 + 123
        os.utime(file, ns=(stamp, stamp))
    os.mknod(folder / "null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    os.mknod(folder / "disk", stat.S_IFBLK | 0o600, os.makedev(259, 70_000))
    with open(folder / "holes at both ends", "wb") as file:
        file.seek(5 << 20)
        file.write(b"middle" * 1000)
        file.truncate(9 << 20)
    (folder / "only hole").touch()
    os.truncate(folder / "only hole", 3 << 20)
    with open(folder / "large with holes", "wb") as file:
        for number in range(5):
            file.seek(number * (4 << 20) + number * 4096)
            file.write(random.Random(number).randbytes(1_500_000))
    (folder / "exact").write_bytes(random.Random(9).randbytes(4 << 20))
    (folder / "exact and one").write_bytes(random.Random(9).randbytes((4 << 20) + 1))
    (folder / "empty").touch()
    (folder / "no rights").mkdir(mode=0o000)
    (folder / "no rights/inside").write_text("inside")
    inherits = folder / "inherits"
    inherits.mkdir()
    (inherits / "before the list").write_text("x")
    os.setxattr(inherits, "system.posix_acl_default", access_list(1234))
    os.setxattr(inherits, "trusted.overlay.opaque", b"y")
    many = folder / "many names"
    many.touch()
    for number in range(1000):
        os.link(many, folder / f"name{number}")
    os.symlink("target", folder / "link")
    os.link(folder / "link", folder / "link again", follow_symlinks=False)
    os.chown(folder / "link", 5, 6, follow_symlinks=False)


def deep(folder: Path, levels: int = 30) -> None:
    """Paths beyond 4096 bytes."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    for level in range(levels):
        name = f"{level:03d}" + "y" * 240
        os.mkdir(name, dir_fd=number)
        inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=number)
        os.close(number)
        number = inner
        file = os.open("file", os.O_CREAT | os.O_WRONLY, 0o600, dir_fd=number)
        os.write(file, name.encode())
        os.close(file)
        os.setxattr(f"/proc/self/fd/{number}/file", "user.level", str(level).encode())
        os.symlink("x", "link", dir_fd=number)
    os.close(number)


def sparse(folder: Path, size: int = 2 << 30) -> None:
    dice = random.Random(3)
    with open(folder / "disk", "wb") as file:
        file.truncate(size)
        for _ in range(50):
            file.seek(dice.randrange(size >> 20) << 20)
            file.write(dice.randbytes(1 << 20))


def listen(path: Path) -> socket.socket:
    """A socket in the tree, which no archive can hold."""
    found = socket.socket(socket.AF_UNIX)
    found.bind(str(path))
    return found


def look(folder: Path) -> dict[bytes, tuple[object, ...]]:
    """All that is to be kept of every entry, by path. Reaches any depth, follows nothing. Sockets are left out."""
    found: dict[bytes, tuple[object, ...]] = {}
    first: dict[int, bytes] = {}
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)

    def visit(parent: int, path: bytes) -> None:
        for name in sorted(os.listdir(f"/proc/self/fd/{parent}".encode())):
            facts = os.stat(name, dir_fd=parent, follow_symlinks=False)
            if stat.S_ISSOCK(facts.st_mode):
                continue
            whole = path + b"/" + name
            found[whole] = describe(parent, name, facts, whole)
            if stat.S_ISDIR(facts.st_mode):
                inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
                visit(inner, whole)
                os.close(inner)

    def describe(parent: int, name: bytes, facts: os.stat_result, path: bytes) -> tuple[object, ...]:
        place = f"/proc/self/fd/{parent}/".encode() + name
        # XFS shows ACLs a second time, as it keeps them.
        names = sorted(name for name in os.listxattr(place, follow_symlinks=False) if not name.startswith("trusted.SGI_ACL_"))
        extra = tuple((key, os.getxattr(place, key, follow_symlinks=False)) for key in names)
        content: object = None
        if stat.S_ISREG(facts.st_mode):
            with open(os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=parent), "rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else digest(file)
        elif stat.S_ISLNK(facts.st_mode):
            content = os.readlink(name, dir_fd=parent)
        one = b"" if stat.S_ISDIR(facts.st_mode) else first.setdefault(facts.st_ino, path)
        size = facts.st_size if stat.S_ISREG(facts.st_mode) else 0
        return (facts.st_mode, facts.st_uid, facts.st_gid, size, facts.st_mtime_ns, facts.st_rdev, content, extra, one)

    found[b""] = describe(top, b".", os.fstat(top), b"")
    visit(top, b"")
    os.close(top)
    return found


def digest(file: object) -> str:
    found = hashlib.sha256()
    while chunk := file.read(1 << 20):  # type: ignore[attr-defined]
        found.update(chunk)
    return found.hexdigest()


def blocks(folder: Path) -> int:
    """KiB on disk."""
    return int(subprocess.run(["du", "-sk", folder], capture_output=True, text=True, check=True).stdout.split()[0])


def rsync_differences(one: Path, other: Path) -> str:
    """What rsync would change in `other` to make it `one`. It cannot reach paths beyond 4096 bytes."""
    done = subprocess.run(
        ["rsync", "-aHAXn", "--checksum", "--delete", "--numeric-ids", "-i", f"{one}/", f"{other}/"], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr
