"""Keys and values that were deleted from a hive: Windows frees their cells and leaves the bytes until others need them.

A freed key still names its parent, so that its path can be told; a freed value names no key: it is told with its key
only where the key was freed too and still lists it.

Limits:
    What was overwritten is not told, nor data larger than DATA_MAX. A key's path begins in the middle where one of its
    parents is gone. A key or value may have been moved, and not deleted: compare with what the hive still holds.
    SCANNED_MAX bytes of a hive are walked and FREE_MAX bytes of free cells searched; then at most LOOKED_AT cells are
    read and DATA_IN_ALL bytes of data: a crafted hive may point at one thing a million times.

References:
    M. Suhanov, "Windows registry file format specification": key node, key value, deleted data.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from triage.formats.registry import Value, decode
from triage.model import UnixNs
from triage.times import from_filetime

SCANNED_MAX = 256 << 20
FREE_MAX = 64 << 20
LOOKED_AT = 300_000
DATA_IN_ALL = 64 << 20
DATA_MAX = 16_344
DEPTH_MAX = 64

_PAGE = 4096
_FIRST_CELL = 32
_KEY = struct.Struct("<2sHQ4xI16xII28xHH")
_VALUE = struct.Struct("<2sHIIIHH")
_ROOT, _LATIN_KEY, _LATIN_VALUE = 0x04, 0x20, 0x01
_INLINE = 0x8000_0000
_KIND_HIGH = (*range(16), 0xFFFF)
"""Upper half of a type: of plain ones, of drivers' own, of properties of devices."""
_VALUES_MAX = 1000
_NAME_MAX = 512
_EARLIEST, _LATEST = 122_000_000_000_000_000, 160_000_000_000_000_000
"""FILETIMEs of 1987 and 2107: other times are no times."""

Read = Callable[[int, int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedKey:
    """A key that was freed.

    Attributes:
        at: offset of its cell in the hive bins.
        path: from the root, without the root's name; from as far up as parents are left where not whole.
        whole: the path begins at the root.
    """

    at: int
    path: str
    whole: bool
    written: UnixNs
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """What was found. values: (offset in the hive bins, value) of those that no freed key lists."""

    keys: tuple[DeletedKey, ...]
    values: tuple[tuple[int, Value], ...]


class _Node(NamedTuple):
    name: str
    root: bool
    written: int
    parent: int
    values: int
    value_list: int


def find_deleted(read: Read, size: int) -> Deleted:
    """Everything that free cells still hold, in the order in which it lies.

    Args:
        read: (offset in the hive bins, size) to bytes.
        size: of all hive bins, in bytes.
    """
    return _Scan(read, size).run()


class _Scan:
    """The free cells of one hive: where each begins, and its bytes."""

    def __init__(self, read: Read, size: int) -> None:
        self._read = read
        self._starts: list[int] = []
        self._bytes: list[bytes] = []
        self._looks, self._data_left = LOOKED_AT, DATA_IN_ALL
        left = FREE_MAX
        for at, data in _free_cells(read, min(size, SCANNED_MAX)):
            left -= len(data)
            if left < 0:
                break
            self._starts.append(at)
            self._bytes.append(data)

    def run(self) -> Deleted:
        keys: list[DeletedKey] = []
        listed: set[int] = set()
        for at in self._marked(b"nk"):
            node = _key(self._freed(at))
            if node is not None and not node.root:
                path, whole = self._path(node)
                written = from_filetime(node.written)
                values = tuple(self._values(node, listed))
                keys.append(DeletedKey(at=at, path=path, whole=whole, written=written, values=values))
        alone = ((at, self._value(at)) for at in self._marked(b"vk") if at not in listed)
        return Deleted(keys=tuple(keys), values=tuple((at, value) for at, value in alone if value is not None))

    def _marked(self, mark: bytes) -> Iterator[int]:
        """Offsets of cells that begin so: free ones, and those that a free one has swallowed."""
        for start, data in zip(self._starts, self._bytes, strict=True):
            at = data.find(mark)
            while at >= 0 and self._looks > 0:
                if at % 8 == 4:
                    yield start + at - 4
                at = data.find(mark, at + 1)

    def _freed(self, at: int) -> bytes:
        """The body of a freed cell and what follows it in the free cell around it; empty where the cell is in use."""
        self._looks -= 1
        place = bisect_right(self._starts, at) - 1
        if place < 0 or at % 8 or self._looks < 0:
            return b""
        begin = at - self._starts[place] + 4
        return self._bytes[place][begin : begin + _PAGE + DATA_MAX]

    def _path(self, node: _Node) -> tuple[str, bool]:
        """The path, and whether it begins at the root."""
        parts = [node.name]
        seen = {node.parent}
        while len(parts) < DEPTH_MAX:
            above = _key(self._freed(node.parent)) or _key(self._in_use(node.parent))
            if above is None:
                return "\\".join(reversed(parts)), False
            if above.root:
                return "\\".join(reversed(parts)), True
            parts.append(above.name)
            node = above
            if node.parent in seen:
                break
            seen.add(node.parent)
        return "\\".join(reversed(parts)), False

    def _in_use(self, at: int) -> bytes:
        """The body of a cell in use."""
        raw = b"" if at % 8 else self._read(at, _KEY.size + _NAME_MAX + 4)
        (size,) = struct.unpack_from("<i", raw) if len(raw) >= 4 else (0,)
        return raw[4:-size] if size < 0 else b""

    def _values(self, node: _Node, listed: set[int]) -> Iterator[Value]:
        if not 0 < node.values <= _VALUES_MAX:
            return
        places = self._freed(node.value_list)[: 4 * node.values]
        for (at,) in struct.iter_unpack("<I", places[: len(places) & ~3]):
            value = self._value(at)
            if value is not None:
                listed.add(at)
                yield value

    def _value(self, at: int) -> Value | None:
        raw = self._freed(at)
        if len(raw) < _VALUE.size or raw[:2] != b"vk":
            return None
        _, length, size, place, kind, flags, _ = _VALUE.unpack_from(raw)
        name = _name(raw[_VALUE.size : _VALUE.size + length], length, latin=bool(flags & _LATIN_VALUE))
        if name is None or flags > _LATIN_VALUE or kind >> 16 not in _KIND_HIGH:
            return None
        if size & _INLINE:
            count = size & ~_INLINE
            return Value(name, kind, decode(kind, place.to_bytes(4, "little")[:count])) if count <= 4 else None
        data = self._freed(place)[:size] if size <= min(DATA_MAX, self._data_left) else b""
        self._data_left -= len(data)
        return Value(name, kind, decode(kind, data) if len(data) == size else b"")


def _free_cells(read: Read, size: int) -> Iterator[tuple[int, bytes]]:
    """(offset in the hive bins, bytes with the cell's size) of every free cell, as far as the row of cells holds."""
    unpack = struct.Struct("<i").unpack_from
    at = 0
    while at + _PAGE <= size:
        head = read(at, 12)
        length = int.from_bytes(head[8:12], "little")
        if head[:4] != b"hbin" or not length or length % _PAGE or at + length > size:
            at += _PAGE
            continue
        data = read(at, length)
        cell = _FIRST_CELL
        while cell + 8 <= len(data):
            (signed,) = unpack(data, cell)
            step = abs(signed)
            if step < 8 or step % 8 or cell + step > len(data):
                break
            if signed > 0:
                yield at + cell, data[cell : cell + step]
            cell += step
        at += length


def _key(raw: bytes) -> _Node | None:
    """A key by its cell's body; None where it is none."""
    if len(raw) < _KEY.size or raw[:2] != b"nk":
        return None
    _, flags, written, parent, count, places, length, _ = _KEY.unpack_from(raw)
    name = _name(raw[_KEY.size : _KEY.size + length], length, latin=bool(flags & _LATIN_KEY))
    if not name or not _EARLIEST < written < _LATEST:
        return None
    return _Node(name, bool(flags & _ROOT), written, parent, count, places)


def _name(raw: bytes, length: int, *, latin: bool) -> str | None:
    """A name of so many bytes; None where these are no letters."""
    if length > _NAME_MAX or len(raw) < length or (length % 2 and not latin):
        return None
    name = raw.decode("latin-1") if latin else raw.decode("utf-16-le", "replace")
    return name if all(letter >= " " and letter != "\ufffd" for letter in name) else None
