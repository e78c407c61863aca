"""An image whose stored hash is not that of its bytes is shouted, whatever the verdict."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.dossiers import EVIDENCE, make_dossier
from triage.analysis.dossier import Verdict, VerdictLevel
from triage.analysis.verdict import with_doubts
from triage.outputs import OUTPUTS
from triage.outputs.screen import render_screen

DAMAGED = replace(EVIDENCE, hashes={"md5": "d4" * 16, "sha1": "a0"}, stored_hashes={"md5": "c3" * 16, "sha1": "A0"})


def test_only_a_hash_that_both_have_and_that_differs_counts():
    assert DAMAGED.mismatched == ("md5",)
    assert EVIDENCE.mismatched == ()  # stored as MD5, computed as SHA-256
    assert replace(DAMAGED, hashes={}).mismatched == ()


@pytest.mark.parametrize("level", VerdictLevel)
def test_the_verdict_stays_and_its_reasons_say_so(level):
    doubtful = with_doubts(Verdict(level=level, reasons=()), DAMAGED)
    assert doubtful.level is level
    assert [reason.text for reason in doubtful.reasons] == ["The image does not match the hash stored in it"]
    assert with_doubts(doubtful, EVIDENCE) == doubtful


@pytest.mark.parametrize(("lang", "words"), [("en", "does not match the hash"), ("vi", "không khớp giá trị băm")])
def test_every_output_shouts_it(lang, words):
    dossier = make_dossier(evidence=DAMAGED)
    screen = render_screen(dossier, lang, color=False)
    assert "!! " in screen
    assert words in screen
    assert words in b"".join(OUTPUTS["report.html"](dossier, lang)).decode()
    summary = json.loads(b"".join(OUTPUTS["summary.json"](dossier, lang)))
    assert summary["evidence"]["mismatched"] == ["md5"]
