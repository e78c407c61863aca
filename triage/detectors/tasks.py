"""Scheduled tasks: those that start a known component, or a program from where a user may write.

Limits:
    WannaCry itself is not known to make any: a task that starts it was made by somebody else.

References:
    ATT&CK T1053.005 Scheduled Task.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from triage.errors import FormatError
from triage.formats import task as tasks
from triage.formats.task import Action, Task
from triage.intel import Intel
from triage.intel.name_index import NameIndex
from triage.model import Confidence, Content, Entry, Event, Finding, Json, Kind, Record, Severity, UnixNs
from triage.text import printable
from triage.times import from_unix

TO_COMPONENT = "Scheduled task that starts a known component"
FROM_INSTALL = "Scheduled task that starts a program from a folder named like an installation"
FROM_USER = "Scheduled task that starts a program from where users may write"

TITLES = (TO_COMPONENT, FROM_INSTALL, FROM_USER)

REGISTERED = "Scheduled task registered"

EVENTS = (REGISTERED,)

_FOLDERS = ("/system32/tasks/", "/syswow64/tasks/")
_USER_PLACES = re.compile(
    r"\\(?:users|documents and settings)\\|\\programdata\\|\\temp\\|\\\$recycle|\\perflogs\\|"
    r"%(?:appdata|localappdata|temp|tmp|public|programdata|allusersprofile|userprofile)%",
    re.IGNORECASE,
)


class Tasks:
    """XML tasks by their folder, `.job` files by their extension."""

    name = "tasks"

    def __init__(self, intel: Intel) -> None:
        self._names = NameIndex(intel.families)
        tags = [(family.id, family.placeholders["tag"]) for family in intel.families if "tag" in family.placeholders]
        self._installs = [
            (family, re.compile(rf"\\(?:programdata|intel|temp|tmp)\\(?:{tag})\\|^\"?[a-z]:\\(?:{tag})\\"))
            for family, tag in tags
        ]

    def wants(self, entry: Entry) -> bool:
        path = entry.path.lower()
        return (
            ((path.endswith(".job") and "/tasks/" in path) or _FOLDERS[0] in path or _FOLDERS[1] in path)
            and entry.kind is Kind.FILE
            and entry.size > 0
        )

    def detect(self, entry: Entry, content: Content) -> Iterator[Record]:
        with content.file() as file:
            data = file.read(tasks.SIZE_MAX + 1)
        try:
            task = tasks.parse_job(data) if entry.path.lower().endswith(".job") else tasks.parse_xml(data)
        except FormatError:
            if entry.allocated:
                raise
            return  # the bytes of a deleted file may be another's by now
        for action in task.actions:
            finding = self._finding(entry, task, action)
            if finding is None:
                continue
            yield finding
            when = _registered(task.registered)
            if when is not None:
                details: dict[str, Json] = {"command": printable(action.command)}
                yield Event(
                    detector=self.name, entry=entry.id, when=when, what=REGISTERED, source=entry.name, details=details
                )

    def _finding(self, entry: Entry, task: Task, action: Action) -> Finding | None:
        line = f"{action.command} {action.arguments}".replace("/", "\\")
        title, severity, confidence = FROM_USER, Severity.INFO, Confidence.LOW
        family = indicator = None
        for word in (action.command, *line.replace('"', " ").split()):
            if known := self._names.find_path(word):
                title, severity, confidence = TO_COMPONENT, Severity.SUSPICIOUS, Confidence.MEDIUM
                family, indicator = known.family, known.indicator
                break
        else:
            lower = f"{line} {action.folder}\\".lower()
            family = next((family for family, pattern in self._installs if pattern.search(lower)), None)
            if family is not None:
                title, severity, indicator = FROM_INSTALL, Severity.SUSPICIOUS, "tag"
            elif not _USER_PLACES.search(line):
                return None
        return Finding(
            detector=self.name,
            entry=entry.id,
            severity=severity,
            confidence=confidence if entry.allocated else Confidence.LOW,
            title=title,
            family=family,
            indicator=indicator,
            attack=("T1053.005",),
            details=_details(task, action),
        )


def _details(task: Task, action: Action) -> dict[str, Json]:
    texts = {
        "command": action.command,
        "arguments": action.arguments,
        "working_folder": action.folder,
        "author": task.author,
        "user": task.user,
        "registered": task.registered,
        "last_run": task.last_run,
    }
    details: dict[str, Json] = {name: printable(text) for name, text in texts.items() if text}
    details["triggers"] = list(task.triggers)
    return {**details, "hidden": task.hidden, "enabled": task.enabled}


def _registered(text: str) -> UnixNs | None:
    """A time that says its zone; a local one would be hours off."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    if when.tzinfo is None:
        return None
    return from_unix(int(when.replace(microsecond=0).timestamp()), when.microsecond * 1000)
