from __future__ import annotations

import hashlib
import io

import pytest

from tests.contents import entry_of
from triage.model import Level
from triage.scan import reading as module
from triage.scan.reading import Reading


class Bytes:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)
        self.read_bytes = 0

    def read(self, offset: int, size: int) -> bytes:
        self.read_bytes += size
        return self._data[offset : offset + size]

    def data_from(self, offset: int) -> int:
        return offset

    def close(self) -> None: ...


class Sparse(Bytes):
    """Zeros, but for its last bytes, which alone are stored."""

    def data_from(self, offset: int) -> int:
        return max(offset, self.size - 10)


DATA = bytes(range(256)) * 64


def full(_entry: object, _type: str) -> Level:
    return Level.FULL


def head_only(_entry: object, _type: str) -> Level:
    return Level.HEAD


def test_a_file_that_fits_its_head_is_read_in_full_at_any_depth() -> None:
    assert Reading(entry_of("/a", b"abc"), Bytes(b"abc"), head_only).level is Level.FULL


def test_windows_of_a_large_content_overlap_and_hash_in_the_same_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WINDOW", 5000)
    monkeypatch.setattr(module, "OVERLAP", 100)
    stream = Bytes(DATA)
    reading = Reading(entry_of("/a", DATA), stream, full, ("md5", "sha256"))
    seen = [(offset, bytes(window)) for offset, window in reading.windows()]
    assert all(DATA[offset : offset + len(window)] == window for offset, window in seen)
    assert [offset for offset, _ in seen] == [0, 4900, 9900, 14900]
    before = stream.read_bytes
    assert reading.digest("sha256") == hashlib.sha256(DATA).hexdigest()
    assert reading.digest("md5") == hashlib.md5(DATA).hexdigest()
    assert stream.read_bytes == before


def test_a_short_read_is_an_error_and_never_passed_on_as_content() -> None:
    class Short(Bytes):
        def read(self, offset: int, size: int) -> bytes:
            return super().read(offset, size)[: size - 1]

    with pytest.raises(OSError, match="only 4095 of 4096 bytes at offset 0"):
        Reading(entry_of("/a", DATA), Short(DATA), full)


def test_the_content_as_a_file_seeks_and_reads_like_one() -> None:
    file = Reading(entry_of("/a", DATA), Bytes(DATA), head_only).file()
    assert file.seek(-3, io.SEEK_END) == len(DATA) - 3
    assert file.read() == DATA[-3:]
    assert file.seek(10) == 10
    assert file.read(5) == DATA[10:15]
    assert file.seek(len(DATA) + 5)
    assert file.read(1) == b""


def test_a_neighbour_is_given_or_none() -> None:
    reading = Reading(entry_of("/a", DATA), Bytes(DATA), full, beside={"a.LOG1": Bytes(b"log")}.get)
    assert reading.beside("a.LOG1") == b"log"
    assert reading.beside("a.LOG2") is None


def test_holes_are_neither_read_nor_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WINDOW", 5000)
    data = bytes(100_000) + b"0123456789"
    stream = Sparse(data)
    reading = Reading(entry_of("/a", data), stream, full)
    assert [(offset, bytes(window)) for offset, window in reading.windows()] == [(100_000, b"0123456789")]
    assert stream.read_bytes < 5000
    assert reading.digest("sha256") is None
