"""Records of the case without names: which field holds what, and how it is read.

A detail whose key is not known here is read strictly: no word of it stays that is not public.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

from triage.analysis.dossier import Collected, Found
from triage.analysis.redaction.names import DEVICE, DOMAIN, TAG, Names
from triage.analysis.redaction.paths import Paths
from triage.analysis.redaction.texts import Texts
from triage.model import Entry, Event, Finding, Gap, Json, Kind
from triage.times import from_isoformat

Read = Callable[[str], str]

_REMEMBERED: Final = 20_000
"""Texts of details whose reading is kept: most come again and again."""

_PATHS: Final = ("path", "paths", "target", "working_folder", "loaded", "filepath", "folder")
_COMMANDS: Final = ("command", "image", "arguments", "starts", "parent", "script")
_NAMES: Final = ("name", "old", "filename")
_USERS: Final = ("account", "user", "author", "owner")
_HOSTS: Final = ("computer", "computers", "workstation", "machine", "client", "address", "server")
_DEVICES: Final = ("serial", "volume", "volumes")
_ENDINGS: Final = ("extension", "original_extension")
_LOOSE: Final = ("problem", "why", "log")
_READABLE: Final = (
    *("service", "display", "state", "start", "type", "recovery", "role", "pattern", "meaning", "rule", "set", "tags"),
    *("sharing", "component", "traits", "imphash", "original_filename", "magic", "content_type", "product", "key"),
    *("title", "family", "indicator", "algorithm", "linker", "device", "interface", "triggers", "sha1", "value"),
    *("urls", "onions", "wallets", "modulus_sha256", "victim_id", "path_hash", "build", "update", "id", "phases"),
    *("kind", "gaps", "permissions"),
)
_OWN: Final = ("description", "author", "source", "note", "namespace", "list", "reference")
"""Details that our own rules word, and a user's rules as they like: read strictly where no family vouches for them."""

_CHANNEL: Final = re.compile(r"(?a)(?:Microsoft-Windows-[\w./ %-]+|System|Security|Application|Setup|HardwareEvents)")
_LOG_FACT: Final = re.compile(r"((?:\w+\.)*?log\.)(.+)(\.\w+)")
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,30}")
_PREFIX: Final = re.compile(r"^(?:backup\.|copy\.)+")
_CODED: Final = ("drive.letter", "network.interface")
_CODES: Final = ("letter", "disk", "offset", "partition", "device", "address", "given", "gateway")
_PLAIN_CODE: Final = re.compile(r"leased|fixed|[A-Z]:|\d{1,20}")
_PHRASES: Final = frozenset(("patch.reason", "smb1.server_why", "smb1.client_why"))


class Records:
    """Records of one case."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.paths = Paths(names)
        self.texts = Texts(names, self.paths)
        self._text = lru_cache(_REMEMBERED)(self._read)
        self._reads: Mapping[str, Read] = {
            **dict.fromkeys(_PATHS, self.paths.text),
            **dict.fromkeys(_COMMANDS, self.texts.strict),
            **dict.fromkeys(_NAMES, self._name),
            **dict.fromkeys(_USERS, names.user),
            **dict.fromkeys(_HOSTS, names.host),
            **dict.fromkeys(_DEVICES, self._device),
            **dict.fromkeys(_ENDINGS, self.paths.ending),
            **dict.fromkeys(_LOOSE, self.texts.loose),
            **dict.fromkeys(_READABLE, self.readable),
            "domain": self._domain,
            "program": self._program,
            "expected": self._tag,
        }

    def readable(self, text: str) -> str:
        """Names of services, keys, programs: as they are, but for paths in them and names that were met."""
        return "".join(
            self.paths.text(part) if is_path else self.names.scrub(part) for is_path, part in self.texts.split(text)
        )

    # -- records ------------------------------------------------------------------------------------------------------

    def entry(self, entry: Entry) -> Entry:
        """The entry under tokens; what finds its bytes again is left out."""
        return replace(
            entry,
            path=self.paths.entry(entry.path, folder=entry.kind in (Kind.FOLDER, Kind.VOLUME)),
            key="",
            owner=self.names.user(entry.owner),
            target=self.paths.text(entry.target) if entry.target else "",
        )

    def found(self, found: Found) -> Found:
        """A finding with its entry."""
        return replace(found, finding=self._finding(found.finding), entry=self.entry(found.entry))

    def _finding(self, finding: Finding) -> Finding:
        indicator = finding.indicator
        if indicator is not None:
            indicator = self._indicator(finding, indicator)
        own = finding.family is not None
        return replace(finding, indicator=indicator, details=self.details(finding.details, own=own))

    def event(self, told: tuple[Entry, Event]) -> tuple[Entry, Event]:
        """An event with the entry of its artefact."""
        before, event = told
        entry = self.entry(before)
        source = entry.name if event.source == before.name else self.source(event.source)
        return entry, replace(event, source=source, details=self.details(event.details))

    def gap(self, missed: tuple[Entry, Gap]) -> tuple[Entry, Gap]:
        """A gap with its entry."""
        before, gap = missed
        entry = self.entry(before)
        return entry, replace(gap, detail=self.about(gap.detail, before, entry))

    def collected(self, kept: tuple[Entry, Collected]) -> tuple[Entry, Collected]:
        """A file that matters with its entry."""
        before, one = kept
        return self.entry(before), replace(one, member=one.member.partition("-")[0])  # its number alone

    def about(self, detail: str, before: Entry, entry: Entry) -> str:
        """A line that may name the entry it is about."""
        pieces = []
        for part in detail.split(before.path) if len(before.path) > 1 else [detail]:
            inner = part.split(before.name) if len(before.name) > 1 else [part]
            pieces.append(entry.name.join(map(self.texts.loose, inner)))
        return entry.path.join(pieces)

    # -- details ------------------------------------------------------------------------------------------------------

    def details(self, details: Mapping[str, Json], *, own: bool = False) -> dict[str, Json]:
        """Details, by their keys. own: a family of ours vouches for the wording."""
        return {self._key(key): self._detail(key, value, own=own) for key, value in details.items()}

    def _key(self, key: str) -> str:
        return key if _KEY.fullmatch(key) else self.texts.strict(key)

    def _detail(self, key: str, value: Json, *, own: bool) -> Json:
        match value:
            case str():
                return self._text(key, value, own)
            case list():
                return [self._detail(key, item, own=own) for item in value]
            case dict() if key == "values":
                return {self.texts.loose(name): self._detail("image", item, own=own) for name, item in value.items()}
            case dict() if key == "strings":
                return {name: item for name, item in value.items() if name != "hex"}  # matched bytes of a file
            case dict():
                return self.details(value, own=own)
        return value

    def _read(self, key: str, text: str, own: bool) -> str:
        if not text or from_isoformat(text) is not None:
            return text
        if own and key in _OWN:
            return self.readable(text) if key != "author" or "@" in text else self.names.user(text)
        if key == "parent" or key in _COMMANDS:
            return self.texts.strict(text)
        return self._reads.get(key, self.texts.strict)(text)

    def _name(self, text: str) -> str:
        """A file's name, or a host's that a name server was asked for."""
        if "\\" in text or "/" in text:
            return self.paths.text(text)
        return self.paths.name(text)

    def _indicator(self, finding: Finding, text: str) -> str:
        """What matched; where no family names it, it may be a name of the evidence or of the user's own lists."""
        if finding.detector == "tag":
            return self._tag(text)
        if finding.detector == "prefetch":
            return self._program(text)
        if finding.family is not None:
            return self.readable(text)
        if finding.detector == "event_logs":
            return self.texts.loose(text)
        if finding.detector == "yara":
            namespace, colon, rule = text.rpartition(":")
            return self.texts.strict(namespace) + colon + self.texts.loose(rule)
        return self.paths.ending(text) if text.startswith("*.") else self.texts.strict(text)

    def _program(self, text: str) -> str:
        """A program that ran: people run what they called like a sentence, too."""
        return self.paths.name(text) if " " in text or not text.isascii() else self.names.scrub(text)

    def source(self, text: str) -> str:
        """An artefact that tells of a time: a file's name, an attribute of NTFS, or a log of Windows by its channel."""
        stem, dot, ending = text.rpartition(".")
        is_log = dot and ending.lower() in ("evtx", "evt") and _CHANNEL.fullmatch(stem.replace("%4", "/"))
        return text if text.startswith("$") or is_log else self.paths.name(text)

    def _device(self, text: str) -> str:
        return text if re.fullmatch(r"[A-Za-z]:\\?", text) else self.names.token(DEVICE, text)

    def _domain(self, text: str) -> str:
        return self.names.host(text, DOMAIN)

    def _tag(self, text: str) -> str:
        return self.names.token(TAG, text)

    # -- facts --------------------------------------------------------------------------------------------------------

    def fact(self, name: str, value: str) -> tuple[str, str]:
        """A fact's name and values; only the names of logs may tell something."""
        kind = _PREFIX.sub("", name)
        if log := _LOG_FACT.fullmatch(name):
            channel = log[2] if _CHANNEL.fullmatch(log[2]) else self.paths.name(log[2])
            name = f"{log[1]}{channel}{log[3]}"
        return name, " | ".join(self._fact(kind, part) for part in value.split(" | "))

    def _codes(self, line: str) -> str:
        """A line of codes, `key=value; key=value`: its keys are ours, and a few of the values."""
        pairs = [pair.partition("=") for pair in line.split("; ")]
        if not all(key in _CODES and equals for key, equals, _value in pairs):
            return self.texts.strict(line)
        return "; ".join(f"{key}={self._code(key, value)}" for key, _equals, value in pairs)

    def _code(self, key: str, value: str) -> str:
        if key in ("disk", "device", "partition"):
            return self._device(value)
        return value if _PLAIN_CODE.fullmatch(value) else self.texts.strict(value)

    def _fact(self, kind: str, value: str) -> str:
        names = self.names
        if kind in _PHRASES:
            return value
        if kind == "users":
            return names.user(value)
        if kind == "host.name" or (kind.startswith("log.") and kind.endswith(".computers")):
            return " ".join(map(names.host, value.split(" ")))
        if kind == "host.domain":
            return self._domain(value)
        if kind == "wannacry.tag":
            return self._tag(value)
        if kind == "wannacry.demo_files":
            return "\n".join(map(self.paths.text, value.split("\n")))
        if kind in ("registry.dirty", "registry.recovered"):
            return self.paths.entry(value, folder=False)
        if kind == "usb.device":
            name, _, serial = value.rpartition(" ")
            return f"{names.scrub(name)} {self._device(serial)}".strip()
        if kind in _CODED:
            return self._codes(value)
        if kind.startswith(
            ("os.", "patch.", "srv.", "kb.", "smb1.", "time.", "usn.", "wannacry.", "services.", "last.", "registry.")
        ):
            return value if kind.endswith("version") else names.scrub(value)
        if kind.startswith(("log.", "firewall.")) and kind != "firewall.rule":
            return names.scrub(value)
        return self.texts.strict(value)
