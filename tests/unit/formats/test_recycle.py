"""The Recycle Bin's records."""

from __future__ import annotations

import pytest

from samples_fake.recycle import build_info2, build_item
from tests.samples import corpus_file
from triage.errors import FormatError
from triage.formats.recycle import Deleted, parse_info2, parse_item
from triage.model import UnixNs
from triage.times import isoformat

NOON = UnixNs(1_494_590_400_000_000_000)
PATH = "C:\\Users\\Lan\\Tài liệu\\báo cáo.docx.WNCRY"


@pytest.mark.parametrize("version", [1, 2])
def test_an_item_is_read_as_it_was_written(version: int) -> None:
    assert parse_item(build_item(PATH, 1234, NOON, version)) == Deleted(path=PATH, size=1234, when=NOON)


def test_every_record_of_the_old_list_is_read_removed_ones_too() -> None:
    items = [(f"C:\\Tài liệu\\{number}.doc", number, UnixNs(NOON + number * 1000)) for number in range(3)]
    assert list(parse_info2(build_info2(items, removed=frozenset({1})))) == [
        Deleted(path=path, size=size, when=when, index=size) for path, size, when in items
    ]


@pytest.mark.parametrize(
    "data", [b"", build_item(PATH, 1, NOON)[:40], b"\x03" + bytes(600), build_item("", 0, NOON), bytes(544)]
)
def test_what_is_no_item_is_said(data: bytes) -> None:
    with pytest.raises(FormatError, match=r"\$I"):
        parse_item(data)


@pytest.mark.parametrize("data", [b"", bytes(20), build_info2([("C:\\a", 1, NOON)])[:-9] + b"x"])
def test_what_is_no_list_is_said(data: bytes) -> None:
    with pytest.raises(FormatError, match="INFO2"):
        list(parse_info2(data))


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "path", "size", "when"),
    [
        ("$I103S5F.jpg", "C:\\Users\\random\\Downloads\\bunnies.jpg", 222255, "2016-06-29T21:37:45.61"),
        ("$II3DF3L.zip", "C:\\Users\\nfury\\Documents\\Alloy Research\\StarFury.zip", 724919, "2012-03-12T20:49:58.6"),
    ],
)
def test_real_items_are_read_as_rifiuti_reads_them(name: str, path: str, size: int, when: str) -> None:
    item = parse_item(corpus_file(f"plaso/test_data/recycler/{name}").read_bytes())
    assert (item.path, item.size) == (path, size)
    assert item.when is not None
    assert isoformat(item.when).startswith(when)


@pytest.mark.corpus
def test_a_real_list_is_read_as_rifiuti_reads_it() -> None:
    items = list(parse_info2(corpus_file("plaso/test_data/recycler/INFO2").read_bytes()))
    desktop = "C:\\Documents and Settings\\Mr. Evil\\Desktop\\"
    assert [(item.index, item.size, item.path) for item in items] == [
        (1, 2160128, desktop + "lalsetup250.exe"),
        (2, 1325056, desktop + "netstumblerinstaller_0_4_0.exe"),
        (3, 442880, desktop + "WinPcap_3_01_a.exe"),
        (4, 8460800, desktop + "ethereal-setup-0.10.6.exe"),
    ]
    assert [isoformat(item.when)[:19] for item in items if item.when] == [
        "2004-08-25T16:18:25",
        "2004-08-27T15:12:30",
        "2004-08-27T15:15:26",
        "2004-08-27T15:29:58",
    ]
