"""Everything triage raises on purpose.

* TriageError           exit 2: said to the user in one line, without a traceback
  + UsageError          cannot do what was asked
  + RuleError           a rule, family or IOC set is wrong: nothing was scanned
  + CaseError           not a case of ours, altered, or its disk is full
  + EvidenceError       the evidence itself cannot be opened
* FormatError           bytes are not what their format promises: becomes a Gap
"""

from __future__ import annotations

from triage.model import GapReason


class TriageError(Exception):
    """Said to the user in one line; the message ends with what to do next."""

    exit_code = 2


class UsageError(TriageError):
    """Cannot do what was asked."""


class RuleError(TriageError):
    """A rule, family or IOC set is wrong. The message begins `path:line:` where the line is known."""


class CaseError(TriageError):
    """Not a case of ours, altered, made with other arguments, or its disk is full."""


class EvidenceError(TriageError):
    """The evidence itself cannot be opened."""


class RecoveryError(TriageError):
    """Nothing can be written out: a key that is none, a target on the evidence, a disk that is full."""


class FormatError(Exception):
    """Bytes that are not what their format promises.

    Args:
        what: the structure being read, in its specification's own name.
        offset: bytes from the start of the stream.
    """

    def __init__(self, what: str, offset: int) -> None:
        super().__init__(f"{what} at offset {offset:#x}")
        self.what = what
        self.offset = offset


def gap_reason(error: BaseException) -> GapReason:
    """Names, for the reader of the report, why something was not examined."""
    match error:
        case PermissionError():
            return GapReason.DENIED
        case FileNotFoundError():
            return GapReason.CHANGED
        case TimeoutError():
            return GapReason.TIMEOUT
        case OSError():
            return GapReason.UNREADABLE
        case FormatError():
            return GapReason.UNPARSABLE
        case MemoryError():
            return GapReason.MEMORY
        case _:
            return GapReason.BUG
