"""Suricata on captures made for it: each rule fires on its own packet, and none on ordinary traffic."""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.packets import (
    ECHO,
    ETERNALBLUE_TEXT,
    NEGOTIATE,
    NOT_IMPLEMENTED,
    SESSION_SETUP,
    TO_CLIENT,
    TO_SERVER,
    TREE_CONNECT,
    Capture,
    answer,
    echo,
    hello,
    question,
    smb,
    trans2,
    trans2_reply,
)
from tests.plans import plan
from triage.outputs.blocklists import BLOCKLISTS, suricata

SURICATA = os.environ.get("TRIAGE_SURICATA") or shutil.which("suricata")
pytestmark = pytest.mark.skipif(SURICATA is None, reason="needs suricata, in PATH or named by TRIAGE_SURICATA")

INFECTED, SERVER, RESOLVER, QUIET = "10.20.1.66", "10.20.2.10", "10.20.0.53", "10.20.1.5"
KILL_SWITCH = "iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea.com"
ECHO_REQUEST, ECHO_RESPONSE, ASKED, IMPLANT, EXECUTED = range(1_017_010, 1_017_015)
FIRST_NAME, FIRST_ONION, RELAYS, MORE_RELAYS = 1_017_100, 1_017_200, 1_017_300, 1_017_301

Alert = tuple[int, str, str]
"""(SID, source, destination)."""


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rules") / suricata.FILE
    path.write_bytes(b"".join(BLOCKLISTS["suricata"][suricata.FILE](plan(), "vi")))
    return path


def run(rules: Path, logs: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [str(SURICATA), "-S", str(rules), "-l", str(logs), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def alerts(rules: Path, folder: Path, capture: Capture) -> Counter[Alert]:
    pcap = folder / "made.pcap"
    pcap.write_bytes(capture.pcap())
    done = run(rules, folder, "--runmode", "single", "-r", pcap)
    assert done.returncode == 0, done.stderr
    told = (folder / "fast.log").read_text("utf-8")
    found = re.findall(r"\[1:(\d+):\d+\].* ([\d.]+):\d+ -> ([\d.]+):\d+$", told, re.MULTILINE)
    assert len(found) == len(told.splitlines())
    return Counter((int(sid), source, target) for sid, source, target in found)


def greeting() -> list[tuple[bool, bytes]]:
    return [
        (TO_SERVER, smb(NEGOTIATE, data=b"\2NT LM 0.12\0")),
        (TO_CLIENT, smb(NEGOTIATE, bytes(34), bytes(16), reply=True)),
        (TO_SERVER, smb(SESSION_SETUP, b"\xff\0\0\0" + bytes(22), b"Windows 7\0")),
        (TO_CLIENT, smb(SESSION_SETUP, b"\xff\0\0\0" + bytes(4), b"Windows 7\0", reply=True)),
        (TO_SERVER, smb(TREE_CONNECT, b"\xff\0\0\0" + bytes(4), b"\\\\10.20.2.10\\IPC$\0?????\0")),
        (TO_CLIENT, smb(TREE_CONNECT, b"\xff\0\0\0" + bytes(2), b"IPC\0", reply=True)),
    ]


def test_the_rules_load_without_a_complaint(rules: Path, tmp_path: Path) -> None:
    done = run(rules, tmp_path, "-T")
    assert done.returncode == 0, done.stderr
    told = done.stdout + done.stderr
    assert not [line for line in told.splitlines() if re.search(r"<(Error|Warning)>|^(Error|Warning)", line)]


def test_the_packets_are_as_long_as_the_protocol_says() -> None:
    attack = echo(ETERNALBLUE_TEXT)
    assert attack[:16].hex() == "00000031ff534d422b000000001807c0"
    assert (len(attack), attack[41:53]) == (53, ETERNALBLUE_TEXT)
    asked = trans2(0x000E, mid=65)
    assert (asked[34:36], asked[65:67]) == (struct.pack("<H", 65), struct.pack("<H", 0x000E))


def test_the_exploits_echo_is_told_in_both_directions(rules: Path, tmp_path: Path) -> None:
    capture = Capture()
    said = [(TO_SERVER, echo(ETERNALBLUE_TEXT)), (TO_CLIENT, echo(ETERNALBLUE_TEXT, reply=True))]
    capture.tcp(INFECTED, SERVER, 445, [*greeting(), *said])
    expected = {(ECHO_REQUEST, INFECTED, SERVER): 1, (ECHO_RESPONSE, SERVER, INFECTED): 1}
    assert alerts(rules, tmp_path, capture) == expected


def test_the_implants_answers_are_told_after_the_question(rules: Path, tmp_path: Path) -> None:
    capture = Capture()
    said = [
        (TO_SERVER, trans2(0x000E, mid=65)),
        (TO_CLIENT, trans2_reply(mid=81, status=NOT_IMPLEMENTED)),
        (TO_SERVER, trans2(0x000E, mid=66)),
        (TO_CLIENT, trans2_reply(mid=82, status=NOT_IMPLEMENTED)),
    ]
    capture.tcp(INFECTED, SERVER, 445, [*greeting(), *said])
    assert alerts(rules, tmp_path, capture) == {
        (ASKED, INFECTED, SERVER): 2,
        (IMPLANT, SERVER, INFECTED): 1,
        (EXECUTED, SERVER, INFECTED): 1,
    }


def test_a_server_without_the_implant_is_told_as_asked_and_no_more(rules: Path, tmp_path: Path) -> None:
    capture = Capture()
    said = [(TO_SERVER, trans2(0x000E, mid=65)), (TO_CLIENT, trans2_reply(mid=65, status=NOT_IMPLEMENTED))]
    capture.tcp(INFECTED, SERVER, 139, [*greeting(), *said])
    assert alerts(rules, tmp_path, capture) == {(ASKED, INFECTED, SERVER): 1}


def test_a_question_for_any_kill_switch_or_onion_names_the_client_once(rules: Path, tmp_path: Path) -> None:
    capture, expected = Capture(), Counter[Alert]()
    names = [(host.name, host.sid) for host in (*plan().kill_zones, *plan().blocked)]
    names += [(f"www.{KILL_SWITCH}", FIRST_NAME), (KILL_SWITCH.upper(), FIRST_NAME)]
    for place, (name, sid) in enumerate(names):
        client = f"10.20.3.{place + 1}"
        asked = question(name)
        capture.udp(client, RESOLVER, 51000 + place, 53, asked)
        capture.udp(RESOLVER, client, 53, 51000 + place, answer(asked, "10.20.9.9"))
        expected[sid, client, RESOLVER] += 1
    assert alerts(rules, tmp_path, capture) == expected
    assert {FIRST_NAME, FIRST_ONION} <= {sid for sid, _, _ in expected}


def test_a_connection_to_a_listed_relay_is_told_once_an_hour_at_the_lowest_priority(
    rules: Path, tmp_path: Path
) -> None:
    capture = Capture()
    first, second = (group.rows for group in plan().groups)
    capture.tcp(INFECTED, first[0].address, 9101, [(TO_SERVER, hello())])
    capture.syn(INFECTED, first[1].address, 443)
    capture.syn(INFECTED, second[0].address, 9001)
    assert alerts(rules, tmp_path, capture) == {
        (RELAYS, INFECTED, first[0].address): 1,
        (MORE_RELAYS, INFECTED, second[0].address): 1,
    }
    assert set(re.findall(r"\[Priority: (\d)\]", (tmp_path / "fast.log").read_text())) == {"4"}


def test_ordinary_smb_is_silent(rules: Path, tmp_path: Path) -> None:
    capture = Capture()
    text = b"any 12 text\0"
    said = [
        (TO_SERVER, echo(text)),
        (TO_CLIENT, echo(text, reply=True)),
        (TO_SERVER, trans2(0x0001, mid=65)),
        (TO_CLIENT, trans2_reply(mid=81)),
        (TO_SERVER, trans2(0x0005, mid=81)),
        (TO_CLIENT, trans2_reply(mid=81, status=NOT_IMPLEMENTED)),
        (TO_CLIENT, trans2_reply(mid=82)),
        (TO_SERVER, smb(ECHO, struct.pack("<H", 1), b"x" + ETERNALBLUE_TEXT)),
    ]
    assert echo(text)[:16] == echo(ETERNALBLUE_TEXT)[:16]
    capture.tcp(QUIET, SERVER, 445, [*greeting(), *said])
    smb2 = b"\0\0\0\x66\xfeSMB" + struct.pack("<H", 64) + bytes(96)
    capture.tcp(QUIET, SERVER, 445, [(TO_SERVER, smb2), (TO_CLIENT, smb2)], source_port=49201)
    capture.tcp(QUIET, SERVER, 8080, [(TO_SERVER, echo(ETERNALBLUE_TEXT))], source_port=49202)
    assert alerts(rules, tmp_path, capture) == {}


def test_ordinary_names_and_connections_are_silent(rules: Path, tmp_path: Path) -> None:
    capture = Capture()
    names = ("www.microsoft.com", "vncert.vn", f"{KILL_SWITCH}.example.vn", KILL_SWITCH[1:], "www.torproject.org")
    for place, name in enumerate(names):
        asked = question(name)
        capture.udp(QUIET, RESOLVER, 52000 + place, 53, asked)
        capture.udp(RESOLVER, QUIET, 53, 52000 + place, answer(asked, "10.20.9.9"))
    relay = plan().groups[0].rows[0].address
    capture.tcp(QUIET, "10.20.2.80", 443, [(TO_SERVER, hello(KILL_SWITCH.encode()))])
    capture.syn(relay, QUIET, 443)
    assert alerts(rules, tmp_path, capture) == {}
