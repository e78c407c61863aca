"""Where the live system writes: where there is no doubt, and never to a disk that may be evidence."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest

from triage.kit import live_root, results
from triage.kit.results import NONE, SEVERAL, blocks, choose, unprotected


def disk(name, *parts, usb=False, ro=True, size=1 << 30, kind="disk"):
    row = {"name": name, "type": kind, "label": None, "fstype": None, "size": size}
    children = [
        {**row, "name": f"{name}{number}", "type": "part", "label": label, "fstype": fs, "ro": ro, "tran": None}
        for number, (label, fs) in enumerate(parts, 1)
    ]
    return {**row, "tran": "usb" if usb else "sata", "ro": ro, "children": children}


DATA = ("TRIAGE-DATA", "vfat")
WINDOWS = disk("sda", ("WIN7", "ntfs"))


def listed(*devices):
    return blocks(json.loads(json.dumps({"blockdevices": devices})))


def chosen(stick, *devices):
    choice = choose(listed(*devices), stick)
    return choice.block.name if choice.block else choice.why_not


def test_the_partition_on_the_stick_that_was_started_from_is_taken_first():
    assert chosen("sdc", WINDOWS, disk("sdb", DATA, usb=True), disk("sdc", ("X", "iso9660"), DATA, usb=True)) == "sdc2"


def test_a_second_stick_is_taken_where_the_first_has_none():
    assert chosen("sdc", WINDOWS, disk("sdb", ("TRIAGE-DATA", "exfat"), usb=True), disk("sdc", usb=True)) == "sdb1"


def test_a_disk_inside_the_machine_is_never_written_whatever_its_label():
    assert chosen("sdc", disk("sda", DATA), disk("sdc", usb=True)) == NONE


def test_an_ntfs_volume_is_never_written_whatever_its_label():
    assert chosen("sdc", disk("sdb", ("TRIAGE-DATA", "ntfs"), usb=True)) == NONE


def test_of_two_sticks_none_is_taken():
    assert chosen("sdc", disk("sda", DATA, usb=True), disk("sdb", DATA, usb=True)) == SEVERAL


def test_a_disk_that_is_not_read_only_is_named_unless_it_takes_the_results():
    found = listed(WINDOWS, disk("sdb", DATA, usb=True, ro=False), disk("nvme0n1", ("C", "ntfs"), ro=False))
    assert unprotected(found, {"sdb", "sdb1"}) == ["nvme0n1", "nvme0n11"]


def test_an_empty_drive_and_the_system_itself_are_not_named():
    assert unprotected(listed(disk("fd0", ro=False, size=0), disk("loop0", ro=False, kind="loop")), set()) == []


def test_lsblk_knows_every_column_that_is_asked_of_it():
    if shutil.which("lsblk") is None:
        pytest.skip("lsblk is not installed")
    told = subprocess.run(["lsblk", "--json", "--bytes", "-o", results.COLUMNS], capture_output=True, check=True)
    assert set(json.loads(told.stdout)["blockdevices"][0]) >= {name.lower() for name in results.COLUMNS.split(",")}


# -- mounting it -----------------------------------------------------------------------------------------------------


class Machine:
    """Commands are noted and not carried out, but for copying; `fails` names one that fails."""

    def __init__(self, place, fails=""):
        self.said = []
        self.fails = fails
        self.data = place / "data"

    def run(self, *command):
        self.said.append(" ".join(command))
        if command[0] == "cp" != self.fails:
            return subprocess.run(command, capture_output=True, text=True, check=False)
        return subprocess.CompletedProcess(command, int(command[0] == self.fails), "", "it failed\n")


@pytest.fixture
def live(tmp_path, monkeypatch):
    for name in ("RESULTS", "WRITABLE"):
        monkeypatch.setattr(results, name, tmp_path / name.lower())
        (tmp_path / name.lower()).mkdir()

    def start(fails=""):
        made = Machine(tmp_path, fails)
        monkeypatch.setattr(results, "_run", made.run)
        return made

    return start


(STICK,) = (block for block in listed(disk("sdb", DATA, usb=True)) if block.label)


def test_only_the_data_partition_and_its_disk_are_made_writable(live):
    machine = live()
    assert results.mount_data(STICK) == ""
    assert [line for line in machine.said if "--setrw" in line] == [
        "blockdev --setrw /dev/sdb",
        "blockdev --setrw /dev/sdb1",
    ]
    assert {path.name for path in results.WRITABLE.iterdir()} == {"sdb", "sdb1"}


def test_a_partition_that_cannot_be_mounted_is_read_only_again(live):
    machine = live(fails="mount")
    assert results.mount_data(STICK) == "it failed"
    assert machine.said[-2:] == ["blockdev --setro /dev/sdb", "blockdev --setro /dev/sdb1"]
    assert not list(results.WRITABLE.iterdir())


def test_what_was_in_memory_never_goes_over_a_case_of_the_same_name(live):
    machine = live()
    for top, text in ((results.RESULTS, "new"), (machine.data, "old"), (machine.data / "from-memory-1", "older")):
        (top / "CASES/MAY-1").mkdir(parents=True)
        (top / "CASES/MAY-1/case").write_text(text)
    assert results.mount_data(STICK) == ""
    assert (machine.data / "CASES/MAY-1/case").read_text() == "old"
    assert (machine.data / "from-memory-1/CASES/MAY-1/case").read_text() == "older"
    assert (machine.data / "from-memory-2/CASES/MAY-1/case").read_text() == "new"


def test_a_stick_without_room_for_what_is_in_memory_is_let_go(live):
    machine = live(fails="cp")
    (results.RESULTS / "CASES").mkdir()
    assert results.mount_data(STICK) == "it failed"
    assert machine.said[-3:] == [
        f"umount {machine.data}",
        "blockdev --setro /dev/sdb",
        "blockdev --setro /dev/sdb1",
    ]
    assert (results.RESULTS / "CASES").is_dir()


def test_a_stick_that_was_pulled_is_forgotten(live):
    machine = live()
    results.mount_data(STICK)
    results.let_go(listed(WINDOWS))
    assert machine.said[-1].startswith("umount -l")
    assert not list(results.WRITABLE.iterdir())


# -- what is in the image --------------------------------------------------------------------------------------------


def test_every_file_of_the_live_system_has_its_place():
    files = {path.name for path in live_root.LIVE.iterdir()}
    assert files == {*live_root.FILES, "grub.cfg"}


def test_nothing_that_assembles_or_mounts_evidence_is_asked_for():
    assert not {"mdadm", "lvm2", "ntfs-3g", "udisks2", "live-boot"} & set(live_root.PACKAGES)


def test_only_the_file_systems_of_a_stick_can_be_mounted():
    kept = {found[1] for pattern in live_root.KEPT if (found := re.search(r"/kernel/fs/(\w+)/", pattern))}
    assert kept == {"exfat", "fat", "isofs", "nls", "overlayfs", "squashfs"}


def test_every_shell_script_of_the_live_system_can_be_read_by_a_shell():
    for name in ("initramfs-hook", "initramfs-boot", "start", "triage"):
        subprocess.run(["sh", "-n", live_root.LIVE / name], check=True)


def test_the_root_gets_every_file_with_its_mode_and_starts_the_assistant(tmp_path):
    root = tmp_path / "root"
    live_root.lay_out(root)
    assert (root / "usr/lib/triage/start").stat().st_mode & 0o777 == 0o755
    wants = root / "etc/systemd/system/multi-user.target.wants"
    assert str((wants / "triage@tty1.service").readlink()) == "/etc/systemd/system/triage@.service"
    assert str((root / "etc/systemd/system/getty@tty1.service").readlink()) == "/dev/null"
    lines = (root / "etc/fstab").read_text("utf-8").splitlines()
    assert all(line.startswith("#") for line in lines)
