from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from dataclasses import replace

import pytest
import pytsk3

from samples_fake.clock import ToolError, run
from samples_fake.disk import write_volume
from samples_fake.scenes import SCENES
from samples_fake.scenes.calendar import after, at
from samples_fake.tree import COMPRESSED, HIDDEN, SYSTEM, FakeFile, Volume
from triage.model import Macb

pytestmark = pytest.mark.image

MADE = at("2015-02-03T04:05:06")
BORN = at("2016-07-01T08:00:00")
TIMES = Macb(born=BORN, modified=after(BORN, 86_400), accessed=after(BORN, 172_800), changed=after(BORN, 259_200))
FILES = (
    FakeFile(path="/Thư mục/Báo cáo.docx", content=b"hello" * 1000, times=TIMES),
    FakeFile(path="/Thư mục/đã xóa.docx", content=b"gone" * 700, times=TIMES, deleted=True),
    FakeFile(path="/HIDDEN.BIN", content=b"x", attributes=HIDDEN | SYSTEM),
    FakeFile(path="/empty.txt"),
    FakeFile(path="/Rỗng", folder=True),
    *(FakeFile(path=f"/many/a rather long name {n:03d}.txt", content=b"%d" % n * n) for n in range(120)),
)
SIZES = {"ntfs": 8, "fat12": 4, "fat16": 16, "fat32": 36, "exfat": 8, "ext4": 8}


def _volume(filesystem: str) -> Volume:
    return Volume(filesystem=filesystem, size=SIZES[filesystem] << 20, label="FAKE", made=MADE, files=FILES)


@pytest.fixture(params=SIZES)
def built(request, tmp_path):
    volume = _volume(request.param)
    write_volume(volume, tmp_path / "volume")
    return volume, tmp_path / "volume"


def _ours(present: dict[str, str]) -> dict[str, str]:
    """Without what every file system keeps for itself."""
    return {path: digest for path, digest in present.items() if not re.match(r"/(\$|FAKE)", path)}


def test_a_reader_finds_the_tree_that_was_written(built, read_back, planned):
    volume, path = built
    seen, plan = read_back(path), planned(volume)
    assert _ours(seen.present) == plan.present
    assert plan.deleted.items() <= seen.deleted.items()


def test_times_are_those_of_the_scene(built):
    volume, path = built
    meta = pytsk3.FS_Info(pytsk3.Img_Info(str(path))).open("/Thư mục/Báo cáo.docx").info.meta
    fat = volume.filesystem.startswith("fat")
    assert meta.crtime == BORN // 10**9
    assert meta.mtime == TIMES.modified // 10**9
    assert meta.atime == TIMES.accessed // 10**9 - (8 * 3600 if fat else 0), "FAT keeps the day of access only"
    if volume.filesystem in ("ntfs", "ext4"):
        assert meta.ctime == TIMES.changed // 10**9


def test_the_same_volume_gives_the_same_bytes(built, tmp_path):
    volume, path = built
    write_volume(volume, tmp_path / "again")
    assert _sha256(tmp_path / "again") == _sha256(path)


CHECKS = {"ntfs": ["ntfsfix", "-n"], "exfat": ["fsck.exfat", "-n"], "ext4": ["e2fsck", "-f", "-n"]}


def test_the_file_systems_own_checker_is_content(built):
    volume, path = built
    command = CHECKS.get(volume.filesystem, ["fsck.vfat", "-n"])
    if shutil.which(command[0], path="/usr/sbin:/sbin:/usr/bin:/bin") is None:
        pytest.skip(f"{command[0]} is not installed")
    assert run(*command, path)


def test_files_that_do_not_fit_are_refused(tmp_path):
    big = FakeFile(path="/big.bin", content=bytes(9 << 20))
    for filesystem in ("fat12", "exfat"):
        with pytest.raises(ValueError, match="do not fit"):
            write_volume(replace(_volume(filesystem), files=(big,)), tmp_path / filesystem)


def test_an_unknown_file_system_is_refused(tmp_path):
    with pytest.raises(ValueError, match="'zfs'"):
        write_volume(replace(_volume("ntfs"), filesystem="zfs"), tmp_path / "volume")


@pytest.fixture
def ntfs(tmp_path):
    files = (
        FakeFile(path="/stomped.docx.WNCRY", content=b"a" * 3000, times=TIMES, written=at("2017-05-12T14:44:00")),
        FakeFile(path="/one.bin", content=b"one" * 900, hard_links=("/links/two.bin",)),
        FakeFile(
            path="/streams.txt", content=b"main", streams={"Zone.Identifier": b"[ZoneTransfer]", "big": b"b" * 5000}
        ),
        FakeFile(path="/sparse.bin", content=b"end", hole=1 << 20),
        FakeFile(path="/packed", folder=True, attributes=COMPRESSED),
        FakeFile(path="/packed/zeros.txt", content=b"compress me " * 20_000, attributes=COMPRESSED),
        FakeFile(path="/secret", folder=True, attributes=HIDDEN | SYSTEM),
    )
    volume = replace(_volume("ntfs"), files=files)
    write_volume(volume, tmp_path / "ntfs")
    return volume, tmp_path / "ntfs"


def test_ntfs_keeps_streams_links_holes_and_compression(ntfs, read_back, planned):
    volume, path = ntfs
    assert _ours(read_back(path).present) == planned(volume).present


def _istat(path, name: str) -> str:
    inode = pytsk3.FS_Info(pytsk3.Img_Info(str(path))).open(name).info.meta.addr
    return subprocess.run(["istat", "-z", "UTC", path, str(inode)], capture_output=True, check=True, text=True).stdout


def test_both_sets_of_ntfs_times_are_set_apart(ntfs):
    _, path = ntfs
    standard, _, name = _istat(path, "/stomped.docx.WNCRY").partition("$FILE_NAME")
    assert re.findall(r"\d{4}-\d\d-\d\d", standard) == ["2016-07-01", "2016-07-02", "2016-07-04", "2016-07-03"]
    assert re.findall(r"\d{4}-\d\d-\d\d", name) == ["2017-05-12"] * 4


def test_ntfs_attributes_and_hard_links_are_real(ntfs):
    _, path = ntfs
    assert re.search(r"Flags: .*Hidden.*System", _istat(path, "/secret"))
    assert "Links: 2" in _istat(path, "/one.bin")
    assert re.search(r"Flags: .*Compressed", _istat(path, "/packed/zeros.txt"))
    assert re.search(r"Flags: .*Sparse", _istat(path, "/sparse.bin"))


def test_a_missing_tool_is_named():
    with pytest.raises(ToolError, match=r"mkfs.none is not installed"):
        run("mkfs.none")


def test_a_failing_tool_is_quoted(tmp_path):
    with pytest.raises(ToolError, match="mkntfs failed"):
        run("mkntfs", "-F", tmp_path / "absent")


def test_hostile_names_reach_the_disk_as_they_are(tmp_path):
    (volume,) = SCENES["hostile_names"].volumes
    write_volume(volume, tmp_path / "volume")
    table = (tmp_path / "volume").read_bytes()
    for file in volume.files:
        # a record's sector ends are replaced on disk: the longest names are cut by them
        start = file.name if len(file.name) < 100 else file.name[:40]
        assert start.encode("utf-16-le", "surrogatepass") in table


def _sha256(path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
