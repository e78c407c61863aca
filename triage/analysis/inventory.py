"""The encrypted files, summed: how many, whose, where, of what kind."""

from __future__ import annotations

from collections import Counter

from triage.analysis.dossier import Found, Inventory, Tally
from triage.analysis.shadow_copies import in_shadow_copy
from triage.model import Severity

SHOWN = 200
"""Rows of one table; the rest is summed under `OTHERS`."""
OTHERS = "…"


class Stock:
    """Counts as findings stream past: of allocated, live entries, so that no hard link or copy counts twice."""

    def __init__(self) -> None:
        self._files: dict[str, Counter[str]] = {name: Counter() for name in ("state", "folder", "user", "extension")}
        self._bytes: dict[str, Counter[str]] = {name: Counter() for name in self._files}
        self._total = self._size = 0

    def add(self, found: Found) -> None:
        """Takes one finding; those that are not of an encrypted file, or of a deleted one, pass by."""
        finding, entry = found.finding, found.entry
        if finding.severity is not Severity.ENCRYPTED or not entry.allocated or "state" not in finding.details:
            return
        if in_shadow_copy(finding):
            return
        details = finding.details
        original = details.get("original_size")
        size = original if isinstance(original, int) else entry.size
        self._total += 1
        self._size += size
        keys = {
            "state": str(details["state"]),
            "folder": entry.path.rpartition("/")[0] or "/",
            "user": str(details.get("user") or ""),
            "extension": str(details.get("original_extension") or ""),
        }
        for name, key in keys.items():
            self._files[name][key] += 1
            self._bytes[name][key] += size

    def inventory(self) -> Inventory:
        """What was counted, the largest first."""
        return Inventory(
            files=self._total,
            bytes=self._size,
            by_state=self._tallies("state"),
            by_folder=self._tallies("folder"),
            by_user=self._tallies("user"),
            by_extension=self._tallies("extension"),
        )

    def _tallies(self, name: str) -> tuple[Tally, ...]:
        sizes = self._bytes[name]
        ordered = sorted(self._files[name].items(), key=lambda item: (-item[1], item[0]))
        shown = [Tally(key=key, files=files, bytes=sizes[key]) for key, files in ordered[:SHOWN]]
        if rest := ordered[SHOWN:]:
            shown.append(Tally(key=OTHERS, files=sum(n for _, n in rest), bytes=sum(sizes[key] for key, _ in rest)))
        return tuple(shown)
