"""What the coordinator and its worker processes say to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triage.case import UnitResult, VolumeInfo
from triage.case.rows import Row
from triage.model import EntryId, Gap, GapReason


@dataclass(frozen=True, slots=True)
class Survey:
    """Open the evidence anew and say what it is."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Open the evidence anew and read its fixed extents."""


@dataclass(frozen=True, slots=True)
class HashSource:
    """Hash all media bytes, in order."""


@dataclass(frozen=True, slots=True)
class Walk:
    """List a volume."""

    volume: int


@dataclass(frozen=True, slots=True)
class Unit:
    """Examine entries, given as rows."""

    unit: int
    rows: Sequence[Row]


Task = Survey | Fingerprint | HashSource | Walk | Unit


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What the evidence is: format, name and size as the report shows them."""

    format: str
    name: str
    size: int
    stored_hashes: Mapping[str, str]
    volumes: Sequence[VolumeInfo]


@dataclass(frozen=True, slots=True)
class Listed:
    """Part of a walk. Entry rows count from 1 in their volume; so do the gaps' entries.

    Attributes:
        unchanged: entries of a shadow copy that lie on bytes that are the live volume's, too.
    """

    rows: Sequence[Row]
    gaps: Sequence[Gap]
    unchanged: Sequence[EntryId] = ()


@dataclass(frozen=True, slots=True)
class Walked:
    """A walk came to its end."""


@dataclass(frozen=True, slots=True)
class Digests:
    """Hex digests by algorithm."""

    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Failed:
    """The task could not be done, but the evidence is there: one line why."""

    reason: GapReason
    detail: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The evidence cannot be opened, or is no longer what it was: one line for the user."""

    detail: str


Answer = Surveyed | Listed | Walked | Digests | UnitResult | Failed | Gone
