from __future__ import annotations

from struct import pack

import pytest

from tests.wannacry_files import WALLETS, config, progress
from triage.errors import FormatError
from triage.formats import state
from triage.times import isoformat


def test_the_progress_log_tells_when_and_how_much() -> None:
    log = state.parse_progress(progress(finished=1494639000))
    assert isoformat(log.started) == "2017-05-12T23:49:36Z"
    assert (log.heartbeat, log.pass_finished) == (1494640000 * 10**9, 1494639000 * 10**9)
    assert (log.files, log.bytes, log.victim_id) == (12, 3456, "01" * 8)


def test_a_pass_that_never_ended_has_no_time() -> None:
    assert state.parse_progress(progress()).pass_finished is None


def test_a_log_from_before_the_start_has_only_an_id() -> None:
    log = state.parse_progress(progress(started=0, heartbeat=0, files=0, total=0))
    assert (log.started, log.files) == (None, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        bytes(136),
        b"\xff" * 136,
        progress()[:-1],
        progress(victim=bytes(8)),
        progress(started=0),
        progress(started=1400000000),
        progress(heartbeat=1),
        progress(finished=4_200_000_000),
        progress(files=1_000_000_001),
        progress(total=1 << 60),
        progress(files=0, total=5),
    ],
)
def test_a_log_with_impossible_values_is_refused(wrong: bytes) -> None:
    with pytest.raises(FormatError):
        state.parse_progress(wrong)


def test_the_settings_tell_wallet_onions_and_countdown() -> None:
    seen = state.parse_config(config())
    assert seen.wallets == (WALLETS[0],)
    assert seen.onions == ("gx7ekbenv2riucmf.onion", "57g7spgrzlojinas.onion")
    assert seen.urls == ("https://dist.torproject.org/torbrowser/6.5.1/tor-win32-0.2.9.10.zip",)
    assert seen.countdown == 1494632976 * 10**9


def test_a_countdown_that_was_not_started_is_none() -> None:
    assert state.parse_config(config(countdown=0)).countdown is None


def test_an_address_with_a_wrong_letter_is_no_wallet() -> None:
    assert state.parse_config(config(wallet=WALLETS[0][:-1] + "5")).wallets == ()


@pytest.mark.parametrize("wrong", [b"", bytes(780), config()[:-1], config(wallet="", onions=b"")])
def test_settings_without_any_address_are_refused(wrong: bytes) -> None:
    with pytest.raises(FormatError):
        state.parse_config(wrong)


@pytest.mark.parametrize("wallet", WALLETS)
def test_wallets_carry_a_checksum(wallet: str) -> None:
    assert state.is_wallet(wallet)
    assert not state.is_wallet(wallet[:8] + ("2" if wallet[8] != "2" else "3") + wallet[9:])
    assert not state.is_wallet("1" + wallet)


def test_demo_files_are_listed_in_order() -> None:
    text = "C:\\Users\\Lan\\Đơn.doc\r\nD:\\a.jpg\n\\\\may2\\chung\\b.txt\r\n\0"
    assert state.parse_demo_list(text.encode("cp1258")) == (
        "C:\\Users\\Lan\\Đơn.doc",
        "D:\\a.jpg",
        "\\\\may2\\chung\\b.txt",
    )


@pytest.mark.parametrize("wrong", [b"hello", b"C:\\a\r\nnot a path", b"C:\\a\r\n" * 11, b"C:\\a\x01b"])
def test_other_lines_are_no_demo_list(wrong: bytes) -> None:
    with pytest.raises(FormatError):
        state.parse_demo_list(wrong)


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("274901494632976.bat", 1494632976),
        ("01494632976.BAT", 1494632976),
        ("327681494632976.bat", None),
        ("001494632976.bat", None),
        ("101400000000.bat", None),
        ("1494632976.bat", None),
        ("build.bat", None),
    ],
)
def test_the_batch_files_name_holds_its_time(name: str, seconds: int | None) -> None:
    assert state.batch_time(name) == (None if seconds is None else seconds * 10**9)


def test_the_batch_file_is_told_by_its_lines() -> None:
    lines = [
        "@echo off",
        'echo SET ow = WScript.CreateObject("WScript.Shell")> m.vbs',
        "cscript.exe //nologo m.vbs",
        "del m.vbs",
        "del /a %0",
    ]
    assert state.is_batch("\r\n".join(lines).encode())
    assert not state.is_batch("\r\n".join(lines[:2]).encode())
    assert not state.is_batch(b"@echo off\r\ndir\r\n")


def test_the_struct_of_the_log_is_as_long_as_the_file() -> None:
    assert len(pack("<8sI84xI16xIIIQ", b"", 0, 0, 0, 0, 0, 0)) == state.RES_SIZE
