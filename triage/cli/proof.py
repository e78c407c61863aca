"""No proof, no run: every indicator must find one of its family's fakes, and no fake may be found as another family.

Limits:
    Hashes and import hashes of real samples cannot be forged; only their form is checked, when they are loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from triage.detectors.hashes import Hashes
from triage.detectors.names import Names
from triage.detectors.yara import Yara
from triage.intel import Intel
from triage.intel.fakes import Fake
from triage.intel.families import Family
from triage.model import Entry, EntryId, Finding, Kind, Level
from triage.scan.reading import NO_CONTENT, Reading

_HIDDEN = 0x2  # FILE_ATTRIBUTE_HIDDEN


class Bytes:
    """A Stream over bytes in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def size(self) -> int:
        return len(self._data)

    def read(self, offset: int, size: int) -> bytes:
        return self._data[offset : offset + size]

    def data_from(self, offset: int) -> int:
        return offset

    def close(self) -> None:
        """Nothing to close."""


def findings(intel: Intel, fakes: Sequence[Fake]) -> list[list[Finding]]:
    """What the detectors that know families see in each fake."""
    detectors = (Names(intel), Hashes(intel), Yara(intel))
    seen = []
    for fake in fakes:
        data = fake.content()
        entry = Entry(
            id=EntryId(1),
            volume=0,
            path=fake.path,
            kind=Kind(fake.kind),
            size=len(data),
            attributes=_HIDDEN if fake.hidden else 0,
            allocated=not fake.deleted,
        )
        content = Reading(entry, Bytes(data), lambda _entry, _type: Level.FULL) if data else NO_CONTENT
        seen.append([found for one in detectors if one.wants(entry) for found in one.detect(entry, content)])
    return seen


def unproven(intel: Intel) -> list[str]:
    """What no fake proves, and fakes that another family claims, each with its file.

    Args:
        intel: the shipped knowledge alone; a user's rules may match what they like.
    """
    return [fault for family in intel.families for fault in _faults(intel, family)]


def _faults(intel: Intel, family: Family) -> Iterator[str]:
    where = family.folder / "family.toml"
    seen: set[str] = set()
    for fake, found in zip(family.fakes, findings(intel, family.fakes), strict=True):
        seen |= {str(one.indicator) for one in found if one.family == family.id}
        if others := {str(one.family) for one in found if one.family != family.id}:
            yield f"{where}: fake {fake.path} is found as {', '.join(sorted(others))}"
        if not found and not _bears_a_mark(family, fake):
            yield f"{where}: fake {fake.path} is not found at all"
    for kind, indicator in indicators(intel, family):
        if indicator not in seen:
            yield f"{where}: {kind} {indicator} finds none of the family's fakes"
    for header in family.headers:
        if not any(fake.content().startswith(header.mark, header.offset) for fake in family.fakes):
            yield f"{where}: header {header.hex} finds none of the family's fakes"


def indicators(intel: Intel, family: Family) -> list[tuple[str, str]]:
    """(kind, what a finding calls it) of everything that a fake can prove."""
    return [
        *(("name", name.id) for name in family.names),
        *(("extension", f"*{one.extension}") for one in family.extensions),
        *(("rule", rule) for namespace, rule in intel.rules.names if namespace == family.id),
    ]


def _bears_a_mark(family: Family, fake: Fake) -> bool:
    return any(fake.content().startswith(header.mark, header.offset) for header in family.headers)
