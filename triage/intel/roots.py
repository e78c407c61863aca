"""Where the shipped knowledge lies."""

from __future__ import annotations

from pathlib import Path

from triage.errors import RuleError
from triage.intel.packed import NAME, PackedPath


def rules_root() -> Path:
    """`yara_rules` of the installed package, else of the source tree, else the packed rules of the stick.

    Raises:
        RuleError: neither is there.
    """
    package = Path(__file__).resolve().parents[1]
    for root in (package / "yara_rules", package.parent / "yara_rules"):
        if (root / "families").is_dir():
            return root
    packed = package.parents[2] / NAME  # STICK/linux/site/triage
    if packed.is_file():
        return PackedPath(packed)
    raise RuleError(f"{package / 'yara_rules'}: the rules are missing; reinstall triage")
