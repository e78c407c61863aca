"""`hiberfil.sys` of Windows XP to 7: memory pages in Xpress blocks, to be read one after the other.

Limits:
    Pages come in the file's order, not at their addresses. Windows 8 and later pack otherwise: nothing is found there.
    A file that Windows has resumed from begins with zeros; its blocks are still there until they are overwritten.

References:
    M. Suiche, Windows hibernation file for fun 'n' profit (2008); [MS-XCA] 2.4, plain LZ77.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

from triage.errors import FormatError

MARK: Final = b"\x81\x81xpress"
PAGE: Final = 4096
_SIGNATURES: Final = (b"hibr", b"HIBR", b"wake", b"WAKE", b"RSTR", b"rstr", bytes(4))
_HEADER: Final = 32
_PAGES_MAX: Final = 16


def is_hibernation(head: bytes, name: str) -> bool:
    """Told by its first bytes, and by its name where Windows has cleared them."""
    return head[:4] in _SIGNATURES[:-1] or (name.lower() == "hiberfil.sys" and head[:4] in _SIGNATURES)


def pages(file: BinaryIO, size: int) -> Iterator[bytes]:
    """The pages of every block, unpacked; a damaged block is passed over.

    Args:
        file: a real file.
        size: its bytes.

    Raises:
        FormatError: no library to unpack with.
    """
    unpack = _library()
    if not size:
        return
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at = data.find(MARK)
        while at >= 0:
            packed = int.from_bytes(data[at + 8 : at + 12], "little")
            count, length = (packed & 0x3FF) + 1, (packed >> 10) + 1
            end = at + _HEADER + length
            if count <= _PAGES_MAX and length <= count * PAGE and end <= size:
                body = data[at + _HEADER : end]
                try:
                    yield body if length == count * PAGE else unpack(body, count * PAGE)
                except OSError:  # not what its header promises: the next block stands for itself
                    end = at + 1
            else:
                end = at + 1
            at = data.find(MARK, end)


def _library() -> Callable[[bytes, int], bytes]:
    try:
        import pyfwnt
    except ImportError as error:
        raise FormatError("hibernation file: libfwnt is not installed", 0) from error
    unpack: Callable[[bytes, int], bytes] = pyfwnt.lzxpress_decompress
    return unpack
