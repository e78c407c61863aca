"""The assistant from the first question to the last, without a screen: what is asked, what is said, what is made."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from samples_fake.images import demo_image
from tests.assistant.scripted import BACK, ENTER, LEFT, Scripted
from triage.case import Case
from triage.case.manifest import MANIFEST
from triage.cli import main
from triage.cli.assistant import evidence_step, places, scanning
from triage.cli.assistant.plugged import Area, Attached
from triage.cli.assistant.walk import run

VI, EN = "Tiếng Việt", "English"
QUESTIONS = ["Yes", "No", "Yes", "PC-1, PC-2", "Yes", "31/12/2016"]
END = [ENTER, "Finish"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return demo_image(tmp_path_factory.mktemp("disk") / "ke-toan.dd")


@pytest.fixture
def stick(tmp_path, monkeypatch):
    """Cases go to a folder, nothing is plugged in, and the current folder is empty."""
    root = tmp_path / "stick" / "CASES"
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("TRIAGE_CASES", str(root))
    monkeypatch.setattr(evidence_step, "attached", list)
    return root


@pytest.fixture
def folder(tmp_path):
    evidence = tmp_path / "evidence"
    evidence.mkdir()
    (evidence / "a.docx.WNCRY").write_bytes(b"no header: only a name, harmless")
    return evidence


def guided(*answers):
    terminal = Scripted(list(answers))
    run(terminal)
    assert not terminal.answers
    return terminal


def to_folder(path, *between):
    return ["Type another path", str(path), *between]


def test_a_disk_image_to_the_verdict(demo, stick):
    terminal = guided(EN, *to_folder(demo), "Standard", "Máy Kế toán 2", "CASES", *QUESTIONS, "Start", *END)
    case = stick / "May-Ke-toan-2-1"
    assert json.loads((case / "summary.json").read_text("utf-8"))["verdict"] == "encrypted"
    assert {"report.html", "checklist.html", "checklist.pdf", MANIFEST} <= {path.name for path in case.iterdir()}
    assert "FILES ENCRYPTED" in next(page.raw for page in terminal.pages if page.raw)
    assert main(["verify", str(case)]) == 0
    assert not terminal.problems


def test_the_answers_reach_the_checklist(folder, stick):
    guided(EN, *to_folder(folder), "Quick", "m", "CASES", *QUESTIONS, "Start", *END)
    page = (stick / "m-1" / "checklist.html").read_text("utf-8")
    assert "PC-1, PC-2" in page
    assert "2016-12-31" in page


def test_the_same_as_the_verb_finds(folder, stick, tmp_path):
    guided(EN, *to_folder(folder), "Standard", "m", "CASES", "Not", "Not", "", "Not", "Start", *END)
    main(["scan", str(folder), "--case", str(tmp_path / "by-verb"), "--quiet"])
    found = [(case / "findings.jsonl").read_bytes() for case in (stick / "m-1", tmp_path / "by-verb")]
    assert found[0] == found[1]


def test_back_goes_to_the_question_before_and_forgets(folder, stick):
    terminal = guided(
        *(EN, "Type another path", BACK, "Type another path", str(folder)),
        *("Quick", BACK, "Standard", "wrong name", BACK, "right", "CASES"),
        *("Yes", "No", BACK, BACK, "Not known", "Not known", "", "Yes", BACK, "Not known"),
        *("Start", *END),
    )
    assert [case.name for case in stick.iterdir()] == ["right-1"]
    with Case.open(stick / "right-1") as case:
        assert case.meta("argument.depth") == "standard"
    assert not terminal.problems


def test_back_from_the_first_question_asks_before_it_leaves(stick):
    terminal = guided(BACK, "Ở lại", LEFT, "Thoát")
    assert terminal.pages[-1].title == "Đã kết thúc."


def test_a_wrong_path_is_explained_and_asked_again(folder, stick, tmp_path):
    (tmp_path / "text.dd").write_text("no disk")
    (tmp_path / "empty").mkdir()
    wrong = [tmp_path / "nothing", tmp_path / "text.dd", tmp_path / "empty"]
    terminal = guided(EN, *to_folder(wrong[0], str(wrong[1]), str(wrong[2]), str(folder)), LEFT, "Quit")
    said = terminal.problems
    assert len(said) == 3
    assert "There is no" in said[0]
    assert "no partition" in said[1]
    assert "is empty" in said[2]
    assert not stick.exists()


def test_a_quoted_path_is_understood(folder, stick):
    terminal = guided(EN, *to_folder(f'"{folder}"'), LEFT, "Quit")
    assert not terminal.problems


def test_no_disk_plugged_in_is_said(stick):
    terminal = guided(EN, "Look again", LEFT, "Quit")
    assert terminal.offered[1] == ["Type another path", "Look again (something was plugged in)"]
    assert "No disk was found" in terminal.pages[2].text[0]


def test_a_full_stick_is_refused_before_anything_is_written(folder, stick, monkeypatch):
    monkeypatch.setattr(places, "free", lambda _place: 20 << 20)
    terminal = guided(EN, *to_folder(folder), "Quick", "m", "CASES", LEFT, "Quit")
    assert "only 20.0 MB free" in terminal.problems[0]
    assert list(stick.iterdir()) == []


def test_results_never_go_into_the_evidence(folder, stick, monkeypatch):
    monkeypatch.chdir(folder)
    terminal = guided(
        *(EN, *to_folder(folder), "Quick", "m", "Type another path", str(folder / "results"), "CASES"),
        *("Not", "Not", "", "Not", "Start", *END),
    )
    assert "examined disk itself" in terminal.problems[0]
    assert not any(str(folder) in option for options in terminal.offered for option in options)
    assert [path.name for path in folder.iterdir()] == ["a.docx.WNCRY"]


def interrupting(monkeypatch, times):
    """The first scans end with Ctrl-C once they have begun."""
    real, left = scanning.examine, [times]

    def examine(targets, case, intel, options, progress):
        if left[0]:
            left[0] -= 1
            progress.begin_units = lambda **_plan: (_ for _ in ()).throw(KeyboardInterrupt)
        return real(targets, case, intel, options, progress)

    monkeypatch.setattr(scanning, "examine", examine)


def test_ctrl_c_asks_and_goes_on(folder, stick, monkeypatch):
    interrupting(monkeypatch, 2)
    terminal = guided(
        *(EN, *to_folder(folder), "Quick", "m", "CASES", "Not", "Not", "", "Not", "Start"),
        *("Go on examining", BACK, *END),
    )
    assert [page.title for page in terminal.pages].count("triage - Stop?") == 2
    assert (stick / "m-1" / "report.html").exists()


def test_what_was_stopped_is_offered_first_and_finished(folder, stick, monkeypatch):
    interrupting(monkeypatch, 1)
    guided(
        *(EN, *to_folder(folder), "Quick", "m", "CASES", "Not", "Not", "", "Not", "Start", "Stop here"),
        *(LEFT, "Quit"),
    )
    assert not (stick / "m-1" / "report.html").exists()
    terminal = guided(EN, ENTER, ENTER, str(folder), "Not", "Not", "", "Not", "Go on", *END)
    assert terminal.offered[1][0] == "m-1"
    assert [case.name for case in stick.iterdir()] == ["m-1"]
    with Case.open(stick / "m-1") as case:
        assert "resumed" in [line.act for line in case.journal()]
    assert (stick / "m-1" / "report.html").exists()


def test_going_on_with_another_disk_is_refused_in_plain_words(folder, stick, monkeypatch, tmp_path):
    interrupting(monkeypatch, 1)
    guided(
        *(EN, *to_folder(folder), "Quick", "m", "CASES", "Not", "Not", "", "Not", "Start", "Stop here"),
        *(LEFT, "Quit"),
    )
    other = shutil.copytree(folder, tmp_path / "other")
    (other / "more.txt").write_text("another tree")
    terminal = guided(EN, ENTER, ENTER, str(other), "Not", "Not", "", "Not", "Go on", "Stop here", LEFT, "Quit")
    assert "not the disk that the case was begun with" in terminal.problems[0]


def test_evidence_that_goes_away_is_told_and_tried_again(folder, stick, tmp_path):
    away = tmp_path / "away"
    terminal = guided(
        *(EN, *to_folder(folder), "Quick", "m", "CASES", "Not", "Not", "", "Not"),
        *(lambda: folder.rename(away), "Start"),
        *(lambda: away.rename(folder), "Try again", *END),
    )
    assert "cannot be read" in terminal.problems[0]
    assert (stick / "m-1" / "report.html").exists()


def test_papers_seal_and_copy(folder, stick, tmp_path):
    (tmp_path / "office").mkdir()
    profile = ["Sở Mẫu", "1 Phố Mẫu", "no phone", "0205.3000001", *[ENTER] * 19]
    terminal = guided(
        *(EN, *to_folder(folder), "Quick", "m", "CASES", "Not", "Not", "", "Not", "Start", ENTER),
        *("papers for VNCERT", *profile, "yesterday", "22/11/2026 08:15", ENTER),
        *("Seal the case", "Make a new key", "short", "short", "four words it takes", "four words it takes", ENTER),
        *("Seal the case", "niem-phong.key", "wrong words", "four words it takes", ENTER),
        *("Copy the case", str(tmp_path / "nowhere"), str(tmp_path / "office"), "Finish"),
    )
    assert (stick / "m-1" / "bao-cao-mau-03.pdf").exists()
    assert "Sở Mẫu" in (stick / "to-chuc.toml").read_text("utf-8")
    assert main(["verify", str(tmp_path / "office" / "m-1"), "--public-key", str(stick / "niem-phong.key.pub")]) == 0
    assert len(terminal.problems) == 5  # phone, time, short words, wrong words, no such folder


def test_a_finished_case_is_opened_again(folder, stick):
    guided(EN, *to_folder(folder), "Quick", "m", "CASES", "Not", "Not", "", "Not", "Start", *END)
    terminal = guided(EN, "Open a finished case", BACK, "Open a finished case", "m-1", *END)
    assert next(page.raw for page in terminal.pages if page.raw).startswith("triage ")


def test_the_disk_with_windows_is_recommended_and_the_stick_is_not_offered(stick, monkeypatch, tmp_path):
    stick.mkdir(parents=True)
    around = [
        Attached(path=Path("/dev/xa"), size=1 << 39, name="ST500", areas=(Area(filesystem="ntfs", label="W", size=9),)),
        Attached(path=Path("/dev/xb"), size=1 << 33, name="USB", folders=(stick.parent,), is_removable=True),
        Attached(path=Path("/dev/xc"), size=9, areas=(Area(filesystem="bitlocker", label="", size=9),)),
    ]
    monkeypatch.setattr(evidence_step, "attached", lambda: around)
    terminal = guided(EN, LEFT, "Quit")
    shown = terminal.offered[1]
    assert "ST500" in shown[0]
    assert "[recommended]" in shown[0]
    assert not any("USB" in option for option in shown)
    assert "USB" in terminal.pages[2].text[-1]
    assert "/dev/xc" in shown[1]


def test_vietnamese_throughout(folder, stick):
    terminal = guided(
        *(VI, "Gõ đường dẫn", str(folder), "Nhanh", "m", "CASES", "Chưa rõ", "Chưa rõ", "", "Chưa rõ"),
        *("Bắt đầu", ENTER, "Kết thúc"),
    )
    english = ("Step", "type", "Examin", "Results", "error", "disk")
    said = " ".join(" ".join((page.title, *page.text, page.problem)) for page in terminal.pages[1:])
    assert not [word for word in english if word in said.replace(str(folder), "").replace(str(stick), "")]
