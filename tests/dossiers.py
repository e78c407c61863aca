"""Synthetic dossiers: small cases for tests of outputs, built from records alone, without evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from triage.analysis.dossier import (
    Coverage,
    Dossier,
    EvidenceInfo,
    Found,
    Inventory,
    JournalLine,
    Reason,
    Tally,
    Verdict,
    VerdictLevel,
    VolumeInfo,
)
from triage.analysis.recovery import Records, Recovery, recoveries
from triage.analysis.savable import summed
from triage.analysis.story import tell
from triage.analysis.traces import gather
from triage.model import (
    Confidence,
    Entry,
    EntryId,
    Event,
    Finding,
    Gap,
    GapReason,
    Json,
    Kind,
    Macb,
    Severity,
    UnixNs,
)

SECOND = 1_000_000_000
OUTBREAK = UnixNs(1_494_574_440 * SECOND)
"""2017-05-12T07:34:00Z."""

EVIDENCE = EvidenceInfo(
    format="E01",
    name="may-ke-toan.E01",
    size=512 * 1024**2,
    fingerprint_before="a1" * 32,
    fingerprint_after="a1" * 32,
    hashes={"sha256": "b2" * 32},
    stored_hashes={"md5": "c3" * 16},
)
NO_EVIDENCE = EvidenceInfo(
    format="folder", name="empty", size=0, fingerprint_before="", fingerprint_after="", hashes={}, stored_hashes={}
)
NO_INVENTORY = Inventory(files=0, bytes=0, by_state=(), by_folder=(), by_user=(), by_extension=())


def make_entry(number: int, path: str, **fields: Any) -> Entry:
    """A file on volume 0; any field may be given."""
    born = UnixNs(OUTBREAK + number * SECOND)
    given = {"volume": 0, "kind": Kind.FILE, "size": 1000 + number, "times": Macb(modified=OUTBREAK, born=born)}
    return Entry(id=EntryId(number), path=path, **(given | fields))


def make_found(
    number: int, path: str, severity: Severity, title: str, *, sha256: str | None = None, **fields: Any
) -> Found:
    """A finding with its entry; fields go to the finding."""
    given: dict[str, Any] = {"detector": "names", "confidence": Confidence.LOW, "family": "wannacry"}
    finding = Finding(entry=EntryId(number), severity=severity, title=title, **(given | fields))
    return Found(finding=finding, entry=make_entry(number, path), sha256=sha256)


def make_encrypted(number: int, path: str, *, state: str = "valid", original_size: int = 24_576) -> Found:
    """A finding on an encrypted file, as the detector of that name makes it."""
    details: dict[str, Json] = {
        "state": state,
        "type": 4,
        "original_size": original_size,
        "encrypted_at": "2017-05-12T07:44:00Z",
        "recovery": "lost-without-key",
    }
    return make_found(
        number,
        path,
        Severity.ENCRYPTED,
        "File encrypted by WannaCry, cut short" if state == "truncated" else "File encrypted by WannaCry",
        detector="encrypted",
        confidence=Confidence.HIGH,
        indicator="WANACRY!",
        attack=("T1486",),
        details=details,
    )


def make_dossier(
    level: VerdictLevel = VerdictLevel.NOTHING_FOUND,
    found: Sequence[Found] | Callable[[], Iterator[Found]] = (),
    gaps: Sequence[tuple[Entry, Gap]] = (),
    events: Sequence[tuple[Entry, Event]] = (),
    *,
    entries: int | None = None,
    **fields: Any,
) -> Dossier:
    """A dossier whose counts and coverage agree with its streams; any field may be given instead."""
    findings = found if callable(found) else lambda: iter(found)
    severities = Counter(item.finding.severity for item in findings())
    by_reason = Counter(gap.reason for _, gap in gaps)
    total = entries if entries is not None else sum(severities.values()) + len(gaps)
    examined = total - len(gaps)
    traces = gather(((item.finding, item.entry) for item in findings()), events)
    by_itself = Records(
        findings=lambda: ((item.finding, item.entry) for item in findings()),
        of_sizes=lambda _sizes: iter(()),
        facts=fields.get("facts", {}),
    )

    def recovered() -> Iterator[Recovery]:
        return recoveries(by_itself)

    full, head = examined // 3, examined // 2
    given: dict[str, Any] = {
        "verdict": Verdict(level=level, reasons=()),
        "coverage": Coverage(
            entries=total,
            examined=examined,
            full=full,
            head=head,
            metadata=examined - full - head,
            gaps=len(gaps),
            gaps_by_reason=dict(by_reason),
            bytes_entries=total * 50_000,
            bytes_read=total * 9_000,
        ),
        "counts": {severity.value: severities[severity] for severity in Severity},
        "facts": {},
        "evidence": EVIDENCE,
        "volumes": (),
        "inventory": NO_INVENTORY,
        "traces": traces,
        "story": tell(traces, fields.get("facts", {})),
        "recoveries": recovered,
        "savable": lambda: summed(recovered()),
        "journal": (),
        "arguments": {},
        "tool_version": "0.1.0",
        "intel_digest": "d4" * 32,
        "finished": True,
        "findings": findings,
        "gaps": lambda: iter(gaps),
        "events": lambda: iter(events),
        "entries": lambda: (item.entry for item in findings()),
    }
    return Dossier(**(given | fields))


def empty_dossier() -> Dossier:
    """An evidence without a single entry."""
    return make_dossier(VerdictLevel.INCONCLUSIVE, evidence=NO_EVIDENCE)


def infected_dossier(files: int = 40) -> Dossier:
    """A typical machine: so many encrypted files, the components, notes, facts and a few gaps."""
    folders = ("/Users/lan.nguyen/Desktop", "/Users/lan.nguyen/Documents/Công văn 2017", "/Users/hùng/Documents")
    names = ("Báo cáo quyết toán", "Danh sách cán bộ", "Kế hoạch tuần", "Dự toán", "Ảnh hội nghị")
    types = ("docx", "xlsx", "pdf", "jpg")
    encrypted = [
        make_encrypted(
            number,
            f"{folders[number % 3]}/{names[number % 5]} {number}.{types[number % 4]}.WNCRY",
            state="truncated" if number % 20 == 19 else "valid",
            original_size=24_576 + number * 1000,
        )
        for number in range(1, files + 1)
    ]
    found = [*encrypted, *_components(files)]
    gaps = _gaps(files + len(found))
    sizes = [24_576 + number * 1000 for number in range(1, files + 1)]
    return make_dossier(
        VerdictLevel.ENCRYPTED,
        found,
        gaps,
        entries=60_000 + len(gaps),
        verdict=Verdict(
            level=VerdictLevel.ENCRYPTED,
            reasons=(
                Reason(text="File encrypted by WannaCry", count=files, example=encrypted[0].entry.path),
                Reason(text="Known malicious file (hash)", count=1, example="/ProgramData/hxqdwpkvzbr/tasksche.exe"),
            ),
        ),
        facts={
            "host.name": "KETOAN-03",
            "os.product": "Windows 7 Professional",
            "os.build": "7601",
            "os.service_pack": "Service Pack 1",
            "time.zone": "SE Asia Standard Time",
            "wannacry.tag": "hxqdwpkvzbr",
            "patch.ms17_010": "vulnerable",
            "smb1.server": "enabled",
            "wannacry.started": "2017-05-12T07:34:00Z",
            "wannacry.demo_files": "C:\\Users\\a.doc\nC:\\Users\\b.doc",
        },
        volumes=(
            VolumeInfo(
                index=0,
                offset=1_048_576,
                size=510 * 1024**2,
                filesystem="NTFS",
                label="Windows",
                serial="5A3C-11F0",
                entries=60_000 + len(gaps),
                opened=True,
            ),
        ),
        inventory=_inventory(files, sizes, folders, types),
        journal=(
            JournalLine(when=UnixNs(1_768_446_000 * SECOND), who="ktv.minh", act="begun", detail="triage 0.1.0"),
            JournalLine(when=UnixNs(1_768_446_095 * SECOND), who="ktv.minh", act="finished", detail=""),
        ),
        arguments={"depth": "standard", "engine": "yara", "workers": "2"},
    )


def _components(after: int) -> list[Found]:
    return [
        make_found(
            after + 1,
            "/ProgramData/hxqdwpkvzbr/tasksche.exe",
            Severity.INFECTED,
            "Known malicious file (hash)",
            detector="hashes",
            confidence=Confidence.HIGH,
            indicator="sha256:" + "ed" * 32,
            sha256="ed" * 32,
            details={"set": "wannacry"},
        ),
        make_found(
            after + 2,
            "/ProgramData/hxqdwpkvzbr/@WanaDecryptor@.exe",
            Severity.INFECTED,
            "YARA rule matched",
            detector="yara",
            confidence=Confidence.HIGH,
            indicator="wannacry_decryptor",
            sha256="b9" * 32,
            details={"strings": ["$note", "$title"], "offset": 4096},
        ),
        make_found(
            after + 3, "/Users/lan.nguyen/Desktop/@Please_Read_Me@.txt", Severity.SUSPICIOUS, "Name of a ransom note"
        ),
        make_found(
            after + 4,
            "/ProgramData/hxqdwpkvzbr/00000000.res",
            Severity.INFO,
            "WannaCry progress log",
            detector="keyfiles",
            confidence=Confidence.MEDIUM,
            details={"started": "2017-05-12T07:34:00Z", "files": after},
        ),
    ]


def _gaps(after: int) -> tuple[tuple[Entry, Gap], ...]:
    rows = (
        ("/pagefile.sys", "read", GapReason.UNREADABLE, "read error at offset 0x1f000"),
        ("/Users/hùng/Documents/lương.xlsx", "read", GapReason.UNREADABLE, "read error at offset 0x0"),
        ("/Users/lan.nguyen/Downloads/setup.exe", "pe", GapReason.UNPARSABLE, "section table at offset 0x178"),
        ("/Users/lan.nguyen/Downloads/phim.iso", "yara", GapReason.TIMEOUT, "over 120 s"),
    )
    return tuple(
        (
            make_entry(after + place, path),
            Gap(entry=EntryId(after + place), stage=stage, reason=reason, detail=detail),
        )
        for place, (path, stage, reason, detail) in enumerate(rows, 1)
    )


def _inventory(files: int, sizes: list[int], folders: Sequence[str], types: Sequence[str]) -> Inventory:
    def split(keys: Sequence[str]) -> tuple[Tally, ...]:
        return tuple(
            Tally(key=key, files=len(part), bytes=sum(part))
            for place, key in enumerate(keys)
            if (part := [size for number, size in enumerate(sizes) if number % len(keys) == place])
        )

    truncated = files // 20
    return Inventory(
        files=files,
        bytes=sum(sizes),
        by_state=(
            Tally(key="valid", files=files - truncated, bytes=sum(sizes[truncated:])),
            Tally(key="truncated", files=truncated, bytes=sum(sizes[:truncated])),
        ),
        by_folder=split(folders),
        by_user=split(("lan.nguyen", "hùng")),
        by_extension=split(types),
    )


def inconclusive_dossier() -> Dossier:
    """Nothing found, but a volume could not be opened."""
    entry = make_entry(1, "/", kind=Kind.VOLUME, volume=1, size=256 * 1024**2)
    gap = Gap(entry=EntryId(1), stage="walk", reason=GapReason.ENCRYPTED_VOLUME, detail="BitLocker")
    return make_dossier(
        VerdictLevel.INCONCLUSIVE,
        gaps=((entry, gap),),
        entries=1200,
        verdict=Verdict(
            level=VerdictLevel.INCONCLUSIVE,
            reasons=(Reason(text="encrypted-volume", count=1),),
        ),
        finished=False,
    )


def many_dossier(files: int = 100_000, gaps: int = 2_000) -> Dossier:
    """A machine with very many findings and gaps; the findings are made while they are read."""

    def findings() -> Iterator[Found]:
        for number in range(1, files + 1):
            folder = f"/Users/cán bộ {number % 40}/Documents/Hồ sơ {number % 1000:04}"
            yield make_encrypted(number, f"{folder}/Báo cáo tháng {number % 12 + 1} số {number}.docx.WNCRY")
        yield from _components(files)

    sizes = [24_576] * files
    rows = tuple(
        (
            make_entry(number, f"/Windows/Temp/mục {number}.tmp"),
            Gap(entry=EntryId(number), stage="read", reason=GapReason.UNREADABLE, detail="read error"),
        )
        for number in range(files + 10, files + 10 + gaps)
    )
    folders = [f"/Users/cán bộ {number}/Documents" for number in range(40)]
    return make_dossier(
        VerdictLevel.ENCRYPTED,
        findings,
        rows,
        entries=files + gaps + 200_000,
        verdict=Verdict(
            level=VerdictLevel.ENCRYPTED,
            reasons=(Reason(text="File encrypted by WannaCry", count=files, example="/Users/a.docx.WNCRY"),),
        ),
        inventory=_inventory(files, sizes, folders, ("docx",)),
    )


HOSTILE = (
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>'",
    "<!--<script>",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "&lt;b&gt;&amp;",
    "\x1b[31mred\x07\r\n\x9b2J",
    "\u202egpj.exe\u2066",
    "line\u2028and\u2029paragraph",
    "lone \udcff \ud800 surrogate",
    "\x00\ufeff\ufffe\U000e0041",
    "=HYPERLINK(1)|+-@",
    "tie\u0302\u0301ng Vie\u0323\u0302t",
    "d\u00e0i " + "x" * 40_000,
    "']]><svg onload=alert(1)>",
)
"""Names that break careless outputs: markup, controls, bidi, surrogates, templates, length."""


def hostile_dossier() -> Dossier:
    """Every field that evidence or a user can fill holds every hostile name."""
    found, gaps = [], []
    for number, text in enumerate(HOSTILE, 1):
        item = make_found(
            number,
            f"/{text}/{text}",
            tuple(Severity)[number % 4],
            text,
            detector=text,
            family=text,
            indicator=text,
            attack=(text,),
            sha256=text,
            details={text: text, "state": text, "nested": [{text: [text]}]},
        )
        found.append(item)
        gaps.append((item.entry, Gap(entry=item.entry.id, stage=text, reason=GapReason.BUG, detail=text)))
    every = " ".join(HOSTILE)
    tallies = tuple(Tally(key=text, files=number, bytes=number) for number, text in enumerate(HOSTILE, 1))
    return make_dossier(
        VerdictLevel.SUSPICIOUS,
        found,
        gaps,
        verdict=Verdict(
            level=VerdictLevel.SUSPICIOUS,
            reasons=tuple(Reason(text=text, count=1, example=text) for text in HOSTILE),
        ),
        facts={text: text for text in HOSTILE} | {"host.name": every},
        evidence=EvidenceInfo(
            format=every,
            name=every,
            size=1,
            fingerprint_before=every,
            fingerprint_after="other" + every,
            hashes={every: every},
            stored_hashes={every: every},
        ),
        volumes=tuple(
            VolumeInfo(index=place, offset=0, size=1, filesystem=text, label=text, serial=text, entries=1, opened=False)
            for place, text in enumerate(HOSTILE)
        ),
        inventory=Inventory(
            files=1, bytes=1, by_state=tallies, by_folder=tallies, by_user=tallies, by_extension=tallies
        ),
        journal=tuple(JournalLine(when=UnixNs(2**70), who=text, act=text, detail=text) for text in HOSTILE),
        arguments={text: text for text in HOSTILE},
        tool_version=every,
        intel_digest=every,
        finished=False,
    )
