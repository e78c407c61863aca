"""How the assistant begins and ends: at a terminal only, over a serial line, and with one line where it must."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 60


def environment(**more):
    return {**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "TRIAGE_CASES": "USB/CASES", **more}


class Serial:
    """A line that tells no size, as a serial port does not."""

    def __init__(self, folder, *arguments, term="vt220"):
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 0, 0, 0, 0))
        command = [sys.executable, "-m", *arguments]
        files = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
        self._process = subprocess.Popen(
            command, cwd=folder, env=environment(TERM=term), start_new_session=True, **files
        )
        os.close(theirs)
        self.seen = ""

    def wait(self, text):
        until = time.monotonic() + PATIENCE
        while text not in self.seen:
            assert time.monotonic() < until, f"{text!r} never came: {self.seen!r}"
            try:
                self.seen += os.read(self._ours, 4096).decode("utf-8", "replace")
            except OSError:  # the other end is closed
                break
        assert text in self.seen

    def press(self, keys):
        self.seen = ""
        os.write(self._ours, keys.encode())

    def end(self):
        with self._process:
            code = self._process.wait(PATIENCE)
        os.close(self._ours)
        return code

    def close(self):
        if self._process.poll() is None:
            self._process.kill()
            self.end()


@pytest.fixture
def serial(tmp_path):
    lines = []

    def start(*arguments):
        lines.append(Serial(tmp_path, *arguments))
        return lines[-1]

    yield start
    for line in lines:
        line.close()


def test_over_a_serial_line_that_tells_no_size(serial):
    line = serial("tests.assistant.photographed", "no-disks")
    line.wait("English")
    rows = [int(row) for row in re.findall(r"\x1b\[(\d+);\d+H", line.seen)]
    assert max(rows, default=0) <= 24
    line.press("3")
    line.wait("Type another path")
    line.press("q")
    line.wait("Quit?")
    line.press("2")
    line.wait("Finished.")
    assert line.end() == 0


@pytest.mark.parametrize("arguments", [[], ["assistant"]])
def test_without_a_terminal_nothing_is_asked(tmp_path, arguments):
    command = [sys.executable, "-m", "triage", *arguments]
    told = subprocess.run(
        command, cwd=tmp_path, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert told.returncode == 2
    assert "Traceback" not in told.stderr
    assert ("needs a terminal" if arguments else "Usage: triage") in told.stderr + told.stdout


def test_what_nobody_foresaw_is_one_line_and_a_file(serial, tmp_path):
    (tmp_path / "USB").mkdir()
    (tmp_path / "broken.py").write_text(
        "from triage.cli.assistant import guide, walk\n"
        "def run(terminal): raise KeyError('nobody foresaw this')\n"
        "walk.run = run\n"
        "guide(plain=True)\n"
    )
    line = serial("broken")
    line.wait("triage-error.txt")
    assert "Traceback" not in line.seen
    assert line.end() == 1
    assert "nobody foresaw this" in (tmp_path / "USB/CASES/triage-error.txt").read_text("utf-8")


def test_the_verbs_start_without_the_assistants_library(tmp_path):
    look = "import sys, triage.cli; sys.exit('prompt_toolkit' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", look], cwd=tmp_path, env=environment(), check=False)
    assert told.returncode == 0
