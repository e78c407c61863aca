"""DOCX and PDF of a paper: literal text, the same bytes twice, fonts, long tables, a word processor that opens it."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import unicodedata
import zipfile
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from fontTools.ttLib import TTFont

from tests.dossiers import HOSTILE, empty_dossier, hostile_dossier, infected_dossier
from tests.papers.offices import materials, texts
from triage.outputs.papers import PAPERS, RENDERERS, docx, pdf
from triage.outputs.papers.layout import printed
from triage.outputs.papers.paper import (
    Bullets,
    Check,
    Checklist,
    Field,
    Heading,
    Letterhead,
    Note,
    PageBreak,
    Paper,
    Paragraph,
    Run,
    Signature,
    Signatures,
    State,
    Table,
    choice,
    text_paragraph,
)

MARKUP = (
    "#let x = 1",
    '#include "/etc/passwd"',
    "$x$ $ a^2 $",
    "\\u{41} \\",
    "*b* _i_ `c` = d",
    "<w:t>&amp;</w:t>",
    "@a <b>",
    "- x\n+ y",
    "]{#{[",
)
EVERY = Paper(
    title="BÁO CÁO",
    about="Thử mọi khối",
    form="Mẫu số 00",
    marks=("KHẨN",),
    letterhead=Letterhead(
        authority="UBND tỉnh Thí Dụ", organisation="Sở Thử nghiệm", number="7", symbol="BC-STN", place="Thí Dụ",
        day=date(2026, 2, 3),
    ),
    addressees=("Cơ quan thứ nhất", "Cơ quan thứ hai"),
    blocks=(
        Heading(text="I. Mục lớn"),
        Heading(text="1. Mục nhỏ", level=2),
        Paragraph(runs=(Run(text="Chữ thường, "), Run(text="đậm", bold=True), Run(text=", nghiêng", italic=True))),
        Bullets(items=("gạch một", "gạch hai")),
        Bullets(items=("số một", "số hai"), numbered=True),
        Field(label="Đã biết", value="giá trị", mandatory=True),
        Field(label="Nhiều dòng", value="dòng một\ndòng hai"),
        Field(label="Chưa biết", state=State.UNKNOWN),
        Field(label="Ghi tay", state=State.BLANK),
        choice("Chọn", ["Có", "Không", "Khác"], ["Không"], note="ghi chú"),
        Checklist(
            items=(Check(number="1.", text="Rút dây mạng", note="vì sao", ticked=True, who="An"),),
            when="Giờ",
            who="Người làm",
        ),
        Checklist(items=(Check(text="Không có cột"),)),
        Table(headers=("Cột A", "Cột B"), rows=(("a1", "b1"),), widths=(1, 2)),
        Table(headers=("Cột C", "Cột D"), rows=(), widths=(1, 2), empty="không có dòng nào"),
        Note(text="ghi chú nhỏ"),
        Note(text="cảnh báo", warning=True),
        PageBreak(),
        Signatures(signatures=tuple(Signature(titles=(f"BÊN {n}",), note="(Ký)") for n in "ABCD")),
        text_paragraph("đoạn cuối"),
    ),
    recipients=("Như trên", "Lưu: VT"),
    signature=Signature(titles=("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"), note="(Ký tên)", name="Trần Thị Bình"),
    footer="cuối trang",
)  # fmt: skip


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"not installed: {program}")


def squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split())


def pdf_text(data: bytes) -> str:
    run = subprocess.run(["pdftotext", "-", "-"], input=data, capture_output=True, check=True)
    return run.stdout.decode()


def docx_text(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        body = package.read("word/document.xml").decode()
    document = Document(io.BytesIO(data))
    assert document.paragraphs
    return (
        "".join(re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", body))
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
    )


READERS = {"docx": docx_text, "pdf": pdf_text}


def contents(ending: str, paper: Paper) -> str:
    return squeezed(READERS[ending](RENDERERS[ending](paper)))


@needs("pdftotext")
@pytest.mark.parametrize("ending", RENDERERS)
def test_every_text_of_every_block_is_in_the_paper(ending: str) -> None:
    found = contents(ending, EVERY)
    for text in texts(EVERY):
        if text in ("7", "BC-STN", "UBND tỉnh Thí Dụ", "Sở Thử nghiệm", "Thí Dụ", "cuối trang"):
            continue  # these are worded together, below
        for line in text.split("\n"):
            assert squeezed(line) in found, line
    for text in ("Số:07/BC-STN", "UBNDTỈNHTHÍDỤ", "SỞTHỬNGHIỆM", "ThíDụ,ngày03tháng02năm2026", "Đãbiết(*):giátrị"):
        assert text in found
    assert "(chưacóthôngtin–cầnbổsung)" in found
    assert "☐Có☑Không☐Khác:ghichú" in found.replace("\u00a0", "")


@needs("pdftotext")
@pytest.mark.parametrize("ending", RENDERERS)
@pytest.mark.parametrize("text", MARKUP)
def test_markup_in_a_text_is_printed_as_it_stands(ending: str, text: str) -> None:
    paper = Paper(
        title=text,
        letterhead=Letterhead(organisation="Sở", subject=text, symbol="X"),
        addressees=(text, text),
        blocks=(
            Field(label="Nhãn", value=text),
            text_paragraph(text),
            Bullets(items=(text,)),
            choice("Chọn", [text, "Khác"], [text], note=text),
            Table(headers=(text,), rows=((text,),), widths=(1,)),
            Checklist(items=(Check(text=text, note=text),)),
        ),
        recipients=(text,),
    )
    lines = [squeezed(line) for line in text.split("\n")]
    found = contents(ending, paper)
    # title, subject, two addressees, field, paragraph, bullet, option, note, two cells, check and its note, recipient
    for line in lines:
        assert found.count(line) >= 14, line


@needs("pdftotext")
@pytest.mark.parametrize("ending", RENDERERS)
@pytest.mark.parametrize("text", [text for text in HOSTILE if len(text) < 1000])
def test_what_hides_or_reorders_is_printed_as_an_escape(ending: str, text: str) -> None:
    found = contents(ending, Paper(blocks=(text_paragraph(text), Table(headers=("x",), rows=((text,),), widths=(1,)))))
    for line in printed(text).split("\n"):
        assert found.count(squeezed(line)) == 2, line
    assert not re.search("[\x00-\x08\x0b\x0e-\x1f\u202a-\u202e\u2066-\u2069]", found)


@needs("pdftotext")
def test_a_character_the_fonts_lack_is_an_escape_in_the_pdf_and_itself_in_the_docx() -> None:
    paper = Paper(blocks=(text_paragraph("báo cáo 中 😀"),))
    assert "báocáo\\u4e2d\\U0001f600" in contents("pdf", paper)
    assert "báocáo中😀" in contents("docx", paper)


def test_the_fonts_have_every_character_they_are_said_to_have() -> None:
    folder = Path(pdf.__file__).with_name("fonts")
    carried = {chr(code) for code in range(0x2700) if re.fullmatch(f"[{pdf.CARRIED}]", chr(code))} - {"\n"}
    boxes = set(map(chr, TTFont(folder / "DejaVuSans-Boxes.ttf").getBestCmap()))
    for name in ("Regular", "Bold", "Italic", "BoldItalic"):
        own = set(map(chr, TTFont(folder / f"Tinos-{name}.ttf").getBestCmap()))
        assert not carried - own - boxes
    vietnamese = {chr(code) for code in range(0x1EA0, 0x1EFA)} | set("ĂăÂâĐđÊêÔôƠơƯư₫")
    assert vietnamese <= carried


def test_a_licence_lies_beside_the_fonts() -> None:
    folder = Path(pdf.__file__).with_name("fonts")
    assert "SIL OPEN FONT LICENSE" in (folder / "Tinos-OFL.txt").read_text(encoding="utf-8")
    assert "Bitstream" in (folder / "DejaVu-LICENSE.txt").read_text(encoding="utf-8")


@needs("pdffonts")
def test_every_font_of_the_pdf_is_embedded(tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(pdf.render(EVERY))
    listed = subprocess.run(["pdffonts", tmp_path / "x.pdf"], capture_output=True, text=True, check=True).stdout
    rows = listed.splitlines()[2:]
    assert len(rows) >= 4
    for row in rows:
        assert re.search(r"(Tinos|DejaVu)", row)
        assert re.search(r"yes yes yes +\d+ +\d+$", row), row


def pages(data: bytes) -> list[str]:
    return pdf_text(data).rstrip("\f").split("\f")


@needs("pdftotext")
def test_a_table_of_five_hundred_rows_repeats_its_header_and_numbers_its_pages() -> None:
    rows = tuple((str(n), f"/Users/cán bộ/{'x' * 80}/Hồ sơ {n}.docx.WNCRY", "ab" * 32) for n in range(1, 501))
    paper = Paper(title="BẢNG", blocks=(Table(headers=("STT", "Đường dẫn", "SHA-256"), rows=rows, widths=(1, 6, 6)),))
    found = pages(pdf.render(paper))
    assert len(found) > 10
    for number, page in enumerate(found, 1):
        assert "Đường dẫn" in page
        assert (page.split()[0] == str(number)) == (number > 1)
    whole = squeezed(" ".join(re.sub(r"^\d+\n", "", page) for page in found))
    assert whole.count("ab" * 32) == 500
    assert len(docx.render(paper)) < 2_000_000


@needs("pdftotext")
def test_a_name_longer_than_a_page_goes_on_over_pages() -> None:
    name = "".join(f"{n:05}" for n in range(4000))
    found = pages(pdf.render(Paper(blocks=(Table(headers=("Tên",), rows=((name,),), widths=(1,)),))))
    joined = "".join(re.sub(r"^\d+\n", "", page).replace("Tên", "") for page in found)
    assert squeezed(joined) == name


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("name", PAPERS)
@pytest.mark.parametrize("dossier", [empty_dossier, infected_dossier, hostile_dossier], ids=lambda make: make.__name__)
def test_a_paper_of_any_case_renders_and_always_the_same(name: str, dossier, lang: str) -> None:
    first, second = (PAPERS[name](materials(dossier(), lang=lang)) for _ in range(2))
    for render in RENDERERS.values():
        assert render(first) == render(second)


def test_the_docx_holds_no_clock() -> None:
    with zipfile.ZipFile(io.BytesIO(docx.render(EVERY))) as package:
        assert {member.date_time for member in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = package.read("docProps/core.xml").decode()
    assert set(re.findall(r"20\d\d-\d\d-\d\dT[^<]*", core)) == {"2000-01-01T00:00:00Z"}
    assert "python-docx" not in core


def test_the_pdf_holds_no_clock() -> None:
    assert b"CreationDate" not in pdf.render(EVERY)


def test_the_page_is_that_of_the_decree() -> None:
    document = Document(io.BytesIO(docx.render(EVERY)))
    section = document.sections[0]
    size = [round(side.mm) for side in (section.page_width, section.page_height)]
    margins = [
        round(side.mm)
        for side in (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    ]
    assert size == [210, 297]
    assert [20 <= margins[0] <= 25, 20 <= margins[1] <= 25, 30 <= margins[2] <= 35, 15 <= margins[3] <= 20] == [
        True
    ] * 4
    assert document.styles["Normal"].font.name == "Times New Roman"
    assert 13 <= document.styles["Normal"].font.size.pt <= 14
    assert section.different_first_page_header_footer


def test_the_english_copy_says_that_it_is_a_translation() -> None:
    paper = PAPERS["bao-cao-mau-03"](materials(infected_dossier(), lang="en"))
    assert "UNOFFICIAL TRANSLATION" in docx_text(docx.render(paper))
    assert "UNOFFICIAL TRANSLATION" not in docx_text(docx.render(EVERY))


@needs("soffice")
@needs("pdftotext")
def test_a_word_processor_opens_the_docx(tmp_path: Path) -> None:
    paper = PAPERS["bao-cao-mau-03"](materials(infected_dossier()))
    (tmp_path / "a.docx").write_bytes(docx.render(paper))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [
        "soffice",
        "--headless",
        profile,
        "--convert-to",
        "pdf",
        "--outdir",
        str(tmp_path),
        str(tmp_path / "a.docx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    found = squeezed(pdf_text((tmp_path / "a.pdf").read_bytes()))
    for text in ("BÁO CÁO BAN ĐẦU SỰ CỐ MẠNG", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Trần Thị Bình"):
        assert squeezed(text) in found
