"""Everything a reader may meet has its Vietnamese, and is written as Unicode in composed form."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import unicodedata
from pathlib import Path

import pytest

import triage.analysis
import triage.detectors
import triage.outputs
from triage.analysis import patch_state, verdict
from triage.analysis.dossier import LeftOut, VerdictLevel
from triage.case.seal import ACTS, CHANGES
from triage.case.verify import WHATS
from triage.cli.scan import COLLECTED
from triage.cli.verify import OTHER_EVIDENCE, SAME_EVIDENCE, STALE
from triage.model import Confidence, GapReason, Level, Severity
from triage.outputs import report
from triage.outputs.catalogue import LANGUAGES, messages, reason_wording, translate
from triage.scan import pipeline
from triage.scan.progress import SAID

OUTPUTS = Path(triage.outputs.__file__).parent
ROOMS = (triage.detectors, triage.analysis)
IDS = {
    "verdict": VerdictLevel,
    "action": VerdictLevel,
    "severity": Severity,
    "confidence": Confidence,
    "gap": GapReason,
    "level": Level,
    "left_out": LeftOut,
}


def told_by(constant: str) -> list[str]:
    """Every text that a detector or a judgement lists under that name."""
    modules = [
        importlib.import_module(f"{room.__name__}.{module.name}")
        for room in ROOMS
        for module in pkgutil.iter_modules(room.__path__)
    ]
    return [text for module in modules for text in getattr(module, constant, ())]


def said_in_templates() -> set[str]:
    text = (OUTPUTS / "templates" / "report.html.jinja").read_text("utf-8")
    return set(re.findall(r'_\("([^"]+)"\)', text)) | set(re.findall(r'_\("[^"]+"\) if .+? else _\("([^"]+)"\)', text))


def said_in_code() -> set[str]:
    """First arguments of `translate` and `say`, where they are plain phrases."""
    said = set()
    for path in (
        *OUTPUTS.glob("*.py"),
        *(OUTPUTS.parent / "cli" / name for name in ("seal.py", "verify.py", "key.py")),
    ):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"translate", "say"}:
                said |= {arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)}
    return said


def noted_in_journals() -> set[str]:
    """First arguments of `_note` in the pipeline, and the acts of the seal."""
    text = Path(pipeline.__file__).read_text("utf-8")
    return {*re.findall(r'\._note\("([^"]+)"', text), *ACTS, COLLECTED}


def said_as_reasons() -> set[str]:
    tree = ast.parse(Path(verdict.__file__).read_text("utf-8"))
    return {
        keyword.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Reason"
        for keyword in node.keywords
        if keyword.arg == "text" and isinstance(keyword.value, ast.Constant)
    }


def phrases() -> set[str]:
    told = {*told_by("TITLES"), *told_by("EVENTS"), *patch_state.REASONS, *WHATS}
    shown = {STALE, OTHER_EVIDENCE, SAME_EVIDENCE, *CHANGES, *SAID}
    charts = set(re.findall(r'"(By [^"]+)"', Path(report.__file__).read_text("utf-8")))
    return (
        told
        | shown
        | charts
        | said_in_templates()
        | said_in_code()
        | said_as_reasons()
        | noted_in_journals()
        | set(report._WORDS)
    )


def test_the_collectors_find_something() -> None:
    assert len(said_in_templates()) > 50
    assert "Not examined" in said_in_code()
    assert said_as_reasons()
    assert "resumed" in noted_in_journals()
    assert len(told_by("TITLES")) > 10


def test_every_phrase_has_vietnamese() -> None:
    assert sorted(phrases() - set(messages("vi")["phrase"])) == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", IDS)
def test_every_id_is_worded_in_both_languages(kind: str, lang: str) -> None:
    assert {member.value for member in IDS[kind]} <= set(messages(lang)[kind])


def test_both_languages_word_the_same_ids() -> None:
    vietnamese, english = messages("vi"), messages("en")
    assert {kind: set(vietnamese[kind]) for kind in english} == {kind: set(english[kind]) for kind in english}
    assert set(vietnamese) - set(english) == {"phrase"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_fact_a_detector_tells_has_a_name_for_people(lang: str) -> None:
    assert [name for name in told_by("FACTS") if translate(name, lang, "fact") == name] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_wording_is_composed_unicode_without_stray_spaces(lang: str) -> None:
    for table in messages(lang).values():
        for text in table.values():
            assert text == unicodedata.normalize("NFC", text)
            assert text == " ".join(text.split())
            assert text


def test_what_the_catalogue_does_not_know_stays_as_it_is() -> None:
    assert translate("no such phrase", "vi") == "no such phrase"
    assert translate("no such id", "vi", "no such kind") == "no such id"


def test_a_reason_may_be_a_phrase_or_the_id_of_a_gap() -> None:
    assert reason_wording("too-large", "vi") == "quá lớn"
    assert reason_wording("File encrypted by WannaCry", "vi") == "Tệp bị WannaCry mã hóa"
