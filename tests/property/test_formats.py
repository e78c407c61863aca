"""Whatever the bytes: a value or a FormatError, never another exception, never a byte outside, always an end."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samples_fake.pe import FakePe, build_pe
from samples_fake.pe_resources import Resource, version_resource
from tests.wannacry_files import config, private, progress, public, record
from triage.errors import FormatError
from triage.formats import keyblob, state, wncry
from triage.formats.expected import looks_random
from triage.formats.imphash import imphash
from triage.formats.leading import TYPES, leading_type
from triage.formats.pe import screen, section_md5
from triage.formats.pe_directories import Want, inspect
from triage.formats.tag import install_tag

CONTAINER = b"WANACRY!\x00\x01\x00\x00" + b"k" * 256 + b"\x04\0\0\0\xe8\x03\0\0\0\0\0\0"
PROGRAM = build_pe(
    FakePe(
        dll=True,
        module_name="a.dll",
        exports=("One", "Two"),
        imports={"KERNEL32.dll": ("A", "B"), "WS2_32.dll": ("C",)},
        resources=(
            Resource(type="XIA", id=2058, data=b"harmless"),
            version_resource({"OriginalFilename": "a.exe"}, (1, 0, 0, 0)),
        ),
    )
)


def every_pe_question(data: bytes) -> None:
    with suppress(FormatError):
        inspect(data, Want.EXPORTS | Want.RESOURCES)
    seen = screen(data)
    if seen:
        for section in seen.sections:
            section_md5(data, section)
        imphash(data, seen)


PARSERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "container": (wncry.parse, CONTAINER),
    "pky": (keyblob.parse_public, public()),
    "dky": (keyblob.parse_private, private()),
    "eky": (keyblob.wrapped_records, record(1)),
    "res": (state.parse_progress, progress()),
    "c.wnry": (state.parse_config, config()),
    "f.wnry": (state.parse_demo_list, b"C:\\a\r\nC:\\b\r\n"),
    "bat": (state.is_batch, b"@echo off\r\n"),
    "pe": (every_pe_question, PROGRAM),
}


@st.composite
def damaged(draw: st.DrawFn, sound: bytes) -> bytes:
    """A sound file with some bytes changed, then perhaps cut or lengthened."""
    data = bytearray(sound)
    for at in draw(st.lists(st.integers(0, len(data) - 1), max_size=12)):
        piece = draw(st.sampled_from([b"\0", b"\xff", b"\xff\xff\xff\xff", b"\x7f", b"\x01", b"\x80"]))
        data[at : at + len(piece)] = piece
    return (
        bytes(data[: draw(st.integers(0, len(data)))])
        if draw(st.booleans())
        else bytes(data) + draw(st.binary(max_size=8))
    )


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=60, deadline=2000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_damaged_files_give_a_value_or_a_format_error(name: str, data: st.DataObject) -> None:
    parse, sound = PARSERS[name]
    bytes_ = data.draw(damaged(sound))
    with suppress(FormatError):
        parse(bytes_)


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=30, deadline=2000)
@given(noise=st.binary(max_size=1500))
def test_noise_gives_a_value_or_a_format_error(name: str, noise: bytes) -> None:
    with suppress(FormatError):
        PARSERS[name][0](noise)


@given(at=st.integers(0, 8192), value=st.integers(0, 255))
@settings(max_examples=150, deadline=2000)
def test_one_changed_byte_of_a_program_never_escapes(at: int, value: int) -> None:
    data = bytearray(PROGRAM)
    data[at % len(data)] = value
    with suppress(FormatError):
        every_pe_question(bytes(data))


@given(head=st.binary(max_size=600), name=st.text(max_size=20))
def test_every_head_has_a_known_type(head: bytes, name: str) -> None:
    assert leading_type(head, name) in TYPES


@given(
    mark=st.sampled_from([b"PK\x03\x04", b"BM", b"\xff\xfb", b"<", b"RIFF", b"#!", b"WANACRY!", b"MZ"]),
    rest=st.binary(max_size=60),
)
def test_a_mark_with_anything_behind_it_has_a_known_type(mark: bytes, rest: bytes) -> None:
    assert leading_type(mark + rest, "a.hta") in TYPES


@given(st.binary(max_size=5000))
def test_randomness_is_told_of_any_bytes(data: bytes) -> None:
    assert looks_random(data) in (True, False)


@given(st.binary(max_size=400), st.integers(0, 1 << 45), st.text(max_size=12))
def test_a_container_that_parses_has_a_state(rest: bytes, size: int, name: str) -> None:
    head = b"WANACRY!" + rest
    try:
        header = wncry.parse(head)
    except FormatError:
        return
    assert not wncry.is_cut(head)
    assert wncry.state(header, size, name) in wncry.State


@given(st.text(max_size=15))
def test_a_tag_has_letters_then_three_digits(computer_name: str) -> None:
    assert re.fullmatch(r"[a-z]{8,15}[0-9]{3}", install_tag(computer_name))
