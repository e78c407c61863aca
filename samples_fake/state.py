"""Key, state and message files of WannaCry. Harmless fakes: the layouts with noise where keys were.

References:
    Annotated decompile of the encryptor DLL (`.res`, `c.wnry`); gentilkiwi/wanakiwi (`.pky`, `.eky`, `.dky`);
    Microsoft, "Base Provider Key BLOBs" (PUBLICKEYBLOB, PRIVATEKEYBLOB).
"""

from __future__ import annotations

import math
import random
import struct

from samples_fake import wncry

WALLETS = (
    "13AM4VW2dhxYgXeQepoHkHSQuy6NgaEb94",
    "12t9YDPgwueZ9NyMgw519p7AA8isjr6SMw",
    "115p7UMMngoj1pMvkpHijcRdfJNXj6LrLn",
)
ONIONS = (
    "gx7ekbenv2riucmf.onion",
    "57g7spgrzlojinas.onion",
    "xxlvbrloxvriy2c5.onion",
    "76jdd2ir2embyv47.onion",
    "cwwnhwhlz52maqm7.onion",
)
TOR_URL = "https://dist.torproject.org/torbrowser/6.5.1/tor-win32-0.2.9.10.zip"

_EXPONENT = 65537
_PRIMES = (
    int(
        "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd"
        "ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed"
        "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff",
        16,
    ),
    2**1024 - 105,
)
"""Published primes (RFC 2409, 6.2, and the greatest below 2**1024): a key pair that protects nothing."""


MODULUS = _PRIMES[0] * _PRIMES[1]
"""Of the key pair of `dky`."""


def pky(seed: int = 0) -> bytes:
    """A harmless fake of `00000000.pky`, 276 bytes: a PUBLICKEYBLOB whose modulus is noise, or odd noise at least."""
    noise = random.Random(seed).randbytes(254)
    return _blob(6, b"RSA1", int.from_bytes(b"\xab" + noise + b"\xc7", "little"))


def eky(seed: int = 0, *, records: int = 1) -> bytes:
    """A harmless fake of `00000000.eky`: each record a length of 0x500 and five blocks of noise."""
    noise = random.Random(seed)
    return b"".join(struct.pack("<I", 0x500) + noise.randbytes(0x500) for _ in range(records))


def dky(primes: tuple[int, int] = _PRIMES) -> bytes:
    """A harmless fake of `00000000.dky`, 1172 bytes: a sound PRIVATEKEYBLOB made of published primes."""
    one, two = primes
    exponent = pow(_EXPONENT, -1, math.lcm(one - 1, two - 1))
    parts = (one, two, exponent % (one - 1), exponent % (two - 1), pow(two, -1, one))
    halves = b"".join(part.to_bytes(128, "little") for part in parts)
    return _blob(7, b"RSA2", one * two) + halves + exponent.to_bytes(256, "little")


def pky_of_dky() -> bytes:
    """The `00000000.pky` that belongs to `dky`; a harmless fake."""
    return _blob(6, b"RSA1", MODULUS)


def _blob(kind: int, magic: bytes, modulus: int) -> bytes:
    head = struct.pack("<BBHI4sII", kind, 2, 0, 0xA400, magic, 2048, _EXPONENT)
    return head + modulus.to_bytes(256, "little")


def res(
    *, started: int, heartbeat: int, finished: int = 0, files: int = 0, encrypted_bytes: int = 0, seed: int = 0
) -> bytes:
    """A harmless fake of `00000000.res`, 136 bytes.

    Args:
        started: when encryption began, seconds since 1970.
        heartbeat: last time it was rewritten.
        finished: end of the last full pass; 0 where none was finished.
        files: how many were encrypted.
        encrypted_bytes: how much.
        seed: of the eight bytes that name the victim.
    """
    data = bytearray(136)
    data[0:8] = random.Random(seed).randbytes(8)
    struct.pack_into("<I", data, 0x60, started)
    struct.pack_into("<IIIQ", data, 0x74, heartbeat, finished, files, encrypted_bytes)
    return bytes(data)


def c_wnry(*, started: int, wallet: str = WALLETS[1]) -> bytes:
    """A harmless fake of `c.wnry`, 780 bytes: countdown, price, wallet, onion addresses, Tor's address."""
    data = bytearray(780)
    struct.pack_into("<IIIfI", data, 0x6C, started, 3, 7, 300.0, 0)
    for offset, text in ((0xB2, wallet), (0xE4, ";".join(ONIONS) + ";"), (0x1DE, TOR_URL)):
        data[offset : offset + len(text)] = text.encode()
    return bytes(data)


def f_wnry(paths: list[str]) -> bytes:
    """A harmless fake of `f.wnry`: one demo file a line, as Windows writes its path, in code page 1258."""
    return "".join(f"{path}\r\n" for path in paths).encode("cp1258", "replace")


def t_wnry(seed: int = 0) -> bytes:
    """A harmless fake of `t.wnry`: the container with noise where the encryptor was."""
    return wncry.encrypted(65536, seed=seed)


def shortcut_bat(folder: str) -> bytes:
    """A harmless fake of `<digits>.bat`: the lines it is known by, behind an `exit` that keeps them from running."""
    lines = (
        "@echo off",
        "exit /b",
        'echo SET ow = WScript.CreateObject("WScript.Shell")> m.vbs',
        f'echo SET om = ow.CreateShortcut("{folder}@WanaDecryptor@.exe.lnk")>> m.vbs',
        f'echo om.TargetPath = "{folder}@WanaDecryptor@.exe">> m.vbs',
        "echo om.Save>> m.vbs",
        "cscript.exe //nologo m.vbs",
        "del m.vbs",
        "",
        "del /a %0",
        "",
    )
    return "\r\n".join(lines).encode()


def shortcut_bat_name(when: int, *, prefix: int = 27490) -> str:
    """`<rand><time>.bat`: the last ten digits are seconds since 1970."""
    return f"{prefix}{when}.bat"


def m_vbs(folder: str) -> bytes:
    """A harmless fake of `m.vbs`: the lines it is known by, and a `Quit` that keeps them from doing anything."""
    lines = (
        'SET ow = WScript.CreateObject("WScript.Shell")',
        "WScript.Quit",
        f'SET om = ow.CreateShortcut("{folder}@WanaDecryptor@.exe.lnk")',
        f'om.TargetPath = "{folder}@WanaDecryptor@.exe"',
        "om.Save",
        "",
    )
    return "\r\n".join(lines).encode()


def note(wallet: str = WALLETS[1]) -> bytes:
    """A harmless fake of `@Please_Read_Me@.txt`: the known phrases in a text of our own, one NUL at the end."""
    return _note("$300 worth of bitcoin", wallet, "@WanaDecryptor@.exe") + b"\0"


def note_template() -> bytes:
    """A harmless fake of `r.wnry`: the note with three places to fill in."""
    return _note("%s", "%s", "%s")


def _note(price: str, wallet: str, program: str) -> bytes:
    lines = (
        "Q:  What's wrong with my files?",
        "",
        "A:  Ooops, your important files are encrypted. (Harmless fake for testing; nothing is encrypted.)",
        "",
        "Q:  What do I do?",
        "",
        f"A:  Nothing. A real note would ask for {price} to this address: {wallet}",
        "",
        "Q:  How can I trust?",
        "",
        "A:  Don't worry about decryption.",
        f"    Real notes speak of {program} and of clicking <Contact Us> on the decryptor window.",
        "",
    )
    return "\r\n".join(lines).encode()


def message_rtf(language: str) -> bytes:
    """A harmless fake of `msg/m_<language>.wnry`: RTF with the two tokens that every language keeps."""
    body = rf"Harmless fake, {language}.\par <About bitcoin>\par <How to buy bitcoins>\par"
    return (r"{\rtf1\ansi\deff0{\fonttbl{\f0 Arial;}}{\info{\title harmless fake}}" + body + "}").encode()


def install_tag(computer_name: str) -> str:
    """The folder, service and Run value name WannaCry derives from the computer's name.

    Not an indicator by itself; scenes use it so that name and folder agree as on a real machine.
    """
    seed = 1
    for (unit,) in struct.iter_unpack("<H", computer_name.encode("utf-16-le")):
        seed = seed * unit & 0xFFFFFFFF

    def rand() -> int:  # the C runtime's
        nonlocal seed
        seed = (seed * 214013 + 2531011) & 0xFFFFFFFF
        return seed >> 16 & 0x7FFF

    letters = "".join(chr(97 + rand() % 26) for _ in range(rand() % 8 + 8))
    return letters + "".join(chr(48 + rand() % 10) for _ in range(3))
