"""The journal's chain breaks at the line that was touched."""

from __future__ import annotations

from dataclasses import replace

import pytest

from triage.case import Case, JournalLine
from triage.case.journal import BEGINNING, broken_at, link
from triage.model import UnixNs

LINES = [JournalLine(when=UnixNs(n), who="ktv.lan", act=f"việc {n}", detail="\ud800") for n in range(1, 6)]


def chained(lines=LINES):
    chain, done = BEGINNING, []
    for number, line in enumerate(lines, 1):
        chain = link(chain, number, line)
        done.append((number, line, chain))
    return done


def test_an_untouched_journal_holds():
    assert broken_at(chained()) is None
    assert broken_at([]) is None


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("change", [{"when": 9}, {"who": "x"}, {"act": "x"}, {"detail": ""}])
def test_a_changed_line_is_named(place, change):
    lines = chained()
    number, line, chain = lines[place]
    lines[place] = (number, replace(line, **change), chain)
    assert broken_at(lines) == place + 1


def test_a_line_taken_out_put_in_or_moved_is_named():
    lines = chained()
    assert broken_at(lines[:2] + lines[3:]) == 3
    assert broken_at([*lines[:2], (3, LINES[0], lines[0][2]), *lines[2:]]) == 3
    assert broken_at([lines[1], lines[0], *lines[2:]]) == 1


def test_a_case_chains_what_it_notes(tmp_path):
    plain = [replace(line, detail="") for line in LINES]
    with Case.create(tmp_path) as case:
        for line in plain:
            case.note(line)
        assert list(case.chained_journal()) == chained(plain)
        assert case.journal_head() == chained(plain)[-1][::2]
