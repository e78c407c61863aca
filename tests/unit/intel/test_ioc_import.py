"""Indicator lists of users, and what is wrong in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.errors import RuleError
from triage.intel.hosts import KnownHosts
from triage.intel.ioc_import import Fault, Import, import_iocs

SHA256 = "24d004a104d4d54034dbcffc2a4b19a11f39008a575aa614ea04703480b1022c"
SHA1 = "e889544aff85ffaf8b0d0da705105dee7c97fe26"
MD5 = "db349b97c37d22f5ea1d1841e3c89eb4"
KNOWN = KnownHosts(kill_switches=frozenset({"kill.example.com"}), tor_relays=frozenset({"128.31.0.39"}))


def read(folder: Path, name: str, text: str) -> Import:
    path = folder / name
    path.write_text(text, "utf-8")
    return import_iocs([path], KNOWN)


def said(result: Import) -> list[tuple[int, Fault, str]]:
    return [(remark.line, remark.fault, remark.why) for remark in result.remarks]


def test_loki_hashes_with_and_without_a_score(tmp_path: Path) -> None:
    result = read(tmp_path, "hash-iocs.txt", f"# WannaCry\n{SHA256};worm\n{SHA1.upper()};80;worm; again\n")

    assert [(h.strongest, h.name, h.source) for h in result.hashes] == [
        (("sha256", SHA256), "worm", ("hash-iocs.txt:2",)),
        (("sha1", SHA1), "worm; again", ("hash-iocs.txt:3",)),
    ]
    assert said(result) == []


def test_what_is_no_hash_is_left_out_and_named(tmp_path: Path) -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    zeros = "0" * 64
    text = f"B3N9{MD5[4:]};x\n{MD5[:-1]};short\n{empty};empty\n{zeros};zeros\n{MD5[:8]} {MD5[8:]};blank\n"

    result = read(tmp_path, "hash-iocs.txt", text)

    assert result.hashes == ()
    assert [(line, fault.value) for line, fault, _ in said(result)] == [
        (1, "invalid"),
        (2, "invalid"),
        (3, "legitimate"),
        (4, "invalid"),
        (5, "invalid"),
    ]
    assert "31 digits" in said(result)[1][2]
    assert "empty file" in said(result)[2][2]


def test_an_md5_is_kept_and_called_weak(tmp_path: Path) -> None:
    result = read(tmp_path, "my-hashes.txt", f"{MD5};worm\n")

    assert [h.confidence for h in result.hashes] == ["low"]
    assert said(result) == [(1, Fault.WEAK, "MD5 can be made to collide; prefer SHA-256")]


def test_plain_sum_lists_are_told_by_their_content(tmp_path: Path) -> None:
    result = read(tmp_path, "SUMS", f"{SHA256}  a b.exe\n{SHA1} *c.exe\n")

    assert [(h.strongest[1], h.name) for h in result.hashes] == [(SHA256, "a b.exe"), (SHA1, "c.exe")]


def test_hashdeep_gives_the_strongest_hash_and_the_size(tmp_path: Path) -> None:
    text = (
        "%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## Invoked from: /x\n"
        f"12,{MD5},{SHA256},/mnt/a,b.exe\n7,{MD5}\n"
    )
    result = read(tmp_path, "known.txt", text)

    assert [(h.strongest, h.size, h.name) for h in result.hashes] == [(("sha256", SHA256), 12, "/mnt/a,b.exe")]
    assert [(line, fault) for line, fault, _ in said(result)] == [(5, Fault.INVALID)]


def test_file_names_carry_their_description_score_and_exception(tmp_path: Path) -> None:
    text = "# WannaCry loader\n(?i)\\\\tasksche\\.exe$;75;\\\\samples\\\\\n# decoy\n\\.WNCRY$;60\n"

    result = read(tmp_path, "filename-iocs.txt", text)

    assert [(n.description, n.score, n.where, n.weak) for n in result.names] == [
        ("WannaCry loader", 75, "filename-iocs.txt:2", False),
        ("decoy", 60, "filename-iocs.txt:4", False),
    ]
    assert result.names[0].regex == r"(?i:\\tasksche\.exe$)"
    assert result.names[0].exception == r"(?:\\samples\\)"


@pytest.mark.parametrize(
    ("line", "fault", "why"),
    [
        (r"\\task(sche\.exe;75", Fault.INVALID, "not a regular expression"),
        (r"(a+)+\.exe;75", Fault.INVALID, "may run for ever"),
        (r"(\w+\s?)*\.locked;75", Fault.INVALID, "may run for ever"),
        (r"(a|aa)+\.locked;75", Fault.INVALID, "may run for ever"),
        (r"(x)\1long;75", Fault.INVALID, "refers back"),
        (r"\\diskpart\.exe;75", Fault.LEGITIMATE, "a program of Windows itself"),
        (r"(?i)\\cmd\.exe$;75", Fault.LEGITIMATE, "a program of Windows itself"),
        (r"\.[a-z]{3}$;75", Fault.WEAK, "no literal of 4 characters"),
    ],
)
def test_a_name_that_cannot_be_used_or_believed_says_why(tmp_path: Path, line: str, fault: Fault, why: str) -> None:
    result = read(tmp_path, "filename-iocs.txt", line + "\n")

    assert [(number, found) for number, found, _ in said(result)] == [(1, fault)]
    assert why in said(result)[0][2]
    assert len(result.names) == (1 if fault is Fault.WEAK else 0)


def test_hosts_know_kill_switches_relays_and_private_addresses(tmp_path: Path) -> None:
    text = (
        "kill.example.com;do not\n128.31.0.39:9001;tor\n10.1.2.3;local\nevil[.]example.com;c2\n"
        "8.8.8.8;dns\n999.1.1.1;no\nnot a host;no\n"
    )
    result = read(tmp_path, "my-c2.txt", text)

    assert [(h.host, h.block, h.weak) for h in result.hosts] == [
        ("kill.example.com", False, True),
        ("128.31.0.39:9001", True, True),
        ("evil.example.com", True, False),
        ("8.8.8.8", True, False),
    ]
    assert [(line, fault.value) for line, fault, _ in said(result)] == [
        (1, "weak"),
        (2, "weak"),
        (3, "legitimate"),
        (6, "invalid"),
        (7, "invalid"),
    ]
    assert "do not block" in said(result)[0][2]


def test_a_list_of_no_known_format_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="not a list of a known format"):
        read(tmp_path, "notes.txt", "call the office on Monday\n")


def test_a_folder_is_read_list_by_list(tmp_path: Path) -> None:
    (tmp_path / "b-hash.txt").write_text(f"{SHA1};b\n", "utf-8")
    (tmp_path / "a-hash.txt").write_text(f"{SHA256};a\n", "utf-8")

    assert [h.name for h in import_iocs([tmp_path], KNOWN).hashes] == ["a", "b"]


def test_a_list_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "hash.txt"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(RuleError, match="not UTF-8 at byte 0"):
        import_iocs([path], KNOWN)
