"""Captures written byte by byte: Ethernet, IPv4, TCP, UDP, DNS and SMB1 as far as rules look at them.

Nothing here is an exploit: packets carry the marks that rules look for, and zeros.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from ipaddress import IPv4Address
from itertools import count

TO_SERVER, TO_CLIENT = True, False
SYN, ACK, PSH, FIN = 0x02, 0x10, 0x08, 0x01

Said = tuple[bool, bytes]
"""(to the server, payload)."""


class Capture:
    """A pcap of Ethernet frames, a millisecond apart."""

    def __init__(self) -> None:
        self._frames: list[bytes] = []
        self._ids = count(1)

    def tcp(self, client: str, server: str, port: int, said: Iterable[Said], *, source_port: int = 49200) -> None:
        """A whole connection: handshake, what was said, and its end."""
        numbers = {TO_SERVER: 1000, TO_CLIENT: 5000}

        def send(to_server: bool, flags: int, payload: bytes = b"") -> None:
            ends = (client, server, source_port, port) if to_server else (server, client, port, source_port)
            acknowledged = numbers[not to_server] if flags & ACK else 0
            self._frames.append(
                self._ip(ends[0], ends[1], 6, _tcp(*ends, numbers[to_server], acknowledged, flags, payload))
            )
            numbers[to_server] += len(payload) + bool(flags & (SYN | FIN))

        send(TO_SERVER, SYN)
        send(TO_CLIENT, SYN | ACK)
        send(TO_SERVER, ACK)
        for to_server, payload in said:
            send(to_server, PSH | ACK, payload)
            send(not to_server, ACK)
        send(TO_SERVER, FIN | ACK)
        send(TO_CLIENT, FIN | ACK)
        send(TO_SERVER, ACK)

    def syn(self, client: str, server: str, port: int) -> None:
        """A connection that is only asked for."""
        self._frames.append(self._ip(client, server, 6, _tcp(client, server, 49300, port, 1, 0, SYN, b"")))

    def udp(self, source: str, target: str, source_port: int, port: int, payload: bytes) -> None:
        """One datagram."""
        header = struct.pack("!HHHH", source_port, port, 8 + len(payload), 0)
        total = _checksum(_pseudo(source, target, 17, len(header + payload)) + header + payload)
        header = header[:6] + struct.pack("!H", total or 0xFFFF)
        self._frames.append(self._ip(source, target, 17, header + payload))

    def pcap(self) -> bytes:
        """The file."""
        parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
        for place, frame in enumerate(self._frames):
            seconds, milliseconds = divmod(place, 1000)
            parts += [struct.pack("<IIII", 1_494_590_400 + seconds, milliseconds * 1000, len(frame), len(frame)), frame]
        return b"".join(parts)

    def _ip(self, source: str, target: str, protocol: int, payload: bytes) -> bytes:
        ends = IPv4Address(source).packed + IPv4Address(target).packed
        head = struct.pack("!BBHHHBB", 0x45, 0, 20 + len(payload), next(self._ids), 0x4000, 64, protocol)
        total = struct.pack("!H", _checksum(head + b"\0\0" + ends))
        ethernet = bytes.fromhex("020000000001 020000000002 0800")
        return ethernet + head + total + ends + payload


def _pseudo(source: str, target: str, protocol: int, length: int) -> bytes:
    return IPv4Address(source).packed + IPv4Address(target).packed + struct.pack("!BBH", 0, protocol, length)


def _tcp(
    source: str, target: str, source_port: int, port: int, number: int, acknowledged: int, flags: int, payload: bytes
) -> bytes:
    head = struct.pack("!HHIIBBHHH", source_port, port, number, acknowledged, 5 << 4, flags, 64240, 0, 0)
    total = _checksum(_pseudo(source, target, 6, len(head + payload)) + head + payload)
    return head[:16] + struct.pack("!H", total) + head[18:] + payload


def _checksum(data: bytes) -> int:
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


# ---- DNS --------------------------------------------------------------------------------------------------------


def question(name: str, number: int = 0x1234) -> bytes:
    """A standard query for the A record of a name."""
    labels = b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.split("."))
    return struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", 1, 1)


def answer(asked: bytes, address: str) -> bytes:
    """The response to a question with one A record."""
    head = asked[:2] + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0)
    return head + asked[12:] + struct.pack("!HHHIH", 0xC00C, 1, 1, 60, 4) + IPv4Address(address).packed


def addresses(response: bytes) -> list[str]:
    """The A records of a response to one question."""
    _, _, _, answers, _, _ = struct.unpack_from("!HHHHHH", response)
    place = response.index(b"\0", 12) + 5
    found = []
    for _ in range(answers):
        place = place + 2 if response[place] >= 0xC0 else response.index(b"\0", place) + 1
        kind, _, _, length = struct.unpack_from("!HHIH", response, place)
        data = response[place + 10 : place + 10 + length]
        found += [str(IPv4Address(data))] if kind == 1 else []
        place += 10 + length
    return found


def result_code(response: bytes) -> int:
    """0 for an answer, 3 for a name that does not exist."""
    return response[3] & 0x0F


# ---- SMB1, behind its NetBIOS session header ----------------------------------------------------------------------

NEGOTIATE, SESSION_SETUP, TREE_CONNECT, ECHO, TRANS2 = 0x72, 0x73, 0x75, 0x2B, 0x32
NOT_IMPLEMENTED = 0xC0000002
ETERNALBLUE_TEXT = b"JlJmIhClBsr\0"


def smb(
    command: int, words: bytes = b"", data: bytes = b"", *, reply: bool = False, mid: int = 64, status: int = 0
) -> bytes:
    """One message. words: parameter words, two bytes each; mid: the multiplex id."""
    header = struct.pack(
        "<4sBIBHH8sHHHHH", b"\xffSMB", command, status, 0x98 if reply else 0x18, 0xC007, 0, b"", 0, 0, 0xFEFF, 0, mid
    )
    body = header + bytes([len(words) // 2]) + words + struct.pack("<H", len(data)) + data
    return struct.pack("!I", len(body)) + body


def echo(data: bytes, *, reply: bool = False) -> bytes:
    """An echo, which every client may send."""
    return smb(ECHO, struct.pack("<H", 1), data, reply=reply)


def trans2(subcommand: int, *, mid: int) -> bytes:
    """A Trans2 request; SESSION_SETUP is 0x000E, which nothing but the implant and those who look for it knows."""
    words = struct.pack("<HHHHBBHIHHHHHBB", 12, 0, 1, 0, 0, 0, 0, 0, 0, 12, 66, 0, 78, 1, 0)
    return smb(TRANS2, words + struct.pack("<H", subcommand), b"\0" * 13, mid=mid)


def trans2_reply(*, mid: int, status: int = 0) -> bytes:
    """A Trans2 response without data, as one that refuses has it."""
    return smb(TRANS2, reply=True, mid=mid, status=status)


def hello(name: bytes = b"www.example.vn") -> bytes:
    """A TLS ClientHello with a server name."""
    server_name = struct.pack("!HHHBH", 0, len(name) + 5, len(name) + 3, 0, len(name)) + name
    body = b"\x03\x03" + bytes(32) + b"\0" + struct.pack("!HH", 2, 0xC02F) + b"\1\0"
    body += struct.pack("!H", len(server_name)) + server_name
    shake = b"\1" + struct.pack("!I", len(body))[1:] + body
    return b"\x16\x03\x01" + struct.pack("!H", len(shake)) + shake
