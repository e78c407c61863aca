"""Scheduled tasks: what they start, for whom, when they were made. XML of Vista and later, `.job` of XP and 2003.

Limits:
    Times without a zone are local to the machine and are given as they are written.

References:
    [MS-TSCH] 2.4 .JOB File Format, 2.5 XML Task Definition.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from xml.parsers import expat

from triage.errors import FormatError

SIZE_MAX = 1 << 20
"""Bytes of a task that are read."""

_JOB = struct.Struct("<HH16xHH28x8H")
_JOB_VERSION = 1
_STRINGS = 5
_DEPTH_MAX = 64
_ENCODINGS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8"), (b"<\0", "utf-16-le"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A program to start."""

    command: str
    arguments: str = ""
    folder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task.

    Attributes:
        name: its own path in the task folder, where it says one.
        registered: when it was made, as written; empty where it does not say.
        last_run: local time, ISO 8601, `.job` only.
        triggers: kinds, in order (`LogonTrigger`), XML only.
    """

    name: str = ""
    author: str = ""
    user: str = ""
    registered: str = ""
    last_run: str = ""
    hidden: bool = False
    enabled: bool = True
    actions: tuple[Action, ...] = ()
    triggers: tuple[str, ...] = ()


def parse_xml(data: bytes) -> Task:
    """A task of Windows Vista or later.

    Raises:
        FormatError: it is no task, not well-formed, it defines entities, or it is larger than SIZE_MAX.
    """
    if len(data) > SIZE_MAX:
        raise FormatError("task XML, its size", SIZE_MAX)
    collector = _Collector()
    parser = expat.ParserCreate("utf-8", "}")
    parser.buffer_text = True
    parser.StartElementHandler = collector.start
    parser.EndElementHandler = collector.end
    parser.CharacterDataHandler = collector.text
    parser.StartDoctypeDeclHandler = collector.doctype
    try:
        parser.Parse(_decoded(data).encode("utf-8"), True)
    except expat.ExpatError as error:
        raise FormatError(f"task XML ({expat.ErrorString(error.code)})", max(parser.ErrorByteIndex, 0)) from error
    return collector.task()


def _decoded(data: bytes) -> str:
    mark, encoding = next(((mark, encoding) for mark, encoding in _ENCODINGS if data.startswith(mark)), (b"", "utf-8"))
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise FormatError(f"task XML, {encoding}", error.start) from error
    return text.removeprefix("\ufeff") if mark else text


@dataclass(slots=True)
class _Collector:
    """Takes the texts of a few elements as they come by."""

    path: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    execs: list[dict[str, str]] = field(default_factory=list)
    triggers: list[str] = field(default_factory=list)
    content: str = ""

    def doctype(self, *_: object) -> None:
        """Raises: tasks have none, and entities are a way to fill the memory."""
        raise FormatError("task XML with a document type", 0)

    def start(self, name: str, _attributes: object) -> None:
        """Notes where we are."""
        self.path.append(name.rpartition("}")[2])
        self.content = ""
        if len(self.path) > _DEPTH_MAX or self.path[0] != "Task":
            raise FormatError("task XML", 0)
        if self.path[1:] == ["Actions", "Exec"]:
            self.execs.append({})
        elif self.path[1:2] == ["Triggers"] and len(self.path) == 3:
            self.triggers.append(self.path[2])

    def text(self, data: str) -> None:
        """Gathers."""
        self.content += data

    def end(self, _name: str) -> None:
        """Keeps what was gathered under its path."""
        where = "/".join(self.path[1:])
        if where.startswith("Actions/Exec/"):
            self.execs[-1][self.path[-1]] = self.content.strip()
        else:
            self.texts.setdefault(where, self.content.strip())
        self.path.pop()
        self.content = ""

    def task(self) -> Task:
        """What the texts say."""
        texts = self.texts
        return Task(
            name=texts.get("RegistrationInfo/URI", ""),
            author=texts.get("RegistrationInfo/Author", ""),
            user=texts.get("Principals/Principal/UserId", "") or texts.get("Principals/Principal/GroupId", ""),
            registered=texts.get("RegistrationInfo/Date", ""),
            hidden=texts.get("Settings/Hidden", "").lower() == "true",
            enabled=texts.get("Settings/Enabled", "").lower() != "false",
            actions=tuple(
                Action(
                    command=one.get("Command", ""),
                    arguments=one.get("Arguments", ""),
                    folder=one.get("WorkingDirectory", ""),
                )
                for one in self.execs
            ),
            triggers=tuple(self.triggers),
        )


def parse_job(data: bytes) -> Task:
    """A `.job` file.

    Raises:
        FormatError: it is none, or its texts run out of it.
    """
    if len(data) < _JOB.size + 4:
        raise FormatError("FIXDLEN_DATA", 0)
    _, version, at, _, year, month, _, day, hour, minute, second, _ = _JOB.unpack_from(data)
    if version != _JOB_VERSION or at < _JOB.size or at >= len(data):
        raise FormatError("FIXDLEN_DATA", 0)
    texts = []
    for _ in range(_STRINGS):
        end = at + 2 + 2 * int.from_bytes(data[at : at + 2], "little")
        if end > len(data) or at + 2 > len(data):
            raise FormatError("task text", at)
        texts.append(data[at + 2 : end].decode("utf-16-le", "surrogatepass").partition("\0")[0])
        at = end
    command, arguments, folder, author, comment = texts
    ran = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}" if year else ""
    return Task(
        name=comment,
        author=author,
        last_run=ran,
        actions=(Action(command=command, arguments=arguments, folder=folder),),
    )
