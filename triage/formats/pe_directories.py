"""What pefile says of a Windows program: exports, resources, version strings. Only what is asked for.

Limits:
    Relocations, debug data, signatures and .NET metadata are never parsed: they took pefile seconds on one file.
    Exports and resources beyond the limits below are left out.

References:
    Microsoft, "PE Format".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Flag, auto
from itertools import islice

import pefile

from triage.errors import FormatError
from triage.text import printable

EXPORTS_MAX = 4096
RESOURCES_MAX = 4096
STRINGS_MAX = 64
"""Version strings kept, each to 256 letters."""


# What pefile raises on malformed files besides its own error; seen on mutated programs.
MALFORMED = (
    pefile.PEFormatError,
    struct.error,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    ArithmeticError,
    RecursionError,
)


class Want(Flag):
    """Directories that pefile is asked for."""

    NOTHING = 0
    EXPORTS = auto()
    RESOURCES = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class PeResource:
    """One resource: type and id as text (a name, or a number in decimal), its place in the file."""

    type: str
    id: str
    language: int
    offset: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeReport:
    """What pefile found in the directories asked for; empty where they were not, or are not there.

    Attributes:
        strings: of the version information, name and value.
        module: what the export directory calls the program.
    """

    exports: tuple[str, ...] = ()
    resources: tuple[PeResource, ...] = ()
    strings: tuple[tuple[str, str], ...] = ()
    module: str = ""


def inspect(data: bytes | memoryview, want: Want) -> PeReport:
    """What pefile says of the directories asked for.

    Args:
        data: the whole file.
        want: each part costs about 1 ms.

    Raises:
        FormatError: pefile cannot make sense of it.
    """
    raw = bytes(data)
    try:
        program = pefile.PE(data=raw, fast_load=True, max_symbol_exports=EXPORTS_MAX)
        program.parse_data_directories(directories=[number for part, number in _NUMBERS if part in want])
        return PeReport(
            exports=tuple(_exports(program)),
            resources=tuple(_resources(program)),
            strings=tuple(_version_strings(program)),
            module=_module(program),
        )
    except MALFORMED as error:
        raise FormatError(f"PE directories ({type(error).__name__})", 0) from error


_NUMBERS = ((Want.EXPORTS, 0), (Want.RESOURCES, 2))


def _module(program: pefile.PE) -> str:
    directory = getattr(program, "DIRECTORY_ENTRY_EXPORT", None)
    return _text(directory.name or b"") if directory else ""


def _exports(program: pefile.PE) -> Iterator[str]:
    directory = getattr(program, "DIRECTORY_ENTRY_EXPORT", None)
    for symbol in directory.symbols if directory else ():
        if symbol.name:
            yield symbol.name.decode("latin-1")


def _resources(program: pefile.PE) -> Iterator[PeResource]:
    """Leaves of the three-level tree, type, id and language, up to a limit."""
    root = getattr(program, "DIRECTORY_ENTRY_RESOURCE", None)
    left = RESOURCES_MAX
    for kind in root.entries if root else ():
        for item in getattr(getattr(kind, "directory", None), "entries", ()):
            for leaf in getattr(getattr(item, "directory", None), "entries", ()):
                data = getattr(leaf, "data", None)
                if data is None or not left:
                    continue
                left -= 1
                yield PeResource(
                    type=_label(kind),
                    id=_label(item),
                    language=leaf.id or 0,
                    offset=program.get_offset_from_rva(data.struct.OffsetToData),
                    size=data.struct.Size,
                )


def _label(entry: pefile.ResourceDirEntryData) -> str:
    return str(entry.id) if entry.name is None else str(entry.name)


def _version_strings(program: pefile.PE) -> Iterator[tuple[str, str]]:
    tables = (
        table
        for block in getattr(program, "FileInfo", ())
        for info in block
        for table in getattr(info, "StringTable", ())
    )
    pairs = (pair for table in tables for pair in table.entries.items())
    for key, value in islice(pairs, STRINGS_MAX):
        yield _text(key), _text(value)


def _text(raw: bytes) -> str:
    return printable(raw[:1024].decode("utf-8", "replace").rstrip("\0")[:256])
