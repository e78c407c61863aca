from __future__ import annotations

from struct import pack

import pytest

from triage.errors import FormatError
from triage.formats.wncry import State, is_cut, is_moved_name, original_extension, parse, state


def head(original: int, *, kind: int = 4, key_length: int = 256) -> bytes:
    return b"WANACRY!" + pack("<I", key_length) + b"k" * min(key_length, 600) + pack("<IQ", kind, original)


def test_a_header_is_read() -> None:
    header = parse(head(100_001) + b"ciphertext")
    assert (header.key_length, header.type, header.original_size) == (256, 4, 100_001)
    assert header.size == 280
    assert header.expected_size == 280 + 100_016


@pytest.mark.parametrize(("original", "size"), [(0, 280), (1, 296), (16, 296), (17, 312), (65_536, 65_816)])
def test_a_finished_file_has_whole_blocks(original: int, size: int) -> None:
    assert state(parse(head(original)), size, "a.doc.WNCRY") is State.VALID
    assert state(parse(head(original)), size + 1, "a.doc.WNCRY") is State.PARTIAL
    if size > 280:
        assert state(parse(head(original)), size - 1, "a.doc.WNCRY") is State.TRUNCATED


def test_the_name_says_that_writing_went_on() -> None:
    assert state(parse(head(16)), 296, "a.doc.wncryt") is State.PARTIAL


def test_type_3_is_staged_and_keeps_its_head_at_its_end() -> None:
    header = parse(head(300_000_000, kind=3))
    assert state(header, 300_065_536, "a.vhd.WNCYR") is State.STAGED
    assert header.expected_size == 300_065_536


@pytest.mark.parametrize(
    "nonsense",
    [
        b"",
        b"WANACRY?" + bytes(300),
        b"WANACRY!",
        head(16)[:279],
        head(16, key_length=0),
        head(16, key_length=0x201),
        head(16, kind=5),
        head(1 << 50),
        b"WANACRY! is what the article is about. " * 10,
    ],
)
def test_nonsense_is_a_format_error(nonsense: bytes) -> None:
    with pytest.raises(FormatError):
        parse(nonsense)


def test_only_a_header_that_ends_early_is_cut() -> None:
    assert is_cut(b"WANACRY!")
    assert is_cut(head(16)[:279])
    assert not is_cut(head(16))
    assert not is_cut(head(16, key_length=0))
    assert not is_cut(b"WANACRY")


@pytest.mark.parametrize(
    ("name", "extension"),
    [("a.DOCX.WNCRY", "docx"), ("a.b.pdf.WNCYR", "pdf"), ("1.WNCRYT", ""), ("a.txt", "txt"), ("x.wcry", "")],
)
def test_the_original_extension_stands_before_the_familys(name: str, extension: str) -> None:
    assert original_extension(name) == extension


def test_moved_originals_have_a_number_for_a_name() -> None:
    assert is_moved_name("17.WNCRYT")
    assert not is_moved_name("a17.WNCRYT")
