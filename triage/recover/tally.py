"""What became of all files, earlier runs' included: of a file that was tried again, the last word counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from triage.analysis.recovery import RecoveryState
from triage.model import EntryId
from triage.recover.job import How, Outcome
from triage.recover.target import DOUBTFUL

_CERTAIN = frozenset((RecoveryState.ORIGINAL.value, RecoveryState.SHADOW.value))


@dataclass(slots=True)
class Result:
    """Sums over the log.

    Attributes:
        written: files by state; what was carved under `carved`.
        problems: of files that are not written, by their encrypted file's entry.
        done: encrypted files whose original is written, and whether a key could not do better.
        searched: memory images; found: keys in them.
        doubtful: files that nothing vouches for.
        carving: what was the matter while carving.
        unread: bytes of free space that could not be read.
        unseen: volumes whose free space is not known.
    """

    written: Counter[str] = field(default_factory=Counter)
    problems: dict[EntryId, str] = field(default_factory=dict)
    done: dict[EntryId, bool] = field(default_factory=dict)
    searched: int = 0
    found: int = 0
    doubtful: int = 0
    bytes: int = 0
    carving: list[str] = field(default_factory=list)
    unread: int = 0
    unseen: int = 0

    @property
    def failed(self) -> Counter[str]:
        """Files by what was the matter."""
        return Counter(self.problems.values())

    def add(self, outcome: Outcome) -> bool:
        """Takes an outcome; False where it says nothing that was not known."""
        if not outcome.path:
            known = self.problems.get(outcome.id) == outcome.problem or outcome.id in self.done
            if not known:
                self.problems[outcome.id] = outcome.problem
            return not known
        if outcome.how != How.CARVE.value:
            self.problems.pop(outcome.id, None)
            self.done[outcome.id] = outcome.how != How.COPY.value or outcome.state in _CERTAIN
        self.written[outcome.state] += 1
        self.bytes += outcome.size
        self.doubtful += outcome.path.startswith(f"{DOUBTFUL}/")
        return True
