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

from tests.attacks import at, attack, called, copied, encrypted, event, new, write_case
from tests.dossiers import HOSTILE, make_dossier, make_entry
from triage.analysis import build
from triage.analysis.dossier import Dossier
from triage.analysis.timeline import chronicle
from triage.analysis.traces import gather
from triage.case import Case
from triage.model import EntryId, Event, UnixNs
from triage.outputs import OUTPUTS, moments
from triage.outputs.moments import EVENT_CODE, NOTHING, Span, moment_blocks, span_of

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


def crowded(folder: Path) -> Path:
    """Encrypted files by the dozen, and others whose last change lies ever further from the attack."""
    begun, day = at("2017-05-12T08:00:00"), 86_400 * 10**9
    own = [copied(number, f"/Data/{number}.doc.WNCRY", UnixNs(begun + number * 10**9)) for number in range(1, 60)]
    loader = new(60, "/Windows/tasksche.exe", begun)
    others = [new(number, f"/Data/{number}.txt", UnixNs(begun + 2 * (number - 61) * day)) for number in range(61, 100)]
    return write_case(folder, [*own, loader, *others], [*map(encrypted, own), called(loader, "loader")])


@pytest.mark.parametrize(("room", "days"), [(100, 30), (10, 7), (4, 1), (1, None)])
def test_the_span_is_as_wide_as_other_files_allow_and_counts_them(
    room: int, days: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moments, "CARRIED", room)
    with Case.open(crowded(tmp_path)) as case:
        dossier = build(case)
        span = span_of(dossier.story, dossier.entries(), dossier.traces)
        blocks = [str(b) for b in moment_blocks(case.entries(), case.events(), dossier.traces, span, "vi")]
    rows = decoded(blocks)
    assert span.others == 39 * 2
    assert span.carried == sum(path.endswith(".txt") for path, _, _ in rows) <= room
    assert sum(path.endswith(".WNCRY") for path, _, _ in rows) == 59 * 5
    if days is None:
        assert span.end == 0
    else:
        assert (at("2017-05-12T08:00:00") - span.begin) == days * 86_400 * 10**9


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


def test_the_page_says_how_many_times_of_other_files_it_leaves_out(tmp_path: Path) -> None:
    with Case.open(crowded(tmp_path)) as case:
        text = b"".join(OUTPUTS["report.html"](build(case), "en")).decode()
    assert "Times of other files in this page: 32 / 78." in text


def shown(page: Path, profile: Path) -> str:
    """What a browser makes of a page."""
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    given = [f"--user-data-dir={profile}", "--virtual-time-budget=60000", "--dump-dom", page.as_uri()]
    run = subprocess.run([str(CHROMIUM), *flags, *given], capture_output=True, text=True, check=True, timeout=120)
    return run.stdout


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
    drawn = shown(page, tmp_path / "profile")
    assert f'data-timeline="{len(decoded(blocks))}"' in drawn
    assert 'data-frame="' in drawn


@pytest.mark.soak
@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
def test_a_browser_draws_half_a_million_events_in_less_than_a_tenth_of_a_second(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    folder.mkdir()
    begun = at("2017-05-12T08:00:00")
    log, loader = new(1, "/Security.evtx", begun), new(2, "/Windows/tasksche.exe", begun)
    told = [
        event(log, UnixNs(begun + n * 10**9), "Logon over the network", "Security.evtx", n=n) for n in range(500_000)
    ]
    write_case(folder, [log, loader], [called(loader, "loader"), *told])
    page = tmp_path / "report.html"
    with Case.open(folder) as case, page.open("wb") as out:
        out.writelines(OUTPUTS["report.html"](build(case), "vi"))
    drawn = shown(page, tmp_path / "profile")
    assert 'data-timeline="500004"' in drawn
    assert float(re.findall(r'data-frame="([0-9.]+)"', drawn)[0]) < 100
