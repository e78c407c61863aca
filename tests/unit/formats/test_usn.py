"""The change journal: every record, whatever stands between them."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from samples_fake.usn import CLOSE, FILE_CREATE, FakeChange, build_journal, build_record, encrypted_files
from tests.samples import corpus_file
from triage.errors import FormatError
from triage.formats import usn
from triage.formats.usn import UsnJournal, UsnRecord
from triage.model import UnixNs

NOON = UnixNs(1_494_590_400_000_000_000)


def read(data: bytes) -> list[UsnRecord]:
    return list(UsnJournal(io.BytesIO(data), len(data)))


def test_a_record_is_read_as_it_was_written() -> None:
    change = FakeChange(
        when=NOON, name="Báo cáo.docx", file=77, sequence=9, parent=40, reason=FILE_CREATE | CLOSE, attributes=0x21
    )
    (record,) = read(build_journal([change], start=8192))
    assert record == UsnRecord(
        8192, NOON, 77 | 9 << 48, 40 | 1 << 48, usn.FILE_CREATE | usn.CLOSE, "Báo cáo.docx", 0x21
    )
    assert usn.record_number(record.file) == 77


def test_the_three_versions_stand_side_by_side() -> None:
    changes = [FakeChange(when=NOON, name="a.txt", file=7, reason=CLOSE, version=version) for version in (2, 3, 4)]
    first, second, third = read(build_journal(changes))
    assert first[1:] == second[1:]
    assert (third.when, third.name, third.file, third.reason) == (None, "", first.file, CLOSE)


def test_a_journal_larger_than_one_read_loses_nothing() -> None:
    changes = encrypted_files([f"Tài liệu {number}.xlsx" for number in range(2500)], NOON, 1_000_000)
    data = build_journal(changes)
    assert len(data) > 1 << 20
    records = read(data)
    assert [(r.when, r.name, r.reason) for r in records] == [(c.when, c.name, c.reason) for c in changes]
    assert all(data[r.usn + 24 :].startswith(r.usn.to_bytes(8, "little")) for r in records[::500])


def test_records_that_begin_nowhere_near_a_page_are_read_too() -> None:
    data = b"".join(build_record(c, 0) for c in encrypted_files([f"{n}.doc" for n in range(2500)], NOON, 1))
    assert len(read(data)) == 2500 * 7


def test_a_hole_is_passed_over() -> None:
    data = bytes(3 << 20) + build_journal([FakeChange(when=NOON, name="a", file=1, reason=CLOSE)])
    journal = UsnJournal(io.BytesIO(data), len(data))
    assert len(list(journal)) == 1
    assert journal.skipped == 0


class Sparse(io.RawIOBase):
    """A file of zeros with some bytes in it, that counts what is read of it."""

    def __init__(self, size: int, parts: dict[int, bytes]) -> None:
        self.size, self.parts, self.at, self.bytes_read = size, parts, 0, 0

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = offset
        return offset

    def read(self, size: int = -1) -> bytes:
        out = bytearray(min(size, self.size - self.at))
        for start, data in self.parts.items():
            begin, end = max(start, self.at), min(start + len(data), self.at + len(out))
            if begin < end:
                out[begin - self.at : end - self.at] = data[begin - start : end - start]
        self.at += len(out)
        self.bytes_read += len(out)
        return bytes(out)


@pytest.mark.parametrize("behind", [0, 5 << 20])
@pytest.mark.parametrize("hole", [(300 << 30) + 7 * 4096, 257 << 20])
def test_of_a_hole_of_gigabytes_almost_nothing_is_read(hole: int, behind: int) -> None:
    live = build_journal(encrypted_files([f"{n}.doc" for n in range(9000)], NOON, 1), start=hole)
    file = Sparse(hole + len(live) + behind, {hole: live})
    assert sum(1 for _ in UsnJournal(file, file.size)) == 9000 * 7
    assert file.bytes_read < 2 * len(live) + (16 << 20)


def test_an_empty_page_amid_the_records_does_not_hide_what_is_before() -> None:
    hole = 300 << 30
    live = build_journal(encrypted_files([f"{n}.doc" for n in range(9000)], NOON, 1), start=hole)
    pages = len(live) // 4096
    parts = {hole + page * 4096: live[page * 4096 : page * 4096 + 4096] for page in range(pages) if page % 7}
    parts[hole] = live[:4096]
    file = Sparse(hole + len(live), parts)
    assert next(iter(UsnJournal(file, file.size))).usn == hole


def test_a_large_journal_of_zeros_alone_is_said() -> None:
    with pytest.raises(FormatError, match="last 64 MiB"):
        list(UsnJournal(Sparse(1 << 40, {}), 1 << 40))


def test_garbage_is_counted_and_the_next_record_found() -> None:
    good = build_record(FakeChange(when=NOON, name="a.txt", file=1, reason=CLOSE), 0)
    data = good + b"\xaa" * 64 + good + bytes(40) + good[:16] + good
    journal = UsnJournal(io.BytesIO(data), len(data))
    assert len(list(journal)) == 3
    assert 64 < journal.skipped <= 64 + 16


def test_a_record_cut_short_is_counted() -> None:
    good = build_record(FakeChange(when=NOON, name="a.txt", file=1, reason=CLOSE), 0)
    journal = UsnJournal(io.BytesIO(good + good[:-8]), len(good) * 2 - 8)
    assert len(list(journal)) == 1
    assert journal.skipped > 0


@pytest.mark.parametrize("data", [b"", bytes(8192)])
def test_an_empty_journal_has_no_records(data: bytes) -> None:
    assert read(data) == []


def test_what_is_no_journal_is_said() -> None:
    with pytest.raises(FormatError, match="USN_RECORD"):
        read(b"MZ" + b"\x90" * 5000)


def fsutil_lists(text: str) -> list[dict[str, str]]:
    blocks = text.replace("\r\n", "\n").split("\nUsn  ")[1:]
    lines = ((line.partition(":") for line in f"Usn{block}".splitlines()) for block in blocks)
    return [{key.strip(): value.strip() for key, _, value in block} for block in lines]


def as_fsutil(record: UsnRecord) -> dict[str, str]:
    told = {"Usn": str(record.usn), "File ID": f"{record.file:032x}", "Parent file ID": f"{record.parent:032x}"}
    if record.when is not None:
        when = datetime.fromtimestamp(record.when // 10**9, UTC)
        told["Time stamp"] = f"{when.month}/{when.day}/{when.year} {when.hour}:{when:%M:%S}"
        told["File name"] = record.name
    return told


@pytest.mark.corpus
def test_a_journal_of_windows_is_read_as_fsutil_lists_it() -> None:
    listed = fsutil_lists(corpus_file("dfir_ntfs/test_data/usnjrnlj.fsutil.txt").read_text(encoding="utf-8-sig"))
    assert len(listed) == 268
    records = read(corpus_file("dfir_ntfs/test_data/usnjrnlj.bin").read_bytes())
    assert [as_fsutil(record) for record in records[:268]] == [
        {key: one[key] for key in as_fsutil(record)} for one, record in zip(listed, records, strict=False)
    ]
    for one, record in zip(listed, records, strict=False):
        assert one["Reason"].startswith(f"0x{record.reason:08x}:")
        assert one.get("File attributes", "0x00000000:").startswith(f"0x{record.attributes:08x}:")
    assert all(record.usn >= 29792 for record in records[268:]), "what came after the listing's Next USN"


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("plaso/test_data/UsnJrnl.raw", 19),
        ("ez-mft/MFT.Test/TestFiles/Usn/record.usn", 1),
        ("dfir_ntfs/test_data/usn_1170953448.bin", 1),
        ("dfir_ntfs/test_data/usn_1170955904.bin", 1),
        ("dfir_ntfs/test_data/usn_1170989584.bin", 1),
        ("dfir_ntfs/test_data/usn_1170990440.bin", 1),
    ],
)
def test_real_journals_are_read_whole(name: str, count: int) -> None:
    data = corpus_file(name).read_bytes()
    journal = UsnJournal(io.BytesIO(data), len(data))
    assert (sum(1 for _ in journal), journal.skipped) == (count, 0)
