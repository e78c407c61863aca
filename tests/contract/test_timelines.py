"""Every form of the timeline, on an attack and on hostile names, by the rules of the tools that read it."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.attacks import at, attack, encrypted, event, new, write_case
from tests.dossiers import HOSTILE
from triage.analysis.timeline import EARLIEST, LATEST, chronicle
from triage.case import Case
from triage.cli.timeline import timeline
from triage.outputs.catalogue import LANGUAGES
from triage.outputs.timeline import TIMELINES, l2tcsv, timesketch_csv
from triage.outputs.timeline.bodyfile import escaped
from triage.outputs.timeline.fields import LONGEST
from triage.text import printable

MACTIME = shutil.which("mactime")
CONTROLS = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff]")


def hostile(folder: Path) -> Path:
    """Every text that evidence can fill holds every hostile name."""
    entries = [
        new(number, f"/{printable(text)}", at("2017-05-12T08:00:00"), inode=f"{number}-128-1")
        for number, text in enumerate(HOSTILE, 1)
    ]
    when = at("2017-05-12T08:00:00")
    plain = [text.encode("utf-8", "replace").decode() for text in HOSTILE]
    records: list[object] = [
        event(one, when, text, text, **{text: text}) for one, text in zip(entries, plain, strict=True)
    ]
    records += [encrypted(one) for one in entries]
    names = (f"/a|b%41{printable(chr(10))}.txt", "/=cmd|' /C calc'!A0", "/Tiếng Việt.txt")
    entries += [new(100 + place, name, when) for place, name in enumerate(names)]
    return write_case(folder, entries, records)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    make = tmp_path_factory.mktemp
    return {
        "attack": attack(make("attack")),
        "hostile": hostile(make("hostile")),
        "empty": write_case(make("empty"), [], []),
    }


@pytest.fixture(params=["attack", "hostile", "empty"])
def folder(request: pytest.FixtureRequest, cases: dict[str, Path]) -> Path:
    return cases[request.param]


def rendered(form: str, folder: Path, lang: str = "en", start: int = EARLIEST, end: int = LATEST) -> str:
    with Case.open(folder) as case:
        return b"".join(TIMELINES[form](chronicle(case, start, end), lang)).decode()  # type: ignore[arg-type]


def count(folder: Path) -> int:
    with Case.open(folder) as case:
        return sum(1 for _ in chronicle(case).rows())


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))


@pytest.mark.parametrize("form", TIMELINES)
def test_a_form_renders_anything_always_the_same_and_hides_nothing(form: str, folder: Path) -> None:
    text = rendered(form, folder)
    assert text == rendered(form, folder)
    assert not CONTROLS.search(text)


@pytest.mark.parametrize("form", [form for form in TIMELINES if form != "csv"])
def test_data_has_no_language(form: str, cases: dict[str, Path]) -> None:
    assert rendered(form, cases["attack"], "vi") == rendered(form, cases["attack"], "en")


@pytest.mark.parametrize("form", ["timesketch", "l2tcsv", "csv"])
def test_tables_have_a_line_for_each_row_and_no_formula(form: str, folder: Path) -> None:
    lines = table(rendered(form, folder))
    assert len(lines) == count(folder)
    for line in lines:
        assert None not in line
        assert None not in line.values()
        assert not [cell for cell in line.values() if cell[:1] in tuple("=+-@\t\r") and cell != "-"]


@pytest.mark.parametrize("form", ["timesketch-jsonl", "jsonl"])
def test_lines_of_json_are_as_many_as_rows(form: str, folder: Path) -> None:
    lines = rendered(form, folder).split("\n")
    assert lines.pop() == ""
    assert len([json.loads(line) for line in lines]) == count(folder)


def test_timesketchs_rules_hold_in_both_its_forms(folder: Path) -> None:
    lines = table(rendered("timesketch", folder))
    objects = [json.loads(line) for line in rendered("timesketch-jsonl", folder).splitlines()]
    assert timesketch_csv.COLUMNS[:4] == ("message", "timestamp", "datetime", "timestamp_desc")
    for line, one in zip(lines, objects, strict=True):
        assert tuple(one) == timesketch_csv.COLUMNS
        when = datetime.fromisoformat(line["datetime"])
        assert when.utcoffset() is not None
        assert int(line["timestamp"]) == round(when.timestamp() * 1_000_000) == one["timestamp"]
        assert line["timestamp_desc"]
        assert json.loads(line["tag"]) == one["tag"]
        assert max(len(text.encode()) for text in line.values()) < 32_766
        assert len(one["message"].encode()) <= LONGEST


def test_log2timelines_table_has_its_seventeen_columns(cases: dict[str, Path]) -> None:
    lines = table(rendered("l2tcsv", cases["attack"]))
    assert len(l2tcsv.COLUMNS) == 17
    for line in lines:
        assert re.fullmatch(r"\d\d/\d\d/\d{4}", line["date"])
        assert re.fullmatch(r"\d\d:\d\d:\d\d", line["time"])
        assert re.fullmatch(r"[M.][A.][C.][B.]", line["MACB"])
        assert "\n" not in line["desc"]


def test_ecs_names_are_used_and_tell_the_technique(cases: dict[str, Path]) -> None:
    documents = [json.loads(line) for line in rendered("jsonl", cases["attack"]).splitlines()]
    told = [one for one in documents if one["event"]["action"] == "File encrypted"]
    assert {one["threat"]["technique"]["id"][0] for one in told} == {"T1486"}
    assert {one["host"]["name"] for one in documents} == {"KETOAN-03"}
    assert {one["ecs"]["version"] for one in documents} == {"9.0.0"}
    assert all(one["file"]["name"] == one["file"]["path"].rpartition("/")[2] for one in documents)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_table_for_people_has_both_clocks_and_their_language(lang: str, cases: dict[str, Path]) -> None:
    text = rendered("csv", cases["attack"], lang)
    assert text.startswith("\ufeff")
    assert "2017-05-12T17:00:10Z,00:00:10 13/05/2017" in text
    assert {"vi": "Tệp bị mã hóa", "en": "File encrypted"}[lang] in text


@pytest.mark.parametrize("name", ["a|b", "100%41", "%7C", "a%zz", "tab\there", "Tiếng Việt"])
def test_a_name_comes_back_from_mactimes_own_decoding(name: str) -> None:
    fields = escaped(name).split("|")
    decoded = re.sub(r"%([A-Fa-f0-9]{2})", lambda match: chr(int(match[1], 16)), fields[0])
    assert (len(fields), decoded) == (1, printable(name))


@pytest.mark.skipif(MACTIME is None, reason="needs mactime (sleuthkit)")
def test_mactime_reads_the_bodyfile(folder: Path, tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_text(rendered("bodyfile", folder), "utf-8")
    run = subprocess.run([str(MACTIME), "-b", body, "-d", "-z", "UTC"], capture_output=True, text=True, check=True)
    lines = list(csv.reader(io.StringIO(run.stdout)))[1:]
    with Case.open(folder) as case:
        rows = list(chronicle(case).rows())
    moments = {(row.when // 1_000_000_000, row.entry.id, row.source) for row in rows}
    assert len({line[0] for line in lines}) == len({when for when, _, _ in moments})
    if folder.name.startswith("attack"):
        copied = [
            line for line in lines if line[-1].endswith("a.doc.WNCRY (Times of the original, copied by the malware)")
        ]
        assert [(line[0], line[2]) for line in copied] == [
            ("Tue Mar 01 2016 02:00:00", "ma.b"),
            ("Fri May 12 2017 16:59:30", "..c."),
        ]
        assert sum(line[-1].endswith(" ($FILE_NAME)") for line in lines) >= 10


def run_verb(*arguments: object) -> tuple[int, bytes]:
    result = CliRunner().invoke(timeline, [str(argument) for argument in arguments], catch_exceptions=False)
    return result.exit_code, result.stdout_bytes


def test_the_verb_writes_to_the_screen_and_to_a_file_alike(cases: dict[str, Path], tmp_path: Path) -> None:
    code, out = run_verb(cases["attack"], "--as", "timesketch-jsonl")
    assert code == 0
    target = tmp_path / "timeline.jsonl"
    run_verb(cases["attack"], "--as", "timesketch-jsonl", "--to-file", target)
    assert target.read_bytes() == out


def test_a_span_may_be_given_in_local_time_and_a_day_means_all_of_it(cases: dict[str, Path]) -> None:
    def times(*span: str) -> list[str]:
        text = run_verb(cases["attack"], "--as", "timesketch-jsonl", *span)[1].decode()
        return sorted({json.loads(line)["datetime"][:19] for line in text.splitlines()})

    assert times("--from", "2017-05-13T00:00:10+07:00", "--to", "2017-05-12T17:01:00Z") == [
        "2017-05-12T17:00:10",
        "2017-05-12T17:00:12",
        "2017-05-12T17:01:00",
    ]
    assert times("--from", "2017-05-12", "--to", "2017-05-12")[-1] == "2017-05-12T17:05:00"


@pytest.mark.parametrize("given", [("--from", "yesterday"), ("--to", "2017-13-01")])
def test_a_time_that_is_none_is_refused(given: tuple[str, str], cases: dict[str, Path]) -> None:
    assert run_verb(cases["attack"], *given)[0] == 2
