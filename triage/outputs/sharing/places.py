"""Where a thing lay, told without telling of people: folders of Windows as they are, people's as variables."""

from __future__ import annotations

import re
from typing import Final

from triage.model import Entry, Json
from triage.outputs.escapes import visible

_LONGEST: Final = 1000
_PROFILE: Final = re.compile(r"(?i)\b[A-Z]:\\{1,2}(?:users|documents and settings)\\{1,2}[^\\/\"]+")
_SYSTEM: Final = re.compile(r"(?i)/(?:windows|winnt|programdata|program files(?: \(x86\))?|intel)(?:/.*)?")
_HOME: Final = re.compile(
    r"(?i)/(?:users|documents and settings)/[^/]+(/(?:desktop|documents|downloads|appdata/local/temp))?(?:/.*)?"
)


def folder_of(entry: Entry) -> str:
    r"""`C:\Windows`, `%USERPROFILE%\Desktop`; empty for folders of people and of offices."""
    folder = entry.path.rpartition("/")[0]
    if _SYSTEM.fullmatch(folder):
        return "C:" + visible(folder).replace("/", "\\")
    if home := _HOME.fullmatch(folder):
        return "%USERPROFILE%" + (home[1] or "").replace("/", "\\")
    return ""


def said(value: Json) -> str:
    """A text of the evidence, without whose profile it names."""
    text = value if isinstance(value, str) else "" if value is None else str(value)
    return _PROFILE.sub("%USERPROFILE%", visible(text))[:_LONGEST]
