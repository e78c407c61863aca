"""What the letters order for a machine where nothing was found: done, not done, or not told by the disk. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from triage.analysis import criteria
from triage.analysis.criteria import Check, Judged
from triage.analysis.dossier import Dossier
from triage.intel.checklists import Criteria

CHECKS: Final[Mapping[str, Check]] = MappingProxyType(
    {
        "no-sign": criteria.no_sign,
        "patched": criteria.patched,
        "smb1-off": criteria.smb1_off,
        "smb-blocked": criteria.smb_blocked,
        "firewall-on": criteria.firewall_on,
        "backup-apart": criteria.backup_apart,
    }
)
"""Measures that the disk may answer, by their id in `prevention.toml`."""


def measures(dossier: Dossier, ordered: Criteria) -> tuple[Judged, ...]:
    """Every measure of the list, in its order."""
    return criteria.judge_all((item.id for item in ordered.items), CHECKS, criteria.look(dossier))
