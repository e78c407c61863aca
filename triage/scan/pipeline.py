"""Evidence to case: survey, walk, plan, examine, in steps that are each whole or not there.

A scan that was cut off goes on where it was: a volume half walked is walked again, a unit half done is done again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from triage.case import Case, JournalLine
from triage.case.archive import Archive
from triage.detectors import all_detectors
from triage.errors import CaseError
from triage.evidence import Evidence, open_evidence
from triage.intel import Intel
from triage.model import Detector, UnixNs
from triage.scan.asking import fingerprint, survey
from triage.scan.collecting import Collecting
from triage.scan.depth import Depth
from triage.scan.examination import Examination
from triage.scan.listing import Listing
from triage.scan.messages import Surveyed
from triage.scan.plan import UnitSize, cut
from triage.scan.pool import START_METHOD, Limits, Pool, pool
from triage.scan.progress import Progress
from triage.scan.worker import WorkerSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOptions:
    """How a scan was asked for.

    Attributes:
        hash_source: hash the media itself, too.
        shadow_copies: examine shadow copies, too, as further volumes.
        memory: bytes a worker may take.
        now: the clock, for the journal.
        who: the account on this machine that runs the scan.
        collect_limit: bytes of the files that matter which are collected; 0 for none.
        unit: the most of one unit of work.
        start_method: of multiprocessing.
        opener: opens the targets.
        detectors: what looks at each entry.
    """

    depth: Depth = Depth.STANDARD
    engine: str = "yara"
    workers: int = 2
    hash_source: bool = False
    shadow_copies: bool = False
    memory: int = 1536 << 20
    limits: Limits = field(default_factory=Limits)
    now: Callable[[], UnixNs]
    who: str
    collect_limit: int = 0
    unit: UnitSize = field(default_factory=UnitSize)
    start_method: str = START_METHOD
    opener: Callable[..., Evidence] = open_evidence
    detectors: Callable[[Intel], tuple[Detector, ...]] = all_detectors


def scan(targets: tuple[Path, ...], case: Case, intel: Intel, options: ScanOptions, progress: Progress) -> None:
    """Examines the evidence into the case; goes on with a case that was cut off.

    Raises:
        EvidenceError: the evidence cannot be opened at all, or it is gone.
        CaseError: the case is of other evidence, or was begun with other arguments; its disk is full.
    """
    folder, limit = case.path.parent, options.collect_limit
    spec = WorkerSpec(
        targets=targets,
        depth=options.depth,
        intel=intel,
        memory=options.memory,
        opener=partial(options.opener, shadow_copies=True) if options.shadow_copies else options.opener,
        detectors=options.detectors,
        collect=Collecting(folder, limit) if limit else None,
    )
    with pool(spec, max(1, options.workers), options.start_method) as workers:
        run = _Run(case, workers, options, progress)
        known = run.survey(_arguments(intel, options))
        run.walk(known)
        run.plan()
        run.examine(known)
        run.close()


_SAID = {
    "intel": "set of rules and indicators (--rules, --iocs, or those of another triage)",
    "collect": "--collect or --collect-limit",
    "shadow-copies": "choice of --shadow-copies",
}
"""Arguments whose name says nothing to the user."""


def _arguments(intel: Intel, options: ScanOptions) -> Mapping[str, str]:
    return {
        "depth": options.depth.value,
        "engine": options.engine,
        "intel": intel.digest,
        "collect": str(options.collect_limit),
        "shadow-copies": "yes" if options.shadow_copies else "no",
    }


class _Run:
    def __init__(self, case: Case, workers: Pool, options: ScanOptions, progress: Progress) -> None:
        self._case = case
        self._pool = workers
        self._options = options
        self._progress = progress
        self._seconds = options.limits.walk_seconds

    def _note(self, act: str, detail: str = "") -> None:
        self._case.note(JournalLine(when=self._options.now(), who=self._options.who, act=act, detail=detail))

    # -- what it is ---------------------------------------------------------------------------------------------

    def survey(self, arguments: Mapping[str, str]) -> Surveyed:
        self._progress.say("opening the evidence")
        found = survey(self._pool, self._seconds)
        mark = fingerprint(self._pool, self._seconds)
        begun_with = self._case.meta("evidence.fingerprint_before")
        if begun_with is None:
            self._begin(found, mark, arguments)
            return found
        if begun_with != mark:
            raise CaseError(f"{self._case.path}: begun with other evidence, or it has changed; choose another --case")
        for name, value in arguments.items():
            if self._case.meta(f"argument.{name}") != value:
                what = _SAID.get(name, name)
                raise CaseError(f"{self._case.path}: begun with another {what}; give the same again, or another --case")
        if self._case.meta("finished") != "1":
            self._note("resumed")
        return found

    def _begin(self, found: Surveyed, mark: str, arguments: Mapping[str, str]) -> None:
        with self._case.transaction():
            self._case.set_meta(
                {
                    "evidence.format": found.format,
                    "evidence.name": found.name,
                    "evidence.size": str(found.size),
                    "evidence.fingerprint_before": mark,
                    **{f"stored_hash.{name}": value for name, value in found.stored_hashes.items()},
                    **{f"argument.{name}": value for name, value in arguments.items()},
                }
            )
            self._case.add_volumes(found.volumes)
            self._note("begun", " ".join(f"{name}={value}" for name, value in arguments.items()))

    # -- what is on it ------------------------------------------------------------------------------------------

    def walk(self, known: Surveyed) -> None:
        Listing(self._case, self._pool, self._seconds, known, self._progress).run()

    def plan(self) -> None:
        if self._case.meta("planned") == "1":
            return
        with self._case.transaction():
            self._case.add_units(cut(self._case.plan_rows(), self._options.depth, self._options.unit))
            self._case.set_meta({"planned": "1"})

    # -- what is in it ------------------------------------------------------------------------------------------

    def examine(self, known: Surveyed) -> None:
        options = self._options
        archive = Archive(self._case, options.collect_limit) if options.collect_limit else None
        examination = Examination(self._case, self._pool, options.depth, options.limits, known, self._progress, archive)
        examination.run(hash_source=options.hash_source and not self._case.all_meta("hash."))
        if examination.not_hashed:
            self._note("source not hashed", examination.not_hashed)

    # -- the end ------------------------------------------------------------------------------------------------

    def close(self) -> None:
        if self._case.meta("finished") == "1":
            return
        self._progress.say("checking that the evidence is unchanged")
        mark = fingerprint(self._pool, self._seconds)
        with self._case.transaction():
            self._case.set_meta({"evidence.fingerprint_after": mark, "finished": "1"})
            self._note("finished")
