"""The resource section of a fake program, and version information. Harmless fakes: names and text only.

References:
    Microsoft, "PE Format", The .rsrc Section; "VS_VERSIONINFO structure".
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

RT_VERSION = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource: type and id are a number or a name, as Windows has them."""

    type: int | str
    id: int | str = 1
    language: int = 1033
    data: bytes


def resource_section(resources: Sequence[Resource], rva: int, timestamp: int = 0) -> bytes:
    """The bytes of `.rsrc`: three levels of directories (type, id, language), names, data entries, data."""
    tree: dict[int | str, dict[int | str, dict[int | str, bytes]]] = {}
    for one in resources:
        tree.setdefault(one.type, {}).setdefault(one.id, {})[one.language] = one.data
    directories, leaves = _count(tree)
    entries_at = directories
    names_at = entries_at + 16 * leaves
    names = bytearray()
    writer = _Writer(timestamp=timestamp, names_at=names_at, names=names)
    writer.directory(tree, 0)
    data_at = -(-(names_at + len(names)) // 8) * 8
    entries, data = bytearray(), bytearray()
    for leaf in writer.leaves:
        entries += struct.pack("<IIII", rva + data_at + len(data), len(leaf), 0, 0)
        data += leaf + bytes(-len(leaf) % 8)
    table = bytes(writer.block.ljust(directories, b"\0"))
    for position, index in writer.leaf_slots:
        table = table[:position] + struct.pack("<I", entries_at + 16 * index) + table[position + 4 :]
    return (table + bytes(entries) + bytes(names)).ljust(data_at, b"\0") + bytes(data)


def _count(tree: Mapping[int | str, Mapping[int | str, Mapping[int | str, bytes]]]) -> tuple[int, int]:
    size = 16 + 8 * len(tree)
    leaves = 0
    for ids in tree.values():
        size += 16 + 8 * len(ids)
        for languages in ids.values():
            size += 16 + 8 * len(languages)
            leaves += len(languages)
    return size, leaves


class _Writer:
    """Lays directories out one after the other, remembering where a leaf's address belongs."""

    def __init__(self, *, timestamp: int, names_at: int, names: bytearray) -> None:
        self.block = bytearray()
        self.leaves: list[bytes] = []
        self.leaf_slots: list[tuple[int, int]] = []
        self._timestamp = timestamp
        self._names_at = names_at
        self._names = names

    def directory(self, tree: Mapping[int | str, object], level: int) -> int:
        """Appends one directory and all below it; gives its offset."""
        start = len(self.block)
        # named entries first, then numbers, each in order: the loader searches them by bisection
        keys = sorted(tree, key=lambda key: (isinstance(key, int), key))
        named = sum(isinstance(key, str) for key in keys)
        self.block += struct.pack("<IIHHHH", 0, self._timestamp, 0, 0, named, len(keys) - named)
        slots = len(self.block)
        self.block += bytes(8 * len(keys))
        for number, key in enumerate(keys):
            below = tree[key]
            if isinstance(below, bytes):
                self.leaf_slots.append((slots + 8 * number + 4, len(self.leaves)))
                self.leaves.append(below)
                target = 0
            else:
                assert isinstance(below, dict)
                target = 0x80000000 | self.directory(below, level + 1)
            self.block[slots + 8 * number : slots + 8 * number + 8] = struct.pack("<II", self._key(key), target)
        return start

    def _key(self, key: int | str) -> int:
        if isinstance(key, int):
            return key
        at = self._names_at + len(self._names)
        self._names += struct.pack("<H", len(key)) + key.encode("utf-16-le")
        return 0x80000000 | at


def version_resource(strings: Mapping[str, str], version: tuple[int, int, int, int]) -> Resource:
    """VERSIONINFO, US English, Unicode: what Explorer's Details page shows. Harmless text."""
    high, low = version[0] << 16 | version[1], version[2] << 16 | version[3]
    fixed = struct.pack("<13I", 0xFEEF04BD, 0x10000, high, low, high, low, 0x3F, 0, 0x40004, 1, 0, 0, 0)
    rows = [_block(key, (value + "\0").encode("utf-16-le"), text=True) for key, value in strings.items()]
    table = _block("StringFileInfo", b"", text=True, children=[_block("040904B0", b"", text=True, children=rows)])
    translation = _block("Translation", struct.pack("<HH", 0x0409, 0x04B0), text=False)
    variables = _block("VarFileInfo", b"", text=True, children=[translation])
    return Resource(type=RT_VERSION, data=_block("VS_VERSION_INFO", fixed, text=False, children=[table, variables]))


def _block(key: str, value: bytes, *, text: bool, children: Sequence[bytes] = ()) -> bytes:
    """One node: length, value length (characters where text), type, key, value, children; each on 4 bytes."""
    head = (key + "\0").encode("utf-16-le")
    head += bytes(-(6 + len(head)) % 4)
    body = head + value
    for child in children:
        body += bytes(-(6 + len(body)) % 4) + child
    return struct.pack("<HHH", 6 + len(body), len(value) // 2 if text else len(value), text) + body
