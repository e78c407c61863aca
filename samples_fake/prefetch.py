"""Prefetch files of Windows XP, 7, 8 and 10: harmless fakes that name a program, when it ran and what it loaded.

References:
    libscca, "Windows Prefetch File (PF) format"; [MS-XCA] 2.1, LZ77 with Huffman codes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from triage.model import UnixNs
from triage.times import to_filetime

XP, SEVEN, EIGHT, TEN = 17, 23, 26, 30

_HEADER = 84
_INFORMATION = {XP: 68, SEVEN: 156, EIGHT: 224, TEN: 220}
_METRIC = {XP: 20, SEVEN: 32, EIGHT: 32, TEN: 32}
_VOLUME = {XP: 40, SEVEN: 104, EIGHT: 104, TEN: 96}
_BLOCK = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class FakePrefetch:
    r"""One program.

    Attributes:
        runs: the newest first; one for XP and SEVEN, up to eight for the others.
        loaded: full paths behind the device (`\WINDOWS\SYSTEM32\NTDLL.DLL`).
    """

    name: str
    runs: tuple[UnixNs, ...]
    run_count: int = 1
    path_hash: int = 0x1A2B3C4D
    loaded: tuple[str, ...] = ()
    device: str = "\\DEVICE\\HARDDISKVOLUME1"
    serial: int = 0x5EED0001
    made: UnixNs = UnixNs(1_262_304_000_000_000_000)  # noqa: RUF009  a number
    version: int = SEVEN

    @property
    def file_name(self) -> str:
        """What Windows calls the file."""
        return f"{self.name.upper()}-{self.path_hash:08X}.pf"


def build_prefetch(fake: FakePrefetch) -> bytes:
    """The file; that of Windows 10 compressed."""
    plain = _plain(fake)
    return compress(plain) if fake.version == TEN else plain


def _plain(fake: FakePrefetch) -> bytes:
    paths = [(fake.device + path).upper() for path in fake.loaded]
    strings = b"".join((path + "\0").encode("utf-16-le") for path in paths)
    metrics_at = _HEADER + _INFORMATION[fake.version]
    chains_at = metrics_at + len(paths) * _METRIC[fake.version]
    chain = bytes(8 if fake.version == TEN else 12)
    strings_at = chains_at + len(chain)
    volumes_at = strings_at + len(strings) + -len(strings) % 8
    metrics, offset = b"", 0
    for path in paths:
        times, place = (0, 0), (offset, len(path), 0)
        metrics += struct.pack("<5I" if fake.version == XP else "<2I4x3I8x", *times, *place)
        offset += 2 * len(path) + 2
    device = (fake.device + "\0").encode("utf-16-le")
    size = _VOLUME[fake.version]
    volume = (
        struct.pack("<IIQI", size, len(fake.device), to_filetime(fake.made), fake.serial).ljust(size, b"\0") + device
    )
    sections = struct.pack(
        "<9I", metrics_at, len(paths), chains_at, 1, strings_at, len(strings), volumes_at, 1, len(volume)
    )
    body = sections + _runs(fake)
    data = body.ljust(_INFORMATION[fake.version], b"\0") + metrics + chain + strings
    data = data.ljust(volumes_at - _HEADER, b"\0") + volume
    name = fake.name.upper()[:29].encode("utf-16-le").ljust(60, b"\0")
    return (
        struct.pack("<I4sII", fake.version, b"SCCA", 0x11, _HEADER + len(data))
        + name
        + struct.pack("<II", fake.path_hash, 0)
        + data
    )


def _runs(fake: FakePrefetch) -> bytes:
    times = [to_filetime(run) for run in fake.runs]
    if fake.version == XP:
        return struct.pack("<Q16xI", times[0], fake.run_count)
    if fake.version == SEVEN:
        return struct.pack("<8xQ16xI", times[0], fake.run_count)
    return struct.pack("<8x8Q16xI", *(times + [0] * 8)[:8], fake.run_count)


def compress(plain: bytes) -> bytes:
    """`MAM`: every one of the 512 symbols has a code of 9 bits, its own number; matches are of 3 to 17 bytes."""
    out = b"MAM\x04" + struct.pack("<I", len(plain))
    for start in range(0, len(plain), _BLOCK):
        bits = "".join(_symbols(plain, start, min(start + _BLOCK, len(plain))))
        bits += "0" * (-len(bits) % 16 + 32)
        words = (int(bits[at : at + 16], 2) for at in range(0, len(bits), 16))
        out += b"\x99" * 256 + b"".join(word.to_bytes(2, "little") for word in words)
    return out


def _symbols(data: bytes, at: int, end: int) -> Iterator[str]:
    seen: dict[bytes, int] = {}
    while at < end:
        key = data[at : at + 3]
        before = seen.get(key)
        seen[key] = at
        if before is None or end - at < 3:
            yield f"{data[at]:09b}"
            at += 1
            continue
        length = 3
        while length < 17 and at + length < end and data[before + length] == data[at + length]:
            length += 1
        distance = at - before
        log = distance.bit_length() - 1
        yield f"{256 + (log << 4) + length - 3:09b}" + (f"{distance - (1 << log):0{log}b}" if log else "")
        at += length
