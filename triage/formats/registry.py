"""A registry hive: keys, values and their times, with what its transaction logs still hold.

What is broken inside a hive is left out and counted; the rest is told.

Limits:
    A hive whose root key cannot be read is not read at all. Deleted keys are read by `regf_deleted`.
    At most SUBKEYS_MAX keys below one key, VALUES_MAX values, DATA_MAX bytes of one value; and from one hive, for
    whatever is asked, KEYS_IN_ALL keys and DATA_IN_ALL bytes: a crafted hive may point at one thing a million times.

References:
    libregf, "Windows NT Registry File (REGF) format".
    M. Suhanov, "Windows registry file format specification".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO, TypeVar

import pyregf

from triage.errors import FormatError
from triage.formats.regf_bytes import HiveBytes
from triage.formats.regf_log import BASE_BLOCK
from triage.model import UnixNs
from triage.times import from_filetime

SUBKEYS_MAX = 100_000
VALUES_MAX = 20_000
DATA_MAX = 16 << 20
DEPTH_MAX = 512
KEYS_IN_ALL = 1_000_000
DATA_IN_ALL = 512 << 20

REG_NONE, REG_SZ, REG_EXPAND_SZ, REG_BINARY, REG_DWORD, REG_DWORD_BE, REG_LINK, REG_MULTI_SZ = range(8)
REG_QWORD = 11

Data = str | int | tuple[str, ...] | bytes
_T = TypeVar("_T")
_BROKEN = (OSError, ValueError, OverflowError, MemoryError)
"""What pyregf raises where a hive is damaged."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value; name is empty for the key's default. data: as its type says, bytes where it does not fit its type."""

    name: str
    type: int
    data: Data

    @property
    def text(self) -> str:
        """The data as text, empty where it is none; the first of several."""
        if isinstance(self.data, tuple):
            return self.data[0] if self.data else ""
        return self.data if isinstance(self.data, str) else ""

    @property
    def number(self) -> int | None:
        """The data as a number; None where it is none."""
        return self.data if isinstance(self.data, int) else None


class Hive:
    """An open hive.

    Args:
        file: seekable; stays open as long as the hive is used.
        logs: the bytes of its transaction logs, in the order `.LOG1 .LOG2 .LOG`; used only where the hive is dirty.

    Attributes:
        dirty: the file alone is not the newest state.
        recovered: how many log entries were applied.
        damage: structures that could not be read so far.
        keys_left, bytes_left: what may still be asked of it.

    Raises:
        FormatError: not a hive, or one whose root key is lost.
    """

    def __init__(self, file: BinaryIO, logs: Callable[[], Sequence[bytes]] = tuple) -> None:
        self._bytes = HiveBytes(file, logs)
        self.dirty, self.recovered = self._bytes.dirty, self._bytes.recovered
        self.damage = int(self._bytes.cut)
        self.keys_left = KEYS_IN_ALL
        self.bytes_left = DATA_IN_ALL
        self._healed = False
        self._root: Key | None = None
        root = self.ask(self._opened, None)
        if root is not None:
            self._root = Key(self, root)
        if root is None or self._file.is_corrupted():
            self.heal()
        if self._root is None:
            raise FormatError("registry root key", BASE_BLOCK)

    @property
    def root(self) -> Key:
        """The top."""
        assert self._root is not None
        return self._root

    @property
    def unreadable(self) -> OSError | None:
        """The first error of the evidence itself; what could not be read counts as zeros."""
        return self._bytes.unreadable

    @property
    def bins(self) -> int:
        """Bytes of all hive bins."""
        return self._bytes.bins

    def unhealed(self, at: int, size: int) -> bytes:
        """Bytes of the hive bins, with what the logs replace, before anything damaged was made readable."""
        return self._bytes.unhealed(at, size)

    def heal(self) -> bool:
        """Opens the hive anew with its damaged bins made readable; False where that changes nothing, or was done."""
        if self._healed:
            return False
        self._healed = True
        healed = self._bytes.heal()
        root = self.ask(self._opened, None) if healed else None
        if root is None:
            return False
        self.damage = healed
        self._root = Key(self, root)
        return True

    def _opened(self) -> Any:  # noqa: ANN401
        """The root key, freshly read."""
        self._file = pyregf.file()
        self._file.open_file_object(self._bytes)
        return self._file.get_root_key()

    def key(self, path: str) -> Key | None:
        r"""The key at a path from the root (`Microsoft\Windows NT`), case ignored; None where there is none."""
        return self.root.key(path)

    def walk(self) -> Iterator[Key]:
        """Every key, each once, parents before children; no deeper than DEPTH_MAX."""
        seen: set[int] = set()
        waiting = [(self.root, 0)]
        while waiting:
            key, depth = waiting.pop()
            if key.offset in seen or depth > DEPTH_MAX:
                self.damage += 1
                continue
            seen.add(key.offset)
            yield key
            waiting.extend((child, depth + 1) for child in reversed(tuple(key.subkeys())))

    def ask(self, question: Callable[[], _T], otherwise: _T) -> _T:
        """The answer; otherwise where the hive is damaged there, which is counted."""
        try:
            return question()
        except _BROKEN:
            self.damage += 1
            return otherwise


class Key:
    """A key of an open hive."""

    __slots__ = ("_hive", "_key")

    def __init__(self, hive: Hive, key: Any) -> None:  # noqa: ANN401  pyregf has no types
        self._hive = hive
        self._key = key

    @property
    def name(self) -> str:
        """Its last part; empty where it cannot be read."""
        return _clean(self._hive.ask(self._key.get_name, "") or "")

    @property
    def offset(self) -> int:
        """Where it lies in the hive."""
        return int(self._hive.ask(self._key.get_offset, 0))

    @property
    def written(self) -> UnixNs | None:
        """When it, one of its values or its list of subkeys last changed."""
        ticks = self._hive.ask(self._key.get_last_written_time_as_integer, 0)
        return from_filetime(ticks) if ticks else None

    def key(self, path: str) -> Key | None:
        """The key at a path below this one, case ignored; None where there is none."""
        found: Any = self._key
        for part in path.split("\\"):
            found = self._hive.ask(partial(found.get_sub_key_by_name, part), None)
            if found is None:
                return None
        return Key(self._hive, found)

    def subkeys(self) -> Iterator[Key]:
        """Its subkeys, as far as they can be read."""
        for number in range(self._count(self._key.get_number_of_sub_keys, SUBKEYS_MAX)):
            if self._hive.keys_left <= 0:
                self._hive.damage += 1
                return
            self._hive.keys_left -= 1
            found = self._hive.ask(partial(self._key.get_sub_key, number), None)
            if found is not None:
                yield Key(self._hive, found)

    def values(self) -> Iterator[Value]:
        """Its values, as far as they can be read."""
        for number in range(self._count(self._key.get_number_of_values, VALUES_MAX)):
            found = self._hive.ask(partial(self._numbered, number), None)
            if found is not None:
                yield found

    def value(self, name: str) -> Value | None:
        """One value, case ignored; None where there is none."""
        return self._hive.ask(lambda: self._value(self._key.get_value_by_name(name)), None)

    def text(self, name: str) -> str:
        """A value's text, empty where there is none."""
        found = self.value(name)
        return found.text if found else ""

    def number(self, name: str) -> int | None:
        """A value's number, None where there is none."""
        found = self.value(name)
        return found.number if found else None

    def _count(self, question: Callable[[], int], most: int) -> int:
        count = self._hive.ask(question, 0)
        if count > most:
            self._hive.damage += 1
        return min(count, most)

    def _numbered(self, number: int) -> Value | None:
        return self._value(self._key.get_value(number))

    def _value(self, found: Any) -> Value | None:  # noqa: ANN401
        if found is None:
            return None
        size = found.get_data_size()
        if size > min(DATA_MAX, self._hive.bytes_left):
            raise ValueError("too large")
        self._hive.bytes_left -= size
        kind = found.get_type()
        return Value(_clean(found.get_name() or ""), kind, decode(kind, found.get_data() or b""))


def decode(kind: int, data: bytes) -> Data:
    """Data as its type promises; the bytes themselves where it is binary or does not keep the promise."""
    if kind in (REG_SZ, REG_EXPAND_SZ, REG_LINK):
        return _text(data).partition("\0")[0]
    if kind == REG_MULTI_SZ:
        return tuple(part for part in _text(data).split("\0") if part)
    if kind == REG_DWORD and len(data) == 4:
        return int.from_bytes(data, "little")
    if kind == REG_DWORD_BE and len(data) == 4:
        return int.from_bytes(data, "big")
    if kind == REG_QWORD and len(data) == 8:
        return int.from_bytes(data, "little")
    return data


def _text(data: bytes) -> str:
    return data[: len(data) & ~1].decode("utf-16-le", "replace")


def _clean(name: str) -> str:
    """Without lone surrogates, which nothing downstream can write."""
    return name.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
