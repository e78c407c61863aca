"""Every output, on every dossier, in both languages. Adding an output adds its tests."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from tests.dossiers import (
    HOSTILE,
    empty_dossier,
    hostile_dossier,
    inconclusive_dossier,
    infected_dossier,
    make_dossier,
    make_encrypted,
    many_dossier,
)
from tests.texts import text_of
from triage.analysis.dossier import Dossier, VerdictLevel
from triage.errors import UsageError
from triage.outputs import OUTPUTS
from triage.outputs.catalogue import LANGUAGES
from triage.outputs.screen import COLUMNS, render_screen, width

DOSSIERS = {
    "empty": empty_dossier(),
    "infected": infected_dossier(),
    "inconclusive": inconclusive_dossier(),
    "hostile": hostile_dossier(),
}
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def rendered(name: str, dossier: Dossier, lang: str) -> str:
    return text_of(b"".join(OUTPUTS[name](dossier, lang)))


@pytest.fixture(params=DOSSIERS.values(), ids=DOSSIERS)
def dossier(request: pytest.FixtureRequest) -> Dossier:
    return request.param


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_renders_anything_and_always_the_same(name: str, dossier: Dossier, lang: str) -> None:
    assert rendered(name, dossier, lang) == rendered(name, dossier, lang)


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_is_the_same_to_the_byte(name: str, dossier: Dossier) -> None:
    first, second = (b"".join(OUTPUTS[name](dossier, "vi")) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_holds_no_character_that_hides_or_reorders(name: str, dossier: Dossier) -> None:
    assert not CONTROLS.search(rendered(name, dossier, "vi"))


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_unknown_language_is_refused_or_makes_no_difference(name: str) -> None:
    if name in ("report.html", "recovery.csv", "recovery.xlsx"):
        with pytest.raises(UsageError, match="no language 'fr'"):
            rendered(name, empty_dossier(), "fr")
    else:
        assert rendered(name, infected_dossier(), "fr") == rendered(name, infected_dossier(), "vi")


def test_every_line_of_the_findings_is_one_object_with_its_keys_in_order(dossier: Dossier) -> None:
    lines = rendered("findings.jsonl", dossier, "vi").splitlines()
    keys = "schema,detector,severity,confidence,title,family,indicator,attack,volume,path,sha256,details"
    assert [",".join(json.loads(line)) for line in lines] == [keys] * sum(dossier.counts.values())


def test_findings_keep_hostile_names_to_the_letter() -> None:
    lines = rendered("findings.jsonl", hostile_dossier(), "vi").split("\n")
    assert [json.loads(line)["title"] for line in lines if line] == list(HOSTILE)


def test_findings_are_streamed() -> None:
    read = []

    def endless() -> Iterator:
        number = 0
        while True:
            number += 1
            read.append(number)
            yield make_encrypted(number, f"/{number}.WNCRY")

    dossier = make_dossier(VerdictLevel.ENCRYPTED, [], findings=endless)
    stream = OUTPUTS["findings.jsonl"](dossier, "vi")
    assert json.loads(next(iter(stream)))["path"] == "/1.WNCRY"
    assert len(read) == 1


def test_the_summary_adds_up(dossier: Dossier) -> None:
    summary = json.loads(rendered("summary.json", dossier, "vi"))
    coverage = summary["coverage"]
    assert coverage["entries"] == coverage["examined"] + coverage["gaps"]
    assert coverage["examined"] == sum(coverage[name] for name in ("full_content", "first_bytes", "metadata_only"))
    assert coverage["gaps"] == sum(coverage["gaps_by_reason"].values())
    assert summary["counts"].pop("total") == sum(summary["counts"].values())
    assert summary["verdict"] == dossier.verdict.level.value


class Page(HTMLParser):
    """Which elements and attributes a browser would see, and what stands in each script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: dict[str, int] = {}
        self.attributes: set[str] = set()
        self.references: list[str] = []
        self.scripts: list[tuple[str, str]] = []
        self.text = ""
        self._script: str | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.attributes |= {name for name, _ in attrs}
        self.references += [value or "" for name, value in attrs if name in {"src", "href", "action", "data"}]
        if tag == "script":
            self._script = dict(attrs).get("type") or ""
            self.scripts.append((self._script, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._script = None

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            kind, text = self.scripts.pop()
            self.scripts.append((kind, text + data))
        else:
            self.text += data


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_name_becomes_markup(lang: str) -> None:
    page = Page(rendered("report.html", hostile_dossier(), lang))
    harmless = Page(rendered("report.html", infected_dossier(), lang))
    assert set(page.tags) <= set(harmless.tags) | {"section"}
    assert not {name for name in page.attributes if name.startswith("on")}
    assert "style" not in page.attributes
    assert page.references == []
    assert [kind for kind, _ in page.scripts].count("") == 1
    assert page.scripts[-1] == harmless.scripts[-1]


def test_names_are_shown_as_text_and_not_as_templates() -> None:
    page = Page(rendered("report.html", hostile_dossier(), "vi"))
    for text in ("{{ 7*7 }}{% raw %}", "</script><script>alert(1)</script>", "&lt;b&gt;&amp;", "\\u202egpj.exe\\u2066"):
        assert text in page.text


def test_the_rows_of_the_page_are_json_that_ends_no_script() -> None:
    page = Page(rendered("report.html", hostile_dossier(), "vi"))
    blocks = [text for kind, text in page.scripts if kind == "application/json"]
    assert not any(character in block for block in blocks for character in "<>&")
    findings = next(block for block in map(json.loads, blocks) if "rows" in block)
    assert len(findings["rows"]) == len(HOSTILE)


def test_the_page_fetches_nothing_and_runs_only_its_own_script() -> None:
    text = rendered("report.html", infected_dossier(), "vi")
    assert "default-src 'none'" in html.unescape(text)
    assert "unsafe" not in text
    assert not re.search(r"https?://|url\(|@import", text)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("color", [True, False])
def test_the_verdict_fits_one_screen(dossier: Dossier, lang: str, color: bool) -> None:
    text = render_screen(dossier, lang, color, "/media/usb/" + "hồ sơ/" * 60 + "report.html")
    lines = re.sub("\x1b\\[[0-9;]*m", "", text).splitlines()
    assert len(lines) <= 24
    assert max(map(width, lines)) <= COLUMNS
    assert not CONTROLS.search("".join(lines))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("level", VerdictLevel)
def test_no_output_calls_a_machine_clean(level: VerdictLevel, lang: str) -> None:
    dossier = make_dossier(level, entries=10)
    texts = [rendered(name, dossier, lang) for name in OUTPUTS] + [render_screen(dossier, lang, False)]
    for text in texts:
        assert not re.search(r"\bclean\b|\bsạch\b", text, re.IGNORECASE)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_number_of_gaps_always_stands_beside_what_was_found(dossier: Dossier, lang: str) -> None:
    label = {"vi": "Chưa kiểm tra", "en": "Not examined"}[lang]
    assert label in render_screen(dossier, lang, False)
    assert label in rendered("report.html", dossier, lang)


def test_a_page_of_many_findings_stays_small_and_carries_them_all() -> None:
    text = rendered("report.html", many_dossier(files=3000, gaps=100), "vi")
    page = Page(text)
    blocks = [json.loads(text) for kind, text in page.scripts if kind == "application/json"]
    groups = len(blocks[0]["groups"])
    assert page.tags["tr"] < 200 + 30 + 2 * groups + 100
    assert sum(len(block.get("rows", ())) for block in blocks) == 3004 + 100
    assert "200 / 3.004" in page.text
    assert "findings.jsonl" in page.text


def test_changed_evidence_is_said_before_anything_else() -> None:
    page = Page(rendered("report.html", hostile_dossier(), "en"))
    place = page.text.index("The evidence changed during the scan")
    assert place < page.text.index("Conclusion")
    assert "The evidence changed" not in Page(rendered("report.html", infected_dossier(), "en")).text
    assert "The evidence changed" in render_screen(hostile_dossier(), "en", False)
