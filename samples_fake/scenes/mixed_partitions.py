"""A disk of many partitions: NTFS, BitLocker, and logical FAT32, ext4 and exFAT. Harmless fakes."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import partial

from samples_fake import documents, state, wncry
from samples_fake.scenes.calendar import WHEN_ENCRYPTED, WHEN_INSTALLED, office_times, touched
from samples_fake.tree import HIDDEN, SYSTEM, Expected, FakeFile, Scene, Volume


def bitlocker() -> bytes:
    """The boot sector of a BitLocker volume and noise behind it; a harmless fake that no key opens."""
    boot = bytearray(512)
    boot[0:11] = b"\xeb\x58\x90-FVE-FS-"
    boot[0x0B:0x0D] = (512).to_bytes(2, "little")
    boot[0x0D] = 8
    boot[0xA0:0xB0] = bytes.fromhex("3bd66749292ed84a8399f6a339e3d001")
    boot[510:512] = b"\x55\xaa"
    return bytes(boot) + random.Random("bitlocker").randbytes(65536 - 512)


def _files(prefix: str) -> tuple[FakeFile, ...]:
    moved = touched(office_times(5), changed=WHEN_ENCRYPTED)
    return (
        *(
            FakeFile(
                path=f"{prefix}/Tài liệu {n:02d}.docx.WNCRY",
                content=partial(wncry.encrypted, 800 + 97 * n, seed=n % 8),
                times=moved,
            )
            for n in range(10)
        ),
        FakeFile(path=f"{prefix}/@Please_Read_Me@.txt", content=state.note, times=moved),
        FakeFile(path=f"{prefix}/Không sao.txt", content=partial(documents.text, "Không sao"), times=moved),
        FakeFile(
            path=f"{prefix}/đã xóa.docx.WNCRY",
            content=partial(wncry.encrypted, 1234, seed=5),
            times=moved,
            deleted=True,
        ),
    )


def scene() -> Scene:
    """The same ten encrypted files on four file systems, and one volume that cannot be read."""
    recycle = (
        FakeFile(path="/$RECYCLE", folder=True, attributes=HIDDEN | SYSTEM),
        FakeFile(path="/$RECYCLE/3.WNCRYT", content=partial(documents.pdf, "Bản gốc")),
    )
    volumes = (
        Volume(
            filesystem="ntfs", size=16 << 20, label="SYSTEM", made=WHEN_INSTALLED, files=_files("/Users/an/Documents")
        ),
        Volume(filesystem="raw", size=4 << 20, label="BITLOCKER", made=WHEN_INSTALLED, raw=bitlocker()),
        Volume(
            filesystem="fat32",
            size=36 << 20,
            label="DULIEU",
            made=WHEN_INSTALLED,
            logical=True,
            files=(*_files("/Văn bản"), *recycle),
        ),
        Volume(
            filesystem="ext4", size=8 << 20, label="LINUX", made=WHEN_INSTALLED, logical=True, files=_files("/home/an")
        ),
        Volume(
            filesystem="exfat", size=8 << 20, label="USB", made=WHEN_INSTALLED, logical=True, files=_files("/Văn bản")
        ),
    )
    bare = Scene(
        name="mixed_partitions",
        about="NTFS, a locked BitLocker volume, and logical FAT32, ext4 and exFAT, each with encrypted files.",
        volumes=volumes,
        expected=Expected(verdict="encrypted"),
    )
    kept = [(number, file) for number, file in bare.entries() if not file.deleted]
    expected = Expected(
        verdict="encrypted",
        states={"valid": 44},  # eleven on each readable volume: a deleted one keeps its content on all four
        found={(number, file.path): "encrypted" for number, file in kept if file.path.endswith(".WNCRY")},
        silent=tuple((number, file.path) for number, file in kept if file.name == "Không sao.txt"),
        gaps={(4, "/"): "encrypted-volume"},
    )
    return replace(bare, expected=expected)
