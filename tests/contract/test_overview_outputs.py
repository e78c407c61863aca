"""Every output of an overview: the same bytes each time, no trap for a spreadsheet or a browser, both languages."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import time
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest

import triage.outputs
from tests.overviews import hostile, many
from triage.analysis.overview import Condition, overview_of
from triage.batch.job import LIMIT_REACHED
from triage.outputs.catalogue import LANGUAGES, messages, translate
from triage.outputs.overview import OVERVIEW
from triage.outputs.overview.columns import MACHINE, OFFICE

OVERVIEWS = {"none": overview_of([]), "many": many(40), "hostile": hostile()}
CONTROLS = re.compile("[\x00-\x09\x0b-\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f]")
TEMPLATE = Path(triage.outputs.__file__).parent / "templates" / "overview.html.jinja"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


def rendered(name, overview, lang="vi"):
    return b"".join(OVERVIEW[name](overview, lang))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("overview", OVERVIEWS.values(), ids=OVERVIEWS)
@pytest.mark.parametrize("name", OVERVIEW)
def test_an_output_renders_anything_and_always_the_same(name, overview, lang, monkeypatch):
    first = rendered(name, overview, lang)
    monkeypatch.setattr(time, "time", lambda: 2e9)
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(2e9))
    assert rendered(name, overview, lang) == first


@pytest.mark.parametrize("name", ["overview.json", "tong-hop.csv", "index.html"])
def test_no_character_hides_or_reorders(name):
    assert not CONTROLS.search(rendered(name, hostile()).decode("utf-8-sig"))


def test_no_cell_of_a_table_is_a_formula():
    lines = list(csv.reader(io.StringIO(rendered("tong-hop.csv", hostile()).decode("utf-8-sig"))))
    assert len(lines) == len(hostile().machines) + 1
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@"))]


def test_no_cell_of_a_workbook_is_a_formula():
    content = rendered("tong-hop.xlsx", hostile())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not [name for name in archive.namelist() if b"<f>" in archive.read(name)]
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
    cells = [cell for sheet in openpyxl.load_workbook(io.BytesIO(content)) for row in sheet for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}
    assert any(str(cell.value).startswith("=HYPERLINK") for cell in cells)


def test_a_workbook_holds_what_the_overview_does():
    overview = many(40)
    book = openpyxl.load_workbook(io.BytesIO(rendered("tong-hop.xlsx", overview)))
    machines, offices = book["Máy"], book["Đơn vị"]
    assert machines.max_row == 41
    assert [cell.value for cell in offices[offices.max_row]][:3] == [
        "Tổng cộng",
        overview.total.machines,
        overview.total.by_condition[Condition.ENCRYPTED],
    ]


def test_data_holds_every_row_and_its_totals():
    overview = many(40)
    told = json.loads(rendered("overview.json", overview))
    assert [row["name"] for row in told["machines"]] == [row.name for row in overview.machines]
    assert sum(office["machines"] for office in told["offices"]) == told["total"]["machines"] == 40 - told["copies"]


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = []
        self.links = []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [value for key, value in attributes if key in ("href", "src")]
        assert not [key for key, _ in attributes if key.startswith("on")]


def test_a_page_fetches_nothing_and_carries_nobodys_markup():
    page = Page()
    page.feed(rendered("index.html", hostile()).decode())
    assert page.tags.count("script") == 2
    assert "img" not in page.tags
    assert all(link.startswith("./") for link in page.links)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_everything_a_reader_meets_is_worded(lang):
    said = set(re.findall(r'_\("([^"]+)"\)', TEMPLATE.read_text("utf-8")))
    said |= {text for text, *_ in (*MACHINE, *OFFICE)} - {condition.value for condition in Condition}
    said |= {LIMIT_REACHED, "Machines", "Offices", "Total", "Overview", "No office given"}
    assert len(said) > 25
    assert {condition.value for condition in Condition} <= set(messages(lang)["condition"])
    assert sorted(said - set(messages("vi")["phrase"]) - {"MS17-010", "SMBv1"}) == []


def test_both_languages_say_different_things():
    assert translate("First sign (UTC+7)", "vi") != translate("First sign (UTC+7)", "en")


def dumped(tmp_path, overview, lang):
    page = tmp_path / "index.html"
    page.write_bytes(rendered("index.html", overview, lang))
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    flags += [f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=3000", "--dump-dom"]
    run = subprocess.run([CHROMIUM, *flags, page.as_uri()], capture_output=True, text=True, check=True, timeout=120)
    return run.stdout


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
def test_a_browser_shows_every_machine(tmp_path):
    assert 'data-shown="50"' in dumped(tmp_path, many(50), "vi")


@pytest.mark.soak
@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_browser_shows_a_thousand_machines(tmp_path, lang):
    assert 'data-shown="1000"' in dumped(tmp_path, many(1000), lang)
