"""A Windows 7 PC with all its own records, on which WannaCry ran across midnight in Vietnam. Harmless fakes throughout.

The encrypted files carry the times of their originals. What tells the true time is a choice: the change journal,
`$STANDARD_INFORMATION`'s MFT-changed, or `$FILE_NAME`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial

from samples_fake import components, documents, registry, state, wncry
from samples_fake.libntfs import record_numbers
from samples_fake.lnk import FakeShortcut, build_shortcut
from samples_fake.scenes.calendar import WHEN_INSTALLED, after, at, office_times, seconds, touched
from samples_fake.scenes.windows import SEVEN, program_files, system_files
from samples_fake.scenes.windows_records import (
    CONFIG,
    LOGS,
    Course,
    hives,
    infected_task,
    logs,
    ordinary_records,
    prefetched,
)
from samples_fake.tree import ARCHIVE, HIDDEN, Expected, FakeFile, Scene, Volume
from samples_fake.usn import CLOSE, DATA_EXTEND, FILE_CREATE, FILE_DELETE, FakeChange, build_journal, renamed
from samples_fake.working_folder import working_folder
from triage.model import UnixNs
from triage.times import isoformat

COMPUTER = registry.COMPUTER
TAG = "evmdthrukdvwcqn063"
WORK = f"/ProgramData/{TAG}"
LAN = "/Users/Lan"
JOURNAL = "/$Extend/$UsnJrnl"

ARRIVED = at("2017-05-12T16:30:00")
BEGUN = after(ARRIVED, 12)
STEP = 45
"""Seconds from one encrypted file to the next."""

FOLDERS = (
    (f"{LAN}/Desktop", ("Công văn 87.pdf", "Lịch trực tuần 19.docx", "Danh bạ.xlsx")),
    (
        f"{LAN}/Documents",
        ("Báo cáo tháng 4.docx", "Đề án.doc", "Quy chế.pdf", "Tờ trình 12.docx", "Dự toán.xlsx", "ghi chú.txt"),
    ),
    (f"{LAN}/Documents/Hội nghị", tuple(f"Ảnh {n:02d}.jpg" for n in range(1, 13))),
    ("/Dulieu/Van ban den", tuple(f"CV-{n}-UBND.pdf" for n in range(101, 136))),
    ("/Dulieu/Ke toan/2016", tuple(f"Chung tu T{n:02d}.xls" for n in range(1, 33))),
)
"""Folders whose files are encrypted, in this order, with the names the files had."""

WHEN: Mapping[str, UnixNs] = {
    path: after(BEGUN, STEP * number)
    for number, path in enumerate(f"{folder}/{name}.WNCRY" for folder, names in FOLDERS for name in names)
}
"""The true time of encryption by path: 88 files, the last at 17:35:27Z."""

PASSED = after(max(WHEN.values()), 20)
"""The first full pass was done; the shadow copies went a minute later."""
FILLED = after(PASSED, 70)
"""Free space began to be overwritten."""
HEARTBEAT = at("2017-05-12T17:40:00")
SHARED_AGAIN = at("2017-05-13T01:15:00")
"""Somebody read the disk on another machine and changed the rights of a folder: MFT-changed moved with them."""

TEMP = f"{LAN}/AppData/Local/Temp"
MOVED: Mapping[str, str] = {f"{TEMP}/{number}.WNCRYT": list(WHEN)[40 + number] for number in range(6)}
"""Originals that were moved away, and what became of them: the last three are deleted."""

ORIGINALS = 4000
"""Numbers of records that the originals had."""

COURSE = Course(
    computer=COMPUTER,
    tag=TAG,
    arrived=ARRIVED,
    shadow_copies=after(PASSED, 60),
    wallpaper=after(PASSED, 30),
)


class Witness(Enum):
    """What tells the true time of encryption.

    JOURNAL: the change journal; `$FILE_NAME` was overwritten by the rename, as real Windows does, and in one folder
        MFT-changed has moved since.
    CHANGED: no journal, `$FILE_NAME` overwritten: MFT-changed alone.
    NAMES: no journal; all four times of `$STANDARD_INFORMATION` were set, `$FILE_NAME` kept its own.
    """

    JOURNAL = "journal"
    CHANGED = "changed"
    NAMES = "names"


@dataclass(frozen=True, slots=True)
class _Original:
    """What the encrypted file was."""

    size: int
    modified: UnixNs


def original(path: str) -> _Original:
    """Of an encrypted file by its path."""
    number = list(WHEN).index(path)
    return _Original(1100 + number * 37 % 3000, office_times(number))


def _encrypted(witness: Witness) -> Iterator[FakeFile]:
    for number, (path, when) in enumerate(WHEN.items()):
        old = original(path)
        moved = witness is Witness.JOURNAL and path.startswith(FOLDERS[3][0])
        changed = SHARED_AGAIN if moved else old.modified if witness is Witness.NAMES else when
        kept = None
        if witness is not Witness.NAMES:  # the rename took over what SetFileTime had set a moment before
            kept = touched(old.modified, changed=after(when, -0.25))
        yield FakeFile(
            path=path,
            content=partial(wncry.encrypted, old.size, seed=number % 8),
            times=touched(old.modified, changed=changed),
            written=when,
            name_times=kept,
            attributes=ARCHIVE,
        )


def _new(path: str, content: Callable[[], bytes], when: UnixNs) -> FakeFile:
    return FakeFile(path=path, content=content, times=touched(when, changed=when), written=when)


def _notes() -> Iterator[FakeFile]:
    """The note with each folder's first file; the decryptor in shallow folders, a shortcut to it in deep ones."""
    program = f"C:{WORK}/@WanaDecryptor@.exe".replace("/", "\\")
    for folder, names in FOLDERS:
        when = after(WHEN[f"{folder}/{names[0]}.WNCRY"], 1)
        yield _new(f"{folder}/@Please_Read_Me@.txt", state.note, when)
        if folder.count("/") >= 4:
            link = FakeShortcut(target=program, born=ARRIVED, modified=ARRIVED, machine=COMPUTER.lower())
            yield _new(f"{folder}/@WanaDecryptor@.exe.lnk", partial(build_shortcut, link), when)
        else:
            yield _new(f"{folder}/@WanaDecryptor@.exe", components.decryptor, when)
    yield _new(f"{LAN}/Desktop/@WanaDecryptor@.bmp", documents.bmp, COURSE.wallpaper)


def _originals() -> Iterator[FakeFile]:
    """Moved to TEMP as they were, some deleted since; and what was to overwrite free space."""
    for number, (path, became) in enumerate(MOVED.items()):
        times = touched(original(became).modified, changed=WHEN[became])
        content = partial(documents.pdf, f"Công văn {number}")
        yield FakeFile(path=path, content=content, times=times, deleted=number >= 3)
    yield replace(_new(f"{TEMP}/hibsys.WNCRYT", partial(bytes, 65536), FILLED), deleted=True)


def _components() -> Iterator[FakeFile]:
    """The programs, the keys and the state, in the folder named by the tag."""
    begun = seconds(BEGUN)
    dropped = after(ARRIVED, 3)
    progress = partial(
        state.res,
        started=begun,
        heartbeat=seconds(HEARTBEAT),
        finished=seconds(PASSED),
        files=len(WHEN),
        encrypted_bytes=sum(original(path).size for path in WHEN),
    )
    contents = {
        **working_folder(begun, progress),
        "msg/m_vietnamese.wnry": partial(state.message_rtf, "vietnamese"),
    }
    yield FakeFile(path=WORK, folder=True, attributes=HIDDEN, written=after(ARRIVED, 2))
    for name, content in contents.items():
        yield _new(f"{WORK}/{name}", content, dropped)
    for name, content in (("mssecsvc.exe", components.mssecsvc), ("tasksche.exe", components.tasksche)):
        yield _new(f"/Windows/{name}", content, ARRIVED)


def _journal(files: tuple[FakeFile, ...]) -> FakeFile:
    """The change journal of those files: what was created, and for each encrypted file a copy, a rename, a deletion."""
    numbers = record_numbers(files)
    changes: list[FakeChange] = []
    for count, file in enumerate(files):
        place = {"file": numbers[file.path], "parent": numbers[file.parent]} if file.parent else {}
        if file.path in WHEN:
            when, stem = WHEN[file.path], file.name.removesuffix(".WNCRY")
            copied = after(when, -1)
            changes += [
                *(
                    FakeChange(when=copied, name=f"{stem}.WNCRYT", reason=reason, **place)
                    for reason in (FILE_CREATE, FILE_CREATE | DATA_EXTEND | CLOSE)
                ),
                *renamed(when, f"{stem}.WNCRYT", file.name, **place),
                FakeChange(
                    when=when,
                    name=stem,
                    file=ORIGINALS + count,
                    parent=numbers[file.parent],
                    reason=FILE_DELETE | CLOSE,
                ),
            ]
        elif file.path in MOVED:
            became = MOVED[file.path]
            changes += renamed(WHEN[became], became.rpartition("/")[2].removesuffix(".WNCRY"), file.name, **place)
        elif file.written and file.written >= ARRIVED and place:
            changes += [
                FakeChange(when=file.written, name=file.name, reason=reason, **place)
                for reason in (FILE_CREATE, FILE_CREATE | CLOSE)
            ]
    changes.sort(key=lambda change: change.when)
    return FakeFile(path=JOURNAL, streams={"$J": build_journal(changes), "$Max": bytes(32)})


ORDINARY = (*system_files(SEVEN), *program_files(), *ordinary_records())


def scene(witness: Witness = Witness.JOURNAL) -> Scene:
    """One NTFS volume of 48 MiB. witness: what tells when files were encrypted."""
    files = (
        *ORDINARY,
        *hives(COURSE),
        *logs(COURSE),
        *prefetched(COURSE),
        *_components(),
        infected_task(COURSE),
        *_encrypted(witness),
        *_notes(),
        *_originals(),
    )
    if witness is Witness.JOURNAL:
        files = (*files, _journal(files))
    found = {(0, path): "encrypted" for path in WHEN}
    found |= {(0, f"{WORK}/{name}"): "infected" for name in ("tasksche.exe", "u.wnry", "taskdl.exe", "t.wnry")}
    found |= {(0, f"{LOGS}/{name}.evtx"): "infected" for name in ("System", "Security")}
    found |= {(0, f"{CONFIG}/{name}"): "infected" for name in ("SYSTEM", "SOFTWARE")}
    return Scene(
        name="infected_windows" if witness is Witness.JOURNAL else f"infected_windows_{witness.value}",
        about="A Windows 7 PC with registry, logs, prefetch and change journal; WannaCry ran across midnight in UTC+7.",
        volumes=(Volume(filesystem="ntfs", size=48 << 20, label="WIN7", made=WHEN_INSTALLED, files=files),),
        expected=Expected(
            verdict="encrypted",
            states={"valid": len(WHEN)},
            found=found,
            silent=tuple((0, file.path) for file in ORDINARY),
            facts={
                "host.name": COMPUTER,
                "os.product": "Windows 7 Professional",
                "os.build": "7601",
                "time.zone": "SE Asia Standard Time",
                "wannacry.tag": TAG,
                "srv.sys.version": "6.1.7601.17514",
                "patch.ms17_010": "vulnerable",
                "smb1.server": "enabled",
                "wannacry.started": isoformat(BEGUN),
                "wannacry.pass_finished": isoformat(PASSED),
            },
        ),
    )
