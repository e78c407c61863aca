"""Inflating one block of known size, by libdeflate; by zlib where `deflate` is not installed."""

from __future__ import annotations

import zlib

try:
    import deflate
except ImportError:
    HAS_DEFLATE = False  # no wheel for this machine: half as fast, same bytes
else:
    HAS_DEFLATE = True

Bytes = bytes | bytearray | memoryview


class InflateError(ValueError):
    """The block is damaged, or holds more bytes than it may."""


def adler32(data: Bytes) -> int:
    """The checksum of RFC 1950."""
    return deflate.adler32(data) if HAS_DEFLATE else zlib.adler32(data)


def inflate_zlib(data: Bytes, most: int) -> bytes | bytearray:
    """A zlib stream's content, its checksum verified; what follows the stream is ignored.

    Args:
        data: the stream.
        most: bytes the content may have.

    Raises:
        InflateError: damaged, cut off or larger than most.
    """
    if not HAS_DEFLATE:
        return _by_zlib(data, most, zlib.MAX_WBITS)
    try:
        return deflate.zlib_decompress(data, most)
    except deflate.DeflateError as error:
        raise InflateError(str(error)) from error


def inflate_raw(data: Bytes, most: int) -> bytes | bytearray:
    """As `inflate_zlib`, of a deflate stream without header and checksum (RFC 1951)."""
    if not HAS_DEFLATE:
        return _by_zlib(data, most, -zlib.MAX_WBITS)
    try:
        return deflate.deflate_decompress(data, most)
    except deflate.DeflateError as error:
        raise InflateError(str(error)) from error


def _by_zlib(data: Bytes, most: int, window: int) -> bytes:
    stream = zlib.decompressobj(window)
    try:
        content = stream.decompress(data, most)
        if not stream.eof:  # the checksum is verified only when the end is reached
            content += stream.decompress(stream.unconsumed_tail, 1)
    except zlib.error as error:
        raise InflateError(str(error)) from error
    if not stream.eof or len(content) > most:
        raise InflateError("cut off or too large")
    return content
