"""What the detector of the registry says of one hive, sorted out, for tests."""

from __future__ import annotations

from tests.contents import MemoryContent, entry_of
from triage.detectors.registry import EVENTS, FACTS, TITLES, Registry
from triage.errors import FormatError
from triage.intel import load_intel
from triage.model import Confidence, Event, Fact, Finding, Severity

INTEL = load_intel()
DETECTOR = Registry(INTEL)
SYSTEM = "/Windows/System32/config/SYSTEM"
SOFTWARE = "/Windows/System32/config/SOFTWARE"
USER = "/Users/Lan/NTUSER.DAT"
TAG = "evmdthrukdvwcqn063"
ANALYSED = {"observed.tag", "observed.firewall"}
"""Facts for the analysis alone."""


class Told:
    """What the detector says of one hive, sorted out."""

    def __init__(self, path: str, data: bytes, neighbours: dict[str, bytes] | None = None, **more: object) -> None:
        entry = entry_of(path, data, **more)
        assert DETECTOR.wants(entry)
        self.records = []
        self.error: FormatError | None = None
        try:
            self.records.extend(DETECTOR.detect(entry, MemoryContent(data, entry.name, neighbours=neighbours)))
        except FormatError as error:
            self.error = error
        self.findings = [one for one in self.records if isinstance(one, Finding)]
        self.events = [one for one in self.records if isinstance(one, Event)]
        self.facts: dict[str, list[str]] = {}
        for one in self.records:
            if isinstance(one, Fact):
                self.facts.setdefault(one.name, []).append(one.value)
        assert {one.title for one in self.findings} <= set(TITLES)
        assert {one.what for one in self.events} <= set(EVENTS)
        assert {name.removeprefix("backup.") for name in self.facts} <= {*FACTS, *ANALYSED}

    def fact(self, name: str) -> str:
        (value,) = self.facts[name]
        return value

    def weights(self) -> set[tuple[str | None, Severity, Confidence]]:
        return {(one.indicator, one.severity, one.confidence) for one in self.findings}

    def when(self, what: str) -> list[int]:
        return [one.when for one in self.events if one.what == what]
