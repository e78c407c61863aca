"""When a file was really encrypted: the malware gives each encrypted file the times of its original.

Best witness first. A rename in the change journal; then the MFT-changed time of `$STANDARD_INFORMATION`, which
SetFileTime cannot set; then `$FILE_NAME`, but only where it disagrees with `$STANDARD_INFORMATION`: a rename on
Windows copies the one into the other, so that agreement proves nothing.

Limits:
    MFT-changed moves forward with every later change of name, attributes or rights: it is the latest moment at which
    the encryption can have happened. `$FILE_NAME`'s birth is the earliest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from triage.model import Entry, Event, Macb, UnixNs

RENAME_EVENTS = ("File renamed to the name of an encrypted file", "File renamed to the name of a staged file")
"""What the journal's detector calls a rename, in the records of a case."""

_TICK = 100


class Witness(Enum):
    """Who tells the time, best first."""

    USN = "usn"
    MFT_CHANGED = "mft-changed"
    FILE_NAME = "file-name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """A file that got the name of an encrypted file. name: the new one, printable."""

    when: UnixNs
    name: str


Renames = Mapping[tuple[int, int], tuple[Rename, ...]]
"""By (volume, number of the record in `$MFT`): a record may have been several files in turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptionTime:
    """When, who says so, and what else is known.

    Attributes:
        others: what the weaker witnesses say, in their order.
        original_modified: the copied time: when the original itself was last written, None where none was copied.
    """

    when: UnixNs
    witness: Witness
    others: tuple[tuple[Witness, UnixNs], ...] = ()
    original_modified: UnixNs | None = None


def renames(events: Iterable[tuple[Entry, Event]]) -> Renames:
    """The renames that a case's journals tell, each with the entry of its journal."""
    found: dict[tuple[int, int], tuple[Rename, ...]] = {}
    for journal, event in events:
        number, name = event.details.get("record"), event.details.get("name")
        if event.what in RENAME_EVENTS and isinstance(number, int) and isinstance(name, str):
            key = (journal.volume, number)
            found[key] = (*found.get(key, ()), Rename(when=event.when, name=name))
    return found


def encryption_time(entry: Entry, known: Renames) -> EncryptionTime | None:
    """The time of an encrypted file's encryption, None where nothing tells it."""
    told = [(witness, when) for witness, when in _witnesses(entry, known) if when is not None]
    if not told:
        return None
    (witness, when), *others = told
    modified = entry.times.modified
    copied = modified is not None and modified < min(when for _, when in told) - _TICK
    return EncryptionTime(
        when=when, witness=witness, others=tuple(others), original_modified=modified if copied else None
    )


def _witnesses(entry: Entry, known: Renames) -> Iterator[tuple[Witness, UnixNs | None]]:
    yield Witness.USN, _renamed(entry, known)
    if entry.name_times is None:  # other file systems keep no time that SetFileTime cannot reach
        return
    times = entry.times
    changed = (Witness.MFT_CHANGED, times.changed)
    # equal to a copied time: set with the rest, by other means than SetFileTime
    doubtful = times.changed in (times.modified, times.born, times.accessed)
    named = (Witness.FILE_NAME, _by_name(times, entry.name_times))
    yield from (named, changed) if doubtful else (changed, named)


def _renamed(entry: Entry, known: Renames) -> UnixNs | None:
    """The last rename to this very name: a record taken over by another file tells nothing of this one."""
    number = entry.inode.partition("-")[0]
    if not number.isdecimal():
        return None
    times = [rename.when for rename in known.get((entry.volume, int(number)), ()) if rename.name == entry.name]
    return max(times, default=None)


def _by_name(times: Macb, names: Macb) -> UnixNs | None:
    """`$FILE_NAME`'s last writing, where it was not taken over from `$STANDARD_INFORMATION`."""
    pairs = ((names.modified, times.modified), (names.changed, times.changed))
    return next((named for named, information in pairs if named is not None and named != information), None)
