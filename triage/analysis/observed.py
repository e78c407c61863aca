"""What single entries only hint at, joined over the case: signs of unknown ransomware, and WannaCry's own name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from triage.analysis.tag import SeenTag, judge_tags
from triage.analysis.unknown_ransomware import SeenNote, Strange, judge_unknown
from triage.case import Case
from triage.model import Entry, EntryId, Finding

Facts = Mapping[str, Sequence[str]]
"""Every value of every fact, by name, in order and each once."""

OBSERVED = "observed."
"""Facts that detectors leave for the analysis; no properties of the host."""


@dataclass(slots=True)
class _Group:
    name: str
    example: EntryId
    files: int = 0
    bytes: int = 0
    folders: set[str] = field(default_factory=set)

    def add(self, entry: Entry) -> None:
        self.files += 1
        self.bytes += entry.size
        self.folders.add(f"{entry.volume}{entry.path.rpartition('/')[0]}")


def derived_findings(case: Case, facts: Facts, entries: int) -> tuple[Finding, ...]:
    """Findings that no single entry allows. entries: how many the case holds."""
    notes, strange = _grouped(case, f"{OBSERVED}note"), _grouped(case, f"{OBSERVED}random")
    unknown = judge_unknown(
        (
            SeenNote(name=g.name, sha256=sha256, folders=len(g.folders), files=g.files, example=g.example)
            for sha256, g in notes
        ),
        (
            Strange(
                extension=extension,
                files=case.count_called(f".{extension}"),
                lost_magic=g.files,
                folders=len(g.folders),
                bytes=g.bytes,
                example=g.example,
            )
            for extension, g in strange
        ),
        entries,
    )
    return (*unknown, *_tags(case, facts))


def _tags(case: Case, facts: Facts) -> Iterator[Finding]:
    """Where the name was met that WannaCry takes on this computer, or on another."""
    seen = dict(reversed([*case.observed(f"{OBSERVED}tag")]))  # of several places, the first
    return judge_tags(
        facts.get("wannacry.tag", ()),
        facts.get("backup.wannacry.tag", ()),
        (SeenTag(tag=tag, entry=entry.id) for tag, entry in seen.items()),
        " ".join(facts.get("host.name", ())),
    )


def _grouped(case: Case, fact: str) -> Iterator[tuple[str, _Group]]:
    groups: dict[str, _Group] = {}
    for value, entry in case.observed(fact, unexplained=True):
        groups.setdefault(value, _Group(entry.name, entry.id)).add(entry)
    yield from sorted(groups.items())
