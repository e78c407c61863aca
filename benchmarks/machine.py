"""What the figures were measured on, in neutral words."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version

from benchmarks.peers import versions
from triage import __version__

_LIBRARIES = ("yara-python", "boreal-python", "pytsk3")


def description() -> str:
    """Cores, memory, kernel and the versions of everything that was timed."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    kernel = ".".join(platform.release().split(".")[:2])
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB memory, {platform.system()} {kernel}, "
        f"Python {platform.python_version()}; triage {__version__} with {libraries}; {'; '.join(versions())}."
    )
