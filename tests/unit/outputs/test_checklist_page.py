"""The lists on screen and on paper: ticked, saved and opened again in a real browser; hostile names stay text."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import zipfile
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from samples_fake.images import demo_image
from tests.chromium import CHROMIUM, browser
from tests.dossiers import HOSTILE, empty_dossier, hostile_dossier, infected_dossier, make_dossier
from tests.scanning import scan, triage
from triage.analysis.dossier import Dossier, VerdictLevel
from triage.analysis.machine import Answers
from triage.cli.checklist import fitting
from triage.errors import CaseError
from triage.intel.checklists import load_checklist, load_criteria
from triage.intel.roots import rules_root
from triage.outputs.catalogue import LANGUAGES
from triage.outputs.checklist import document, page
from triage.outputs.checklist.page import HEAD, SIGNED_BY
from triage.outputs.checklist.saved import Saved, read_saved
from triage.outputs.checklist.sheet import Sheet, isolation_sheet, prevention_sheet, reconnection_sheet
from triage.outputs.papers import docx, pdf
from triage.outputs.papers.paper import Letterhead
from triage.outputs.papers.wording import words

ANSWERS = Answers(running="yes", neighbours="KETOAN-02", backup="yes", backup_date=date(2017, 5, 1))
NEEDS_CHROMIUM = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
NEEDS_POPPLER = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext")
DOSSIERS = {"infected": infected_dossier(), "empty": empty_dossier(), "hostile": hostile_dossier()}
KINDS = ("isolation", "prevention", "reconnection")


def made(kind: str, dossier: Dossier, lang: str, answers: Answers = ANSWERS) -> Sheet:
    root = rules_root()
    match kind:
        case "isolation":
            return isolation_sheet(dossier, answers, load_checklist(root), lang)
        case "prevention":
            return prevention_sheet(dossier, load_criteria(root, "prevention"), lang)
    return reconnection_sheet(dossier, load_criteria(root, "reconnection"), lang)


def paged(sheet: Sheet, saved: Saved | None = None) -> str:
    return b"".join(page.render(sheet, saved or Saved(), "checklist.html")).decode()


class Elements(HTMLParser):
    """Which elements, attributes and labelled inputs stand in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.kept: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in {"src", "href", "action", "data"}]
        self.kept += [value or "" for name, value in attrs if name == "data-keep"]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dossier", DOSSIERS.values(), ids=DOSSIERS)
def test_a_list_is_the_same_bytes_twice_and_fetches_nothing(kind: str, dossier: Dossier, lang: str) -> None:
    text = paged(made(kind, dossier, lang))
    elements = Elements(text)
    assert text == paged(made(kind, dossier, lang))
    assert elements.links == []
    assert elements.tags <= Elements(paged(made("isolation", infected_dossier(), lang))).tags | {"ul", "li"}
    assert not {name for name in elements.attributes if name.startswith("on") or name == "style"}
    assert "default-src &#39;none&#39;" in text
    assert "unsafe" not in text.partition("<title>")[0]
    assert len(set(elements.kept)) == len(elements.kept)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]", text)


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_can_be_ticked_timed_named_and_noted(kind: str) -> None:
    sheet = made(kind, infected_dossier(), "vi")
    wanted = {f"{row.id}.{field}" for row in sheet.rows for field in ("done", "at", "by", "note")}
    wanted |= {f"head.{key}" for key in HEAD[sheet.kind]} | {f"{key}.name" for key in SIGNED_BY[sheet.kind]}
    assert set(Elements(paged(sheet)).kept) == wanted


@pytest.mark.parametrize("kind", KINDS)
def test_vietnamese_says_nothing_in_english(kind: str) -> None:
    vi, en = (made(kind, infected_dossier(), lang) for lang in LANGUAGES)
    assert [row.id for row in vi.rows] == [row.id for row in en.rows]
    for here, there in zip(vi.rows, en.rows, strict=True):
        assert here.text != there.text
        assert here.why != there.why
        assert not here.said or here.said != there.said
        for (label, _), (other, _) in zip(here.evidence, there.evidence, strict=True):
            assert label != other
        assert bool(here.condition) == bool(there.condition)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("level", VerdictLevel)
def test_no_list_calls_a_machine_clean(level: VerdictLevel, lang: str) -> None:
    for kind in KINDS:
        text = paged(made(kind, make_dossier(level, entries=10), lang))
        assert not re.search(r"\bclean\b|\bsạch\b", text.partition("<body>")[2], re.IGNORECASE)


def test_what_was_entered_is_read_back_whatever_it_is() -> None:
    fields = {f"cut-network.{number}": text for number, text in enumerate(HOSTILE)} | {"image.done": True}
    text = paged(made("isolation", infected_dossier(), "vi"), Saved(answers=ANSWERS, fields=fields))
    block = re.search(r'id="kept">([^<]*)</script>', text)
    assert block is not None
    assert not re.search("[\u202e\u2028\ud800-\udfff]", text)
    assert read_saved(text.encode(), "x") == Saved(answers=ANSWERS, fields=fields)


@pytest.mark.parametrize(
    "block", [b"", b"{}", b"[]", b'{"schema":"triage.checklist/9","answers":{},"fields":{}}', b"\xff", b'{"schema"']
)
def test_a_page_of_somebody_else_is_refused_by_name(block: bytes) -> None:
    with pytest.raises(CaseError, match=r"phieu\.html: not a checklist"):
        read_saved(b'<script type="application/json" id="kept">' + block + b"</script>", "phieu.html")


# -- on paper --------------------------------------------------------------------------------------------------------


def as_paper(kind: str, saved: Saved | None = None, lang: str = "vi") -> object:
    sheet = made(kind, infected_dossier(), lang)
    return document.paper(sheet, saved or Saved(answers=ANSWERS), Letterhead(symbol="BB"))


@NEEDS_POPPLER
@pytest.mark.parametrize("kind", KINDS)
def test_the_printed_list_holds_every_item_and_who_signs(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "list.pdf"
    path.write_bytes(pdf.render(as_paper(kind)))  # type: ignore[arg-type]
    text = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout
    sheet, printed = made(kind, infected_dossier(), "vi"), set(text.split())
    for row in sheet.rows:  # columns run into each other, so word by word
        missing = {word for word in row.text.split() if word.isalpha()} - printed
        assert not missing, row.id
    for key in SIGNED_BY[sheet.kind]:
        assert set(words("checklist", "vi")[key].split()) <= printed
    sizes = subprocess.run(["pdfinfo", str(path)], capture_output=True, text=True, check=True).stdout
    assert "(A4)" in sizes


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dossier", DOSSIERS.values(), ids=DOSSIERS)
def test_any_case_becomes_a_paper_and_always_the_same(kind: str, dossier: Dossier) -> None:
    hostile = {f"{row.id}.note": text for row, text in zip(made(kind, dossier, "en").rows, HOSTILE, strict=False)}
    for lang in LANGUAGES:
        one = document.paper(made(kind, dossier, lang), Saved(fields=hostile), Letterhead(symbol="BB"))
        assert pdf.render(one) == pdf.render(one)
        assert docx.render(one) == docx.render(one)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_ticked_is_printed(kind: str) -> None:
    row = made(kind, infected_dossier(), "vi").rows[1]
    saved = Saved(
        answers=ANSWERS,
        fields={
            f"{row.id}.done": True,
            f"{row.id}.at": "08:30 22/11/2026",
            f"{row.id}.by": "Trần Thị Hạnh",
            f"{row.id}.note": "đã báo lãnh đạo",
        },
    )
    content = docx.render(as_paper(kind, saved))  # type: ignore[arg-type]
    with zipfile.ZipFile(io.BytesIO(content)) as members:
        text = members.read("word/document.xml").decode()
    for said in ("08:30 22/11/2026", "Trần Thị Hạnh", "đã báo lãnh đạo"):
        assert said in text


# -- the verb --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checklist")
    return scan(demo_image(folder / "demo.img"), case=folder / "case").case


def test_the_verb_writes_the_list_and_prints_what_to_do_first(case: Path) -> None:
    code, out, err = triage("checklist", case, "--running", "no", "--as", "html", "--lang", "en")
    assert code == 0, err
    assert "[ ]  1. Write down when it was noticed" in out
    assert max(map(len, out.splitlines()[:-1])) <= 80
    text = (case / "checklist.html").read_text("utf-8")
    assert 'id="row-stay-off"' in text
    assert 'id="row-stay-on"' not in text


def test_ticks_saved_into_the_case_are_carried_over_with_the_answers(case: Path) -> None:
    triage("checklist", case, "--running", "no", "--network", "no", "--as", "html")
    path = case / "checklist.html"
    saved = read_saved(path.read_bytes(), "x")
    ticked = Saved(answers=saved.answers, fields={"image.done": True, "image.by": "Hùng"})
    path.write_bytes(b"".join(page.render(made("isolation", infected_dossier(), "vi"), ticked, path.name)))
    triage("checklist", case, "--backup", "no", "--as", "html")
    kept = read_saved(path.read_bytes(), "x")
    assert kept.fields == ticked.fields
    assert kept.answers == Answers(running="no", network="no", backup="no")


def test_a_foreign_file_in_its_place_is_not_overwritten(case: Path) -> None:
    path = case / "tai-hoa-mang.html"
    path.write_text("mine", "utf-8")
    code, _, err = triage("checklist", case, "--reconnection", "--as", "html")
    assert code == 2
    assert "not a checklist" in err
    assert path.read_text("utf-8") == "mine"
    path.unlink()


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [("--as", "odt", "no form 'odt'"), ("--backup-date", "hôm qua", "is no day"), ("--running", "maybe", "maybe")],
)
def test_a_wrong_option_is_said(case: Path, option: str, value: str, said: str) -> None:
    code, _, err = triage("checklist", case, option, value)
    assert code == 2
    assert said in err


def test_the_three_questions_are_asked_until_they_are_understood(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    (case / "checklist.html").unlink(missing_ok=True)
    typed = "có lẽ\nCó\nk\n\nKETOAN-02, KETOAN-04\nc\nhôm qua\n05/05/2017\n"
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    code, out, err = triage("checklist", case, "--as", "html")
    assert code == 0
    assert err.count("Trả lời c, k hoặc Enter.") == 1
    assert err.count("Ghi ngày như 31/12/2026.") == 1
    assert read_saved((case / "checklist.html").read_bytes(), "x").answers == Answers(
        running="yes",
        rebooted="no",
        network="unknown",
        neighbours="KETOAN-02, KETOAN-04",
        backup="yes",
        backup_date=date(2017, 5, 5),
    )
    assert "!! Ổ đĩa cho thấy Windows đã tắt" in out  # the demo disk was shut down after the encryption


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (VerdictLevel.NOTHING_FOUND, ("prevention", "reconnection")),
        (VerdictLevel.INCONCLUSIVE, ("isolation", "prevention")),
        (VerdictLevel.ENCRYPTED, ("isolation",)),
    ],
)
def test_the_verdict_chooses_the_lists(level: VerdictLevel, expected: tuple[str, ...]) -> None:
    assert fitting(make_dossier(level)) == expected


# -- in a browser ----------------------------------------------------------------------------------------------------


@NEEDS_CHROMIUM
def test_ticked_with_the_keyboard_saved_and_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "checklist.html"
    path.write_text(paged(made("isolation", infected_dossier(), "vi"), Saved(answers=ANSWERS)), "utf-8")
    note = "Màn hình đòi tiền </script><b>x</b> \u202e \U0001f600"
    with browser(tmp_path / "browser") as tab:
        tab.open(path)
        tab.do("document.getElementById('head-lead').focus()")
        tab.type("Nguyễn Văn Bình")
        tab.do("document.getElementById('note-time').focus()")
        tab.press(" ")
        tab.press("Tab")
        tab.type(note)
        assert tab.do("document.activeElement.dataset.keep") == "note-time.note"
        tab.press("Tab")
        assert tab.do("document.activeElement.dataset.keep") == "note-time.at"
        tab.press("s", modifiers=2)
        saved = tab.downloaded()
        tab.open(saved)
        assert tab.do("document.getElementById('note-time').checked") is True
        assert tab.do("document.getElementById('cut-network').checked") is False
        assert tab.do("document.querySelector('[data-keep=\"note-time.note\"]').value") == note
        assert tab.do("document.getElementById('count').textContent") == "1"
        tab.press("s", modifiers=2)
        again = tab.downloaded()
        assert tab.complaints == []
    held = read_saved(saved.read_bytes(), saved.name)
    assert held.answers == ANSWERS
    assert held.fields["note-time.by"] == held.fields["head.lead"] == "Nguyễn Văn Bình"
    assert re.fullmatch(r"\d\d:\d\d \d\d/\d\d/\d{4}", str(held.fields["note-time.at"]))
    assert held.fields["note-time.note"] == note
    assert again.read_bytes() == saved.read_bytes()


@NEEDS_CHROMIUM
def test_targets_are_large_and_nothing_is_wider_than_a_small_screen(tmp_path: Path) -> None:
    path = tmp_path / "checklist.html"
    with browser(tmp_path / "browser") as tab:
        for kind in KINDS:
            path.write_text(paged(made(kind, hostile_dossier(), "vi")), "utf-8")
            for width, height in ((1280, 800), (800, 600)):
                tab.size(width, height)
                tab.open(path)
                assert tab.do("document.documentElement.scrollWidth") <= width
                assert (
                    tab.do("Math.min(...[...document.querySelectorAll('.tick input')].map(b => b.clientWidth))") >= 32
                )
        assert tab.complaints == []


@NEEDS_CHROMIUM
@NEEDS_POPPLER
def test_the_page_prints_on_a4_with_its_ticks_and_without_its_buttons(tmp_path: Path) -> None:
    path = tmp_path / "checklist.html"
    sheet = made("isolation", infected_dossier(), "vi")
    saved = Saved(answers=ANSWERS, fields={"note-time.done": True, "note-time.by": "Trần Thị Hạnh"})
    path.write_text(paged(sheet, saved), "utf-8")
    with browser(tmp_path / "browser") as tab:
        tab.open(path)
        tab.printed(tmp_path / "page.pdf")
    info = subprocess.run(["pdfinfo", str(tmp_path / "page.pdf")], capture_output=True, text=True, check=True).stdout
    text = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "page.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout
    assert "(A4)" in info
    assert "Trần Thị Hạnh" in text
    assert "NGƯỜI CHỨNG KIẾN" in text
    assert text.count("\u2713") == 1
    assert "Có thay đổi chưa lưu" not in text
    assert not re.search(r"^\s*Lưu\s+In\s*$", text, re.MULTILINE)


def test_the_summary_tells_the_same_as_the_certificate(case: Path) -> None:
    told = json.loads((case / "summary.json").read_bytes())["reconnection"]["criteria"]
    sheet = made("reconnection", infected_dossier(), "vi")
    assert list(told) == [row.id for row in sheet.rows]
