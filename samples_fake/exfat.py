"""exFAT volumes of harmless fakes: `mkfs.exfat` formats; entries are written here, no tool writes unmounted volumes.

References:
    Microsoft, "exFAT file system specification", sections 6 (directory structure) and 7 (entry definitions).
"""

from __future__ import annotations

import struct
from pathlib import Path

from samples_fake.clock import run
from samples_fake.dos import dos_stamp, rewrite
from samples_fake.tree import ARCHIVE, HIDDEN, SYSTEM, FakeFile, Volume

_FOLDER = 0x10
_END = 0xFFFFFFFF


def write_exfat(volume: Volume, path: Path) -> None:
    """Makes the volume as a sparse file. Every file lies in one piece; streams, links and holes are left out.

    Raises:
        ToolError: exfatprogs or faketime is missing or failed.
        ValueError: the files do not fit.
    """
    with path.open("xb") as out:
        out.truncate(volume.size)
    run("mkfs.exfat", "-L", volume.label, path, when=volume.made)
    data = bytearray(path.read_bytes())
    _Exfat(data, volume).fill()
    rewrite(path, data)


class _Exfat:
    """A formatted volume in memory, being filled from the first free cluster on."""

    def __init__(self, data: bytearray, volume: Volume) -> None:
        self._data = data
        self._volume = volume
        fat, _, heap, self._clusters, self._root = struct.unpack_from("<IIIII", data, 80)
        sector, cluster = 1 << data[108], 1 << data[108] + data[109]
        self._fat: int = fat * sector
        self._heap: int = heap * sector
        self._cluster = cluster
        root = self._at(self._root)
        self._own = bytes(data[root : root + self._used(root)])
        self._bitmap = self._at(
            next(
                struct.unpack_from("<I", self._own, at + 20)[0]
                for at in range(0, len(self._own), 32)
                if self._own[at] == 0x81
            )
        )
        self._next = 2 + next(n for n in range(self._clusters) if not self._taken(n))

    def fill(self) -> None:
        """Writes every file and folder."""
        below = self._volume.children()
        self._put(self._root, self._own + self._folder("", below))
        self._data[112] = min(100, 100 * (self._next - 2) // self._clusters)

    def _folder(self, path: str, below: dict[str, dict[str, FakeFile | None]]) -> bytes:
        entries = b""
        for child, file in below.get(path, {}).items():
            folder = file is None or file.folder
            content = self._folder(child, below) if folder else file.data  # type: ignore[union-attr]
            if folder:
                content = content.ljust(-(-max(len(content), 1) // self._cluster) * self._cluster, b"\0")
            first = self._store(content, keep=not (file and file.deleted))
            entries += self._entry_set(child.rpartition("/")[2], file, folder, first, len(content))
        return entries

    def _entry_set(self, name: str, file: FakeFile | None, folder: bool, first: int, size: int) -> bytes:
        """File, stream extension and name entries; the in-use bit is off where deleted."""
        made = self._volume.made
        born = (file.times.born or file.written or made) if file else made
        modified = (file.times.modified if file else None) or born
        accessed = (file.times.accessed if file else None) or modified
        wanted = file.attributes & (HIDDEN | SYSTEM | ARCHIVE) if file else 0
        units = name.encode("utf-16-le", "surrogatepass")
        length = len(units) // 2
        parts = -(-length // 15)
        (created, hundredths), (written, more) = dos_stamp(born), dos_stamp(modified)
        head = struct.pack(
            "<BBHHHIIIBBBBB7x",
            0x85,
            1 + parts,
            0,
            wanted | (_FOLDER if folder else 0),
            0,
            created,
            written,
            dos_stamp(accessed)[0],
            hundredths,
            more,
            0x80,
            0x80,
            0x80,
        )
        # 0x03: allocation possible, one piece (no chain in the FAT)
        stream = struct.pack(
            "<BBBBHHQIIQ", 0xC0, 3 if first else 1, 0, length, _name_hash(units), 0, size, 0, first, size
        )
        names = b"".join(struct.pack("<BB30s", 0xC1, 0, units[at : at + 30]) for at in range(0, len(units), 30))
        entries = bytearray(head + stream + names)
        struct.pack_into("<H", entries, 2, _checksum(entries))
        if file and file.deleted:
            for at in range(0, len(entries), 32):
                entries[at] &= 0x7F
        return bytes(entries)

    def _store(self, content: bytes, *, keep: bool) -> int:
        """Puts bytes into free clusters; gives the first, 0 for none. A deleted file's clusters are free again."""
        count = -(-len(content) // self._cluster)
        if not count:
            return 0
        first, self._next = self._next, self._next + count
        if self._next - 2 > self._clusters:
            raise ValueError(f"the files do not fit into {self._volume.label}")
        at = self._at(first)
        self._data[at : at + len(content)] = content
        for number in range(first - 2, first - 2 + count) if keep else ():
            self._data[self._bitmap + number // 8] |= 1 << number % 8
        return first

    def _put(self, cluster: int, content: bytes) -> None:
        """Writes the root directory, which follows a chain in the FAT."""
        rest = content
        while True:
            at = self._at(cluster)
            self._data[at : at + min(len(rest), self._cluster)] = rest[: self._cluster]
            rest = rest[self._cluster :]
            if not rest:
                struct.pack_into("<I", self._data, self._fat + 4 * cluster, _END)
                return
            following = self._store(bytes(self._cluster), keep=True)
            struct.pack_into("<I", self._data, self._fat + 4 * cluster, following)
            cluster = following

    def _at(self, cluster: int) -> int:
        return self._heap + (cluster - 2) * self._cluster

    def _taken(self, number: int) -> bool:
        return bool(self._data[self._bitmap + number // 8] >> number % 8 & 1)

    def _used(self, root: int) -> int:
        return next(at for at in range(0, self._cluster, 32) if not self._data[root + at])


def _checksum(entries: bytes | bytearray) -> int:
    total = 0
    for index, byte in enumerate(entries):
        if index not in (2, 3):
            total = ((total << 15 | total >> 1) + byte) & 0xFFFF
    return total


def _name_hash(units: bytes) -> int:
    total = 0
    for byte in units.decode("utf-16-le", "surrogatepass").upper().encode("utf-16-le", "surrogatepass"):
        total = ((total << 15 | total >> 1) + byte) & 0xFFFF
    return total
