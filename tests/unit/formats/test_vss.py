"""The catalogue of shadow copies."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from tests.shadow_images import at, catalogue
from triage.errors import FormatError
from triage.formats import vss
from triage.formats.vss import BLOCK, ShadowCopy

OLD = ShadowCopy(
    identifier="600f0b69-5bdf-11e3-9d6c-005056c00008", created=at(130305261097363787), size=1 << 30, stored_here=True
)
NEW = ShadowCopy(
    identifier="600f0b6d-5bdf-11e3-9d6c-005056c00008", created=at(130305262689190583), size=1 << 30, stored_here=False
)


def test_copies_are_told_with_their_time_the_oldest_first() -> None:
    assert vss.parse_catalogue(catalogue([NEW, OLD])) == (OLD, NEW)


def test_a_catalogue_without_copies_is_one() -> None:
    assert vss.parse_catalogue(catalogue([])) == ()


def test_blocks_are_followed_on_the_volume() -> None:
    data = catalogue([OLD], start=0x30000, blocks=3)
    volume = bytes(0x30000) + data
    assert vss.read_catalogue(lambda offset, size: volume[offset : offset + size], 0x30000) == data


def test_a_chain_that_leads_back_to_itself_ends() -> None:
    block = bytearray(catalogue([], start=0, blocks=1))
    block[40:48] = (BLOCK).to_bytes(8, "little")
    with pytest.raises(FormatError, match="catalogue block"):
        vss.read_catalogue(lambda _offset, _size: bytes(block), BLOCK)


def test_a_volume_without_the_mark_has_no_catalogue() -> None:
    assert vss.catalogue_at(bytes(vss.HEADER_SIZE)) == 0
    assert vss.catalogue_at(b"") == 0


def test_a_header_of_an_unknown_version_is_said() -> None:
    head = catalogue([])[:16] + (9).to_bytes(4, "little") + (1).to_bytes(4, "little")
    with pytest.raises(FormatError, match="version 9"):
        vss.catalogue_at(head.ljust(vss.HEADER_SIZE, b"\0"))


@pytest.mark.parametrize(
    ("place", "value"), [(0, b"\xff"), (20, b"\x07"), (24, b"\x01"), (128, b"\x09"), (BLOCK, b"\0")]
)
def test_a_damaged_catalogue_is_a_format_error(place: int, value: bytes) -> None:
    data = bytearray(catalogue([OLD]))
    data[place : place + 1] = value
    with pytest.raises(FormatError):
        vss.parse_catalogue(bytes(data))


def test_a_catalogue_cut_short_is_a_format_error() -> None:
    with pytest.raises(FormatError):
        vss.parse_catalogue(catalogue([OLD])[:BLOCK])


def test_whatever_the_bytes_there_are_copies_or_a_format_error() -> None:
    dice, whole = random.Random(7), catalogue([OLD, NEW])
    refused = 0
    for _ in range(3000):
        data = bytearray(whole)
        for _ in range(dice.randrange(1, 6)):
            data[dice.choice((dice.randrange(700), dice.randrange(len(data))))] = dice.randrange(256)
        try:
            vss.parse_catalogue(bytes(data[: dice.choice((len(data), dice.randrange(len(data))))]))
        except FormatError:
            refused += 1
        with suppress(FormatError):
            vss.catalogue_at(bytes(data[: vss.HEADER_SIZE]))
    assert refused > 1000
