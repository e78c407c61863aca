"""Progress goes to a terminal's stderr and nowhere else."""

from __future__ import annotations

import os
import pty
import re
import termios

from tests.scan.launching import launch, run
from triage.scan.progress import SAID


def watched(*targets, case, arguments=(), columns=120):
    """What a terminal sees on stderr, and the scan."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    launched = launch(*targets, case=case, stderr=theirs, seams={"unit": 16}, arguments=arguments)
    os.close(theirs)
    seen = b""
    try:
        while piece := os.read(ours, 4096):
            seen += piece
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    out, _ = launched.process.communicate()
    return seen.decode(), out.decode()


def test_a_terminal_shows_bytes_entries_findings_and_time_to_go(undisturbed, tmp_path):
    seen, out = watched(*undisturbed.targets, case=tmp_path / "case")
    assert re.search(r"examining +\d+%", seen)
    assert re.search(r"[\d.]+[kM]?/[\d.]+[kM]? \[\d\d:\d\d<[\d:?]+, +[\d.?]+[kM]?B/s", seen)
    assert re.search(r", \d+/\d+ entries, \d+ findings", seen)
    assert out.startswith("triage ")
    assert "\x1b" not in out


def test_the_bar_takes_itself_away(undisturbed, tmp_path):
    seen, _out = watched(*undisturbed.targets, case=tmp_path / "case")
    assert seen.split("\r")[-1].strip(" \n").endswith("…") or not seen.split("\r")[-1].strip()


def test_a_resumed_scan_counts_on(undisturbed, tmp_path):
    case = tmp_path / "case"
    assert run(*undisturbed.targets, case=case, seams={"unit": 16, "signal_at": ["unit 30", 9]}).code == -9
    seen, _out = watched(*undisturbed.targets, case=case)
    assert min(int(share) for share in re.findall(r"examining +(\d+)%", seen)) > 20
    assert min(int(entries) for entries in re.findall(r", (\d+)/\d+ entries", seen)) > 29 * 16


def test_it_speaks_vietnamese_and_its_counts_fit_80_columns(undisturbed, tmp_path):
    seen, _out = watched(*undisturbed.targets, case=tmp_path / "case", arguments=("--lang", "vi"), columns=80)
    assert not any(phrase in seen for phrase in SAID)
    assert re.search(r"đang kiểm tra +\d+% .+, \d+/\d+ mục, \d+ dấu hiệu", seen)


def test_quiet_is_silent_even_on_a_terminal(undisturbed, tmp_path):
    seen, _out = watched(*undisturbed.targets, case=tmp_path / "case", arguments=("--quiet",))
    assert seen == ""


def test_no_codes_reach_a_pipe(undisturbed):
    """Neither what is told nor what goes wrong: stderr is empty, stdout has no escape codes."""
    assert undisturbed.scanned.errors == ""
    assert "\x1b" not in undisturbed.scanned.screen
    assert "\r" not in undisturbed.scanned.screen
