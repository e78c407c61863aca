"""WannaCry's key and state files, parsed: who the victim is, when it began, how far it got, what can be decrypted.

A name whose content is something else is suspicious only where the name is the family's alone.

Limits:
    `t.wnry` is read by the detector `encrypted`: it is a container.
    The offsets of `00000000.res` are not proven on a victim's file: its finding has medium confidence.

References:
    ATT&CK T1486 Data Encrypted for Impact, T1059.003 Windows Command Shell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from triage.errors import FormatError
from triage.formats import keyblob, state
from triage.model import Confidence, Content, Entry, Event, Fact, Finding, Json, Kind, Record, Severity, UnixNs
from triage.times import isoformat

PUBLIC_KEY = "WannaCry public key of this machine"
WRAPPED_KEY = "WannaCry private key of this machine, wrapped for the attackers"
PRIVATE_KEY = "WannaCry private key in clear: files can be decrypted"
PROGRESS = "WannaCry progress log"
CONFIG = "WannaCry settings of the payment window"
DEMO_LIST = "WannaCry list of files that it decrypts free of charge"
TEMPLATE = "WannaCry template of its note"
BATCH = "WannaCry batch file that makes its shortcut"
MISNAMED = "Name of a WannaCry key or state file with other content"

TITLES = (PUBLIC_KEY, WRAPPED_KEY, PRIVATE_KEY, PROGRESS, CONFIG, DEMO_LIST, TEMPLATE, BATCH, MISNAMED)

STARTED = "WannaCry began to encrypt"
HEARTBEAT = "WannaCry was last seen running"
ROUND_ENDED = "WannaCry finished a full pass over the drives"
COUNTDOWN = "WannaCry started its countdown"
BATCH_MADE = "WannaCry made its shortcut by a batch file"

EVENTS = (STARTED, HEARTBEAT, ROUND_ENDED, COUNTDOWN, BATCH_MADE)

FACTS = (
    "wannacry.key_modulus_sha256",
    "wannacry.wrapped_keys",
    "wannacry.private_key",
    "wannacry.private_key_modulus_sha256",
    "wannacry.victim_id",
    "wannacry.started",
    "wannacry.heartbeat",
    "wannacry.pass_finished",
    "wannacry.files_encrypted",
    "wannacry.bytes_encrypted",
    "wannacry.countdown",
    "wannacry.wallet",
    "wannacry.onions",
    "wannacry.demo_files",
)
"""Names of the facts told here; several onions are separated by a space, several demo files by a line feed."""

_SUFFIXES = (".pky", ".eky", ".dky", ".res", ".wnry", ".bat")
_NAME = re.compile(r"\d{8}\.(?:pky|eky|dky|res)|[cfr]\.wnry|\d{11,15}\.bat")
_OWN_NAME = re.compile(r"0{8}\.(?:pky|eky|dky|res)|[cfr]\.wnry")
_FILE_MAX = keyblob.RECORD_SIZE * keyblob.RECORDS_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What one file tells: a finding, then facts and events whose value is not None."""

    title: str
    details: dict[str, Json]
    confidence: Confidence = Confidence.HIGH
    facts: Mapping[str, str | None] = field(default_factory=dict)
    events: Mapping[str, UnixNs | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """`.pky .eky .dky .res`, `c.wnry f.wnry r.wnry` and `<digits>.bat`."""

    name: str = "keyfiles"

    def wants(self, entry: Entry) -> bool:
        path = entry.path.lower()
        return (
            path.endswith(_SUFFIXES)
            and (entry.kind is Kind.FILE or entry.kind is Kind.STREAM)
            and _NAME.fullmatch(path, path.rfind("/") + 1) is not None
        )

    def detect(self, entry: Entry, content: Content) -> Iterator[Record]:
        name = entry.name.lower()
        try:
            told = _reader(name)(name, _bytes(entry, content))
        except FormatError as error:
            if _OWN_NAME.fullmatch(name):
                yield self._finding(
                    entry, MISNAMED, Severity.SUSPICIOUS, Confidence.LOW, {"problem": str(error), "size": entry.size}
                )
            return
        confidence = told.confidence if entry.allocated else Confidence.LOW
        yield self._finding(entry, told.title, Severity.INFECTED, confidence, told.details)
        for fact, value in told.facts.items():
            if value is not None:
                yield Fact(detector=self.name, entry=entry.id, name=fact, value=value)
        for what, when in told.events.items():
            if when is not None:
                yield Event(detector=self.name, entry=entry.id, when=when, what=what, source=entry.name)

    def _finding(
        self, entry: Entry, title: str, severity: Severity, confidence: Confidence, details: dict[str, Json]
    ) -> Finding:
        return Finding(
            detector=self.name,
            entry=entry.id,
            severity=severity,
            confidence=confidence,
            title=title,
            family="wannacry",
            indicator=entry.name.lower(),
            attack=("T1059.003",) if title == BATCH else ("T1486",),
            details=details if entry.allocated else {**details, "deleted": True},
        )


def _bytes(entry: Entry, content: Content) -> bytes:
    """All of a small file, at any depth: what the head does not hold is read from the end."""
    if content.whole is not None and len(content.whole) <= _FILE_MAX:
        return bytes(content.whole)
    if entry.size > _FILE_MAX:
        raise FormatError("key or state file size", entry.size)
    return content.head if entry.size <= len(content.head) else content.tail(entry.size)


def _public(_name: str, data: bytes) -> _Told:
    key = keyblob.parse_public(data)
    return _Told(
        title=PUBLIC_KEY,
        details={"bits": keyblob.BITS, "modulus_sha256": key.modulus_sha256},
        facts={"wannacry.key_modulus_sha256": key.modulus_sha256},
    )


def _wrapped(_name: str, data: bytes) -> _Told:
    records = keyblob.wrapped_records(data)
    return _Told(title=WRAPPED_KEY, details={"records": records}, facts={"wannacry.wrapped_keys": str(records)})


def _private(_name: str, data: bytes) -> _Told:
    key = keyblob.parse_private(data)
    return _Told(
        title=PRIVATE_KEY,
        details={"bits": keyblob.BITS, "modulus_sha256": key.public.modulus_sha256},
        facts={
            "wannacry.private_key": "valid",
            "wannacry.private_key_modulus_sha256": key.public.modulus_sha256,
        },
    )


def _progress(_name: str, data: bytes) -> _Told:
    log = state.parse_progress(data)
    facts = {
        "wannacry.victim_id": log.victim_id,
        "wannacry.started": _iso(log.started),
        "wannacry.heartbeat": _iso(log.heartbeat),
        "wannacry.pass_finished": _iso(log.pass_finished),
        "wannacry.files_encrypted": str(log.files),
        "wannacry.bytes_encrypted": str(log.bytes),
    }
    return _Told(
        title=PROGRESS,
        confidence=Confidence.MEDIUM,
        details={
            "victim_id": log.victim_id,
            "started": _iso(log.started),
            "heartbeat": _iso(log.heartbeat),
            "pass_finished": _iso(log.pass_finished),
            "files": log.files,
            "bytes": log.bytes,
        },
        facts=facts,
        events={STARTED: log.started, HEARTBEAT: log.heartbeat, ROUND_ENDED: log.pass_finished},
    )


def _config(_name: str, data: bytes) -> _Told:
    config = state.parse_config(data)
    return _Told(
        title=CONFIG,
        details={
            "countdown": _iso(config.countdown),
            "wallets": list(config.wallets),
            "onions": list(config.onions),
            "urls": list(config.urls),
        },
        facts={
            "wannacry.countdown": _iso(config.countdown),
            "wannacry.wallet": " ".join(config.wallets) or None,
            "wannacry.onions": " ".join(config.onions) or None,
        },
        events={COUNTDOWN: config.countdown},
    )


def _demo_list(_name: str, data: bytes) -> _Told:
    paths = state.parse_demo_list(data)
    if not paths:
        raise FormatError("f.wnry, empty", 0)
    return _Told(title=DEMO_LIST, details={"paths": list(paths)}, facts={"wannacry.demo_files": "\n".join(paths)})


def _template(_name: str, data: bytes) -> _Told:
    if not state.is_note_template(data):
        raise FormatError("r.wnry template", 0)
    return _Told(title=TEMPLATE, details={})


def _batch(name: str, data: bytes) -> _Told:
    if not state.is_batch(data):
        raise FormatError("batch file lines", 0)
    when = state.batch_time(name)
    return _Told(title=BATCH, details={"made": _iso(when)}, events={BATCH_MADE: when})


_READERS: Mapping[str, Callable[[str, bytes], _Told]] = {
    "pky": _public,
    "eky": _wrapped,
    "dky": _private,
    "res": _progress,
    "bat": _batch,
    "c.wnry": _config,
    "f.wnry": _demo_list,
    "r.wnry": _template,
}


def _reader(name: str) -> Callable[[str, bytes], _Told]:
    return _READERS.get(name) or _READERS[name.rpartition(".")[2]]


def _iso(when: UnixNs | None) -> str | None:
    return None if when is None else isoformat(when)
