"""WannaCry's state files: `00000000.res`, `c.wnry`, `f.wnry` and the batch file that makes the shortcut.

Every value is checked against what is possible before it is believed; nothing possible is a FormatError.

Limits:
    The offsets of `.res` come from the decompile's buffer, not from a victim's file: medium confidence.
    `c.wnry` is searched for its strings, because sources disagree on two offsets.
    `f.wnry` does not name its code page: letters outside ASCII are read as Windows-1258.

References:
    The annotated decompile of the encryptor DLL; static analysis of the loader ed01ebfb…; wanakiwi.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from struct import Struct

from triage.errors import FormatError
from triage.model import UnixNs
from triage.times import from_unix

RES_SIZE = 136
CONFIG_SIZE = 780
DEMO_FILES_MAX = 10

EARLIEST = 1_493_596_800
"""2017-05-01: the family's second version was first seen on the 12th."""

LATEST = 4_102_444_800
"""2100-01-01."""

FILES_MAX = 1_000_000_000
BYTES_MAX = 1 << 56

_RES = Struct("<8sI84xI16xIIIQ")
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_WALLET = re.compile(rb"(?<![0-9A-Za-z])[13][1-9A-HJ-NP-Za-km-z]{25,34}(?![0-9A-Za-z])")
_ONION = re.compile(rb"[a-z2-7]{16}(?:[a-z2-7]{40})?\.onion")
_URL = re.compile(rb"https?://[\x21-\x7e]{4,200}")
_DEMO = re.compile(r"(?:[A-Za-z]:|\\)\\[^\x00-\x1f]{1,4096}")
_BATCH_NAME = re.compile(r"(\d{1,5})(\d{10})\.bat", re.IGNORECASE)
_BATCH_LINES = (b"wscript.createobject(", b"> m.vbs", b"cscript.exe //nologo m.vbs", b"del m.vbs")
BATCH_MAX = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`00000000.res`: the malware's own log, rewritten every 25 seconds.

    Attributes:
        victim_id: 8 random bytes as lower-case hex.
        started: start of encryption, None before it.
        heartbeat: last rewrite while it ran, None before the first.
        pass_finished: end of the last full pass over the drives, None where none was finished.
        files: encrypted so far.
        bytes: of their originals.
    """

    victim_id: str
    started: UnixNs | None
    heartbeat: UnixNs | None
    pass_finished: UnixNs | None
    files: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """`c.wnry`: what the payment window shows. wallets hold only addresses whose checksum is right."""

    countdown: UnixNs | None
    wallets: tuple[str, ...]
    onions: tuple[str, ...]
    urls: tuple[str, ...]


def parse_progress(data: bytes) -> Progress:
    """`00000000.res`.

    Raises:
        FormatError: another size, no victim id, or a time or count that cannot be.
    """
    if len(data) != RES_SIZE:
        raise FormatError("res size", len(data))
    victim, _flag, started, heartbeat, finished, files, total = _RES.unpack(data)
    if not any(victim):
        raise FormatError("res victim id", 0)
    begin = _time("res start of encryption", 0x60, started)
    if begin is None and (heartbeat or finished or files or total):
        raise FormatError("res start of encryption", 0x60)
    if files > FILES_MAX:
        raise FormatError("res files", 0x7C)
    if total > BYTES_MAX or (total and not files):
        raise FormatError("res bytes", 0x80)
    return Progress(
        victim_id=victim.hex(),
        started=begin,
        heartbeat=_time("res heartbeat", 0x74, heartbeat),
        pass_finished=_time("res end of pass", 0x78, finished),
        files=files,
        bytes=total,
    )


def parse_config(data: bytes) -> Config:
    """`c.wnry`.

    Raises:
        FormatError: another size, or neither wallet nor onion address in it.
    """
    if len(data) != CONFIG_SIZE:
        raise FormatError("c.wnry size", len(data))
    wallets = _each(match.decode() for match in _WALLET.findall(data) if is_wallet(match.decode()))
    onions = _each(match.decode() for match in _ONION.findall(data))
    if not wallets and not onions:
        raise FormatError("c.wnry addresses", 0)
    started = int.from_bytes(data[0x6C:0x70], "little")
    return Config(
        countdown=from_unix(started) if EARLIEST <= started <= LATEST else None,
        wallets=wallets,
        onions=onions,
        urls=_each(match.decode() for match in _URL.findall(data)),
    )


def is_note_template(data: bytes) -> bool:
    """`r.wnry`: the note with places for price, wallet and program."""
    return data.startswith(b"Q:  ") and data.count(b"%s") == 3 and len(data) <= 4096


def parse_demo_list(data: bytes) -> tuple[str, ...]:
    """`f.wnry`: paths of the files that are decrypted free of charge, in the order written.

    Args:
        data: one path a line in the machine's ANSI code page.

    Raises:
        FormatError: more lines than the malware writes, or a line that is no Windows path.
    """
    paths: list[str] = []
    at = 0
    for line in data.split(b"\n"):
        text = _ansi(line.rstrip(b"\r\x00"))
        if text:
            if not _DEMO.fullmatch(text):
                raise FormatError("f.wnry path", at)
            paths.append(text)
            if len(paths) > DEMO_FILES_MAX:
                raise FormatError("f.wnry lines", at)
        at += len(line) + 1
    return tuple(paths)


def batch_time(name: str) -> UnixNs | None:
    """When `<digits>.bat` was written: its name is `rand()` (0 to 32767) and the Unix time in one run of digits."""
    match = _BATCH_NAME.fullmatch(name)
    if not match or int(match[1]) > 32767 or (len(match[1]) > 1 and match[1].startswith("0")):
        return None
    seconds = int(match[2])
    return from_unix(seconds) if EARLIEST <= seconds <= LATEST else None


def is_batch(data: bytes) -> bool:
    """The lines by which the malware makes its shortcut through `m.vbs`."""
    text = data[:BATCH_MAX].lower()
    return text.startswith(b"@echo off") and all(line in text for line in _BATCH_LINES)


def is_wallet(address: str) -> bool:
    """Base58Check of a Bitcoin address, version 0 or 5."""
    number = 0
    for letter in address:
        place = _BASE58.find(letter)
        if place < 0:
            return False
        number = number * 58 + place
    if number >> 200 or len(address) - len(address.lstrip("1")) != 25 - (number.bit_length() + 7) // 8:
        return False
    raw = number.to_bytes(25, "big")
    check = hashlib.sha256(hashlib.sha256(raw[:21]).digest()).digest()[:4]
    return raw[0] in (0, 5) and raw[21:] == check


def _time(what: str, offset: int, seconds: int) -> UnixNs | None:
    if seconds == 0:
        return None
    if not EARLIEST <= seconds <= LATEST:
        raise FormatError(what, offset)
    return from_unix(seconds)


def _ansi(line: bytes) -> str:
    """Windows-1258, Vietnam's: it reads 1252's names too, but for a few letters; an undefined byte becomes `?`."""
    return line.decode("cp1258", "replace").replace("\ufffd", "?")


# Each once, in the order found.
def _each(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))
