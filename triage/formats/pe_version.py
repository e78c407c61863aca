"""The version of a Windows program as numbers, from its version resource.

References:
    Microsoft, "VS_FIXEDFILEINFO structure".
"""

from __future__ import annotations

import pefile

from triage.errors import FormatError
from triage.formats.pe_directories import MALFORMED

_RESOURCES = 2


def file_version(data: bytes) -> tuple[int, int, int, int] | None:
    """Major, minor, build, revision; None where the program carries no version.

    Args:
        data: the whole file.

    Raises:
        FormatError: pefile cannot make sense of it.
    """
    try:
        program = pefile.PE(data=data, fast_load=True)
        program.parse_data_directories(directories=[_RESOURCES])
        fixed = getattr(program, "VS_FIXEDFILEINFO", None)
        if not fixed:
            return None
        high, low = int(fixed[0].FileVersionMS), int(fixed[0].FileVersionLS)
    except MALFORMED as error:
        raise FormatError(f"PE version ({type(error).__name__})", 0) from error
    return high >> 16, high & 0xFFFF, low >> 16, low & 0xFFFF
