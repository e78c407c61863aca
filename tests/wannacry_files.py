"""WannaCry's key and state files as the facts describe them. Harmless: a key that protects nothing, noise, zeros."""

from __future__ import annotations

import random
from struct import pack, pack_into

# The two largest primes of 1024 bits: a key that protects nothing.
P, Q, E = 2**1024 - 105, 2**1024 - 179, 65537
D = pow(E, -1, (P - 1) * (Q - 1))
MODULUS = (P * Q).to_bytes(256, "little")


def public() -> bytes:
    return bytes.fromhex("0602000000a40000") + b"RSA1" + pack("<II", 2048, 65537) + MODULUS


def private() -> bytes:
    half = (P, Q, D % (P - 1), D % (Q - 1), pow(Q, -1, P))
    return (
        bytes.fromhex("0702000000a40000")
        + b"RSA2"
        + pack("<II", 2048, 65537)
        + MODULUS
        + b"".join(number.to_bytes(128, "little") for number in half)
        + D.to_bytes(256, "little")
    )


def record(seed: int) -> bytes:
    return pack("<I", 0x500) + random.Random(seed).randbytes(0x500)


WALLETS = (
    *("13AM4VW2dhxYgXeQepoHkHSQuy6NgaEb94", "12t9YDPgwueZ9NyMgw519p7AA8isjr6SMw", "115p7UMMngoj1pMvkpHijcRdfJNXj6LrLn"),
    *("15nzzRpAsbgd1mmoqQRtiXxN49f4LcmTh4", "18ucAGbkgCkU61F6yPMD19dZRUBBHyDGRV", "1M9sgF4zhpusQA82rtTbrcZGKD5oBrSW5t"),
)


def progress(
    *, started=1494632976, heartbeat=1494640000, finished=0, files=12, total=3456, victim=b"\x01" * 8
) -> bytes:
    data = bytearray(136)
    data[:8] = victim
    pack_into("<I", data, 0x60, started)
    pack_into("<IIIQ", data, 0x74, heartbeat, finished, files, total)
    return bytes(data)


def config(
    *, wallet=WALLETS[0], countdown=1494632976, onions=b"gx7ekbenv2riucmf.onion;57g7spgrzlojinas.onion;"
) -> bytes:
    data = bytearray(780)
    pack_into("<IIIfI", data, 0x6C, countdown, 3, 7, 300.0, 0)
    data[0xB2 : 0xB2 + len(wallet)] = wallet.encode()
    data[0xE4 : 0xE4 + len(onions)] = onions
    url = b"https://dist.torproject.org/torbrowser/6.5.1/tor-win32-0.2.9.10.zip"
    data[0x1DE : 0x1DE + len(url)] = url
    return bytes(data)
