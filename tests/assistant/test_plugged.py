"""What is plugged in, read from a sysfs that is a folder: names, sizes, file systems, what runs from where."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from samples_fake.images import demo_image
from triage.cli.assistant import plugged, plugged_linux
from triage.cli.assistant.plugged import Area, Attached, images_in
from triage.cli.assistant.plugged_linux import Roots, found
from triage.cli.refusals import Mount

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sysfs is Linux's")


def written(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")


class Machine:
    """A computer made of files."""

    def __init__(self, root: Path) -> None:
        self.roots = Roots(sysfs=root / "sys", devices=root / "dev", udev=root / "udev")
        (root / "sys/block").mkdir(parents=True)
        (root / "dev").mkdir()

    def disk(self, name: str, number: str, sectors: int, model: str = "", *, removable: bool = False) -> None:
        place = self.roots.sysfs / "block" / name
        written(place / "size", str(sectors))
        written(place / "dev", number)
        written(place / "removable", str(int(removable)))
        written(place / "device/model", model)
        (self.roots.devices / name).touch()

    def partition(self, disk: str, name: str, number: str, start: int, sectors: int) -> None:
        place = self.roots.sysfs / "block" / disk / name
        for file, value in (("partition", "1"), ("start", str(start)), ("size", str(sectors)), ("dev", number)):
            written(place / file, value)

    def udev(self, number: str, system: str, label: str) -> None:
        written(self.roots.udev / f"b{number}", f"S:x\nE:ID_FS_TYPE={system}\nE:ID_FS_LABEL_ENC={label}")


@pytest.fixture
def machine(tmp_path, monkeypatch):
    monkeypatch.setattr(plugged_linux, "mounts", lambda: iter(()))
    return Machine(tmp_path)


def test_a_disk_with_its_partitions_in_their_order(machine):
    machine.disk("sda", "8:0", 1 << 20, "ST500DM002")
    machine.partition("sda", "sda10", "8:10", 4096, 2048)
    machine.partition("sda", "sda2", "8:2", 2048, 2048)
    machine.udev("8:10", "BitLocker", "")
    machine.udev("8:2", "ntfs", r"K\xe1\xba\xbf\x20to\xc3\xa1n")
    (disk,) = found(machine.roots)
    assert (disk.name, disk.size, disk.is_removable) == ("ST500DM002", 512 << 20, False)
    assert [(area.filesystem, area.label) for area in disk.areas] == [("ntfs", "Kế toán"), ("bitlocker", "")]


def test_without_udev_the_disk_itself_is_read(machine):
    machine.disk("sda", "8:0", 98304)
    device = machine.roots.devices / "sda"
    device.unlink()
    demo_image(device)
    (disk,) = found(machine.roots)
    assert [area.filesystem for area in disk.areas] == ["ntfs"]


def test_what_is_no_disk_is_left_out(machine):
    machine.disk("ram0", "1:0", 2048)
    machine.disk("zram0", "254:0", 2048)
    machine.disk("loop0", "7:0", 0)
    machine.disk("sr0", "11:0", 2048)
    (machine.roots.devices / "sr0").unlink()
    machine.disk("loop1", "7:1", 2048)
    machine.udev("7:1", "squashfs", "")
    assert list(found(machine.roots)) == []


def test_the_running_system_and_mounts_are_known(machine, monkeypatch):
    machine.disk("sda", "8:0", 4096)
    machine.partition("sda", "sda1", "8:1", 0, 4096)
    machine.udev("8:1", "ext4", "root")
    mounted = [Mount(os.makedev(8, 1), Path("/"), Path(point), Path("/dev/sda1")) for point in ("/", "/mnt/x")]
    monkeypatch.setattr(plugged_linux, "mounts", lambda: iter(mounted))
    (disk,) = found(machine.roots)
    assert disk.runs_system
    assert disk.folders == (Path("/"), Path("/mnt/x"))


def test_a_machine_without_disks_has_none(machine):
    assert list(found(machine.roots)) == []
    assert list(found(Roots(sysfs=machine.roots.sysfs / "nothing"))) == []


def test_disks_with_windows_come_first_and_the_running_system_last(monkeypatch):
    def one(name, filesystem, *, runs=False, stick=False):
        areas = (Area(filesystem=filesystem, label="", size=1),)
        return Attached(path=Path(name), areas=areas, runs_system=runs, is_removable=stick)

    around = [one("linux", "ext4", runs=True), one("data", "ext4"), one("stick", "ntfs", stick=True), one("pc", "ntfs")]
    monkeypatch.setattr(plugged_linux, "found", lambda: iter(around))
    assert [str(one.path) for one in plugged.attached()] == ["pc", "stick", "data", "linux"]


def test_images_are_found_a_little_below_and_not_deeper(tmp_path):
    for name in ("a.E01", "a.E02", "x/b.vmdk", "x/y/c.dd", "x/y/z/d.dd", ".hidden/e.dd", "f.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = images_in([tmp_path, tmp_path / "x" / "y", tmp_path / "gone"])
    assert [path.name for path in found] == ["a.E01", "b.vmdk", "c.dd", "d.dd"]
    assert [path.name for path in images_in([tmp_path])] == ["a.E01", "b.vmdk", "c.dd"]
