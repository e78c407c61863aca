"""Nothing of the machine that examines enters what is said about the machine that is examined.

The one place for it is the journal: who did what, and when. It stands in the case and in its report.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from samples_fake.images import demo_image
from triage.cli.timeline import TIMELINES

CANARY = re.compile(rb"canary", re.IGNORECASE)

AS_ON_ANOTHER_MACHINE = """
import getpass, os, platform, socket, sys, time, uuid

def canary(*_, **__):
    return "canary"

def forbidden(*_, **__):
    raise AssertionError("this machine's name was asked for")

getpass.getuser = canary
real = os.uname()
os.uname = lambda: os.uname_result((real.sysname, "canary", *real[2:]))
for module, names in ((socket, "gethostname getfqdn"), (platform, "node"), (os, "getlogin")):
    for name in names.split():
        setattr(module, name, forbidden)
uuid.getnode = forbidden
os.environ.update(dict.fromkeys(("USER", "LOGNAME", "USERNAME", "COMPUTERNAME", "HOSTNAME", "USERDOMAIN"), "canary"))
os.environ.update(HOME="/home/canary", TZ="CANARY-11")
time.tzset()
from triage.cli import main
for words in sys.argv[1:]:
    code = main(words.split("|"))
    assert code in (0, 1), words
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("canary-place")
    image, case = demo_image(place / "evidence.img"), place / "case"
    commands = [["scan", str(image), "--case", str(case), "--quiet", "--workers", "1"]]
    commands += [
        ["timeline", str(case), "--as", name, "--to-file", str(place / f"timeline-{name}")] for name in TIMELINES
    ]
    commands.append(["report", str(case), "--as", "html,stix,misp,case-uco", "--out", str(place / "sent")])
    commands.append(["report", str(case), "--as", "html,stix", "--redacted", "--out", str(place / "redacted")])
    commands.append(["checklist", str(case), "--as", "html,docx"])
    words = [sys.executable, "-c", AS_ON_ANOTHER_MACHINE, *("|".join(command) for command in commands)]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return place


def test_findings_summary_timelines_and_lists_know_nothing_of_this_machine(place: Path) -> None:
    read = [path for path in sorted(place.rglob("*")) if path.suffix in (".jsonl", ".json", ".html", ".csv", ".docx")]
    read += sorted(place.glob("timeline-*"))
    told = {path.relative_to(place).as_posix(): path.read_bytes() for path in read}
    assert {"case/findings.jsonl", "case/summary.json", "redacted/report.html", "sent/stix.json"} <= told.keys()
    assert {name for name, data in told.items() if CANARY.search(data)} <= {"case/report.html", "sent/report.html"}


def test_in_the_report_only_the_journal_says_who_worked(place: Path) -> None:
    page = (place / "case/report.html").read_bytes()
    before, journal = page.split(b'<section id="journal">')
    journal, _, after = journal.partition(b"</section>")
    assert CANARY.search(journal)
    assert not CANARY.search(before + after)


def test_on_any_machine_the_same_image_gives_the_same_bytes(place: Path, tmp_path: Path) -> None:
    from triage.cli import main

    main(["scan", str(place / "evidence.img"), "--case", str(tmp_path / "case"), "--quiet", "--workers", "1"])
    for name in ("findings.jsonl", "summary.json"):
        assert (tmp_path / "case" / name).read_bytes() == (place / "case" / name).read_bytes()
    assert json.loads((place / "case/summary.json").read_bytes())["verdict"] == "encrypted"
