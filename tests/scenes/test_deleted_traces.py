"""Somebody cleaned up: the malware's files are deleted, and their names are left in the file system."""

from __future__ import annotations

import csv
import io
import json
from functools import partial

import pytest

from samples_fake import components, documents, state, wncry
from samples_fake.build import build_image
from samples_fake.scenes.calendar import after, at, office_times, touched
from samples_fake.tree import Expected, FakeFile, Scene, Volume
from tests.scanning import scan, triage
from triage.analysis.judgement import build
from triage.analysis.phases import PhaseId
from triage.analysis.traces import ORIGINAL
from triage.case import Case

pytestmark = pytest.mark.image

TAG = "evmdthrukdvwcqn063"
HOME = f"/ProgramData/{TAG}"
CAME = at("2017-05-12T07:44:00")
LAN = "/Users/Lan/Documents"
GONE = {
    f"{HOME}/tasksche.exe": "loader",
    f"{HOME}/taskdl.exe": "temp-deleter",
    f"{LAN}/@Please_Read_Me@.txt": "note",
    "/Users/Lan/Desktop/@WanaDecryptor@.exe": "decryptor",
    "/Users/Lan/AppData/Local/Temp/3.WNCRYT": "moved-original",
}


def deleted(path, content):
    return FakeFile(path=path, content=content, times=touched(CAME, changed=CAME), written=CAME, deleted=True)


def files():
    yield FakeFile(path="/Windows/notepad.txt", content=b"ordinary")
    yield FakeFile(path=f"{HOME}/left.txt", content=b"so that the folder is there")
    yield deleted(f"{HOME}/tasksche.exe", components.tasksche)
    yield deleted(f"{HOME}/taskdl.exe", components.taskdl)
    yield deleted(f"{LAN}/@Please_Read_Me@.txt", state.note)
    yield deleted("/Users/Lan/Desktop/@WanaDecryptor@.exe", components.decryptor)
    yield deleted("/Users/Lan/AppData/Local/Temp/3.WNCRYT", partial(documents.pdf, "Bản gốc"))
    yield FakeFile(path="/Users/Lan/AppData/Local/Temp/other.txt", content=b"ordinary")
    yield FakeFile(path="/Users/Lan/Desktop/other.txt", content=b"ordinary")
    when = after(CAME, 60)
    yield FakeFile(
        path=f"{LAN}/Báo cáo.docx.WNCRY",
        content=partial(wncry.encrypted, 2000, seed=1),
        times=touched(office_times(1), changed=when),
        written=when,
    )
    yield FakeFile(
        path=f"{LAN}/Báo cáo.docx", content=b"\x9d" * 2000, times=touched(office_times(1), changed=CAME), deleted=True
    )
    yield FakeFile(
        path=f"{LAN}/Khác.docx", content=b"\x9d" * 2000, times=touched(office_times(1), changed=CAME), deleted=True
    )


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory):
    place = tmp_path_factory.mktemp("cleaned")
    volume = Volume(filesystem="ntfs", size=16 << 20, label="WIN7", made=CAME, files=tuple(files()))
    scene = Scene(name="cleaned", about="Deleted files.", volumes=(volume,), expected=Expected(verdict="encrypted"))
    return scan(build_image(scene, place / "disk.img"), case=place / "case")


@pytest.fixture(scope="module")
def dossier(cleaned):
    with Case.open(cleaned.case) as case:
        yield build(case)


def test_every_deleted_name_is_found_and_said_to_be_deleted(cleaned):
    told = {
        one["path"]: (one["indicator"], one["severity"], one["details"]["deleted"])
        for one in cleaned.findings
        if one["detector"] == "names" and one["indicator"] in GONE.values()
    }
    assert told == {path: (indicator, "suspicious", True) for path, indicator in GONE.items()}


def test_deleted_programs_are_traces_of_the_attack_and_start_nothing(dossier):
    phases = {phase.id: phase for phase in dossier.story.phases}
    drop = [one for one in phases[PhaseId.DROP].evidence if one.example.startswith(HOME)]
    assert drop
    assert all(one.gone == one.count for one in drop)
    assert {one.example for one in phases[PhaseId.NOTES].evidence if one.gone} <= set(GONE)
    assert phases[PhaseId.NOTES].first == CAME
    assert not dossier.traces.loader_there
    assert dossier.story.resumes is False


def test_the_story_says_in_words_that_the_files_are_deleted(cleaned):
    for lang, word in (("vi", "đã xóa"), ("en", "deleted")):
        triage("report", cleaned.case, "--as", "report.html", "--lang", lang)
        story = (cleaned.case / "report.html").read_text("utf-8").partition('id="story"')[2].partition("</section>")[0]
        assert f"<b>{word}</b>" in story


def test_the_timeline_marks_deleted_files_and_the_originals_of_encrypted_ones(cleaned):
    _, text, _ = triage("timeline", cleaned.case, "--as", "csv", "--lang", "en")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\N{BYTE ORDER MARK}"))))
    files = [row for row in rows if row["Meaning"] != "Event" and not row["Path"].startswith("/$OrphanFiles/")]
    marked = {row["Path"] for row in files if row["Details"] and json.loads(row["Details"]) == {"deleted": True}}
    assert marked == {*GONE, f"{LAN}/Báo cáo.docx", f"{LAN}/Khác.docx"}
    assert {row["Path"] for row in files if row["What"] == ORIGINAL} == {f"{LAN}/Báo cáo.docx"}
    assert {row["Phase"] for row in files if row["What"] == ORIGINAL} == {""}
