"""A clock that stands still: file-system tools stamp what they write, and the same scene must give the same bytes.

`faketime` (Debian package of that name) puts a library in front of the C library's clock; the time it
shows can be moved from inside the process, so each file may have its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from triage.model import UnixNs

_VARIABLE = "FAKETIME"


class ToolError(Exception):
    """A tool that builds images is not installed or failed. Says which, and what it said."""


@cache
def tool(name: str) -> str:
    """Where an installed tool is.

    Raises:
        ToolError: it is not there.
    """
    found = shutil.which(name, path=os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin")
    if found is None:
        raise ToolError(f"{name} is not installed; `make tools` installs what images are built with")
    return found


def run(*command: str | Path, when: UnixNs | None = None, data: bytes | None = None, **variables: str) -> bytes:
    """Runs a tool, under a clock that stands still where `when` is given; gives what it prints.

    Raises:
        ToolError: it is missing or failed.
    """
    words = [tool(str(command[0])), *map(str, command[1:])]
    if when is not None:
        words = [tool("faketime"), "-f", _shown(when), *words]
    steady = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "FAKETIME_NO_CACHE": "1", "NO_FAKE_STAT": "1", "MTOOLS_SKIP_CHECK": "1"}
    done = subprocess.run(
        words, input=data or b"", capture_output=True, check=False, env={**os.environ, **steady, **variables}
    )
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise ToolError(f"{command[0]} failed with {done.returncode}: {said}")
    return done.stdout


def set_clock(when: UnixNs) -> None:
    """Moves the clock of this very process, which `run` started with a `when`; whole seconds."""
    os.environ[_VARIABLE] = _shown(when)


def _shown(when: UnixNs) -> str:
    return datetime.fromtimestamp(when // 1_000_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S")
