"""Prefetch files: which program ran, when, how often, and what it loaded. Windows XP to 11, compressed ones too.

Limits:
    Windows keeps 29 characters of the program's name, one run time before Windows 8 and eight since.

References:
    libscca, "Windows Prefetch File (PF) format"; [MS-XCA] 2.1 for the compressed ones of Windows 10 and later.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import pyscca

from triage.errors import FormatError
from triage.model import UnixNs
from triage.times import from_filetime

SIZE_MAX = 16 << 20
"""Bytes, also when decompressed; the largest of Windows 10 have a few MiB."""
NAME_MAX = 29
"""Characters that are kept of the program's name."""

_RUNS = 8
_ONE_RUN = {17, 23}
"""Format versions of Windows XP/2003 and of Vista/7: one run time."""
_LIBRARY_ERRORS = (OSError, MemoryError, OverflowError, ValueError, RuntimeError, SystemError)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefetchVolume:
    """A volume that the program read from. device: as Windows calls it; made: when the volume was formatted."""

    device: str
    serial: int
    made: UnixNs | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefetch:
    """One prefetch file.

    Attributes:
        name: the program's, upper case, up to NAME_MAX characters.
        path_hash: of its path and, for some programs, its command line.
        runs: the newest first.
        loaded: paths of files and folders that it opened, upper case, from the device on.
    """

    version: int
    name: str
    path_hash: int
    run_count: int
    runs: tuple[UnixNs, ...]
    volumes: tuple[PrefetchVolume, ...]
    loaded: tuple[str, ...]

    @property
    def path(self) -> str | None:
        """The program's own path, None where it is not among the files it loaded."""
        return next((path for path in self.loaded if path.rpartition("\\")[2][:NAME_MAX] == self.name), None)


def parse(data: bytes) -> Prefetch:
    """A whole prefetch file.

    Raises:
        FormatError: it is none, it is damaged, or larger than SIZE_MAX.
    """
    compressed = data[:3] == b"MAM"
    if not compressed and data[4:8] != b"SCCA":
        raise FormatError("prefetch signature", 0)
    size = int.from_bytes(data[4:8], "little") if compressed else len(data)
    if max(size, len(data)) > SIZE_MAX:
        raise FormatError(f"prefetch size {size}", 4)
    file = pyscca.file()
    try:
        file.open_file_object(io.BytesIO(data))
        return _read(file)
    except _LIBRARY_ERRORS as error:
        raise FormatError(f"prefetch ({_reason(error)})", 0) from error


def _read(file: pyscca.file) -> Prefetch:
    version: int = file.format_version
    times = [file.get_last_run_time_as_integer(run) for run in range(1 if version in _ONE_RUN else _RUNS)]
    return Prefetch(
        version=version,
        name=file.executable_filename or "",
        path_hash=file.prefetch_hash,
        run_count=file.run_count,
        runs=tuple(from_filetime(time) for time in times if time),
        volumes=tuple(_volume(file.get_volume_information(index)) for index in range(file.number_of_volumes)),
        loaded=tuple(file.get_filename(index) or "" for index in range(file.number_of_filenames)),
    )


def _volume(volume: pyscca.volume_information) -> PrefetchVolume:
    made: int = volume.get_creation_time_as_integer()
    return PrefetchVolume(
        device=volume.device_path or "", serial=volume.serial_number, made=from_filetime(made) if made else None
    )


def _reason(error: BaseException) -> str:
    """The library's innermost message: the second, behind that of its Python binding."""
    told = re.findall(r"\w+: ([^.]+)", str(error))
    return told[min(1, len(told) - 1)] if told else type(error).__name__
