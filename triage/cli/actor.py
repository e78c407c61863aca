"""Who acts on a case, and when: what its journal says."""

from __future__ import annotations

import getpass
import time

from triage.model import UnixNs


def who() -> str:
    """The account on this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def now() -> UnixNs:
    """This machine's clock."""
    return UnixNs(time.time_ns())
