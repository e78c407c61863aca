"""The facts about the computer as a reader looks for them: by subject, and the event logs one a row.

A log's facts are called `log.<channel>.<property>`; what an older copy tells begins with `backup.`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from triage.outputs.catalogue import messages, translate

SUBJECTS: Final[Mapping[str, tuple[str, ...]]] = {
    "MS17-010, SMBv1 and firewall": ("patch.", "srv.sys.", "kb.", "smb1.", "firewall."),
    "WannaCry": ("wannacry.",),
    "Computer and users": ("host.", "os.", "users", "time.", "last.", "network.", "drive.", "usb.", "services."),
    "Backups of Windows": ("windows.",),
    "Registry and change journal": ("registry.", "usn."),
    "Shadow copies": ("shadow_copies.",),
    "Older copies of the registry and of drivers": ("backup.",),
}
"""Title of a group, and how the names of its facts begin; in the order in which they are read."""

OTHERS: Final = "Other facts"

COLUMNS: Final = ("records", "first", "last", "state")
"""Properties of every log; the others stand together in one more column."""

IN_PHRASES: Final = frozenset(("patch.reason", "smb1.server_why", "smb1.client_why", "windows.restore_why"))
"""Facts whose values are phrases of ours."""

IN_CODES: Final = frozenset(("firewall.rule", "network.interface", "drive.letter"))
"""Facts whose values are lines of codes, `key=value; key=value`."""

_EARLIER: Final = "backup."
_WORDED: Final = frozenset(("action", "from", "profile", "given"))
"""Keys whose values are codes as well."""

_LOG: Final = "log."
_FIRST: Final = (
    *("patch.ms17_010", "patch.reason", "srv.sys.version", "patch.needed", "smb1.server", "firewall.smb_inbound"),
    *("wannacry.tag", "wannacry.started", "wannacry.pass_finished", "wannacry.heartbeat"),
    *("host.name", "host.domain", "os.product"),
)
"""What a reader asks first stands first in its group; the rest follows by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Facts of one subject. title: a fixed English phrase; facts: (name, value), never empty."""

    title: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """One event log.

    Attributes:
        columns: the values of COLUMNS, empty where one was not told.
        others: (generic name of the fact, value), by name.
    """

    channel: str
    columns: tuple[str, ...]
    others: tuple[tuple[str, str], ...]


def subjects(facts: Mapping[str, str]) -> list[Subject]:
    """Every fact that is not of an event log, once."""
    groups: dict[str, list[tuple[str, str]]] = {title: [] for title in (*SUBJECTS, OTHERS)}
    for name, value in sorted(facts.items(), key=_place):
        if not _parts(name):
            groups[_title(name)].append((name, value))
    return [Subject(title=title, facts=tuple(pairs)) for title, pairs in groups.items() if pairs]


def logs(facts: Mapping[str, str]) -> list[Log]:
    """The event logs, by channel."""
    found: dict[str, dict[str, str]] = {}
    for name, value in sorted(facts.items()):
        if parts := _parts(name):
            found.setdefault(parts[0], {})[parts[1]] = value
    return [
        Log(
            channel=channel,
            columns=tuple(told.get(column, "") for column in COLUMNS),
            others=tuple((generic(channel, one), value) for one, value in told.items() if one not in COLUMNS),
        )
        for channel, told in found.items()
    ]


def generic(channel: str, one: str) -> str:
    """The name under which the catalogue words a property: that of its own channel only for Windows' starts."""
    return f"{_LOG}{channel if one in ('boots', 'last_boot') else '<channel>'}.{one}"


def wording(name: str) -> str:
    """The table of the catalogue that a fact's values are worded by."""
    plain = name.removeprefix(_EARLIER)
    return "phrase" if plain in IN_PHRASES else "code" if plain in IN_CODES else "value"


def decoded(line: str, lang: str) -> str:
    """A line of codes in words; what is no line of codes stays as it is."""
    pairs = [pair.partition("=") for pair in line.split("; ")]
    if not all(equals for _, equals, _ in pairs):
        return line
    return ", ".join(f"{translate(key, lang, 'code')}: {_in_words(key, value, lang)}" for key, _, value in pairs)


def _in_words(key: str, value: str, lang: str) -> str:
    if key not in _WORDED:
        return value
    parts = value.split(",")
    known = messages(lang)["code"]
    return ", ".join(known.get(part.lower(), part) for part in parts)


def _parts(name: str) -> tuple[str, str] | None:
    """Channel and property; a channel's name may hold dots."""
    if not name.startswith(_LOG):
        return None
    channel, dot, one = name.removeprefix(_LOG).rpartition(".")
    return (channel, one) if dot else None


def _title(name: str) -> str:
    return next((title for title, begins in SUBJECTS.items() if name.startswith(begins)), OTHERS)


def _place(fact: tuple[str, str]) -> tuple[int, str]:
    name = fact[0]
    return (_FIRST.index(name) if name in _FIRST else len(_FIRST)), name
