"""The outputs of a comparison: the page and its policy, tables, data, the section for a report."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import shutil
import subprocess
import unicodedata
from dataclasses import replace
from enum import Enum
from functools import cache
from pathlib import Path

import pytest

from tests.dossiers import HOSTILE
from tests.outbreaks import Plan, province, twelve
from triage.analysis.spread import Outbreak, compare
from triage.analysis.spread_clocks import Proof
from triage.analysis.spread_edges import Way, Why
from triage.analysis.spread_owners import Doubt
from triage.analysis.spread_records import Reach, Sign, State
from triage.analysis.spread_traits import KINDS
from triage.analysis.spread_witness import witness
from triage.outputs import outbreak as room
from triage.outputs.catalogue import messages
from triage.outputs.outbreak import FORMS
from triage.outputs.outbreak.layout import STAGES, laid_out
from triage.outputs.outbreak.page import WORDS
from triage.outputs.outbreak.picture import ticks
from triage.outputs.outbreak.section import COLUMNS, section
from triage.outputs.outbreak.tables import EDGES, MACHINES
from triage.outputs.outbreak.wording import wordings

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ROOM = Path(room.__file__).parent
IDS: dict[str, type[Enum]] = {
    "machine": State,
    "sign": Sign,
    "evidence": Reach,
    "way": Way,
    "why": Why,
    "doubt": Doubt,
    "proof": Proof,
}


def of(plan: Plan) -> Outbreak:
    return compare([witness(plan.dossier(place), f"{place:04d}") for place in range(len(plan.patients))], {})


@cache
def known() -> Outbreak:
    return of(twelve())


def rendered(outbreak: Outbreak, lang: str = "vi") -> dict[str, str]:
    return {
        name: b"".join(render(outbreak, lang)).decode() for files in FORMS.values() for name, render in files.items()
    }


@cache
def hostile() -> Outbreak:
    """Machines named by whoever infected them."""
    every = [witness(twelve().dossier(place), HOSTILE[place % len(HOSTILE)]) for place in range(12)]
    named = [replace(one, name=HOSTILE[at % len(HOSTILE)] + str(at)) for at, one in enumerate(every)]
    return compare(named, {})


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_form_is_the_same_twice(lang: str) -> None:
    assert rendered(known(), lang) == rendered(of(twelve()), lang)


def test_the_page_says_what_the_comparison_found() -> None:
    text = rendered(known(), "en")["outbreak.html"]
    for said in ("MAY-02", "the malware&#39;s own program connected to port 445", "leaves no logon", "not examined"):
        assert said in text


def test_the_page_fetches_nothing_and_runs_its_own_script_alone() -> None:
    text = rendered(known())["outbreak.html"]
    assert "default-src &#39;none&#39;" in text
    assert not re.search(r"""(?:src|href)=["'](?!#)""", text)
    assert not re.search(r"\son[a-z]+=|\sstyle=", text)


def test_hostile_names_stay_text() -> None:
    for name, text in rendered(hostile()).items():
        assert not re.search("[\u202a-\u202e\ud800-\udfff\x00-\x08\x1b]", text), name
    page = rendered(hostile())["outbreak.html"]
    assert page.count("<script") == page.count("</script>") == 2
    assert "<img" not in page


def test_no_cell_is_a_formula() -> None:
    for name in ("machines.csv", "edges.csv"):
        for row in csv.reader(io.StringIO(rendered(hostile())[name].removeprefix("\ufeff"))):
            assert not [cell for cell in row if cell.startswith(("=", "+", "@", "\t"))]


def test_tables_have_a_line_for_each_machine_and_each_piece_of_evidence() -> None:
    files = rendered(known(), "en")
    machines = list(csv.DictReader(io.StringIO(files["machines.csv"].removeprefix("\ufeff"))))
    assert [row["Machine"] for row in machines[:3]] == ["MAY-01", "MAY-02", "MAY-03"]
    assert len(machines) == 12
    edges = list(csv.DictReader(io.StringIO(files["edges.csv"].removeprefix("\ufeff"))))
    assert len(edges) == sum(len(edge.evidence) for edge in known().edges) + len(known().undecided)
    assert all("left no trace" in row["Alternatives"] for row in edges)


def test_data_names_machines_times_and_what_is_not_known() -> None:
    told = json.loads(rendered(known())["outbreak.json"])
    assert told["schema"] == "triage.outbreak/1"
    by_name = {one["name"]: one for one in told["machines"]}
    assert by_name["MAY-12"]["corrected"] is None
    assert by_name["MAY-12"]["rank"] == [1, 10]
    low, high = by_name["MAY-04"]["clock"]["ahead_seconds"]
    assert low <= 86400 <= high
    assert {edge["from"] for edge in told["edges"]} <= set(by_name)


def test_the_section_is_vietnamese_and_says_what_is_open() -> None:
    told = section(known())
    assert len(told.lines) == 12
    assert all(len(line.cells) == len(COLUMNS) for line in told.lines)
    text = rendered(known(), "en")["bao-cao-lay-lan.md"]
    assert "Chưa biết nguồn: MAY-01, MAY-07" in text
    assert text == unicodedata.normalize("NFC", text)
    assert "| MAY-02 |" in text


def test_every_row_and_arrow_of_the_picture_stands_for_something() -> None:
    layout = laid_out(known())
    assert [row.place for row in layout.rows] == list(known().order)
    assert len(layout.arrows) == len(known().edges)
    assert all(arrow.from_ms <= arrow.to_ms for arrow in layout.arrows)
    assert layout.begin < layout.end


def test_ticks_are_round_in_vietnam() -> None:
    hour = 3_600_000
    assert all((when + 7 * hour) % (6 * hour) == 0 for when in ticks(1_494_810_000_000, 1_494_900_000_000))


def said() -> set[str]:
    """Every phrase of this room."""
    page = (ROOM / "page.html").read_text("utf-8")
    phrases = {*re.findall(r'_\("([^"]+)"\)', page), *WORDS, *MACHINES, *EDGES}
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("word", "say"):
                plain = len(node.args) < 3 and not any(key.arg == "kind" for key in node.keywords)
                phrases |= {one.value for one in node.args[:1] if plain and isinstance(one, ast.Constant)}
    return phrases


def test_every_phrase_has_vietnamese() -> None:
    assert len(said()) > 60
    assert sorted(said() - set(wordings()["phrase"]) - set(messages("vi")["phrase"])) == []


def test_no_wording_is_left_over() -> None:
    assert sorted(set(wordings()["phrase"]) - said()) == []


@pytest.mark.parametrize("kind", IDS)
def test_every_id_has_both_languages(kind: str) -> None:
    assert {one.value for one in IDS[kind]} <= set(wordings()[kind])


def test_every_wording_is_composed_unicode() -> None:
    assert set(KINDS) <= set(wordings()["trait"])
    assert set(STAGES) == set(wordings()["stage"])
    texts = [
        text
        for table in wordings().values()
        for told in table.values()
        for text in (told.values() if isinstance(told, dict) else [told])
    ]
    assert all(text == unicodedata.normalize("NFC", " ".join(text.split())) and text for text in texts)


def opened(outbreak: Outbreak, tmp_path: Path) -> str:
    """The page as a browser made it."""
    page = tmp_path / "outbreak.html"
    page.write_text(rendered(outbreak)["outbreak.html"], "utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    run = subprocess.run(
        [
            str(CHROMIUM),
            *flags,
            f"--user-data-dir={tmp_path / 'profile'}",
            "--virtual-time-budget=5000",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return run.stdout


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
@pytest.mark.parametrize("count", [12, 300])
def test_a_browser_draws_the_machines_in_sight(tmp_path: Path, count: int) -> None:
    page = opened(known() if count == 12 else of(province(count)), tmp_path)
    drawn = re.search(r'data-drawn="(\d+)"', page)
    assert drawn is not None
    assert 12 <= int(drawn[1]) <= count
    assert re.search(r'<path class="arrow [^>]*d="M', page)


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
def test_hostile_names_stay_text_in_what_the_script_draws(tmp_path: Path) -> None:
    page = opened(hostile(), tmp_path)
    assert 'data-drawn="12"' in page
    assert page.count("<script") == 2
    assert "<img" not in page
