"""The story knows events by their phrases and findings by their indicators: each must be one that a detector tells."""

from __future__ import annotations

import importlib
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import triage.detectors
from triage.analysis import encryption_time, phases, traces
from triage.analysis.timeline import ENCRYPTED
from triage.outputs import report

EVENTS_KNOWN = {
    *phases._BY_PHRASE,
    *phases._WEAK,
    *phases._CLOCK,
    *phases._SILENT,
    phases._TOOL_RAN,
    phases._VALUES_WRITTEN,
    phases._CLEARED,
    *encryption_time.RENAME_EVENTS,
}
INDICATORS_KNOWN = {*phases._BY_NAME, *traces._AT_HOME, *traces._STARTED_BY}
FAMILY = Path(__file__).parents[2] / "yara_rules" / "families" / "wannacry" / "family.toml"
TEMPLATES = Path(report.__file__).parent / "templates"


def told() -> set[str]:
    names = (module.name for module in pkgutil.iter_modules(triage.detectors.__path__))
    every = (importlib.import_module(f"triage.detectors.{name}") for name in names)
    return {text for module in every for text in getattr(module, "EVENTS", ())}


def ids(value: object) -> Iterator[str]:
    """Every `id` of a family's file, wherever it stands."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "id" and isinstance(inner, str):
                yield inner
            yield from ids(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from ids(inner)


def test_every_event_that_the_story_knows_is_told_by_a_detector() -> None:
    assert sorted(EVENTS_KNOWN - told()) == []


def test_every_fixed_phrase_of_the_story_is_among_those_looked_at() -> None:
    """A phrase that is added to `phases` under another name must be added here."""
    sets = (value for name, value in vars(phases).items() if name.startswith("_") and name.isupper())
    written = {text for one in sets if isinstance(one, dict | frozenset | set) for text in one if " " in str(text)}
    alone = {v for k, v in vars(phases).items() if k.startswith("_") and k.isupper() and isinstance(v, str)}
    assert sorted((written | alone) - EVENTS_KNOWN) == []


def test_every_indicator_that_the_story_knows_is_one_of_the_family() -> None:
    known = set(ids(tomllib.loads(FAMILY.read_text("utf-8"))))
    assert sorted(INDICATORS_KNOWN - known) == []
    code = Path(traces.__file__).read_text("utf-8")
    compared = re.findall(r"\.indicator (?:==|in) (\(.+?\)|\".+?\")", code)
    named = set(re.findall(r'"([a-z-]+)"', " ".join(compared)))
    assert len(named) >= 3
    assert sorted(named - known) == []


def test_every_word_of_the_pages_script_is_given_to_it() -> None:
    used = {
        word for path in TEMPLATES.glob("*.js") for word in re.findall(r'words\["([^"]+)"\]', path.read_text("utf-8"))
    }
    assert ENCRYPTED in used
    assert sorted(used - set(report._WORDS)) == []
