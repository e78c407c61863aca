"""Indicator lists that users bring: hashes, file names and hosts, with a report of what is wrong in them.

Formats, told by content first and by fragments of the file's name where the content is ambiguous:

* `HASH;COMMENT`, `HASH;SCORE;COMMENT` (Loki, THOR: `*hash*`)
* `REGEX;SCORE[;FP_REGEX]` after a `# description` (Loki, THOR: `*filename*`)
* `HOST;COMMENT` (Loki, THOR: `*c2*`)
* hashdeep (`%%%% HASHDEEP-1.0`), md5sum, sha1sum and sha256sum lists

A public list is evidence of somebody's care, not of malware: what is invalid is left out, what is weak is kept
and says so, what is legitimate is left out; each with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from triage.errors import RuleError
from triage.intel.hashes import DIGITS, EMPTY, Algorithm, KnownFile
from triage.intel.hosts import KnownHosts, host_fault
from triage.intel.regexes import inline, regex_fault, weak_regex

_HASH = re.compile(r"[0-9A-Fa-f]+")
_BY_LENGTH: dict[int, Algorithm] = {32: "md5", 40: "sha1", 64: "sha256"}
_SUM_LINE = re.compile(r"\\?([0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}) [ *](.+)")
_SCORE = re.compile(r"-?\d{1,3}")
_NOTHING_KNOWN = KnownHosts()

WINDOWS_PROGRAMS = frozenset(
    """
    attrib.exe bcdedit.exe cliconfg.exe cmd.exe conhost.exe cscript.exe csrss.exe dfrgui.exe diskpart.exe
    dllhost.exe explorer.exe icacls.exe lsass.exe msiexec.exe mshta.exe net.exe notepad.exe powershell.exe
    reg.exe regedit.exe regsvr32.exe rundll32.exe sc.exe schtasks.exe services.exe smss.exe spoolsv.exe
    svchost.exe taskeng.exe taskhost.exe taskhostw.exe taskkill.exe tasklist.exe taskmgr.exe userinit.exe
    vssadmin.exe waitfor.exe wbadmin.exe winlogon.exe wmic.exe wscript.exe wuauclt.exe
    """.split()  # noqa: SIM905 - a list of words
)
"""Names that every Windows carries: alone they say nothing."""


class Fault(Enum):
    """What is wrong with a line."""

    INVALID = "invalid"  # not what it claims to be; left out
    WEAK = "weak"  # kept, with low confidence
    LEGITIMATE = "legitimate"  # belongs to healthy machines; left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One line of the report on a list. line: from 1."""

    path: str
    line: int
    fault: Fault
    why: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.fault.value}: {self.why}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilenameIoc:
    """A regular expression over a path with back-slashes.

    Attributes:
        regex: Python syntax, searched anywhere; flags are inline groups, so that lists can be joined.
        exception: where it does not count.
        where: `list:line`.
        weak: short or unspecific.
    """

    regex: str
    where: str
    description: str = ""
    exception: str = ""
    score: int = 75
    weak: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HostIoc:
    """A host name or address. block: False for a kill switch, which machines must be able to reach."""

    host: str
    where: str
    comment: str = ""
    block: bool = True
    weak: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What a list gave, and what was wrong with it."""

    hashes: tuple[KnownFile, ...] = ()
    names: tuple[FilenameIoc, ...] = ()
    hosts: tuple[HostIoc, ...] = ()
    remarks: tuple[Remark, ...] = ()


_Item = KnownFile | FilenameIoc | HostIoc | Remark


def import_iocs(paths: Iterable[Path], known: KnownHosts = _NOTHING_KNOWN) -> Import:
    """The indicators of these lists, in order.

    Args:
        paths: files, or folders of them.
        known: hosts that are not what a list says they are.

    Raises:
        RuleError: a list cannot be read or is of no known format.
    """
    items = [item for path in paths for file in list_files(path) for item in read_list(file, known)]
    return Import(
        hashes=tuple(item for item in items if isinstance(item, KnownFile)),
        names=tuple(item for item in items if isinstance(item, FilenameIoc)),
        hosts=tuple(item for item in items if isinstance(item, HostIoc)),
        remarks=tuple(item for item in items if isinstance(item, Remark)),
    )


def list_files(path: Path) -> Iterator[Path]:
    """The lists at a path, in a fixed order."""
    if path.is_dir():
        yield from (file for file in sorted(path.rglob("*")) if file.is_file())
    else:
        yield path


def read_list(path: Path, known: KnownHosts = _NOTHING_KNOWN) -> list[_Item]:
    """Indicators and remarks of one list, in the order of its lines.

    Raises:
        RuleError: unreadable, not text, or of no known format.
    """
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RuleError(f"{path}: not UTF-8 at byte {error.start}; save the list as UTF-8") from error
    except OSError as error:
        raise RuleError(f"{path}: cannot be read: {error.strerror}") from error
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    match _format(path, lines):
        case "hashdeep":
            return list(_hashdeep(path, lines))
        case "hashes":
            return [item for number, line in _said(lines) for item in _hash_line(path, number, line)]
        case "names":
            return list(_name_lines(path, lines))
        case _:
            return [item for number, line in _said(lines) for item in _host_line(path, number, line, known)]


def _said(lines: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    return ((number, line) for number, line in lines if not line.startswith("#"))


def _format(path: Path, lines: list[tuple[int, str]]) -> str:
    """By content where it is plain (hashes), else by the name's fragments, as the lists' own tools do."""
    if lines and lines[0][1].startswith("%%%% HASHDEEP"):
        return "hashdeep"
    name = path.name.lower()
    said = [line for _, line in _said(lines)]
    hashes = sum(bool(_SUM_LINE.match(line)) or len(line.split(";")[0].strip()) in _BY_LENGTH for line in said)
    if "filename" in name:
        return "names"
    if "hash" in name or name.endswith((".md5", ".sha1", ".sha256")) or (said and hashes * 2 > len(said)):
        return "hashes"
    if "c2" in name:
        return "hosts"
    if said and all(_SCORE.fullmatch(line.split(";")[1].strip()) if ";" in line else False for line in said):
        return "names"
    raise RuleError(
        f"{path}: not a list of a known format; name it *hash*, *filename* or *c2*, or use hashdeep or sha256sum form"
    )


def _hash_line(path: Path, number: int, line: str) -> Iterator[_Item]:
    if match := _SUM_LINE.fullmatch(line):
        value, comment = match.groups()
    else:
        value, *rest = (part.strip() for part in line.split(";"))
        comment = "; ".join(rest[1:] if len(rest) > 1 and _SCORE.fullmatch(rest[0]) else rest)
    yield from _hash(path, number, value, comment)


def _hash(path: Path, number: int, value: str, comment: str, size: int | None = None) -> Iterator[_Item]:
    def remark(fault: Fault, why: str) -> Remark:
        return Remark(path=str(path), line=number, fault=fault, why=why, text=value[:80])

    if not _HASH.fullmatch(value):
        yield remark(Fault.INVALID, "not hexadecimal")
        return
    algorithm = _BY_LENGTH.get(len(value))
    if algorithm is None:
        digits = ", ".join(f"{count} ({name})" for name, count in DIGITS.items())
        yield remark(Fault.INVALID, f"{len(value)} digits; a hash has {digits}")
        return
    if value.lower() in EMPTY:
        yield remark(Fault.LEGITIMATE, "hash of an empty file")
        return
    if len(set(value)) < 4:
        yield remark(Fault.INVALID, "a placeholder, not a hash")
        return
    if algorithm == "md5":
        yield remark(Fault.WEAK, "MD5 can be made to collide; prefer SHA-256")
    digests = {algorithm: value.lower()}
    yield KnownFile(
        name=comment,
        role="listed",
        confidence="low" if algorithm == "md5" else "medium",
        source=(f"{path.name}:{number}",),
        size=size,
        **digests,  # type: ignore[arg-type] # one of md5, sha1, sha256
    )


def _hashdeep(path: Path, lines: list[tuple[int, str]]) -> Iterator[_Item]:
    columns: list[str] = []
    for number, line in lines:
        if line.startswith("%%%% HASHDEEP"):
            continue
        if line.startswith("%%%%"):
            columns = line.removeprefix("%%%%").strip().split(",")
            if not {"size", "filename"} < set(columns):
                raise RuleError(f"{path}:{number}: hashdeep columns must name size, a hash and filename")
            continue
        if line.startswith("#"):
            continue
        fields = line.split(",", len(columns) - 1)
        if not columns or len(fields) != len(columns):
            why = f"not {len(columns)} columns" if columns else "no column line before it"
            yield Remark(path=str(path), line=number, fault=Fault.INVALID, why=why, text=line[:80])
            continue
        row = dict(zip(columns, fields, strict=True))
        size = int(row["size"]) if row["size"].isdigit() else None
        strongest = next(name for name in ("sha256", "sha1", "md5", columns[1]) if name in row)
        yield from _hash(path, number, row[strongest], row["filename"], size)


def _name_lines(path: Path, lines: list[tuple[int, str]]) -> Iterator[_Item]:
    description = ""
    for number, line in lines:
        if line.startswith("#"):
            description = line.lstrip("# ").strip()
            continue
        regex, *rest = line.split(";")
        score = int(rest[0]) if rest and _SCORE.fullmatch(rest[0].strip()) else 75
        exception = rest[1].strip() if len(rest) > 1 else ""
        yield from _name(path, number, regex, exception, score, description)


def _name(path: Path, number: int, regex: str, exception: str, score: int, description: str) -> Iterator[_Item]:
    def remark(fault: Fault, why: str) -> Remark:
        return Remark(path=str(path), line=number, fault=fault, why=why, text=regex[:80])

    for part in (regex, exception):
        if part and (fault := regex_fault(part)):
            yield remark(Fault.INVALID, fault)
            return
    plain = regex.replace("\\.", ".").rstrip("$").rpartition("\\")[2].lower().removeprefix("(?i)")
    if plain in WINDOWS_PROGRAMS:
        yield remark(Fault.LEGITIMATE, "a program of Windows itself; a name alone says nothing")
        return
    weak = weak_regex(regex)
    if weak:
        yield remark(Fault.WEAK, weak)
    yield FilenameIoc(
        regex=inline(regex),
        exception=inline(exception) if exception else "",
        description=description,
        where=f"{path.name}:{number}",
        score=score,
        weak=bool(weak),
    )


def _host_line(path: Path, number: int, line: str, known: KnownHosts) -> Iterator[_Item]:
    host, _, comment = (part.strip() for part in line.partition(";"))
    host = host.lower().replace("[.]", ".").rstrip(".")
    fault = host_fault(host, known)
    if fault:
        yield Remark(path=str(path), line=number, fault=Fault(fault.kind), why=fault.why, text=host[:80])
        if not fault.keep:
            return
    yield HostIoc(
        host=host,
        comment=comment,
        where=f"{path.name}:{number}",
        block=fault is None or fault.block,
        weak=fault is not None,
    )
