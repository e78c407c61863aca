"""FAT12, FAT16 and FAT32 volumes of harmless fakes: `mkfs.vfat` formats; entries are written here.

mtools would set one time for all three and leave out the long name wherever its code page has the letters.

References:
    Microsoft, "FAT: General Overview of On-Disk Format", 1.03; long name entries in the same.
"""

from __future__ import annotations

import re
import struct
import zlib
from pathlib import Path

from samples_fake.clock import run
from samples_fake.dos import dos_stamp, rewrite
from samples_fake.tree import ARCHIVE, HIDDEN, SYSTEM, FakeFile, Volume

_FOLDER, _LONG = 0x10, 0x0F
_DELETED = 0xE5
_PLAIN = re.compile(r"[A-Z0-9_~!#$%&'()@^`{}-]{1,8}(\.[A-Z0-9_~!#$%&'()@^`{}-]{1,3})?")


def write_fat(volume: Volume, path: Path, start: int) -> None:
    """Makes the volume as a sparse file. Every file lies in one piece; streams, links and holes are left out.

    FAT keeps local time, here UTC: modified to 2 s, accessed to a day.

    Args:
        volume: whose content is put in; FAT32 needs at least 34 MiB.
        path: a new file, of the volume's size afterwards.
        start: where the volume will begin on the disk, in sectors.

    Raises:
        ToolError: dosfstools or faketime is missing or failed.
        ValueError: the files do not fit.
    """
    with path.open("xb") as out:
        out.truncate(volume.size)
    bits = volume.filesystem.removeprefix("fat")
    small = ("-s", "1") if bits == "32" else ()  # else a small volume has too few clusters for FAT32
    run(
        "mkfs.vfat",
        "-F",
        bits,
        *small,
        "-i",
        f"{zlib.crc32(volume.label.encode()):08x}",
        "-n",
        volume.label,
        "-h",
        str(start),
        path,
        when=volume.made,
    )
    data = bytearray(path.read_bytes())
    _Fat(data, volume, int(bits)).fill()
    rewrite(path, data)


class _Fat:
    """A formatted volume in memory, being filled from the first free cluster on."""

    def __init__(self, data: bytearray, volume: Volume, bits: int) -> None:
        self._cluster: int
        self._data, self._volume, self._bits = data, volume, bits
        sector, per_cluster, reserved, copies, root_entries = struct.unpack_from("<HBHBH", data, 11)
        size: int = struct.unpack_from("<H", data, 22)[0] or struct.unpack_from("<I", data, 36)[0]
        self._fats = [(reserved + copy * size) * sector for copy in range(copies)]
        self._root_at = (reserved + copies * size) * sector
        self._root_size = 32 * root_entries
        self._heap: int = self._root_at + self._root_size
        self._cluster = per_cluster * sector
        self._clusters = (len(data) - self._heap) // self._cluster
        self._root_cluster = struct.unpack_from("<I", data, 44)[0] if bits == 32 else 0
        self._next = self._root_cluster + 1 if bits == 32 else 2
        self._freed = 0

    def fill(self) -> None:
        """Writes every file and folder."""
        root = self._at(self._root_cluster) if self._bits == 32 else self._root_at
        label = bytes(self._data[root : root + 32])
        content = (label if label[11] == 8 else b"") + self._folder("", self._volume.children(), 0)
        if self._bits == 32:
            self._extend_root(content)
            free = self._clusters - (self._next - 2) + self._freed
            struct.pack_into("<II", self._data, 512 + 488, free, self._next)
            self._data[6 * 512 : 8 * 512] = self._data[: 2 * 512]  # the backup boot sector and FSInfo
        elif len(content) > self._root_size:
            raise ValueError(f"too many names in the root of {self._volume.label}")
        else:
            self._data[root : root + len(content)] = content

    def _extend_root(self, content: bytes) -> None:
        head, rest = content[: self._cluster], content[self._cluster :]
        at = self._at(self._root_cluster)
        self._data[at : at + len(head)] = head
        if rest:
            first = self._store(rest.ljust(-(-len(rest) // self._cluster) * self._cluster, b"\0"), keep=True)
            self._link(self._root_cluster, first)

    def _folder(self, path: str, below: dict[str, dict[str, FakeFile | None]], cluster: int) -> bytes:
        """The entries of a folder; what lies in it is stored first."""
        entries, taken = b"", set[bytes]()
        for child, file in below.get(path, {}).items():
            name = child.rpartition("/")[2]
            short = _short_name(name, taken)
            if file is None or file.folder:
                first = self._store_folder(child, file, below, cluster)
                size = 0
            else:
                first, size = self._store(file.data, keep=not file.deleted), len(file.data)
            one = _long_entries(name, short) + self._entry(short, file, first, size)
            if file and file.deleted:
                one = b"".join(bytes([_DELETED]) + one[at + 1 : at + 32] for at in range(0, len(one), 32))
            entries += one
        return entries

    def _store_folder(
        self, path: str, file: FakeFile | None, below: dict[str, dict[str, FakeFile | None]], parent: int
    ) -> int:
        # a folder's clusters are taken before its content, which must know where it lies
        slots = sum(2 + -(-len(name) // 13) for name in below.get(path, {})) + 2
        first = self._store(bytes(-(-slots * 32 // self._cluster) * self._cluster), keep=not (file and file.deleted))
        dots = self._entry(b".          ", None, first, 0) + self._entry(b"..         ", None, parent, 0)
        content = dots + self._folder(path, below, first)
        self._data[self._at(first) : self._at(first) + len(content)] = content
        return first

    def _entry(self, short: bytes, file: FakeFile | None, first: int, size: int) -> bytes:
        made = self._volume.made
        born = (file.times.born or file.written or made) if file else made
        modified = (file.times.modified if file else None) or born
        accessed = (file.times.accessed if file else None) or modified
        flags = (file.attributes & (HIDDEN | SYSTEM | ARCHIVE)) if file else 0
        if file is None or file.folder:
            flags |= _FOLDER
        (created, hundredths), (written, _) = dos_stamp(born), dos_stamp(modified)
        return struct.pack(
            "<11sBBBIHHIHI",
            short,
            flags,
            0,
            hundredths,
            created,
            dos_stamp(accessed)[0] >> 16,
            first >> 16,
            written,
            first & 0xFFFF,
            size,
        )

    def _store(self, content: bytes, *, keep: bool) -> int:
        """Puts bytes into free clusters; gives the first, 0 for none. A deleted file's clusters are free again."""
        count = -(-len(content) // self._cluster)
        if not count:
            return 0
        first, self._next = self._next, self._next + count
        if self._next - 2 > self._clusters:
            raise ValueError(f"the files do not fit into {self._volume.label}")
        self._data[self._at(first) : self._at(first) + len(content)] = content
        if keep:
            for cluster in range(first, self._next - 1):
                self._link(cluster, cluster + 1)
            self._link(self._next - 1, 0x0FFFFFFF)
        else:
            self._freed += count
        return first

    def _link(self, cluster: int, following: int) -> None:
        for fat in self._fats:
            if self._bits == 12:
                at = fat + cluster * 3 // 2
                (old,) = struct.unpack_from("<H", self._data, at)
                value = following & 0xFFF
                new = (value << 4 | old & 0xF) if cluster % 2 else (old & 0xF000 | value)
                struct.pack_into("<H", self._data, at, new)
            elif self._bits == 16:
                struct.pack_into("<H", self._data, fat + 2 * cluster, following & 0xFFFF)
            else:
                struct.pack_into("<I", self._data, fat + 4 * cluster, following)

    def _at(self, cluster: int) -> int:
        return self._heap + (cluster - 2) * self._cluster


def _short_name(name: str, taken: set[bytes]) -> bytes:
    """Eleven bytes, unlike any other in the folder."""
    if _PLAIN.fullmatch(name):
        stem, _, extension = name.partition(".")
        short = f"{stem:<8}{extension:<3}".encode()
    else:
        stem, _, extension = name.upper().rpartition(".") if "." in name[1:] else (name.upper(), "", "")
        stem, extension = (re.sub(r"[^A-Z0-9_]", "", part) for part in (stem, extension))
        number = 1
        while (
            short := f"{stem[: 7 - len(str(number))]}~{number}".ljust(8).encode() + f"{extension[:3]:<3}".encode()
        ) in taken:
            number += 1
    taken.add(short)
    return short


def _long_entries(name: str, short: bytes) -> bytes:
    """The long name's entries, last part first; none where the short name says it all."""
    if _PLAIN.fullmatch(name):
        return b""
    total = 0
    for byte in short:
        total = ((total & 1) << 7 | total >> 1) + byte & 0xFF
    units = name.encode("utf-16-le", "surrogatepass")
    if len(units) % 26:
        units = (units + b"\0\0").ljust(-(-len(units + b"\0\0") // 26) * 26, b"\xff")
    parts = [units[at : at + 26] for at in range(0, len(units), 26)]
    return b"".join(
        struct.pack(
            "<B10sBBB12sH4s",
            number | (0x40 if number == len(parts) else 0),
            part[:10],
            _LONG,
            0,
            total,
            part[10:22],
            0,
            part[22:],
        )
        for number, part in reversed([*enumerate(parts, 1)])
    )
