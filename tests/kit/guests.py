"""Machines that are started from a stick: qemu without acceleration, driven over the serial console."""

from __future__ import annotations

import os
import re
import select
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

QEMU = "qemu-system-x86_64"
FIRMWARE = Path("/usr/share/ovmf/OVMF.fd")
_COLORS = re.compile(r"\x1b(?:\[[0-9;?=]*[A-Za-z]|[()][A-Z0-9]|[=>c78])")


class Guest:
    """A running machine: what it prints on its serial line, and what is typed there."""

    def __init__(self, process: subprocess.Popen, monitor: Path) -> None:
        self._process = process
        self._monitor = monitor
        self.begun = time.monotonic()
        self.printed = ""
        self._raw = b""

    def wait(self, text: str, seconds: float) -> str:
        """Everything printed since the last wait, up to and with the text."""
        until = time.monotonic() + seconds
        while text not in (plain := _COLORS.sub("", self._raw.decode("utf-8", "replace")).replace("\r", "")):
            ready, _, _ = select.select([self._process.stdout], [], [], max(until - time.monotonic(), 0))
            data = os.read(self._process.stdout.fileno(), 65536) if ready else b""
            if not data:
                self.printed += plain
                raise AssertionError(f"no {text!r} after {seconds} s; the machine said: …{plain[-3000:]}")
            self._raw += data
        before, _, after = plain.partition(text)
        self._raw = after.encode()
        self.printed += before + text
        return before + text

    def type(self, text: str) -> None:
        """Slowly: firmware and boot menus drop what comes too fast."""
        for byte in text.encode():
            self._process.stdin.write(bytes([byte]))
            self._process.stdin.flush()
            time.sleep(0.01)

    def run(self, command: str, seconds: float = 60) -> tuple[int, str]:
        """A command at the shell of the machine: exit code and what it printed."""
        self.type(f"{command}; echo 'E''ND' $?'.'\n")
        text = self.wait("END ", seconds).removesuffix("END ")
        return int(self.wait(".", 10).rstrip(".")), text.strip()

    def shell(self) -> None:
        """From the menu to a shell that says nothing by itself."""
        self.type("2\n")
        self.wait("#", 30)
        self.type("stty -echo cols 250; PS1=; set +m; echo 'RE''ADY'\n")
        self.wait("READY\n", 30)

    def photograph(self, path: Path) -> Path:
        """The screen, as PNG."""
        self.monitor(f"screendump {path} -f png")
        until = time.monotonic() + 20
        while not (path.exists() and path.read_bytes().endswith(b"IEND\xaeB`\x82")):
            assert time.monotonic() < until, "no picture of the screen"
            time.sleep(0.2)
        return path

    def press(self, *keys: str) -> None:
        """On its own keyboard; names as qemu has them."""
        for key in keys:
            self.monitor(f"sendkey {key}")

    def monitor(self, command: str) -> None:
        """A command to qemu itself."""
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self._monitor))
            line.sendall(f"{command}\n".encode())
            time.sleep(0.5)

    def ended(self, seconds: float) -> int:
        return self._process.wait(seconds)


@contextmanager
def machine(folder: Path, *arguments: object, memory: int = 1024, idle: str = "on"):
    """Starts a machine without network; ends it afterwards whatever happened.

    Its clock counts instructions, so that a busy host does not make it jump.

    Args:
        folder: for its monitor and what it printed.
        arguments: of qemu.
        memory: MiB.
        idle: "off" lets its time fly where it has nothing to do; nobody can type then.
    """
    if shutil.which(QEMU) is None:
        pytest.skip(f"{QEMU} is not installed")
    monitor = folder / "monitor"
    command = [
        *(QEMU, "-accel", "tcg", "-m", memory, "-nic", "none", "-display", "none", "-no-reboot", "-serial", "stdio"),
        *("-icount", f"shift=2,sleep={idle}"),
        *("-monitor", f"unix:{monitor},server=on,wait=off", *arguments),
    ]
    with (
        (folder / "qemu.log").open("wb") as errors,
        subprocess.Popen([*map(str, command)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        guest = Guest(process, monitor)
        try:
            yield guest
        finally:
            (folder / "console.log").write_text(guest.printed, encoding="utf-8")
            if process.poll() is None:
                process.kill()


def stick(image: Path) -> list[object]:
    """A USB stick that the machine starts from."""
    return [
        *("-device", "qemu-xhci,id=usb", "-drive", f"file={image},format=raw,if=none,id=stick"),
        *("-device", "usb-storage,bus=usb.0,drive=stick,bootindex=1,removable=on"),
    ]


def disks(*images: Path) -> list[object]:
    """SATA disks, `sda` first: writable as far as the machine is concerned."""
    words: list[object] = ["-device", "ahci,id=ahci"]
    for number, image in enumerate(images):
        words += ["-drive", f"file={image},format=raw,if=none,id=disk{number}"]
        words += ["-device", f"ide-hd,drive=disk{number},bus=ahci.{number}"]
    return words
