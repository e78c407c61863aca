"""Mounts and loop devices; a test that may not make them is skipped, and says so."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager

import pytest


def mounted(*arguments):
    return subprocess.run(["mount", *map(str, arguments)], check=False, capture_output=True).returncode == 0


@contextmanager
def mount(place, *arguments):
    place.mkdir(exist_ok=True)
    if os.geteuid() or not mounted(*arguments, place):
        pytest.skip("needs to mount")
    try:
        yield place
    finally:
        while subprocess.run(["umount", "-l", place], check=False, capture_output=True).returncode == 0:
            pass


@contextmanager
def looped(image, *flags):
    """A loop device of an image."""
    if os.geteuid():
        pytest.skip("needs loop devices")
    made = subprocess.run(["losetup", "-f", "--show", *flags, image], capture_output=True, check=False, text=True)
    if made.returncode:
        pytest.skip(f"needs loop devices: {made.stderr}")
    device = made.stdout.strip()
    try:
        yield device
    finally:
        subprocess.run(["losetup", "-d", device], check=False)
