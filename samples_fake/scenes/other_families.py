"""Ransomware other than WannaCry, known and unknown. Harmless fakes: noise for ciphertext, notes that say so."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from samples_fake import documents, tools
from samples_fake.scenes.calendar import WHEN_INSTALLED, after, at, office_times, touched
from samples_fake.scenes.office import FOLDERS, HOA, office_documents
from samples_fake.scenes.windows import TEN, program_files, system_files
from samples_fake.tree import Expected, FakeFile, Scene, Volume
from triage.model import UnixNs

GANDCRAB_NOTE = (
    "---= GANDCRAB V5.1 =---\r\n\r\n(Harmless fake for testing; nothing is encrypted.)\r\n\r\n"
    "All your files, documents, photos, databases and "
    "other important files are encrypted and have the extension: .KRAB\r\n"
    "http://gandcrabmfe6mnef.onion/0123456789abcdef\r\n"
)
LOCKBIT_NOTE = (
    "~~~ LockBit 3.0 the world's fastest and most stable ransomware from 2019~~~\r\n\r\n"
    "(Harmless fake for testing.)\r\n>>>>> Your data is stolen and encrypted.\r\n"
    ">>>>> Do not delete or modify encrypted files\r\nhttp://lockbitexample.onion\r\n"
)
UNKNOWN_NOTE = (
    "Your network was locked: all your files are encrypted. (Harmless fake for testing; nothing is.)\r\n\r\n"
    "To get them back pay 0 bitcoin. Contact us at recover@example.invalid; your id: 7F3A-99B1.\r\n"
    "Do not rename files. You have 72 hours.\r\n"
)


def _hit(note_name: str, note: str, ending: str, when: UnixNs) -> Iterator[FakeFile]:
    """Every document of the office turned into noise under another name, and a note beside."""
    for number, file in enumerate(office_documents()):
        moment = after(when, number * 0.4)
        yield FakeFile(
            path=f"{file.path}{ending}",
            content=partial(documents.noise, number % 8, 2000 + number * 61),
            times=touched(moment, changed=moment),
            written=office_times(number),
        )
    for folder in FOLDERS:
        yield FakeFile(
            path=f"{folder}/{note_name}", content=note.encode(), times=touched(when, changed=when), written=when
        )


def _scene(name: str, about: str, hit: tuple[FakeFile, ...], expected: Expected) -> Scene:
    files = (*system_files(TEN), *program_files(), *hit)
    volume = Volume(filesystem="ntfs", size=32 << 20, label=name[:11].upper(), made=WHEN_INSTALLED, files=files)
    return Scene(name=name, about=about, volumes=(volume,), expected=expected)


def unknown_ransomware() -> Scene:
    """72 documents that lost what they began with, one strange extension, the same note in nine folders."""
    hit = tuple(_hit("HOW_TO_RECOVER_FILES.txt", UNKNOWN_NOTE, ".qwx7z", at("2024-09-02T19:00:00")))
    return _scene(
        "unknown_ransomware",
        "A family nobody has described: one extension on 72 documents turned to noise, one note in nine folders.",
        hit,
        Expected(verdict="suspicious", silent=_ordinary()),
    )


def gandcrab() -> Scene:
    """GandCrab 5.1 as it was seen in Vietnam in 2019."""
    hit = (
        *_hit("KRAB-DECRYPT.txt", GANDCRAB_NOTE, ".KRAB", at("2019-03-14T02:30:00")),
        FakeFile(
            path=f"{HOA}/Downloads/hoa-don.exe", content=tools.gandcrab_program, written=at("2019-03-14T02:29:00")
        ),
    )
    notes = {(0, file.path): "infected" for file in hit if file.name == "KRAB-DECRYPT.txt"}
    return _scene(
        "gandcrab",
        "GandCrab 5: notes and the extension .KRAB.",
        hit,
        Expected(verdict="infected", found=notes, silent=_ordinary()),
    )


def lockbit() -> Scene:
    """LockBit 3.0, with an extension of its own for this victim."""
    hit = tuple(_hit("HLJkNskOq.README.txt", LOCKBIT_NOTE, ".HLJkNskOq", at("2024-03-24T03:00:00")))
    notes = {(0, file.path): "infected" for file in hit if file.name.endswith(".README.txt")}
    return _scene(
        "lockbit",
        "LockBit 3.0: notes named after the victim's own extension.",
        hit,
        Expected(verdict="infected", found=notes, silent=_ordinary()),
    )


def _ordinary() -> tuple[tuple[int, str], ...]:
    return tuple((0, one.path) for one in (*system_files(TEN), *program_files()))
