"""What a comparison of machines knows of each, and what it says of all: the records of an outbreak.

Times of a machine are by its own clock, as it went at its first sign; what is corrected says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from triage.analysis.clock import Skew
from triage.analysis.course import Phase
from triage.analysis.dossier import VerdictLevel
from triage.analysis.spread_replug import Replug
from triage.model import Confidence, UnixNs


class State(Enum):
    """What became of a machine, the worst first. There is no "clean"."""

    ENCRYPTED = "encrypted"
    REMOTE = "encrypted-from-elsewhere"
    INFECTED = "infected"
    SUSPICIOUS = "suspicious"
    NOTHING_FOUND = "nothing-found"
    NOT_EXAMINED = "not-examined"


class Sign(Enum):
    """What the first sign is."""

    SERVICE = "service-installed"
    PROGRAM = "program-arrived"
    DROP = "files-dropped"
    AUTOSTART = "autostart-set"
    KILL_SWITCH = "kill-switch-asked"
    ENCRYPTED = "first-encrypted-file"
    NOTE = "first-note"
    AFTER = "traces-of-after"


class Reach(Enum):
    """How one machine reached another."""

    LOGON = "logon"
    REMOTE = "remote-desktop"
    SMB1 = "smb1"
    CONNECTED = "connected"  # told by the machine that reached out; the others by the one reached


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSign:
    """The first thing that only this malware does; the machine may have been infected before, never after.

    Attributes:
        source: the artefact that tells the time.
        text: the finding's or the event's phrase.
    """

    kind: Sign
    when: UnixNs
    source: str
    confidence: Confidence
    text: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An IPv4 address of a machine. since: of a lease, None where that is not told or the address is fixed."""

    address: str
    leased: bool
    since: UnixNs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody reached the machine, or the machine reached out; drawn together by hour.

    Attributes:
        until: the last of them.
        one: all of them were with this one address.
        name: the other machine's name in capital letters, as it gave it itself.
        own_program: the program that reached out is the malware's own.
        source: the artefact; record: its number in it.
    """

    reach: Reach
    when: UnixNs
    until: UnixNs
    count: int
    address: str
    name: str
    account: str = ""
    image: str = ""
    one: bool = True
    own_program: bool = False
    source: str = ""
    record: int | None = None

    @property
    def instants(self) -> tuple[UnixNs, ...]:
        """The moments that are told exactly."""
        return (self.when, self.until) if self.one and self.until > self.when else (self.when,)

    def moved(self, when: UnixNs, until: UnixNs) -> Contact:
        """The same, told by another clock."""
        return self if (when, until) == (self.when, self.until) else replace(self, when=when, until=until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """A shortcut of the malware on this disk that was made on a machine of that name. when: it came here."""

    name: str
    when: UnixNs | None
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """Encrypted files. first, last: None where nothing tells; begun, heartbeat: by the malware's own log.

    in_place: how many carry the birth of their original: they were not brought here as they are.
    """

    files: int
    in_place: int
    bytes: int
    first: UnixNs | None
    last: UnixNs | None
    begun: UnixNs | None
    heartbeat: UnixNs | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One case, as far as a comparison needs it.

    Attributes:
        name: unique among the machines compared.
        hosts: its computer names in capital letters.
        case: name of the case's folder.
        unclear: its clock was set around the first sign so that the order of records cannot be told.
        remote_confidence: for REMOTE: how sure it is that nothing of the malware ran here.
        traits: kind of indicator to its values.
    """

    name: str
    hosts: tuple[str, ...]
    domain: str
    case: str
    evidence: str
    fingerprint: str
    state: State
    verdict: VerdictLevel
    entries: int
    gaps: int
    finished: bool
    first: FirstSign | None
    phases: tuple[Phase, ...]
    skew: Skew | None
    unclear: bool
    addresses: tuple[Address, ...]
    contacts: tuple[Contact, ...]
    pointers: tuple[Pointer, ...]
    encryption: Encryption
    remote_confidence: Confidence | None
    traits: Mapping[str, tuple[str, ...]]
    facts: Mapping[str, str]
    replug: Replug

    @property
    def ran(self) -> bool:
        """The malware itself is or was at work here."""
        return self.state in (State.ENCRYPTED, State.INFECTED)
