"""Timesketch takes what is written for it: its import's rules in our words, and its own import as the judge.

References:
    Timesketch 20261014: `timesketch/lib/utils.py` (read_and_validate_csv, read_and_validate_jsonl, _parse_tag_field),
    `frontend-ng/src/components/UploadForm.vue` (extractCSVHeader, extractJSONLHeader), `data/generic.mappings`.
"""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from tests.attacks import at, attack, entry, event, new, write_case
from tests.contract.test_timelines import hostile, rendered
from triage.model import Macb, UnixNs

JUDGE = Path(sys.prefix) / "timesketch"
MANDATORY = {"message", "datetime", "timestamp_desc"}
NUMBERS = {"timestamp", "volume"}
OWN_OF_THE_INDEX = {"_id", "_type", "_index", "_source", "__ts_timeline_id"}
TAKEN_FOR_NOTHING = frozenset(
    ("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>")
) | {"N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"}
LONGEST_TERM = 32_766
LOOKED_AT, LINES_LOOKED_AT = 10_000, 3
EARLIEST_YEAR = 1700


def mixed(folder: Path) -> Path:
    """Two file systems, one of which numbers its files plainly; very long and very old things."""
    when = at("2017-05-12T08:00:00")
    entries = [new(number, f"/fat/{number}.txt", when, inode=str(number)) for number in range(1, 40)]
    entries += [new(number, f"/ntfs/{number}.txt", when, inode=f"{number}-128-1") for number in range(40, 80)]
    entries.append(new(80, "/" + "ệ" * 20_000, when))
    entries.append(new(81, "/old", at("1701-02-03T04:05:06")))
    told = [event(entries[80], UnixNs(when + n * 1001), "Log cleared", "Security", text="ổ" * 30_000) for n in range(3)]
    return write_case(folder, entries, list(told))


def few(count: int, folder: Path) -> Path:
    when = at("2017-05-12T08:00:00")
    log = entry(1, "/a.evtx", Macb())
    return write_case(folder, [log], [event(log, UnixNs(when + n), "Log cleared", "a.evtx") for n in range(count)])


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    make = tmp_path_factory.mktemp
    return {
        "attack": attack(make("attack")),
        "hostile": hostile(make("hostile")),
        "mixed": mixed(make("mixed")),
        **{f"{count} rows": few(count, make(f"few{count}")) for count in (1, 2, 3, 4)},
    }


@pytest.fixture(params=["attack", "hostile", "mixed", "1 rows", "2 rows", "3 rows", "4 rows"])
def folder(request: pytest.FixtureRequest, cases: dict[str, Path]) -> Path:
    return cases[request.param]


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def objects(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def is_numeric(text: str) -> bool:
    """What a reader that guesses types would take for a number or a truth value."""
    try:
        float(text)
    except ValueError:
        return text.lower() in {"true", "false"}
    return True


def test_the_header_has_every_mandatory_field_and_none_of_the_index(folder: Path) -> None:
    header = rendered("timesketch", folder).splitlines()[0]
    assert '"' not in header
    assert set(header.split(",")) >= MANDATORY
    assert not set(header.split(",")) & OWN_OF_THE_INDEX
    for one in objects(rendered("timesketch-jsonl", folder)):
        assert set(one) >= MANDATORY
        assert not set(one) & OWN_OF_THE_INDEX


def test_mandatory_cells_are_never_taken_for_nothing(folder: Path) -> None:
    for line in table(rendered("timesketch", folder)):
        assert not {line[name] for name in MANDATORY} & TAKEN_FOR_NOTHING


def test_a_field_has_one_type_in_every_row(folder: Path) -> None:
    for line in table(rendered("timesketch", folder)):
        for name, text in line.items():
            if text not in TAKEN_FOR_NOTHING:
                assert is_numeric(text) == (name in NUMBERS), (name, text)
    kinds = {
        (name, type(value)) for one in objects(rendered("timesketch-jsonl", folder)) for name, value in one.items()
    }
    assert {name for name, kind in kinds if kind is int} == NUMBERS
    assert len(kinds) == len({name for name, _ in kinds})


def test_times_are_read_to_the_microsecond_and_agree(folder: Path) -> None:
    lines, told = table(rendered("timesketch", folder)), objects(rendered("timesketch-jsonl", folder))
    for line, one in zip(lines, told, strict=True):
        when = datetime.fromisoformat(line["datetime"])
        assert when.year >= EARLIEST_YEAR
        assert when.utcoffset() is not None
        exact = (when - datetime.fromisoformat("1970-01-01T00:00:00+00:00")).total_seconds()
        assert abs(int(line["timestamp"]) - exact * 1e6) < 1
        assert (line["datetime"], int(line["timestamp"])) == (one["datetime"], one["timestamp"])


def test_tags_are_a_list_in_both(folder: Path) -> None:
    lines, told = table(rendered("timesketch", folder)), objects(rendered("timesketch-jsonl", folder))
    for line, one in zip(lines, told, strict=True):
        assert line["tag"].startswith("[")
        assert line["tag"].endswith("]")
        assert json.loads(line["tag"]) == one["tag"]


def test_no_text_is_longer_than_a_term_may_be(cases: dict[str, Path]) -> None:
    for one in objects(rendered("timesketch-jsonl", cases["mixed"])):
        assert all(len(value.encode()) < LONGEST_TERM for value in one.values() if isinstance(value, str))


@pytest.mark.parametrize("name", ["attack", "1 rows", "2 rows", "3 rows", "4 rows"])
def test_the_page_for_uploads_parses_the_first_lines(name: str, cases: dict[str, Path]) -> None:
    """It cuts the file, splits it at line feeds and parses three of the pieces, or as many as there are."""
    pieces = rendered("timesketch-jsonl", cases[name])[:LOOKED_AT].split("\n")
    for piece in pieces[: min(LINES_LOOKED_AT, len(pieces))]:
        assert set(json.loads(piece)) >= MANDATORY


def test_a_case_of_three_rows_and_more_ends_each_line(cases: dict[str, Path]) -> None:
    assert rendered("timesketch-jsonl", cases["3 rows"]).count("\n") == 3
    assert rendered("timesketch-jsonl", cases["4 rows"]).count("\n") == 4


READ = """
import json, sys
from timesketch.lib.utils import read_and_validate_csv, read_and_validate_jsonl
with open(sys.argv[1], encoding="utf-8", errors="replace") as table, open(sys.argv[2], encoding="utf-8") as lines:
    print(json.dumps([list(read_and_validate_csv(table)), list(read_and_validate_jsonl(lines))], default=str))
"""


def judged(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(JUDGE)},
    )


@pytest.fixture(scope="module")
def judge() -> None:
    if judged("import timesketch.lib.utils").returncode:
        pytest.skip("not installed: Timesketch's server (make tools)")


@pytest.mark.usefixtures("judge")
def test_timesketchs_own_import_takes_every_row(folder: Path, tmp_path: Path) -> None:
    texts = [rendered(form, folder) for form in ("timesketch", "timesketch-jsonl")]
    files = [tmp_path / "timeline.csv", tmp_path / "timeline.jsonl"]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text, "utf-8", newline="")
    run = judged(READ, *files)
    assert run.returncode == 0, run.stderr
    lines, told = json.loads(run.stdout)
    ours = objects(texts[1])
    assert told == ours
    assert len(lines) == len(ours)
    for line, one in zip(lines, ours, strict=True):
        assert line["timestamp"] == one["timestamp"]
        assert datetime.fromisoformat(line["datetime"]) == datetime.fromisoformat(str(one["datetime"]))
        for name in set(one) - {"timestamp", "datetime"}:
            # what a spreadsheet would run is quoted, what is empty is left out
            assert line.get(name, "") in (one[name], f"'{one[name]}"), name
