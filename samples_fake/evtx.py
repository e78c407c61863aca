"""Event logs (`.evtx`) as Windows lays them out: chunks, shared templates, typed values, checksums. Harmless fakes.

Every event is text of our own: names that a detector must find, in a log that nothing wrote.

References:
    [MS-EVEN6] 2.2.12 to 2.2.17 (BinXml); libevtx, "Windows XML Event Log (EVTX) format".
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from triage.model import UnixNs
from triage.times import to_filetime

SERVICE_CONTROL = ("Service Control Manager", "{555908d1-a6d7-4695-8e1e-26931d2012f4}")
AUDITING = ("Microsoft-Windows-Security-Auditing", "{54849625-5478-4994-a5ba-3e3b0328c30d}")
EVENTLOG = ("Microsoft-Windows-Eventlog", "{fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148}")
SYSMON = ("Microsoft-Windows-Sysmon", "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}")
SYSMON_CHANNEL = "Microsoft-Windows-Sysmon/Operational"

_EVENT_NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event"
_CHUNK_SIZE = 65536
_CHUNK_HEADER = 512
_FRAGMENT = b"\x0f\x01\x01\x00"
_STRING, _UINT8, _UINT16, _UINT32, _UINT64, _FILETIME, _SID, _HEX64 = 0x01, 0x04, 0x06, 0x08, 0x0A, 0x11, 0x13, 0x15
_NUMBERS = {_UINT8: "<B", _UINT16: "<H", _UINT32: "<I", _UINT64: "<Q", _FILETIME: "<Q", _HEX64: "<Q"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeEvent:
    """One event. data: names and texts of `EventData`; user: a SID as text, empty for none."""

    when: UnixNs
    provider: tuple[str, str]
    event_id: int
    channel: str
    computer: str
    data: Mapping[str, str] = field(default_factory=dict)
    user: str = "S-1-5-18"
    level: int = 4
    process: int = 4


@dataclass(frozen=True, slots=True)
class _Slot:
    """A place in a template that each record fills."""

    index: int
    type: int


@dataclass(frozen=True, slots=True)
class _Element:
    name: str
    attributes: tuple[tuple[str, str | _Slot], ...] = ()
    content: str | _Slot | tuple[_Element, ...] = ""


def event_log(events: Iterable[FakeEvent], *, first_record: int = 1, dirty: bool = False) -> bytes:
    """A whole log.

    Args:
        events: in the order they are written.
        first_record: number of the first record.
        dirty: as if Windows had not closed it: the flag is set, the file header does not know the last chunk.
    """
    chunks = list(_chunks(events, first_record))
    known = max(len(chunks) - 1, 0) if dirty else len(chunks)
    following = chunks[known - 1].last + 1 if known else first_record
    header = bytearray(4096)
    struct.pack_into(*("<8sQQQIHHHH", header, 0, b"ElfFile\0", 0, max(known - 1, 0), following, 128, 1, 3, 4096, known))
    struct.pack_into("<I", header, 120, int(dirty))
    struct.pack_into("<I", header, 124, zlib.crc32(header[:120]))
    return bytes(header) + b"".join(chunk.finish() for chunk in chunks)


def used_before(now: bytes, before: bytes) -> bytes:
    """A log of one chunk, written over an older one: behind its last record lies what the older one held there."""
    (free,) = struct.unpack_from("<I", now, 4096 + 48)
    return now[: 4096 + free] + before[4096 + free :]


def service_installed(
    when: UnixNs, computer: str, name: str, image: str, *, start: str = "auto start", account: str = "LocalSystem"
) -> FakeEvent:
    """System 7045; the name is the one that people read."""
    texts = ("ServiceName", "ImagePath", "ServiceType", "StartType", "AccountName")
    values = (name, image, "user mode service", start, account)
    return FakeEvent(
        when=when,
        provider=SERVICE_CONTROL,
        event_id=7045,
        channel="System",
        computer=computer,
        data=dict(zip(texts, values, strict=True)),
        process=468,
    )


def service_state(when: UnixNs, computer: str, name: str, state: str = "running") -> FakeEvent:
    """System 7036."""
    return FakeEvent(
        when=when,
        provider=SERVICE_CONTROL,
        event_id=7036,
        channel="System",
        computer=computer,
        data={"param1": name, "param2": state},
        user="",
        process=468,
    )


def process_started(when: UnixNs, computer: str, image: str, command: str, *, parent: str = "") -> FakeEvent:
    """Security 4688 with the command line."""
    return FakeEvent(
        when=when,
        provider=AUDITING,
        event_id=4688,
        channel="Security",
        computer=computer,
        user="",
        level=0,
        data={
            "SubjectUserSid": "S-1-5-18",
            "SubjectUserName": f"{computer}$",
            "SubjectDomainName": "WORKGROUP",
            "SubjectLogonId": "0x3e7",
            "NewProcessId": "0x4d2",
            "NewProcessName": image,
            "TokenElevationType": "%%1936",
            "ProcessId": "0x1d4",
            "CommandLine": command,
            "ParentProcessName": parent,
        },
    )


def audit(when: UnixNs, computer: str, event_id: int, **data: str) -> FakeEvent:
    """Any other event of the Security log."""
    return FakeEvent(
        when=when,
        provider=AUDITING,
        event_id=event_id,
        channel="Security",
        computer=computer,
        data=data,
        user="",
        level=0,
    )


def sysmon(when: UnixNs, computer: str, event_id: int, **data: str) -> FakeEvent:
    """An event of Sysmon's log."""
    return FakeEvent(
        when=when,
        provider=SYSMON,
        event_id=event_id,
        channel=SYSMON_CHANNEL,
        computer=computer,
        data=data,
        process=2044,
    )


def _chunks(events: Iterable[FakeEvent], first_record: int) -> Iterator[_Chunk]:
    chunk: _Chunk | None = None
    for number, event in enumerate(events, first_record):
        if chunk is None or not chunk.add(number, event):
            if chunk is not None:
                yield chunk
            chunk = _Chunk(number)
            if not chunk.add(number, event):
                raise ValueError(f"event {number} does not fit a chunk")
    if chunk is not None:
        yield chunk


class _Chunk:
    """64 KiB: a header, tables of names and templates, records that share them."""

    def __init__(self, first: int) -> None:
        self.first, self.last = first, first - 1
        self._data = bytearray(_CHUNK_HEADER)
        self._last_at = 0
        self._names: dict[str, int] = {}
        self._templates: dict[tuple[object, ...], int] = {}

    def add(self, number: int, event: FakeEvent) -> bool:
        """Appends a record; False, and nothing changed, where it does not fit."""
        at = len(self._data)
        before = bytes(self._data[:_CHUNK_HEADER]), dict(self._names), dict(self._templates)
        self._data += struct.pack("<4sIQQ", b"**\0\0", 0, number, to_filetime(event.when)) + _FRAGMENT
        self._instance(number, event)
        self._data += bytes(-(len(self._data) + 4 - at) % 8)
        size = len(self._data) + 4 - at
        self._data += struct.pack("<I", size)
        struct.pack_into("<I", self._data, at + 4, size)
        if len(self._data) > _CHUNK_SIZE:
            del self._data[at:]
            self._data[:_CHUNK_HEADER], self._names, self._templates = before
            return False
        self.last, self._last_at = number, at
        return True

    def finish(self) -> bytes:
        """The chunk's bytes, with its checksums."""
        data, free = self._data, len(self._data)
        head = (self.first, self.last, self.first, self.last, 128, self._last_at, free)
        struct.pack_into("<8sQQQQIII", data, 0, b"ElfChnk\0", *head)
        struct.pack_into("<I", data, 52, zlib.crc32(data[_CHUNK_HEADER:free]))
        struct.pack_into("<I", data, 124, zlib.crc32(data[:120] + data[128:_CHUNK_HEADER]))
        return bytes(data) + bytes(_CHUNK_SIZE - free)

    def _instance(self, number: int, event: FakeEvent) -> None:
        key = (event.provider, event.event_id, event.channel, bool(event.user), tuple(event.data))
        digest = hashlib.md5(repr(key).encode(), usedforsecurity=False).digest()
        identifier = int.from_bytes(digest[:4], "little")
        known = self._templates.get(key)
        at = known if known is not None else len(self._data) + 10
        self._data += b"\x0c\x01" + struct.pack("<II", identifier, at)
        if known is None:
            self._templates[key] = at
            self._data += struct.pack("<I", self._link(384 + identifier % 32 * 4, at)) + digest
            size_at = len(self._data)
            self._data += bytes(4) + _FRAGMENT
            self._element(_tree(event))
            self._data += b"\0"
            struct.pack_into("<I", self._data, size_at, len(self._data) - size_at - 4)
        values = list(_values(number, event))
        self._data += struct.pack("<I", len(values))
        self._data += b"".join(struct.pack("<HBx", len(value), kind) for kind, value in values)
        self._data += b"".join(value for _, value in values) + b"\0"

    def _element(self, element: _Element) -> None:
        data = self._data
        data += (b"\x41" if element.attributes else b"\x01") + b"\xff\xff"
        size_at = len(data)
        data += bytes(4)
        self._name(element.name)
        if element.attributes:
            list_at = len(data)
            data += bytes(4)
            for left, (name, value) in enumerate(element.attributes, 1 - len(element.attributes)):
                data += b"\x46" if left else b"\x06"
                self._name(name)
                self._value(value)
            struct.pack_into("<I", data, list_at, len(data) - list_at - 4)
        data += b"\x02"
        if isinstance(element.content, tuple):
            for child in element.content:
                self._element(child)
        else:
            self._value(element.content)
        data += b"\x04"
        struct.pack_into("<I", data, size_at, len(data) - size_at - 4)

    def _value(self, value: str | _Slot) -> None:
        if isinstance(value, _Slot):
            self._data += b"\x0d" + struct.pack("<HB", value.index, value.type)
        elif value:
            self._data += b"\x05\x01" + struct.pack("<H", len(value)) + value.encode("utf-16-le")

    def _name(self, name: str) -> None:
        """The offset of a name, and at its first use the name itself."""
        if name in self._names:
            self._data += struct.pack("<I", self._names[name])
            return
        at = self._names[name] = len(self._data) + 4
        code = _name_hash(name)
        self._data += struct.pack("<IIHH", at, self._link(128 + code % 64 * 4, at), code, len(name))
        self._data += name.encode("utf-16-le") + b"\0\0"

    def _link(self, bucket: int, at: int) -> int:
        """Puts an offset at the head of a table's chain; what was there before."""
        (before,) = struct.unpack_from("<I", self._data, bucket)
        struct.pack_into("<I", self._data, bucket, at)
        return int(before)


def _name_hash(name: str) -> int:
    code = 0
    for letter in name:
        code = (code * 65599 + ord(letter)) & 0xFFFFFFFF
    return code & 0xFFFF


_SLOTS = (
    ("EventID", _UINT16),
    ("Version", _UINT8),
    ("Level", _UINT8),
    ("Task", _UINT16),
    ("Opcode", _UINT8),
    ("Keywords", _HEX64),
    ("SystemTime", _FILETIME),
    ("EventRecordID", _UINT64),
    ("ProcessID", _UINT32),
    ("ThreadID", _UINT32),
    ("Computer", _STRING),
    ("UserID", _SID),
)


def _tree(event: FakeEvent) -> _Element:
    slot = {name: _Slot(index, kind) for index, (name, kind) in enumerate(_SLOTS)}
    simple = [_Element(name, content=slot[name]) for name, _ in _SLOTS[:6]]
    system = (
        _Element("Provider", (("Name", event.provider[0]), ("Guid", event.provider[1]))),
        *simple,
        _Element("TimeCreated", (("SystemTime", slot["SystemTime"]),)),
        _Element("EventRecordID", content=slot["EventRecordID"]),
        _Element("Correlation"),
        _Element("Execution", (("ProcessID", slot["ProcessID"]), ("ThreadID", slot["ThreadID"]))),
        _Element("Channel", content=event.channel),
        _Element("Computer", content=slot["Computer"]),
        _Element("Security", (("UserID", slot["UserID"]),) if event.user else ()),
    )
    data = tuple(
        _Element("Data", (("Name", name),), _Slot(index, _STRING)) for index, name in enumerate(event.data, len(_SLOTS))
    )
    return _Element(
        "Event",
        (("xmlns", _EVENT_NAMESPACE),),
        (_Element("System", content=system), _Element("EventData", content=data)),
    )


def _values(number: int, event: FakeEvent) -> Iterator[tuple[int, bytes]]:
    numbers = (event.event_id, 0, event.level, 0, 0, 0x8080000000000000, to_filetime(event.when), number)
    for (_, kind), value in zip(_SLOTS, (*numbers, event.process, event.process + 4), strict=False):
        yield kind, struct.pack(_NUMBERS[kind], value)
    yield _STRING, event.computer.encode("utf-16-le")
    yield (_SID, _sid(event.user)) if event.user else (0, b"")
    for text in event.data.values():
        yield _STRING, text.encode("utf-16-le")


def _sid(text: str) -> bytes:
    """[MS-DTYP] 2.4.2.2."""
    _, revision, authority, *rest = text.split("-")
    return struct.pack(
        f"<BB6s{len(rest)}I", int(revision), len(rest), int(authority).to_bytes(6, "big"), *map(int, rest)
    )
