"""A Windows 7 PC with the fix for MS17-010 and SMBv1 switched off, to which nothing happened. Harmless fakes."""

from __future__ import annotations

from samples_fake.scenes.calendar import WHEN_INSTALLED
from samples_fake.scenes.office import office_documents
from samples_fake.scenes.windows import SEVEN_PATCHED, program_files, system_files
from samples_fake.scenes.windows_records import ordinary_hives, ordinary_records
from samples_fake.tree import Expected, Scene, Volume

COMPUTER = "VANTHU-PC03"


def scene() -> Scene:
    """One NTFS volume of 32 MiB."""
    files = (
        *system_files(SEVEN_PATCHED),
        *program_files(),
        *office_documents(),
        *ordinary_hives(COMPUTER, smb1=0),
        *ordinary_records(),
    )
    return Scene(
        name="patched_windows",
        about="A Windows 7 PC with the fix for MS17-010, SMBv1 switched off: nothing happened here.",
        volumes=(Volume(filesystem="ntfs", size=32 << 20, label="WIN7", made=WHEN_INSTALLED, files=files),),
        expected=Expected(
            verdict="nothing-found",
            silent=tuple((0, file.path) for file in files),
            facts={
                "host.name": COMPUTER,
                "os.product": "Windows 7 Professional",
                "srv.sys.version": "6.1.7601.23689",
                "patch.ms17_010": "patched",
                "smb1.server": "disabled",
            },
        ),
    )
