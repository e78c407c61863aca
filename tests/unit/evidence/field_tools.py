"""Running the tools that make disks in the field."""

import shutil
import subprocess

import pytest


def run(*command):
    subprocess.run([str(word) for word in command], check=True, capture_output=True)


def needs(*tools):
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"no {', '.join(missing)}")
