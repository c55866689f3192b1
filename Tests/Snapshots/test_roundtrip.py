"""What is restored is what was saved, by independent eyes."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import trees
from lab import Lab

FULL = os.environ.get("CCCI_SNAP_TESTS") == "full"


def lab_at(disk: Path, place: Path) -> Lab:
    return Lab(disk / "lab", shelf=place / "shelf", volumes=place / "volumes")


def round_trip(lab: Lab, disk: Path) -> None:
    """Saves, spoils, restores, compares."""
    volume = lab.volume()
    before, size = trees.look(volume), trees.blocks(volume)
    lab.good("create", "demo", "--verify")
    assert lab.good("verify", "demo").startswith("sound")
    copy = disk / "copy"
    copy.mkdir()
    subprocess.run(f"zstd -dc {lab.archive} | tar --xattrs --xattrs-include='*' --acls --numeric-owner --sparse -xpP -C {copy}", shell=True, check=True)
    subprocess.run(["chattr", "+i", spoil(volume)], check=False)
    (volume / "later").write_text("from a pull request")
    os.setxattr(volume, "user.later", b"x")
    os.setxattr(volume, "system.posix_acl_default", trees.access_list(4321))
    os.chown(volume, 77, 78)
    os.chmod(volume, 0o2777)
    lab.good("restore", "demo")
    after = trees.look(volume)
    assert after.keys() == before.keys()
    assert {path: (before[path], after[path]) for path in before if before[path] != after[path]} == {}
    assert trees.blocks(volume) <= size * 1.1 + 1024, "holes were filled"
    extracted = trees.look(copy)
    assert {path: (before[path], extracted.get(path)) for path in before if before[path] != extracted.get(path)} == {}, "as GNU tar reads it"
    assert not (lab.app / "restore.json").exists()


def spoil(volume: Path) -> Path:
    """Changes and removes a few files; the answer is one that may be made immutable."""
    files = sorted(path for path in volume.rglob("*") if path.is_file() and not path.is_symlink())
    for file in files[:50:3]:
        file.write_bytes(b"spoilt")
    for file in files[1:50:3]:
        file.unlink()
    return files[0]


def test_a_database(disk: Path, place: Path) -> None:
    lab = lab_at(disk, place)
    trees.database(lab.volume())
    round_trip(lab, disk)


def test_odd_files(disk: Path, place: Path, count: list[str]) -> None:
    lab = lab_at(disk, place)
    number = (100_000 if FULL else 20_000) if place == disk else (10_000 if FULL else 4_000)
    trees.odd(lab.volume(), number)
    before = subprocess.run(["cp", "-a", lab.volume(), place / "original"], check=False)
    assert before.returncode == 0
    round_trip(lab, disk)
    assert trees.rsync_differences(place / "original", lab.volume()) == ""
    count.append(f"round trip of {number} odd files on {place.name if place != disk else 'the usual disk'}: identical for rsync and for a walk")


def test_paths_beyond_4096_bytes(disk: Path, place: Path) -> None:
    lab = lab_at(disk, place)
    volume = lab.volume()
    trees.deep(volume)
    before = trees.look(volume)
    lab.good("create", "demo", "--verify")
    subprocess.run(f"find {volume} -mindepth 1 -delete", shell=True, check=True)
    lab.good("restore", "demo", "--verify")
    assert trees.look(volume) == before


def test_two_gibibytes_with_holes(disk: Path, place: Path) -> None:
    lab = lab_at(disk, place)
    trees.sparse(lab.volume())
    round_trip(lab, disk)


def test_a_tree_beside_the_archive(disk: Path, place: Path, count: list[str]) -> None:
    """Where blocks can be shared, a restore is a copy of the tree; where they cannot, and where the tree is damaged, it is the archive."""
    lab = lab_at(disk, place)
    volume = lab.volume()
    trees.odd(volume, 3000)
    trees.database(volume / "database")
    before = trees.look(volume)
    lab.good("create", "demo", "--verify", "--tree")
    tree = lab.archive.with_name(lab.archive.name.removesuffix(".tar.zst") + ".tree")
    can = subprocess.run(["cp", "--reflink=always", lab.archive, lab.shelf / "probe"], capture_output=True, check=False).returncode == 0
    assert tree.exists() == can
    assert can == (place != disk), "btrfs and xfs can, and the usual disk is ext4"
    spoil(volume)
    lab.good("restore", "demo")
    assert trees.look(volume) == before
    if can:
        assert trees.look(tree) == before
        archive = lab.archive.read_bytes()
        lab.archive.write_bytes(b"")
        spoil(volume)
        lab.good("restore", "demo")
        assert trees.look(volume) == before, "the tree alone"
        lab.archive.write_bytes(archive)
        spoil(tree)
        (tree / "later").mkdir()
        lab.good("restore", "demo")
        assert trees.look(volume) == before, "the archive, since the tree is not what it was"
        spoil(volume)
        lab.good("restore", "demo", "--verify")
        assert trees.look(volume) == before
        count.append(f"3000 odd files and a database on {place.name}: made of a tree that shares blocks, identical for a walk")


def test_sockets_are_left_out_and_counted(disk: Path) -> None:
    lab = Lab(disk / "lab")
    (lab.volume() / "file").write_text("x")
    with trees.listen(lab.volume() / "s"):
        assert "1 sockets left out" in lab.good("create", "demo")
    lab.good("restore", "demo", "--verify")
    assert os.listdir(lab.volume()) == ["file"]


def test_sixty_five_thousand_names_of_one_file(disk: Path) -> None:
    lab = Lab(disk / "lab")
    file = lab.volume() / "0"
    file.write_text("one")
    names = 64_999
    for number in range(1, names):
        os.link(file, lab.volume() / str(number))
    lab.good("create", "demo")
    subprocess.run(f"find {lab.volume()} -mindepth 1 -delete", shell=True, check=True)
    lab.good("restore", "demo", "--verify")
    assert file.stat().st_nlink == names


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, (1 << 20) - 1, 1 << 20, (2 << 20) - 1, 2 << 20, (2 << 20) + 1, (6 << 20) + 511])
def test_sizes_around_the_limits_of_pieces(disk: Path, size: int) -> None:
    lab = Lab(disk / "lab")
    (lab.volume() / "file").write_bytes(os.urandom(size))
    (lab.volume() / "zeros").write_bytes(bytes(size))
    before = trees.look(lab.volume())
    lab.good("create", "demo", "--verify")
    lab.good("restore", "demo", "--verify")
    assert trees.look(lab.volume()) == before


def test_an_app_without_volumes_and_an_empty_volume(disk: Path) -> None:
    lab = Lab(disk / "lab")
    lab.volume()
    lab.good("create", "demo", "--verify")
    lab.good("restore", "demo")
    assert lab.good("verify").startswith("sound")
    # By hand that would be a wrong name; a promotion saves what the recipe has, and a quick run puts it back.
    meta = lab.app / "snapshot/meta.json"
    meta.write_text(json.dumps({**lab.meta(), "volumes": []}))
    assert "data: removed" in lab.good("restore", "demo")
    assert lab.good("verify").startswith("sound")
