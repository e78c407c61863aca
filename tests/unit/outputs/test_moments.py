"""The report's timeline: what the page carries, and that a browser reads it."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attacks import at, attack
from tests.dossiers import HOSTILE, make_dossier, make_entry
from triage.analysis import build
from triage.analysis.dossier import Dossier
from triage.analysis.timeline import chronicle
from triage.analysis.traces import gather
from triage.case import Case
from triage.model import EntryId, Event
from triage.outputs import OUTPUTS
from triage.outputs.moments import EVENT_CODE, NOTHING, Span, moment_blocks

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


def numbers(raw: bytes) -> Iterator[int]:
    value = shift = 0
    for byte in raw:
        value |= (byte & 127) << shift
        shift += 7
        if not byte & 128:
            yield value
            value = shift = 0


def decoded(blocks: list[str]) -> list[tuple[str, int, int]]:
    """(path, code, milliseconds) of every row."""
    rows = []
    for block in map(json.loads, blocks):
        stream, names, last = numbers(base64.b64decode(block["moments"])), iter(block["names"]), 0
        for _volume in stream:
            path = block["texts"][next(stream)] + next(names)
            _what = next(stream)
            for _ in range(next(stream)):
                code, zigzag, _phase = next(stream), next(stream), next(stream)
                last += zigzag // 2 if zigzag % 2 == 0 else -(zigzag + 1) // 2
                rows.append((path, code, last))
                if code == EVENT_CODE:
                    assert all(next(stream) < len(block["texts"]) for _ in range(3))
        assert next(names, None) is None
    return rows


def carried(folder: Path, span: Span) -> list[tuple[str, int, int]]:
    with Case.open(folder) as case:
        traces = gather(((finding, entry) for finding, entry, _ in case.findings()), case.events())
        return decoded([str(block) for block in moment_blocks(case.entries(), case.events(), traces, span, "vi")])


def test_a_page_without_limits_carries_the_whole_timeline(tmp_path: Path) -> None:
    attack(tmp_path)
    with Case.open(tmp_path) as case:
        expected = sorted((row.entry.path, row.when // 1_000_000) for row in chronicle(case).rows())
    everything = Span(begin=at("2000-01-01T00:00:00"), end=at("2030-01-01T00:00:00"))
    assert sorted((path, when) for path, _, when in carried(tmp_path, everything)) == expected


def test_the_malwares_files_and_events_are_always_carried(tmp_path: Path) -> None:
    paths = {path for path, _, _ in carried(attack(tmp_path), NOTHING)}
    assert "/Data/c.doc.WNCRY" in paths
    assert "/Windows/System32/winevt/Logs/System.evtx" in paths
    assert "/Data/before.txt" not in paths


def hostile_events() -> Dossier:
    entries = [make_entry(number, f"/{number}.evtx") for number, _ in enumerate(HOSTILE, 1)]
    events = [
        (
            entry,
            Event(
                detector="t",
                entry=EntryId(entry.id),
                when=at("2017-05-12T08:00:00"),
                what=text,
                source=text,
                details={text: text},
            ),
        )
        for entry, text in zip(entries, HOSTILE, strict=True)
    ]
    return make_dossier(events=events)


def test_hostile_events_stay_inside_their_script() -> None:
    text = b"".join(OUTPUTS["report.html"](hostile_events(), "vi")).decode()
    blocks = re.findall(r'class="moment-block">([^<]*)</script>', text)
    assert len(decoded(blocks)) == len(HOSTILE)
    assert not re.search("[\u202a-\u202e\ud800-\udfff]", text)


def test_the_story_stands_in_the_page_without_its_script(tmp_path: Path) -> None:
    with Case.open(attack(tmp_path)) as case:
        text = b"".join(OUTPUTS["report.html"](build(case), "en")).decode()
    for said in (
        "drives encrypted",
        "2017-05-12T17:01:00Z",
        "00:01:00 13/05/2017 (UTC+7)",
        "It goes on when Windows starts again",
        "SE Asia Standard Time",
    ):
        assert said in text


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
def test_a_browser_draws_every_time_it_was_given(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    folder.mkdir()
    attack(folder)
    page = tmp_path / "report.html"
    with Case.open(folder) as case:
        text = b"".join(OUTPUTS["report.html"](build(case), "vi"))
    page.write_bytes(text)
    blocks = re.findall(r'class="moment-block">([^<]*)</script>', text.decode())
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
    assert f'data-timeline="{len(decoded(blocks))}"' in run.stdout
    assert 'data-frame="' in run.stdout
