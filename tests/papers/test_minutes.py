"""The minutes tell of every file that was sealed: where it was, what it is, under whose key."""

from __future__ import annotations

from dataclasses import replace

from tests.dossiers import infected_dossier, make_entry
from tests.papers.offices import materials, texts
from triage.analysis import Dossier
from triage.analysis.dossier import Collected, Collection, LeftOut
from triage.case import JournalLine, Worth
from triage.model import Entry, EntryId, UnixNs
from triage.outputs.papers import PAPERS
from triage.outputs.papers.collected import LISTED
from triage.outputs.papers.materials import Archive, Materials
from triage.outputs.papers.paper import Choice, Field, Note, Paper, Table

ARCHIVE = Archive(name="evidence/evidence.zip", size=134_963, sha256="d4" * 32, key="ab12 cd34")

Row = tuple[Entry, Collected]


def keep(number: int, path: str, worth: Worth, content: int | None = None) -> Row:
    digest = f"{content or number:064x}"
    one = Collected(
        entry=EntryId(number),
        worth=worth,
        size=1000 + number,
        sha256=digest,
        md5=None,
        how="as-examined",
        member=f"{content or number:08d}-{digest[-16:]}",
    )
    return make_entry(number, path), one


def lose(number: int, why: LeftOut) -> Row:
    one = Collected(entry=EntryId(number), worth=Worth.ARTEFACT, size=9, sha256=None, md5=None, how="", why=why)
    return make_entry(number, f"/lost-{number}"), one


def with_files(*rows: Row, archive: Archive | None = ARCHIVE) -> Materials:
    kept = [one for _entry, one in rows if one.why is None]
    lost = {why: sum(one.why is why for _entry, one in rows) for why in LeftOut}
    collection = Collection(
        entries=len(kept),
        contents=len({one.member for one in kept}),
        bytes=sum(one.size for one in kept),
        left_out={why: count for why, count in lost.items() if count},
    )
    dossier: Dossier = replace(infected_dossier(), collection=collection, collected=lambda: iter(rows))
    return replace(materials(dossier), archive=archive)


def sealed_table(paper: Paper) -> Table:
    (table,) = (block for block in paper.blocks if isinstance(block, Table) and "SHA-256" in block.headers)
    return table


def field(paper: Paper, label: str) -> str:
    (found,) = (block.value for block in paper.blocks if isinstance(block, Field) and block.label == label)
    return found


def test_each_file_of_the_archive_stands_once_what_is_worth_most_first() -> None:
    rows = [
        keep(3, "/Windows/System32/config/SYSTEM", Worth.ARTEFACT),
        keep(5, "/a/@Please_Read_Me@.txt", Worth.NOTE),
        keep(6, "/b/@Please_Read_Me@.txt", Worth.NOTE, content=5),
        keep(9, "/ProgramData/x/00000000.pky", Worth.KEY),
    ]
    table = sealed_table(PAPERS["bien-ban"](with_files(*rows)))
    assert [row[:4] for row in table.rows] == [
        ("1", "00000009-0000000000000009", "/ProgramData/x/00000000.pky", "1.009"),
        ("2", "00000005-0000000000000005", "/a/@Please_Read_Me@.txt (và 1 vị trí khác, cùng nội dung)", "1.005"),
        ("3", "00000003-0000000000000003", "/Windows/System32/config/SYSTEM", "1.003"),
    ]
    assert [row[4] for row in table.rows] == [f"{number:064x}" for number in (9, 5, 3)]


def test_the_archive_its_password_and_its_key_stand_above_the_table() -> None:
    paper = PAPERS["bien-ban"](with_files(keep(9, "/x.pky", Worth.KEY)))
    assert field(paper, "Tệp nén") == "evidence/evidence.zip, 134.963 byte, 1 tệp (1 vị trí trên ổ đĩa)"
    assert field(paper, "SHA-256 của tệp nén") == "d4" * 32
    assert field(paper, "Mật khẩu mở tệp nén").startswith("infected (AES-256; theo quy ước")
    assert field(paper, "Khóa ký bản kê (Ed25519), dấu vân tay") == "ab12 cd34"
    unsigned = PAPERS["bien-ban"](with_files(keep(9, "/x.pky", Worth.KEY), archive=replace(ARCHIVE, key="")))
    assert field(unsigned, "Khóa ký bản kê (Ed25519), dấu vân tay").startswith("chưa ký số")


def test_a_long_list_is_cut_and_says_how_many_more_there_are() -> None:
    rows = [keep(number, f"/f{number}", Worth.COMPONENT) for number in range(1, LISTED + 8)]
    paper = PAPERS["bien-ban"](with_files(*rows))
    assert len(sealed_table(paper).rows) == LISTED
    assert any("còn 7 tệp nữa ghi trong evidence/index.csv" in text for text in texts(paper))
    whole = PAPERS["bien-ban"](with_files(*rows[:LISTED]))
    assert not any("index.csv" in text for text in texts(whole))


def test_what_was_left_out_is_said_with_its_reason() -> None:
    rows = [keep(1, "/f", Worth.COMPONENT), lose(2, LeftOut.LIMIT), lose(3, LeftOut.LIMIT)]
    said = texts(PAPERS["bien-ban"](with_files(*rows)))
    assert "Không đưa vào tệp nén 2 tệp: vượt giới hạn tổng dung lượng thu thập." in said


def test_without_an_archive_nothing_is_said_to_be_sealed() -> None:
    paper = PAPERS["bien-ban"](with_files(lose(2, LeftOut.NOTHING_FOUND), archive=None))
    assert "Không có tệp nào được thu thập." in texts(paper)
    assert not any("SHA-256" in block.headers for block in paper.blocks if isinstance(block, Table))


def test_both_forms_name_the_archive_where_they_speak_of_what_is_attached() -> None:
    given = with_files(keep(9, "/x.pky", Worth.KEY))
    blocks = PAPERS["bao-cao-mau-03"](given).blocks
    place = next(
        n for n, block in enumerate(blocks) if isinstance(block, Choice) and block.label == "Thông tin gửi kèm"
    )
    note = blocks[place + 1]
    assert isinstance(note, Note)
    assert "evidence/evidence.zip (1 tệp; 134.963 byte; SHA-256: " + "d4" * 32 in note.text
    documents = next(
        b for b in PAPERS["bao-cao-mau-04"](given).blocks if isinstance(b, Field) and "ĐÍNH KÈM" in b.label
    )
    assert "d4" * 32 in documents.value
    bare = PAPERS["bao-cao-mau-03"](replace(given, archive=None)).blocks
    assert not any("evidence.zip" in text for text in texts(bare))


def test_the_journal_is_told_in_words() -> None:
    lines = (
        ("begun", "depth=standard engine=yara collect=0 shadow-copies=no"),
        ("files collected", "41 kept, 3 file-limit"),
        ("sealed", "key: -"),
        ("sealed again", "key: ab12 cd34; changed: report.html; made again: report.html"),
        ("sealed", "a line of another hand"),
    )
    journal = tuple(JournalLine(when=UnixNs(0), who="a", act=act, detail=detail) for act, detail in lines)
    paper = PAPERS["bien-ban"](materials(replace(infected_dossier(), journal=journal)))
    (table,) = (block for block in paper.blocks if isinstance(block, Table) and "Chi tiết" in block.headers)
    told = [row[3] for row in table.rows]
    assert "Bộ so khớp luật: yara" in told[0]
    assert told[0].endswith("Kiểm tra cả bản sao bóng: không")
    assert told[1] == "đã thu thập: 41, lớn hơn mức cho phép của một tệp: 3"
    assert told[2] == "khóa ký: không ký số"
    assert told[3] == "khóa ký: ab12 cd34; tệp đã đổi: report.html; lập lại: report.html"
    assert told[4] == "a line of another hand"
