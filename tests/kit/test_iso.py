"""The whole stick: built, started by BIOS and by UEFI, driven to a verdict, and nothing on the disks has changed.

Takes a quarter of an hour. An image that is there already is taken where TRIAGE_ISO names it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.disks import (
    START,
    data_stick,
    infected,
    journal_was_replayed,
    make_dirty,
    sha256,
    with_journal_to_replay,
)
from tests.kit.guests import FIRMWARE, QEMU, disks, machine, stick

pytestmark = [pytest.mark.soak, pytest.mark.image]

MENU = "[3]"
BOOT_SECONDS = 600
SCAN_SECONDS = 600


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """With a data partition of 256 MiB."""
    if given := os.environ.get("TRIAGE_ISO"):
        return Path(given)
    if os.geteuid() or shutil.which(QEMU) is None or shutil.which("mmdebstrap") is None:
        pytest.skip("needs root, mmdebstrap and qemu")
    made = tmp_path_factory.mktemp("iso") / "kit.iso"
    command = [sys.executable, "-m", "triage", "kit", "iso", "--to", made, "--data", "256M"]
    subprocess.run(command, check=True)
    return made


@pytest.fixture
def evidence(tmp_path):
    """sda: infected; sdb: infected, its NTFS dirty; sdc: an ext4 with a journal to replay."""
    windows = infected(tmp_path / "win.img")
    dirty = shutil.copyfile(windows, tmp_path / "dirty.img")
    make_dirty(dirty)
    return [windows, dirty, with_journal_to_replay(tmp_path / "ext4.img")]


def to_the_menu(guest):
    """Through the boot menu's serial entry and past the assistant; what was said on the way."""
    guest.wait("serial console", BOOT_SECONDS)
    guest.type("s")
    said = guest.wait("/ results:", BOOT_SECONDS)
    return said + out_of_the_assistant(guest)


def out_of_the_assistant(guest):
    """It is left by Ctrl-C from wherever it is."""
    said = ""
    for _ in range(20):
        try:
            return said + guest.wait(MENU, 30)
        except AssertionError:
            guest.type("\x03")
    raise AssertionError("the assistant does not end")


@pytest.mark.parametrize("firmware", ["bios", "uefi"])
def test_a_machine_is_started_and_its_disk_examined_and_nothing_on_it_changes(image, evidence, tmp_path, firmware):
    if firmware == "uefi" and not FIRMWARE.exists():
        pytest.skip("ovmf is not installed")
    before = [sha256(disk) for disk in evidence]
    copy = shutil.copyfile(image, tmp_path / "stick.img")
    words = ("-bios", FIRMWARE) if firmware == "uefi" else ()
    with machine(tmp_path, *words, *stick(copy), *disks(*evidence)) as guest:
        to_the_menu(guest)
        guest.photograph(tmp_path / f"{firmware}.png")
        guest.shell()
        _nothing_can_be_written(guest)
        code, screen = guest.run(
            "triage scan /dev/sda --case /results/CASES/may-01 --depth quick --quiet --lang en", SCAN_SECONDS
        )
        assert (code, "WannaCry" in screen) == (1, True), screen
        code, screen = guest.run(
            "triage scan /dev/sdb --case /results/CASES/may-02 --depth quick --quiet", SCAN_SECONDS
        )
        assert code == 1, screen
        guest.type("exit\n")
        guest.wait(MENU, 60)
        guest.type("3\n")
        guest.ended(180)
    assert [sha256(disk) for disk in evidence] == before
    assert not journal_was_replayed(evidence[2])
    assert {"case.sqlite", "report.html", "summary.json"} <= set(_kept(copy, "CASES/may-01"))


def _nothing_can_be_written(guest):
    _, said = guest.run("cat /proc/mounts")
    assert not re.findall(r"^/dev/sd[abc]", said, re.MULTILINE)
    _, said = guest.run("lsblk -nro NAME,RO /dev/sda /dev/sdb /dev/sdc")
    assert set(re.findall(r"(\w+) ([01])", said)) == {(name, "1") for name in ("sda", "sda1", "sdb", "sdb1", "sdc")}
    for device in ("/dev/sda", "/dev/sda1", "/dev/sdb1", "/dev/sdc"):
        code, said = guest.run(f"dd if=/dev/zero of={device} bs=512 count=1 conv=fsync")
        assert (code, "Operation not permitted" in said) == (1, True), said
    for device in ("/dev/sdb1", "/dev/sdc"):
        code, said = guest.run(f"mount {device} /mnt")
        assert code, said
    assert guest.run("ls /sys/class/net")[1].split() == ["lo"]
    assert guest.run("command -v hwclock mdadm lvm")[0]
    assert len(guest.run("cat /proc/swaps")[1].splitlines()) == 1  # its heading


def _kept(copy, folder):
    """Names in a folder of the stick's data partition, read on this side."""
    told = subprocess.run(["sfdisk", "-l", "-o", "Start,Size", copy], check=True, capture_output=True, text=True).stdout
    (start,) = re.findall(r"^\s*(\d+)\s+256M", told, re.MULTILINE)
    listing = subprocess.run(
        ["mdir", "-b", "-i", f"{copy}@@{int(start) * 512}", f"::{folder}"], check=True, capture_output=True, text=True
    ).stdout
    return [line.rstrip().rpartition("/")[2] for line in listing.splitlines()]


def test_without_a_data_partition_it_warns_and_takes_a_stick_that_is_plugged_in_and_pulled(image, tmp_path):
    """The image as from a build without one: the label is overwritten."""
    copy = shutil.copyfile(image, tmp_path / "stick.img")
    _forget_the_label(copy)
    second = data_stick(tmp_path / "second.img")
    with machine(tmp_path, *stick(copy), *disks(infected(tmp_path / "win.img"))) as guest:
        guest.wait("serial console", BOOT_SECONDS)
        guest.type("s")
        assert "KEPT IN MEMORY ONLY" in guest.wait("when read:", BOOT_SECONDS)
        guest.type("\n")
        out_of_the_assistant(guest)
        guest.shell()
        guest.run("mkdir -p /results/CASES; echo kept > /results/CASES/early")
        guest.monitor(f"drive_add 0 file={second},format=raw,if=none,id=second")
        guest.monitor("device_add usb-storage,bus=usb.0,drive=second,removable=on,id=plug")
        guest.type("sleep 10; exit\n")
        guest.wait(MENU, 60)
        guest.type("1\n")
        guest.wait("/ results:", 120)
        out_of_the_assistant(guest)
        guest.shell()
        guest.run("sync")
        guest.monitor("device_del plug")
        guest.type("sleep 10; exit\n")
        guest.wait(MENU, 60)
        guest.type("1\n")
        assert "KEPT IN MEMORY ONLY" in guest.wait("when read:", 120)
        guest.type("\n")
        out_of_the_assistant(guest)
        guest.type("3\n")
        guest.ended(180)
    shown = subprocess.run(
        ["mtype", "-i", f"{second}@@{START}", "::from-memory-1/CASES/early"], check=True, capture_output=True, text=True
    )
    assert shown.stdout == "kept\n"


def _forget_the_label(image):
    with image.open("r+b") as disk:
        data = disk.read()
        for found in re.finditer(rb"TRIAGE-DATA", data):
            disk.seek(found.start())
            disk.write(b"NOTHING    ")
