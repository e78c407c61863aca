"""What the verbs say of themselves, and how they read what they are given."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tests.attacks import attack
from triage.cli import verbs
from triage.cli.report import _matching, report
from triage.cli.timeline import _moment
from triage.times import from_isoformat


def groups() -> list[click.Group]:
    return [verbs, *(verb for verb in verbs.commands.values() if isinstance(verb, click.Group))]


@pytest.mark.parametrize("group", groups(), ids=str)
def test_no_verb_is_listed_with_a_sentence_cut_short(group: click.Group) -> None:
    text = " ".join(group.get_help(click.Context(group, terminal_width=80)).split()).partition("Commands: ")[2]
    assert "..." not in text
    for verb in group.commands.values():
        assert f"{verb.name} {verb.get_short_help_str(limit=1000)}" in text


def test_an_ending_stands_for_every_output_that_has_it() -> None:
    assert _matching("html") == ["report.html"]
    assert _matching("json") == ["summary.json", "stix.json", "misp.json"]
    with pytest.raises(click.BadParameter, match="no output called ''"):
        _matching("")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("2017-05-12", "2017-05-12T00:00:00Z"),
        ("2017-05-12T14:30:00+07:00", "2017-05-12T07:30:00Z"),
        ("12/05/2017", "2017-05-11T17:00:00Z"),
        ("12/5/2017 14:30", "2017-05-12T07:30:00Z"),
        ("23:29:30 12/05/2017", "2017-05-12T16:29:30Z"),
    ],
)
def test_a_time_is_iso_or_as_the_screen_shows_it(given: str, meant: str) -> None:
    assert _moment(given, end=False) == from_isoformat(meant)


@pytest.mark.parametrize("given", ["2017-05-12", "12/05/2017"])
def test_a_day_as_the_end_is_all_of_it(given: str) -> None:
    assert _moment(given, end=True) - _moment(given, end=False) == 86_400 * 10**9 - 1


@pytest.mark.parametrize("given", ["", "2018", "31/02/2017", "12-05"])
def test_what_is_no_time_is_said_with_an_example(given: str) -> None:
    with pytest.raises(click.BadParameter, match="23:29:30 12/05/2017"):
        _moment(given, end=False)


def test_an_output_named_twice_is_written_once(tmp_path: Path) -> None:
    case = attack(tmp_path)
    written = CliRunner().invoke(report, [str(case), "--as", "stix,json,stix.json"]).stdout.splitlines()
    assert written == [str(case / name) for name in ("stix.json", "summary.json", "misp.json")]
