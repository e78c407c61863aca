"""A machine started on the live image's own rules: nothing on its disks can be written, and a scan tells all the same.

About half a minute in all on two cores; the long ones are in `test_iso.py`.
"""

from __future__ import annotations

import re

import pytest

from tests.kit import small
from tests.kit.disks import infected, journal_was_replayed, sha256, with_journal_to_replay
from tests.kit.guests import machine

pytestmark = pytest.mark.image


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """(what the machine said, whether its disks are what they were)."""
    folder, image = tmp_path_factory.mktemp("small"), small.kernel()
    made = [infected(folder / "win.img"), with_journal_to_replay(folder / "ext4.img")]
    before = [sha256(disk) for disk in made]
    initrd, medium = small.initrd(folder, small.version_of(image)), small.medium(folder)
    drives = [
        word for disk in (medium, *made) for word in ("-drive", f"file={disk},format=raw,if=virtio,cache=writethrough")
    ]
    words = f"boot=triage triage.build={small.BUILD} ro quiet panic=1 noresume no_timer_check console=ttyS0"
    with machine(folder, "-kernel", image, "-initrd", initrd, "-append", words, *drives, idle="off") as guest:
        said = guest.wait("SCAN ", 120) + guest.wait("\n", 10)
        guest.ended(30)
    assert not journal_was_replayed(made[1])
    return said, [sha256(disk) for disk in made] == before


def test_every_disk_and_partition_is_read_only(started):
    said, _ = started
    assert set(re.findall(r"READ-ONLY (\w+) (\d)", said)) == {(name, "1") for name in ("vda", "vdb", "vdb1", "vdc")}


def test_writing_as_root_is_refused(started):
    said, _ = started
    assert said.count("Operation not permitted") == 2
    assert re.findall(r"DD (\d+)", said) == ["1", "1"]


def test_a_journal_cannot_be_replayed(started):
    said, _ = started
    assert re.search(r"MOUNT (?!0)\d+", said)


def test_the_scan_finds_what_is_there(started):
    said, _ = started
    assert "WannaCry" in said, said
    assert re.search(r"SCAN 1$", said, re.MULTILINE), said


def test_the_disks_are_what_they_were(started):
    _, unchanged = started
    assert unchanged
