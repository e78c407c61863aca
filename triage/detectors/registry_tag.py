"""WannaCry's own name on a machine: computed from the computer's name, and met as a service, start entry or folder.

What is met is left to the analysis as `observed.tag`, which joins it with the name of this computer.

References:
    Static analysis of the loader ed01ebfb…: folder, service and Run value share one name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.detectors.hive_view import DETECTOR, HiveView
from triage.detectors.registry_system import computer_name
from triage.formats.tag import install_tag
from triage.model import Fact, Record

FACTS = ("wannacry.tag",)
OBSERVED = "observed.tag"
TAG = re.compile(r"[a-z]{8,15}[0-9]{3}")

_RUN = ("Microsoft\\Windows\\CurrentVersion\\Run", "Wow6432Node\\Microsoft\\Windows\\CurrentVersion\\Run")
_FOLDER = ("WanaCrypt0r", "Wow6432Node\\WanaCrypt0r")


def computed(view: HiveView) -> Iterator[Record]:
    """The name WannaCry would take on this computer, whether it was here or not."""
    if name := computer_name(view):
        yield view.fact("wannacry.tag", install_tag(name))


def services(view: HiveView) -> Iterator[Record]:
    """Services with such a name, if it is this computer's, or the command line agrees."""
    own = install_tag(name) if (name := computer_name(view)) else ""
    key = view.key("Services")
    for service in key.subkeys() if key else ():
        if TAG.fullmatch(service.name) and (service.name == own or agrees(service.name, service.text("ImagePath"))):
            yield met(view, service.name)


def start_entries(view: HiveView) -> Iterator[Fact]:
    """Run values with such a name whose command line agrees."""
    for key in filter(None, (view.key(_under(view, path)) for path in _RUN)):
        for value in key.values():
            if TAG.fullmatch(value.name) and agrees(value.name, value.text):
                yield met(view, value.name)


def folder(view: HiveView) -> Iterator[Fact]:
    """The working folder that WannaCry remembers, where it is called so."""
    for key in filter(None, (view.key(_under(view, path)) for path in _FOLDER)):
        name = key.text("wd").rstrip("\\").rpartition("\\")[2]
        if TAG.fullmatch(name):
            yield met(view, name)


def _under(view: HiveView, path: str) -> str:
    return f"Software\\{path}" if view.role == "user" else path


def agrees(tag: str, command: str) -> bool:
    """The command line is that of WannaCry installed under this name."""
    lower = command.lower()
    return "tasksche.exe" in lower or f"\\{tag}\\" in lower


def met(view: HiveView, tag: str) -> Fact:
    """Such a name, for the analysis."""
    return Fact(detector=DETECTOR, entry=view.entry.id, name=OBSERVED, value=tag)


def written(view: HiveView) -> Iterator[Record]:
    """The name as a start entry or a folder, each once."""
    yield from dict.fromkeys((*start_entries(view), *folder(view)))


SYSTEM = (computed, services)
SOFTWARE = (written,)
USER = (written,)
