"""Images that go wrong on purpose, by the word their name begins with; everything else is read as usual."""

from __future__ import annotations

import os
import time

from tests.scan.faulty import DEEDS
from triage.evidence import open_evidence

SEAMS = {"opener": "tests.batch.faults:opener", "limits": {"seconds": 30.0, "walk_seconds": 2.0}}
SECONDS = 1.0
"""For one step of fingerprinting."""


def opener(targets):
    word = targets[0].name.partition("-")[0]
    if word == "slow":
        time.sleep(float(os.environ.get("TRIAGE_TEST_SLOW", "0")))
    elif word in DEEDS:
        DEEDS[word]()
    return open_evidence(targets)
