"""Whether a scan is still wanted: a small file beside the cases that the coordinator keeps changing.

Scans may run on other machines, which share only the folder. One whose coordinator was ended, stops or was replaced by
another ends itself, and can be resumed.
"""

from __future__ import annotations

import secrets
import time
from pathlib import Path

from triage.errors import CaseError

NAME = "queue.lease"
BEAT_SECONDS = 5.0
PATIENCE = 120.0
"""Seconds without a change after which the coordinator is gone: a shared folder may show changes a minute late."""

_STOP = "stop"


class Lease:
    """The coordinator's side. One that begins takes over from any that runs."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self.run = secrets.token_hex(8)
        self._count = 0
        self._beaten = 0.0
        self._write(str(self._count))

    def beat(self) -> None:
        """Says that scans are wanted; call it often.

        Raises:
            CaseError: another coordinator has taken over, or the folder is gone.
        """
        if time.monotonic() - self._beaten < BEAT_SECONDS:
            return
        if _read(self.path).partition(" ")[0] not in (self.run, ""):
            raise CaseError(f"{self.path.parent}: another `triage batch` works on it now; this one stops")
        self._count += 1
        self._write(str(self._count))

    def stop(self) -> None:
        """Says that no scan is wanted any more."""
        if _read(self.path).partition(" ")[0] == self.run:
            self._write(_STOP)

    def _write(self, text: str) -> None:
        try:
            self.path.write_text(f"{self.run} {text}\n", "ascii")
        except OSError as error:
            raise CaseError(f"{self.path}: {error.strerror}; plug the disk back or choose another --out") from error
        self._beaten = time.monotonic()


class Watch:
    """The side of a scan."""

    def __init__(self, path: Path, run: str) -> None:
        self._path, self._run = path, run
        self._seen = ""
        self._changed = time.monotonic()

    def wanted(self) -> bool:
        """The coordinator that asked for the scan lives and has not stopped."""
        now, text = time.monotonic(), _read(self._path)
        run, _, said = text.partition(" ")
        if text and (run != self._run or said == _STOP):
            return False
        if text and text != self._seen:
            self._seen, self._changed = text, now
        return now - self._changed < PATIENCE


def _read(path: Path) -> str:
    """Empty where it cannot be read just now."""
    try:
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
