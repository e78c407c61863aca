"""Scheduled tasks of both kinds."""

from __future__ import annotations

from datetime import datetime

import pytest

from samples_fake.task import build_job, build_task
from tests.samples import corpus_file
from triage.errors import FormatError
from triage.formats.task import Action, Task, parse_job, parse_xml

COMMAND = "C:\\ProgramData\\evmdthrukdvwcqn063\\tasksche.exe"


def test_a_task_is_read_as_it_was_written() -> None:
    assert parse_xml(build_task(COMMAND, "/i <a> & b")) == Task(
        name="\\Fake",
        author="PC\\Lan",
        user="S-1-5-18",
        registered="2017-05-12T14:44:00Z",
        hidden=True,
        enabled=True,
        actions=(Action(command=COMMAND, arguments="/i <a> & b"),),
        triggers=("LogonTrigger",),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le"])
def test_the_encoding_is_that_of_the_bytes_whatever_is_declared(encoding: str) -> None:
    text = build_task("C:\\Tài liệu\\a.exe").decode("utf-16")
    assert parse_xml(text.encode(encoding)).actions[0].command == "C:\\Tài liệu\\a.exe"


def test_several_actions_are_told_in_order() -> None:
    one = "<Exec><Command>{}</Command></Exec>"
    xml = f"<Task><Actions>{one.format('a')}<ComHandler/>{one.format('b')}</Actions></Task>"
    assert [action.command for action in parse_xml(xml.encode()).actions] == ["a", "b"]


def test_a_billion_laughs_are_not_heard() -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    xml = f'<!DOCTYPE x [<!ENTITY a0 "ha">{entities}]><Task><Actions>&a11;</Actions></Task>'
    with pytest.raises(FormatError, match="document type"):
        parse_xml(xml.encode())


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"<Task>", b"<Other/>", b"\xff\xfe<", b"\xc3\x28", b"<Task>&x;</Task>"),
        b"<Task>" * 100,
    ],
)
def test_what_is_no_task_is_said(data: bytes) -> None:
    with pytest.raises(FormatError, match="task"):
        parse_xml(data)


def test_a_job_is_read_as_it_was_written() -> None:
    assert parse_job(build_job(COMMAND, "/i", last_run=datetime(2017, 5, 12, 14, 44))) == Task(
        name="Fake",
        author="Lan",
        last_run="2017-05-12T14:44:00",
        actions=(Action(command=COMMAND, arguments="/i"),),
    )


def test_a_job_that_never_ran_has_no_time() -> None:
    assert parse_job(build_job(COMMAND)).last_run == ""


@pytest.mark.parametrize("data", [b"", bytes(100), build_job(COMMAND)[:100], b"\x01\x05\x02" + build_job(COMMAND)[3:]])
def test_what_is_no_job_is_said(data: bytes) -> None:
    with pytest.raises(FormatError):
        parse_job(data)


@pytest.mark.corpus
def test_a_real_job_is_read() -> None:
    task = parse_job(corpus_file("plaso/test_data/wintask.job").read_bytes())
    assert task.actions == (
        Action(
            command="C:\\Program Files (x86)\\Google\\Update\\GoogleUpdate.exe",
            arguments="/ua /installsource scheduler",
        ),
    )
    assert (task.author, task.last_run) == ("Brian", "2013-08-24T12:42:00")
