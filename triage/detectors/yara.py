"""YARA rules: our own and the user's, over every byte that the scan reads.

A rule of ours says in its meta how bad a match is; a user's rule without a severity of ours is `suspicious`.

Limits:
    Contents that are not read in full are not matched: a condition on `filesize` would lie.
    A content larger than one window is matched window by window; offsets and `filesize` in a condition are the
    window's own. The external variable `filepath` is the folder inside its volume, with back-slashes, no drive letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from triage.intel import Intel
from triage.intel.matcher import Match, gates_for
from triage.model import Confidence, Content, Entry, Finding, Json, Kind, Level, Severity

MATCHED = "YARA rule matched"

TITLES = (MATCHED,)

_SEVERITIES = {severity.value: severity for severity in (Severity.INFECTED, Severity.SUSPICIOUS, Severity.INFO)}
_CONFIDENCES = {confidence.value: confidence for confidence in Confidence}
_TECHNIQUE = re.compile(r"T\d{4}(?:\.\d{3})?")
_KEPT_META = ("description", "author", "license", "licence", "reference", "score", "sharing")
_FILETYPES = {"pe": "EXE", "jpeg": "JPEG", "ooxml": "ZIP", "ole": "OLE", "unknown": ""}
_HITS_SHOWN = 8

_SECONDS = 30
_SECONDS_FOR_A_MEGABYTE = 2


class Yara:
    """Every rule that may see this content, each reported once."""

    name = "yara"

    def __init__(self, intel: Intel) -> None:
        self._matcher = intel.rules.matcher()
        self._own = frozenset(family.id for family in intel.families)

    def wants(self, entry: Entry) -> bool:
        return entry.size > 0 and entry.kind in (Kind.FILE, Kind.STREAM)

    def detect(self, entry: Entry, content: Content) -> Iterator[Finding]:
        """Findings, one for each rule.

        Raises:
            TimeoutError: the rules took longer than 30 s and 2 s for each megabyte.
        """
        if content.level is not Level.FULL:
            return
        gates = gates_for(content.type, content.head)
        externals = _externals(entry, content.type)
        seen: set[tuple[str, str]] = set()
        for offset, window in content.windows():
            seconds = _SECONDS + _SECONDS_FOR_A_MEGABYTE * len(window) // 1_000_000
            for match in self._matcher.match(window, gates, externals, seconds):
                if (match.namespace, match.rule) not in seen:
                    seen.add((match.namespace, match.rule))
                    yield _finding(entry, match, offset, own=match.namespace in self._own)


def _externals(entry: Entry, content_type: str) -> dict[str, str]:
    """What Loki's and THOR's rules know of a file."""
    folder, _, name = entry.path.rpartition("/")
    dot = name.rfind(".")
    return {
        "filename": name,
        "filepath": folder.replace("/", "\\"),
        "extension": name[dot:].lower() if dot >= 0 else "",
        "filetype": _FILETYPES.get(content_type, content_type.upper()),
        "owner": entry.owner,
    }


def _finding(entry: Entry, match: Match, offset: int, *, own: bool) -> Finding:
    meta = match.meta
    details: dict[str, Json] = {"rule": match.rule, "namespace": match.namespace}
    details |= {key: _plain(meta[key]) for key in _KEPT_META if key in meta}
    details["strings"] = [
        {"id": hit.identifier, "offset": offset + hit.offset, "hex": hit.data.hex()} for hit in match.hits[:_HITS_SHOWN]
    ]
    if match.tags:
        details["tags"] = list(match.tags)
    return Finding(
        detector=Yara.name,
        entry=entry.id,
        severity=_SEVERITIES.get(str(meta.get("severity")), Severity.SUSPICIOUS),
        confidence=_CONFIDENCES.get(str(meta.get("confidence")), Confidence.MEDIUM),
        title=MATCHED,
        family=_family(meta),
        indicator=match.rule if own else f"{match.namespace}:{match.rule}",
        attack=tuple(sorted(set(_TECHNIQUE.findall(str(meta.get("mitre_att", "")))))),
        details=details,
    )


def _family(meta: Mapping[str, object]) -> str | None:
    family = meta.get("family")
    return family if isinstance(family, str) and family else None


def _plain(value: object) -> Json:
    return value if isinstance(value, bool | int | str) else str(value)
