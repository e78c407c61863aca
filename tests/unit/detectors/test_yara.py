"""The YARA detector: what a match becomes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contents import MemoryContent, entry_of, records
from triage.detectors.yara import MATCHED, Yara
from triage.intel import load_intel
from triage.intel.fakes import build_pe
from triage.model import Confidence, Level, Severity

OWN = Yara(load_intel())


def user(folder: Path, source: str) -> Yara:
    path = folder / "mine.yar"
    path.write_text(source, "utf-8")
    return Yara(load_intel([path]))


def test_an_own_rule_says_how_bad_it_is() -> None:
    note = (
        b"Q:  What's wrong with my files?\r\n\r\n"
        b"A:  Ooops, your important files are encrypted.\r\n"
        b"A:  Don't worry about decryption.\r\n"
    )

    (found,) = records(OWN, "/Users/Lan/note.txt", note)

    assert (found.title, found.indicator, found.family) == (MATCHED, "MAL_WannaCry_Note", "wannacry")
    assert (found.severity, found.confidence, found.attack) == (Severity.INFECTED, Confidence.HIGH, ("T1486",))
    assert found.details["strings"][0] == {"id": "$q", "offset": 0, "hex": note[:31].hex()}


def test_a_users_rule_is_suspicious_and_keeps_its_author_and_licence(tmp_path: Path) -> None:
    source = (
        'rule mine : tag { meta: author = "A" license = "DRL 1.1" score = 80 severity = "critical" '
        'strings: $a = "needle" condition: $a }'
    )

    (found,) = records(user(tmp_path, source), "/x/a.doc", b"a needle")

    assert (found.severity, found.confidence, found.family) == (Severity.SUSPICIOUS, Confidence.MEDIUM, None)
    assert found.indicator == "mine.yar:mine"
    assert found.details == {
        "rule": "mine",
        "namespace": "mine.yar",
        "author": "A",
        "license": "DRL 1.1",
        "score": 80,
        "strings": [{"id": "$a", "offset": 2, "hex": b"needle".hex()}],
        "tags": ["tag"],
    }


def test_a_pe_rule_sees_only_pes(tmp_path: Path) -> None:
    detector = user(tmp_path, 'rule mine { strings: $a = "needle" condition: uint16(0) == 0x5A4D and $a }')

    assert len(records(detector, "/x/a.exe", build_pe(b"needle"))) == 1
    assert records(detector, "/x/a.txt", b"needle") == []


def test_externals_describe_the_entry(tmp_path: Path) -> None:
    detector = user(
        tmp_path,
        r'rule mine { condition: filename == "a.EXE" and extension == ".exe" and filepath == "\\Users\\Lan" '
        r'and filetype == "EXE" and owner == "S-1-5-18" }',
    )

    assert len(records(detector, "/Users/Lan/a.EXE", build_pe(b""), owner="S-1-5-18")) == 1


class TwoWindows(MemoryContent):
    """A large file, seen through two overlapping windows."""

    def windows(self) -> Iterator[tuple[int, memoryview]]:
        yield 0, memoryview(self._data[:200])
        yield 100, memoryview(self._data[100:])


def test_a_match_in_two_windows_is_said_once_with_offsets_in_the_file(tmp_path: Path) -> None:
    detector = user(
        tmp_path, 'rule both { strings: $a = "needle" condition: $a } rule end { strings: $a = "hay!" condition: $a }'
    )
    data = b"." * 150 + b"needle" + b"." * 100 + b"hay!"

    found = list(detector.detect(entry_of("/x/a.bin", data), TwoWindows(data)))

    assert [(one.indicator, one.details["strings"][0]["offset"]) for one in found] == [
        ("mine.yar:both", 150),
        ("mine.yar:end", 256),
    ]


def test_first_bytes_alone_are_not_matched() -> None:
    assert records(OWN, "/x/note.txt", b"Q:  What's wrong with my files?", Level.HEAD) == []


def test_a_rule_that_never_ends_becomes_a_timeout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triage.detectors.yara._SECONDS", 1)
    endless = "rule r { condition: for all i in (0..1000000) : (for all j in (0..1000000) : (uint8(0) == 65 + 0*i*j)) }"

    with pytest.raises(TimeoutError):
        records(user(tmp_path, endless), "/x/a", b"AAAA")


@pytest.mark.skipif(not Path("/bin/ls").exists(), reason="no system files here")
def test_the_systems_own_programs_match_nothing() -> None:
    for name in ("ls", "sh", "cat", "tar"):
        program = Path("/bin") / name
        if program.exists():
            assert records(OWN, f"/bin/{name}", program.read_bytes()) == []
