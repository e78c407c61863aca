"""Shortcuts: what they point to, with which arguments, and where they were made.

Limits:
    Text that a shortcut holds in no Unicode form is read as Windows-1252. Names from the item list, used only where
    no path is told, are short ones (`PROGRA~1`). What lies behind the first 64 KiB is not looked at.

References:
    [MS-SHLLINK] 2.1 ShellLinkHeader, 2.3 LinkInfo, 2.4 StringData, 2.5.10 TrackerDataBlock.
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from LnkParse3.exceptions import LnkParserError
from LnkParse3.extra.distributed_tracker import DistributedTracker
from LnkParse3.extra.environment import Environment
from LnkParse3.info.local import Local
from LnkParse3.info.network import Network
from LnkParse3.lnk_file import LnkFile
from LnkParse3.lnk_info import LnkInfo

from triage.errors import FormatError
from triage.model import UnixNs
from triage.times import from_filetime

SIZE_MAX = 64 << 10
"""Bytes that are read of a shortcut."""

_HEADER = struct.Struct("<I16sIIQQQI")
_HEADER_SIZE = 76
_CLASS = bytes.fromhex("0114020000000000c000000000000046")
_ITEMS = 256
_LIBRARY_ERRORS = (
    *(ArithmeticError, AttributeError, LnkParserError, LookupError, TypeError, ValueError),
    *(RecursionError, StopIteration, struct.error),
)
_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """A shortcut; what it does not hold is None or empty.

    Attributes:
        target: full path, a network path, or the best that is told of it.
        machine: NetBIOS name of the computer that held the target when the shortcut was made.
        serial: of the target's volume.
        born, modified, accessed: of the target, when the shortcut was made.
        size: of the target, bytes, the lower 32 bits.
        damaged: some part of it could not be read.
    """

    target: str
    arguments: str
    folder: str
    relative: str
    description: str
    machine: str
    serial: int | None
    born: UnixNs | None
    modified: UnixNs | None
    accessed: UnixNs | None
    size: int
    damaged: bool


def parse(data: bytes) -> Shortcut:
    """A shortcut, of which the first SIZE_MAX bytes are given.

    Raises:
        FormatError: it is none, or its structures cannot be told apart.
    """
    if len(data) < _HEADER_SIZE:
        raise FormatError("ShellLinkHeader", 0)
    length, class_id, _, _, born, accessed, modified, size = _HEADER.unpack_from(data)
    if length != _HEADER_SIZE or class_id != _CLASS:
        raise FormatError("ShellLinkHeader", 0)
    with warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always")
        try:
            link = LnkFile(indata=data[:SIZE_MAX])
        except _LIBRARY_ERRORS as error:
            raise FormatError(f"shortcut ({type(error).__name__}: {error})", _HEADER_SIZE) from error
        reader = _Reader(link, data)
        target, machine, serial = reader.target(), reader.machine(), reader.serial()
    strings = link.string_data
    return Shortcut(
        target=target,
        arguments=strings.command_line_arguments() or "",
        folder=strings.working_directory() or "",
        relative=strings.relative_path() or "",
        description=strings.description() or "",
        machine=machine,
        serial=serial,
        born=_time(born),
        modified=_time(modified),
        accessed=_time(accessed),
        size=size,
        damaged=reader.damaged or bool(complaints),
    )


class _Reader:
    """Asks the library for one part after the other: one that is damaged does not hide the rest."""

    def __init__(self, link: LnkFile, data: bytes) -> None:
        self._link = link
        self._data = data
        self.damaged = False

    def _ask(self, question: Callable[[], _Read]) -> _Read | None:
        try:
            return question()
        except _LIBRARY_ERRORS:
            self.damaged = True
            return None

    def target(self) -> str:
        """The first that is told: LinkInfo, environment block, item list, relative path."""
        for question in (self._of_info, self._of_environment, self._of_items, self._link.string_data.relative_path):
            if told := self._ask(question):
                return str(told)
        return ""

    def _of_info(self) -> str | None:
        info = self._link.info
        if isinstance(info, Local):
            base = (info.local_base_path_offset_unicode() and info.local_base_path_unicode()) or info.local_base_path()
        elif isinstance(info, Network):
            base = (info.net_name_offset_unicode() and info.net_name_unicode()) or info.net_name()
        else:
            return None
        rest = self._suffix(info) or info.common_path_suffix()
        if isinstance(info, Network) and base and rest:
            return f"{base}\\{rest}"
        return (base or "") + (rest or "")

    def _suffix(self, info: LnkInfo) -> str:
        """CommonPathSuffixUnicode, which the library looks for 4 bytes too late (1.6.0)."""
        begin = _HEADER_SIZE + (self._link.targets.size() if self._link.targets else 0)
        offset = info.common_path_suffix_offset_unicode()
        raw = self._data[begin + offset : begin + info.size()] if offset else b""
        return raw[: len(raw) & ~1].decode("utf-16-le", "surrogatepass").partition("\0")[0]

    def _of_environment(self) -> str | None:
        blocks = (block for block in self._link.extras if isinstance(block, Environment))
        return next((block.target_unicode() or block.target_ansi() for block in blocks), None)

    def _of_items(self) -> str:
        items = [item.as_item() for item in islice(self._link.targets or (), _ITEMS)]
        names = [str(item.get("volume_name") or item.get("primary_name") or "") for item in items]
        return "\\".join(name.rstrip("\\") for name in names if name)

    def machine(self) -> str:
        """Of the tracker block."""
        blocks = (block for block in self._link.extras if isinstance(block, DistributedTracker))
        return self._ask(lambda: next((str(block.machine_id()) for block in blocks), "")) or ""

    def serial(self) -> int | None:
        """Of the volume."""
        info = self._link.info
        if not isinstance(info, Local):
            return None
        return self._ask(lambda: int(info.drive_serial_number(), 16))


def _time(ticks: int) -> UnixNs | None:
    return from_filetime(ticks) if 0 < ticks < 1 << 63 else None
