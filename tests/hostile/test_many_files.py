"""A hundred thousand tiny files in one folder: every one is examined, and time grows no faster than their number."""

from __future__ import annotations

import time

import pytest

from samples_fake import wncry
from tests.scanning import scan

pytestmark = pytest.mark.soak


def filled(place, count):
    place.mkdir()
    for number in range(count):
        (place / f"{number:06d}.txt").write_bytes(b"an ordinary text, number %d\n" % number)
    (place / "050000.docx.WNCRY").write_bytes(wncry.encrypted(100))
    return place


def test_a_hundred_thousand_tiny_files_in_one_folder(tmp_path):
    seconds = {}
    for count in (10_000, 100_000):
        tree = filled(tmp_path / f"tree{count}", count)
        started = time.monotonic()
        scanned = scan(tree, case=tmp_path / f"case{count}", depth="full", workers=2)
        seconds[count] = time.monotonic() - started
        assert scanned.coverage["entries"] == scanned.coverage["examined"] == count + 2
        assert scanned.coverage["full_content"] == count + 1
        assert scanned.worst == {(0, "/050000.docx.WNCRY"): "encrypted"}
    assert seconds[100_000] < 20 * seconds[10_000]
