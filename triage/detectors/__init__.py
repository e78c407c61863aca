"""Every detector, in the order they run. To add one: write its module, add its line here."""

from __future__ import annotations

from triage.detectors.encrypted import Encrypted
from triage.detectors.event_logs import EventLogs
from triage.detectors.hashes import Hashes
from triage.detectors.keyfiles import KeyFiles
from triage.detectors.names import Names
from triage.detectors.note import Note
from triage.detectors.patches import Patches
from triage.detectors.pe import Pe
from triage.detectors.prefetch import PrefetchFiles
from triage.detectors.recycle import RecycleBin
from triage.detectors.registry import Registry
from triage.detectors.shadow_copies import ShadowCopies
from triage.detectors.shortcuts import Shortcuts
from triage.detectors.tasks import Tasks
from triage.detectors.type import Type
from triage.detectors.usn import Usn
from triage.detectors.yara import Yara
from triage.intel import Intel
from triage.model import Detector


def all_detectors(intel: Intel) -> tuple[Detector, ...]:
    """The detectors, knowing what intel knows."""
    return (
        Names(intel),
        Encrypted(),
        KeyFiles(),
        Yara(intel),
        Hashes(intel),
        Pe(intel),
        Type(),
        Note(),
        Registry(intel),
        Patches(),
        EventLogs(intel),
        PrefetchFiles(intel),
        Shortcuts(intel),
        Tasks(intel),
        RecycleBin(intel),
        Usn(intel),
        ShadowCopies(),
    )
