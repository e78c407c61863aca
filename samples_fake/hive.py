"""Registry hives, written from nothing: harmless fakes for scenes and tests.

References:
    M. Suhanov, "Windows registry file format specification".
    libregf, "Windows NT Registry File (REGF) format".
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from triage.formats.regf_log import base_checksum, marvin32
from triage.model import UnixNs
from triage.times import to_filetime

REG_SZ, REG_EXPAND_SZ, REG_BINARY, REG_DWORD, REG_MULTI_SZ, REG_QWORD = 1, 2, 3, 4, 7, 11

_NONE = 0xFFFFFFFF
_BIN = 4096
_SEGMENT = 16344
_LIST_MAX = 500
_COMPRESSED_NAME = 0x20
_ROOT_FLAGS = 0x0C
_SID = bytes.fromhex("010100000000000512000000")  # S-1-5-18, Local System


@dataclass(frozen=True, slots=True)
class Expand:
    """Text with `%variables%`."""

    text: str


@dataclass(frozen=True, slots=True)
class Raw:
    """Any data under any type, fitting or not."""

    type: int
    data: bytes


Data = str | int | bytes | Sequence[str] | Expand | Raw
Values = Mapping[str, Data]


@dataclass(slots=True)
class _Node:
    name: str
    written: int
    values: dict[str, Data] = field(default_factory=dict)
    children: dict[str, _Node] = field(default_factory=dict)
    deleted: bool = False
    freed: dict[str, Data] = field(default_factory=dict)


def build_hive(
    keys: Mapping[str, Values],
    written: UnixNs,
    times: Mapping[str, UnixNs] | None = None,
    name: str = "SYSTEM",
    *,
    deleted: Mapping[str, Values] | None = None,
    freed: Mapping[str, Values] | None = None,
) -> bytes:
    r"""A hive's bytes.

    Args:
        keys: path from the root (`Select`, `ControlSet001\Services\srv`, empty for the root) to its values by name;
            the empty name is the default value. Keys above a key need not be named.
        written: last-written time of every key.
        times: path to another last-written time.
        name: what the base block calls the file.
        deleted: keys with their values that were there and are not any more: their cells are free.
        freed: values of keys that are there, deleted from them.
    """
    root = _Node("ROOT", to_filetime(written))
    for path, values in keys.items():
        _node(root, path, to_filetime(written)).values.update(values)
    for path, values in (deleted or {}).items():
        node = _node(root, path, to_filetime(written))
        node.values.update(values)
        node.deleted = True
    for path, values in (freed or {}).items():
        _node(root, path, to_filetime(written)).freed.update(values)
    for path, when in (times or {}).items():
        _node(root, path, to_filetime(written)).written = to_filetime(when)
    cells = _Cells(to_filetime(written))
    at = _key(cells, root, _NONE)
    bins = cells.finished()
    return _base_block(at, len(bins), to_filetime(written), name) + bins


def _node(root: _Node, path: str, written: int) -> _Node:
    node = root
    for part in filter(None, path.split("\\")):
        node = node.children.setdefault(part.upper(), _Node(part, written))
    return node


class _Cells:
    """Cells laid out in bins of 4096 bytes, or as large as one cell needs."""

    def __init__(self, written: int) -> None:
        self._written = written
        self._bins = bytearray()
        self._cells: list[int] = []
        self._end = 0

    def add(self, body: bytes) -> int:
        """Where the cell lies, from the start of the bins."""
        size = -(-(len(body) + 4) // 8) * 8
        if len(self._bins) - self._end < size:
            self._close()
            length = -(-(size + 32) // _BIN) * _BIN
            self._bins += struct.pack("<4sIIQQI", b"hbin", len(self._bins), length, 0, self._written, 0)
            self._end = len(self._bins)
            self._bins += bytes(length - 32)
        at = self._end
        struct.pack_into("<i", self._bins, at, -size)
        self._cells.append(at)
        self._bins[at + 4 : at + 4 + len(body)] = body
        self._end += size
        return at

    def change(self, at: int, place: int, form: str, *values: int) -> None:
        """Writes into the body of a cell."""
        struct.pack_into(form, self._bins, at + 4 + place, *values)

    @property
    def count(self) -> int:
        """How many cells there are."""
        return len(self._cells)

    def free(self, first: int) -> None:
        """Frees the cells from number `first` on; their bytes stay."""
        for at in self._cells[first:]:
            (size,) = struct.unpack_from("<i", self._bins, at)
            struct.pack_into("<i", self._bins, at, abs(size))

    def _close(self) -> None:
        left = len(self._bins) - self._end
        if left:
            struct.pack_into("<i", self._bins, self._end, left)

    def finished(self) -> bytes:
        self._close()
        return bytes(self._bins)


def _security(cells: _Cells) -> int:
    """One security key for all: full control for Local System."""
    acl = struct.pack("<BBHHH", 2, 0, 28, 1, 0) + struct.pack("<BBHI", 0, 2, 20, 0xF003F) + _SID
    descriptor = struct.pack("<BBHIIII", 1, 0, 0x8004, 20 + len(acl), 32 + len(acl), 0, 20) + acl + _SID + _SID
    at = cells.add(struct.pack("<2sHIIII", b"sk", 0, 0, 0, 1, len(descriptor)) + descriptor)
    cells.change(at, 4, "<II", at, at)
    return at


def _key(cells: _Cells, node: _Node, parent: int, security: int = 0) -> int:
    """The key and all below it; the root comes first of all cells, and the security key that all share behind it."""
    raw, compressed = _name(node.name)
    flags = (_COMPRESSED_NAME if compressed else 0) | (0 if security else _ROOT_FLAGS)
    fixed = struct.pack("<2sHQII", b"nk", flags, node.written, 0, parent)
    fixed += struct.pack("<9I", 0, 0, _NONE, _NONE, 0, _NONE, security, _NONE, 0)
    fixed += struct.pack("<4IHH", 0, 0, 0, 0, len(raw), 0)
    at = cells.add(fixed + raw)
    if not security:
        security = _security(cells)
        cells.change(at, 44, "<I", security)
    if node.values:
        places = [_value(cells, name, data) for name, data in node.values.items()]
        cells.change(at, 36, "<II", len(places), cells.add(struct.pack(f"<{len(places)}I", *places)))
    gone = cells.count
    for label, data in node.freed.items():
        _value(cells, label, data)
    for child in node.children.values():
        if child.deleted:
            _key(cells, child, at, security)
    cells.free(gone)
    # Windows finds a key by bisection: names in upper case, in order
    children = sorted((upper, child) for upper, child in node.children.items() if not child.deleted)
    if children:
        parts = [children[start : start + _LIST_MAX] for start in range(0, len(children), _LIST_MAX)]
        lists = [cells.add(struct.pack("<2sH", b"lh", len(part)) + bytes(8 * len(part))) for part in parts]
        index = lists[0] if len(lists) == 1 else cells.add(struct.pack(f"<2sH{len(lists)}I", b"ri", len(lists), *lists))
        cells.change(at, 20, "<I", len(children))
        cells.change(at, 28, "<I", index)
        for place, part in zip(lists, parts, strict=True):
            for number, (upper, child) in enumerate(part):
                cells.change(place, 4 + 8 * number, "<II", _key(cells, child, at, security), _hash(upper))
    return at


def _hash(upper: str) -> int:
    total = 0
    for letter in upper:
        total = (total * 37 + ord(letter)) & 0xFFFFFFFF
    return total


def _name(name: str) -> tuple[bytes, bool]:
    return (name.encode("ascii"), True) if name.isascii() else (name.encode("utf-16-le", "surrogatepass"), False)


def _value(cells: _Cells, name: str, data: Data) -> int:
    kind, raw = _encoded(data)
    label, compressed = _name(name)
    if len(raw) <= 4:
        size, place = len(raw) | 0x80000000, int.from_bytes(raw, "little")
    else:
        size, place = len(raw), cells.add(raw) if len(raw) <= _SEGMENT else _big(cells, raw)
    return cells.add(struct.pack("<2sHIIIHH", b"vk", len(label), size, place, kind, int(compressed), 0) + label)


def _big(cells: _Cells, raw: bytes) -> int:
    """Data in segments, as format 1.4 and later keep what is larger than 16344 bytes."""
    parts = [cells.add(raw[start : start + _SEGMENT]) for start in range(0, len(raw), _SEGMENT)]
    return cells.add(struct.pack("<2sHII", b"db", len(parts), cells.add(struct.pack(f"<{len(parts)}I", *parts)), 0))


def _encoded(data: Data) -> tuple[int, bytes]:
    match data:
        case Raw():
            return data.type, data.data
        case Expand():
            return REG_EXPAND_SZ, _text(data.text)
        case str():
            return REG_SZ, _text(data)
        case int():
            return (REG_DWORD, struct.pack("<I", data)) if data < 1 << 32 else (REG_QWORD, struct.pack("<Q", data))
        case bytes():
            return REG_BINARY, data
        case _:
            return REG_MULTI_SZ, b"".join(_text(part) for part in data) + b"\0\0"


def _text(text: str) -> bytes:
    return (text + "\0").encode("utf-16-le", "surrogatepass")


def _base_block(root: int, size: int, written: int, name: str) -> bytes:
    block = bytearray(_BIN)
    struct.pack_into("<4sIIQIIIIIII", block, 0, b"regf", 1, 1, written, 1, 5, 0, 1, root, size, 1)
    label = name[-31:].encode("utf-16-le")
    block[48 : 48 + len(label)] = label
    struct.pack_into("<I", block, 508, base_checksum(block))
    return bytes(block)


def unwritten(before: bytes, after: bytes) -> tuple[bytes, bytes]:
    """A hive whose last changes are only in its log: the dirty primary file and its `.LOG1` (Windows 8.1 and later).

    Args:
        before: the hive as it lies on disk.
        after: the hive as Windows holds it in memory.
    """
    dirty = bytearray(before)
    (sequence,) = struct.unpack_from("<I", before, 8)
    struct.pack_into("<I", dirty, 4, sequence + 1)
    struct.pack_into("<I", dirty, 508, base_checksum(dirty))
    old, new = before[_BIN:].ljust(len(after) - _BIN, b"\0"), after[_BIN:]
    pages = [at for at in range(0, len(new), _BIN) if new[at : at + _BIN] != old[at : at + _BIN]]
    body = b"".join(struct.pack("<II", at, _BIN) for at in pages) + b"".join(new[at : at + _BIN] for at in pages)
    body += bytes(-(40 + len(body)) % 512)
    head = struct.pack("<4s5I", b"HvLE", 40 + len(body), 0, sequence, len(new), len(pages)) + marvin32(body)
    log = bytearray(dirty[:512])
    struct.pack_into("<III", log, 4, sequence, sequence, 0)
    struct.pack_into("<I", log, 28, 6)
    struct.pack_into("<I", log, 508, base_checksum(log))
    return bytes(dirty), bytes(log) + head + marvin32(head) + body
