"""Ids and times that the same case always gives.

References:
    RFC 9562 (UUIDv5), RFC 8785 (canonical JSON); STIX 2.1 §2.9 for the ids of observables.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Final

from triage.analysis.dossier import Dossier, EvidenceInfo
from triage.model import UnixNs
from triage.outputs.escapes import visible

OBSERVABLES: Final = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""The namespace that STIX 2.1 sets for cyber-observable objects."""

_OURS: Final = uuid.uuid5(uuid.NAMESPACE_URL, "triage:sharing:1")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = 253_402_300_799_999
"""The end of the year 9999, in milliseconds."""


class Ids:
    """The ids of one case: they hang on its evidence and on what they name, on nothing else."""

    def __init__(self, evidence: EvidenceInfo) -> None:
        text = "\0".join((evidence.fingerprint_before, evidence.name, evidence.format))
        self._namespace = uuid.uuid5(_OURS, hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest())

    def of(self, *what: str) -> str:
        """The id of what the words name."""
        return str(uuid.uuid5(self._namespace, "\0".join(visible(word) for word in what)))


def observable_id(kind: str, **properties: object) -> str:
    """The id that STIX gives to an observable with these contributing properties, whoever tells of it."""
    canonical = json.dumps(properties, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{kind}--{uuid.uuid5(OBSERVABLES, canonical)}"


def made(dossier: Dossier) -> UnixNs:
    """When the case was last worked on: the last line of its journal, 1970 where there is none."""
    return max((line.when for line in dossier.journal), default=UnixNs(0))


def stamp(when: UnixNs) -> str:
    """`2017-05-12T07:44:00.123Z`; times beyond the years 1970 to 9999 are cut to them."""
    millis = _millis(when)
    moment = _EPOCH + timedelta(milliseconds=millis)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{millis % 1000:03d}Z"


def seconds(when: UnixNs) -> int:
    """Whole seconds since 1970, within the same years."""
    return _millis(when) // 1000


def _millis(when: UnixNs) -> int:
    return max(0, min(when // 1_000_000, _LAST))
