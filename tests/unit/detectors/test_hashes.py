"""Files known byte by byte."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.contents import MemoryContent, entry_of, records
from triage.detectors.hashes import IN_PLACE, KNOWN, LISTED, TITLES, TOOL, Hashes
from triage.intel import load_intel
from triage.model import Confidence, Level, Severity

INTEL = load_intel()
HASHES = Hashes(INTEL)

TEMPLATE = (
    "Q:  What's wrong with my files?\r\n\r\n"
    "A:  Ooops, your important files are encrypted. It means you will not be able to access them anymore until they are"
    " decrypted.\r\n"
    "    If you follow our instructions, we guarantee that you can decrypt all your files quickly and safely!\r\n"
    "    Let's start decrypting!\r\n\r\n"
    "Q:  What do I do?\r\n\r\n"
    "A:  First, you need to pay service fees for the decryption.\r\n"
    "    Please send %s to this bitcoin address: %s\r\n\r\n"
    '    Next, please find an application file named "%s". It is the decrypt software.\r\n'
    "    Run and follow the instructions! (You may need to disable your antivirus for a while.)\r\n"
    "    \r\n"
    "Q:  How can I trust?\r\n\r\n"
    "A:  Don't worry about decryption.\r\n"
    "    We will decrypt your files surely because nobody will trust us if we cheat users.\r\n"
    "    \r\n\r\n"
    "*   If you need our assistance, send a message by clicking <Contact Us> on the decryptor window.\r\n"
)
"""The note's own words, as every published analysis quotes them: harmless, and its hash is known."""


class Claimed(MemoryContent):
    """Content that claims a digest: no malware is needed to try a hash."""

    def __init__(self, data: bytes, digests: dict[str, str], size: int) -> None:
        super().__init__(data)
        self._claimed = digests
        self.asked: list[str] = []
        self.size = size

    def digest(self, algorithm: str) -> str | None:
        self.asked.append(algorithm)
        return self._claimed.get(algorithm, "0" * 8)


def claim(path: str, data: bytes, size: int, **digests: str) -> tuple[list, list[str]]:
    content = Claimed(data, digests, size)
    entry = entry_of(path, data, size=size)
    return list(HASHES.detect(entry, content)), content.asked


@pytest.mark.parametrize(
    "wallet",
    ["13AM4VW2dhxYgXeQepoHkHSQuy6NgaEb94", "12t9YDPgwueZ9NyMgw519p7AA8isjr6SMw", "115p7UMMngoj1pMvkpHijcRdfJNXj6LrLn"],
)
def test_the_exact_note_is_known_for_each_wallet(wallet: str) -> None:
    note = (TEMPLATE % ("$300 worth of bitcoin", wallet, "@WanaDecryptor@.exe")).encode() + b"\0"

    (found,) = records(HASHES, "/Users/Lan/@Please_Read_Me@.txt", note)

    assert (found.title, found.severity, found.confidence) == (KNOWN, Severity.INFECTED, Confidence.HIGH)
    assert found.details["note"] == f"wallet {wallet}"


def test_the_note_template_is_known() -> None:
    (found,) = records(HASHES, "/x/r.wnry", TEMPLATE.encode())

    assert (found.family, found.details["name"]) == ("wannacry", "r.wnry")


def test_every_known_file_is_found_by_its_strongest_digest() -> None:
    heads = {"pe": b"MZ", "script": b"#!/x", "text": b"some text", "rtf": b"{\\rtf1", "any": b"\0\1\2\3"}
    for family, file in INTEL.hashes:
        algorithm, value = file.strongest
        path = "/x/TaskData/Tor/tor.dll" if file.place else "/x/file"

        found, _ = claim(path, heads[file.content], file.size or 4, **{algorithm: value})

        assert [(one.family, one.indicator) for one in found] == [(family, value)], file.name
        assert all(one.title in TITLES for one in found)


def test_what_can_be_no_known_file_is_not_hashed() -> None:
    assert claim("/photo.jpg", b"\xff\xd8\xff\xe0", 123_457) == ([], [])


def test_a_low_confidence_hash_is_only_suspicious() -> None:
    low = next(file for _, file in INTEL.hashes if file.confidence == "low" and file.content == "pe")

    ((found,), _) = claim("/x", b"MZ", 1, sha256=low.sha256)

    assert (found.severity, found.confidence) == (Severity.SUSPICIOUS, Confidence.LOW)


def test_a_tor_library_counts_only_beside_the_malware() -> None:
    tor = next(file for _, file in INTEL.hashes if file.confidence == "context")

    ((inside,), _) = claim("/x/TaskData/Tor/" + tor.name, b"MZ", 1, sha256=tor.sha256)
    outside, _ = claim("/Program Files/Tor Browser/" + tor.name, b"MZ", 1, sha256=tor.sha256)

    assert (inside.title, inside.severity) == (IN_PLACE, Severity.SUSPICIOUS)
    assert outside == []


def test_an_attack_tool_is_not_an_infection() -> None:
    tool = next(file for _, file in INTEL.hashes if file.role == "exploit")

    ((found,), asked) = claim("/x", b"MZ", 1, md5=tool.md5)

    assert (found.title, found.severity, asked) == (TOOL, Severity.SUSPICIOUS, ["sha256", "md5"])


def test_a_users_list_is_looked_for_in_every_file(tmp_path: Path) -> None:
    data = b"\xff\xd8\xff\xe0 a picture"
    path = tmp_path / "SHA256SUMS-hash.txt"
    path.write_text(f"{hashlib.sha256(data).hexdigest()};stolen plan\n", "utf-8")

    (found,) = records(Hashes(load_intel(extra_iocs=[path])), "/x/a.jpg", data)

    assert (found.title, found.severity, found.confidence) == (LISTED, Severity.INFECTED, Confidence.MEDIUM)
    assert (found.family, found.details["name"]) == (None, "stolen plan")


def test_a_listed_md5_alone_is_only_suspicious(tmp_path: Path) -> None:
    path = tmp_path / "hash.txt"
    path.write_text(f"{hashlib.md5(b'data').hexdigest()};x\n", "utf-8")

    (found,) = records(Hashes(load_intel(extra_iocs=[path])), "/x/a", b"data")

    assert (found.severity, found.confidence) == (Severity.SUSPICIOUS, Confidence.LOW)


def test_first_bytes_alone_are_never_hashed() -> None:
    assert records(HASHES, "/x/r.wnry", TEMPLATE.encode(), Level.HEAD) == []
