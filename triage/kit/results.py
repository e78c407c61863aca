"""Where a machine started from the stick writes its results: run there, ahead of the assistant.

The only place that makes anything writable. A partition labelled TRIAGE-DATA is taken where there is no doubt: the one
on the stick that was started from, else the only one on a USB disk. Every other disk is checked to be read-only.

Limits:
    A USB disk that is evidence and carries such a partition cannot be told from a stick, if it is the only one.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LABEL = "TRIAGE-DATA"
FILE_SYSTEMS = {"vfat": "flush,utf8=1,", "exfat": "iocharset=utf8,"}
"""Of the data partition, with their own mount options."""

RESULTS = Path("/results")
WRITABLE = Path("/run/triage/writable")
STICK = Path("/run/triage/stick")
"""Name of the device that was started from; the initrd writes it."""

SETTLE_SECONDS = 15
COLUMNS = "NAME,TYPE,LABEL,FSTYPE,SIZE,TRAN,RO"
BAR = "!" * 78


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A disk or partition, as `lsblk` names it.

    Attributes:
        name: the kernel's, `sdb1`.
        disk: the whole disk it lies on; its own name where it is one.
        size: bytes; 0 where no medium is in the drive.
        usb: the disk hangs on USB.
    """

    name: str
    disk: str
    label: str
    file_system: str
    size: int
    usb: bool
    read_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Where results go; no block where only memory is left, and then why."""

    block: Block | None = None
    why_not: str = ""


NONE = f"Không thấy phân vùng {LABEL} / no partition {LABEL} was found"
SEVERAL = f"Có nhiều phân vùng {LABEL}, hãy rút bớt / several partitions {LABEL}: leave one plugged in"


def blocks(listing: Mapping[str, Any]) -> list[Block]:
    """Disks and partitions of `lsblk --json --bytes` with COLUMNS, without loop devices."""
    return [
        Block(
            name=item["name"],
            disk=disk["name"],
            label=item["label"] or "",
            file_system=item["fstype"] or "",
            size=int(item["size"]),
            usb=disk["tran"] == "usb",
            read_only=bool(item["ro"]),
        )
        for disk in listing["blockdevices"]
        if disk["type"] != "loop"
        for item in (disk, *disk.get("children", ()))
    ]


def choose(found: Sequence[Block], stick: str) -> Choice:
    """The data partition, or why none is taken.

    Args:
        found: every disk and partition.
        stick: name of the device that was started from; "" where it is not known.
    """
    fit = [block for block in found if block.label == LABEL and block.file_system in FILE_SYSTEMS]
    for candidates in ([b for b in fit if b.disk == stick], [b for b in fit if b.usb and b.disk != stick]):
        if len(candidates) == 1:
            return Choice(block=candidates[0])
        if candidates:
            return Choice(why_not=SEVERAL)
    return Choice(why_not=NONE)


def unprotected(found: Sequence[Block], writable: Collection[str]) -> list[str]:
    """Names of what is not read-only and ought to be."""
    return [block.name for block in found if block.size and not block.read_only and block.name not in writable]


def look() -> list[Block]:
    """What is plugged in now."""
    _run("udevadm", "settle", "-t", str(SETTLE_SECONDS))
    return blocks(json.loads(_run("lsblk", "--json", "--bytes", "-o", COLUMNS).stdout))


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - the live system's own


def mount_data(block: Block) -> str:
    """Mounts the data partition for writing; gives what went wrong, or "".

    What was written to memory before is copied into a folder of its own: a case of the same name may be there. Where
    that fails, for want of room, all stays in memory.
    """
    names = sorted({block.disk, block.name})
    for name in names:
        (WRITABLE / name).touch()
        _run("blockdev", "--setrw", f"/dev/{name}")
    failed = _keep_what_is_in_memory(block) or _mount(block, RESULTS)
    if failed:
        _run("umount", str(WRITABLE.with_name("data")))
        for name in names:
            (WRITABLE / name).unlink()
            _run("blockdev", "--setro", f"/dev/{name}")
    return failed


def _mount(block: Block, place: Path) -> str:
    options = FILE_SYSTEMS[block.file_system] + "rw,nosuid,nodev,noexec,noatime"
    return _failed("mount", "-t", block.file_system, "-o", options, f"/dev/{block.name}", str(place))


def _keep_what_is_in_memory(block: Block) -> str:
    if not any(RESULTS.iterdir()):
        return ""
    place = WRITABLE.with_name("data")
    place.mkdir(exist_ok=True)
    if failed := _mount(block, place):
        return failed
    return _failed("cp", "-rT", str(RESULTS), str(_unused(place))) or _failed("umount", str(place))


def _failed(*command: str) -> str:
    done = _run(*command)
    return (done.stderr.strip() or f"{command[0]}: {done.returncode}") if done.returncode else ""


def _unused(place: Path) -> Path:
    number = 1
    while (place / f"from-memory-{number}").exists():
        number += 1
    return place / f"from-memory-{number}"


def let_go(found: Sequence[Block]) -> None:
    """Forgets a data partition that was pulled."""
    there = {block.name for block in found}
    if gone := [mark for mark in WRITABLE.iterdir() if mark.name not in there]:
        _run("umount", "-l", str(RESULTS))
        for mark in gone:
            mark.unlink()


def main() -> int:
    """Says on the console where results go, and loudly what is not as it should be.

    Returns:
        1 where something is not: whoever starts this waits until it was read.
    """
    wrong = False
    WRITABLE.mkdir(parents=True, exist_ok=True)
    RESULTS.mkdir(exist_ok=True)
    stick = STICK.read_text(encoding="ascii").strip() if STICK.exists() else ""
    found = look()
    let_go(found)
    if not RESULTS.is_mount():
        choice = choose(found, stick)
        failed = mount_data(choice.block) if choice.block else choice.why_not
        if failed:
            wrong = True
            _shout(
                f"{failed}.",
                "KẾT QUẢ CHỈ NẰM TRONG BỘ NHỚ, TẮT MÁY LÀ MẤT.",
                "RESULTS ARE KEPT IN MEMORY ONLY: THEY ARE GONE WHEN THE MACHINE IS SWITCHED OFF.",
                f"Cắm USB có nhãn {LABEL} rồi chọn [1] / plug in a stick labelled {LABEL}, then choose [1].",
            )
    if RESULTS.is_mount():
        free = shutil.disk_usage(RESULTS).free >> 20
        print(f"Kết quả / results: {RESULTS} ({LABEL}), {free} MiB còn trống / free")
    if bare := unprotected(look(), {path.name for path in WRITABLE.iterdir()}):
        wrong = True
        _shout(
            f"ĐĨA KHÔNG Ở CHẾ ĐỘ CHỈ ĐỌC, ĐỪNG KIỂM TRA: {' '.join(bare)}",
            f"NOT READ-ONLY, DO NOT EXAMINE: {' '.join(bare)}",
        )
    else:
        print("Mọi đĩa khác: chỉ đọc / every other disk: read-only")
    return int(wrong)


def _shout(*lines: str) -> None:
    print("\n".join((BAR, *lines, BAR)))


if __name__ == "__main__":
    raise SystemExit(main())
