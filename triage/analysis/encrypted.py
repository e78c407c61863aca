"""The encrypted files whose time is known: columns, for there may be a million of them."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Final

from triage.analysis.encryption_time import EncryptionTime, Witness
from triage.model import Entry

SOURCE_OF: Final = {Witness.USN: "$UsnJrnl:$J", Witness.MFT_CHANGED: "$SI changed", Witness.FILE_NAME: "$FN"}
"""How a row names who tells the time of encryption."""

_WITNESSES: Final = tuple(Witness)
_BYTES_MAX: Final = 2**63 - 1


@dataclass(slots=True)
class Encrypted:
    """The encrypted files whose time is known, as columns in one order."""

    when: array[int] = field(default_factory=lambda: array("q"))
    entry: array[int] = field(default_factory=lambda: array("q"))
    bytes: array[int] = field(default_factory=lambda: array("q"))
    witness: bytearray = field(default_factory=bytearray)

    def __len__(self) -> int:
        return len(self.when)

    def add(self, told: EncryptionTime, entry: Entry, size: int) -> None:
        """Takes a file. size: bytes of the original, as its header gives them."""
        self.when.append(told.when)
        self.entry.append(entry.id)
        self.bytes.append(min(size, _BYTES_MAX))
        self.witness.append(_WITNESSES.index(told.witness))

    def in_order(self) -> list[int]:
        """Places in these columns, by time."""
        return sorted(range(len(self.when)), key=lambda at: (self.when[at], self.entry[at]))

    def source(self, at: int) -> str:
        """Who tells the time at a place."""
        return SOURCE_OF[_WITNESSES[self.witness[at]]]
