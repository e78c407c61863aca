from __future__ import annotations

import pytest

from samples_fake import state, wncry
from triage.formats import keyblob, tag
from triage.formats import state as state_format
from triage.formats import wncry as container


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 1000, 65536])
def test_a_finished_fake_obeys_the_size_rule(size):
    fake = wncry.encrypted(size, seed=3)
    parsed = container.parse(fake[:4096])
    assert len(fake) == 280 + 16 * ((size + 15) // 16) == parsed.expected_size
    assert container.state(parsed, len(fake), "a.docx.WNCRY") is container.State.VALID


@pytest.mark.parametrize(
    ("fake", "name", "expected"),
    [
        (wncry.truncated(1000, missing=1), "a.docx.WNCRY", container.State.TRUNCATED),
        (wncry.being_written(1000, done=512), "a.docx.WNCRYT", container.State.PARTIAL),
        (wncry.staged(bytes(200_000)), "a.mp4.WNCYR", container.State.STAGED),
    ],
)
def test_unfinished_fakes_are_what_they_say(fake, name, expected):
    assert container.state(container.parse(fake[:4096]), len(fake), name) is expected


def test_a_staged_fake_gives_its_original_back():
    original = bytes(range(256)) * 1024
    fake = wncry.staged(original)
    assert fake[-0x10000:] + fake[0x10000 : len(original)] == original


def test_too_small_an_original_is_never_staged():
    with pytest.raises(ValueError, match="at least 65536"):
        wncry.staged(b"small")


def test_seeds_make_bodies_differ_and_repeat():
    assert wncry.encrypted(100, seed=1) == wncry.encrypted(100, seed=1)
    assert wncry.encrypted(100, seed=1)[280:] != wncry.encrypted(100, seed=2)[280:]


def test_key_files_are_sound_to_their_reader():
    assert keyblob.parse_public(state.pky(5)).modulus != keyblob.parse_public(state.pky(6)).modulus
    assert keyblob.parse_private(state.dky()).public == keyblob.parse_public(state.pky_of_dky())
    assert keyblob.wrapped_records(state.eky(records=3)) == 3


def test_progress_and_configuration_are_sound_to_their_reader():
    progress = state_format.parse_progress(
        state.res(
            started=1_494_600_240, heartbeat=1_494_605_640, finished=1_494_601_500, files=92, encrypted_bytes=9000
        )
    )
    assert (progress.files, progress.bytes) == (92, 9000)
    config = state_format.parse_config(state.c_wnry(started=1_494_600_240))
    assert config.wallets == (state.WALLETS[1],)
    assert config.onions == state.ONIONS


def test_scripts_are_recognised_and_end_before_they_begin():
    batch = state.shortcut_bat("C:\\ProgramData\\x\\")
    assert state_format.is_batch(batch)
    assert batch.splitlines()[1] == b"exit /b"
    assert state.m_vbs("C:\\x\\").splitlines()[1] == b"WScript.Quit"
    assert state_format.batch_time(state.shortcut_bat_name(1_494_632_976)) == 1_494_632_976_000_000_000


def test_notes_and_templates_keep_their_marks():
    assert state.note().startswith(b"Q:  What's wrong with my files?")
    assert state.note().endswith(b"\0")
    assert state_format.is_note_template(state.note_template())
    assert all(token in state.message_rtf("vietnamese") for token in (b"<About bitcoin>", b"<How to buy bitcoins>"))


def test_demo_lists_are_read_back():
    assert state_format.parse_demo_list(state.f_wnry([r"C:\a\b.docx.WNCRY"])) == (r"C:\a\b.docx.WNCRY",)


@pytest.mark.parametrize("name", ["DESKTOP-V5VC9B3", "KETOAN-PC02", "MÁY-KẾ-TOÁN"])
def test_the_tag_agrees_with_the_one_triage_computes(name):
    assert state.install_tag(name) == tag.install_tag(name)


def test_the_tag_of_a_known_machine_is_right():
    assert state.install_tag("DESKTOP-V5VC9B3") == "evmdthrukdvwcqn063"
