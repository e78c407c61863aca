"""The screens as a user sees them, in a terminal of 80 by 25: compared with the pictures that the guide prints.

`TRIAGE_GOLDEN=write` takes the pictures anew: read every one of them as a newcomer.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from samples_fake.images import demo_image

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs/ky-thuat-vien/man-hinh"
PATIENCE = 60

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


class Screen:
    """One terminal, and somebody who types and waits."""

    def __init__(self, folder, *arguments, term="screen"):
        self._socket = str(folder / "tmux")
        environment = {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "TRIAGE_CASES": "USB/CASES"}
        told = [f"{name}={value}" for name, value in environment.items()]
        command = ["env", *told, sys.executable, "-m", "tests.assistant.photographed", *arguments]
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "25", "-c", str(folder), "sh")
        self._tmux("set-option", "-g", "default-terminal", term)
        self._tmux("send-keys", f"PS1=; clear; exec {shlex.join(command)}", "Enter")

    def _tmux(self, *arguments):
        command = ["tmux", "-S", self._socket, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def press(self, *keys):
        for key in keys:
            self._tmux("send-keys", key)

    def look(self):
        return "\n".join(line.rstrip() for line in self._tmux("capture-pane", "-p").splitlines()).rstrip() + "\n"

    def wait(self, text):
        """The screen, as soon as a text is on it and it stands still."""
        until, before = time.monotonic() + PATIENCE, ""
        while time.monotonic() < until:
            now = self.look()
            if text in now and now == before:
                return now
            before = now
            time.sleep(0.15)
        raise AssertionError(f"{text!r} never came:\n{before}")

    def close(self):
        subprocess.run(["tmux", "-S", self._socket, "kill-server"], check=False, capture_output=True)


@pytest.fixture
def screen(tmp_path):
    demo_image(tmp_path / "sda")
    (tmp_path / "USB").mkdir()
    opened = []

    def start(*arguments):
        opened.append(Screen(tmp_path, *arguments))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def same(picture, name):
    path = PICTURES / f"{name}.txt"
    if os.environ.get("TRIAGE_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(picture, encoding="utf-8")
    assert picture == path.read_text("utf-8")
    assert max(len(line) for line in picture.splitlines()) <= 80


RUN = {
    "vi": {
        "language": "1",
        "shots": (
            ("01-chon-o", "/dev/sda", "1"),
            ("02-nhanh-hay-ky", "ước lượng", "1"),
            ("03-ten-may", "nhãn tài sản", ("C-u", "KE-TOAN-2", "Enter")),
            ("04-luu-o-dau", "còn trống", "1"),
            ("05-cau-hoi-1", "1. Máy có", "1"),
            ("06-cau-hoi-1b", "khởi động lại lần nào", "2"),
            ("07-cau-hoi-2", "2. Máy có", "1"),
            ("08-cung-vung-mang", "cùng vùng mạng với", "Enter"),
            ("09-cau-hoi-3", "3. Có bản sao", "3"),
            ("10-bat-dau", "Bắt đầu kiểm tra", "1"),
            ("11-ket-luan", "Căn cứ", "Enter"),
            ("12-sau-khi-xong", "Kết thúc", "2"),
            ("13-viec-can-lam", "[ ]  1.", ("Escape", "7")),
        ),
    },
    "en": {
        "language": "3",
        "shots": (
            ("01-disks", "/dev/sda", "1"),
            ("02-depth", "estimates", "2"),
            ("03-machine", "label", ("C-u", "ACCOUNTS-2", "Enter")),
            ("04-where", "free", "1"),
            ("05-running", "1. Is the machine", "3"),
            ("07-network", "2. Is it", "3"),
            ("08-neighbours", "segment", "Enter"),
            ("09-backup", "3. Is there", "3"),
            ("10-start", "Start", "1"),
            ("11-verdict", "Reasons", "Enter"),
            ("12-afterwards", "Finish", "7"),
        ),
    },
}


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_whole_run(screen, lang):
    seen = screen()
    seen.wait("Language")
    seen.press(RUN[lang]["language"])
    for name, mark, keys in RUN[lang]["shots"]:
        same(seen.wait(mark), f"{lang}/{name}")
        seen.press(*([keys] if isinstance(keys, str) else keys))


def test_the_first_screen(screen):
    same(screen().wait("Language"), "00-ngon-ngu")


def test_without_diacritics(screen):
    seen = screen()
    seen.wait("Language")
    seen.press("2")
    picture = seen.wait("/dev/sda")
    same(picture, "vi/01-khong-dau")
    assert picture.isascii()


def test_nothing_plugged_in_and_a_wrong_path(screen):
    seen = screen("no-disks")
    seen.wait("Language")
    seen.press("1")
    picture = seen.wait("Tìm lại")
    assert "Không thấy ổ đĩa nào" in picture
    seen.press("1")
    seen.wait("Ví dụ")
    seen.press("/khong/co/o/day", "Enter")
    same(seen.wait("Không có /khong/co/o/day"), "vi/20-sai-duong-dan")


def test_ctrl_c_asks(screen):
    seen = screen("interrupt")
    seen.wait("Language")
    for keys, mark in (("1", "/dev/sda"), ("1", "ước lượng"), ("2", "nhãn"), ("Enter", "trống"), ("1", "1. Máy")):
        seen.press(keys)
        seen.wait(mark)
    for keys, mark in (("3", "2. Máy"), ("3", "cùng vùng"), ("Enter", "3. Có"), ("3", "Bắt đầu"), ("1", "Tạm dừng?")):
        seen.press(keys)
        picture = seen.wait(mark)
    same(picture, "vi/21-tam-dung")
    seen.press("1")
    assert "MÃ HÓA" in seen.wait("Căn cứ")


def test_a_full_stick(screen):
    seen = screen("full")
    seen.wait("Language")
    for keys, mark in (
        ("1", "/dev/sda"),
        ("1", "ước lượng"),
        ("2", "nhãn"),
        ("Enter", "ít: nên"),
        ("1", "cần ít nhất"),
    ):
        seen.press(keys)
        picture = seen.wait(mark)
    same(picture, "vi/22-usb-day")


def test_a_teletype_is_served_line_by_line(screen):
    seen = screen("plain")
    seen.wait("Language")
    seen.press("1", "Enter")
    picture = seen.wait("/dev/sda")
    assert "== triage - Bước 1/5" in picture
    seen.press("q", "Enter")
    assert "Thoát chương trình?" in seen.wait("Thoát chương trình?")
