"""Disks without ransomware: an ordinary one, one with names that only sound like it, one with decoys. Harmless."""

from __future__ import annotations

from functools import partial

from samples_fake import documents, wncry
from samples_fake.scenes.calendar import WHEN_INSTALLED
from samples_fake.scenes.office import HOA, MINH, office_documents
from samples_fake.scenes.windows import SEVEN_PATCHED, TEN, program_files, system_files
from samples_fake.tree import HIDDEN, Expected, FakeFile, Scene, Volume

RULES_AS_TEXT = r"""
rule Someone_Elses_WannaCry_Loader
{
    meta:
        description = "A rule in another project's folder: text, not malware"
    strings:
        $a = "WNcry@2ol7" fullword ascii
        $b = "icacls . /grant Everyone:F /T /C /Q" ascii
        $c = "C:\\%s\\qeriuwjhrf" ascii
        $d = "msg/m_portuguese.wnry" ascii
        $e = "Global\\MsWinZonesCacheCounterMutexA" ascii
        $f = { 57 41 4E 41 43 52 59 21 }
        $g = "WANACRY!" ascii
        $h = "__TREEID__PLACEHOLDER__"
        $i = "__USERID__PLACEHOLDER__"
        $j = "Windows for Workgroups 3.1a"
    condition:
        uint16(0) == 0x5A4D and 2 of them
}
"""


def benign_office() -> Scene:
    """An ordinary PC whose owner has read about WannaCry and keeps other people's rules."""
    reading = (
        FakeFile(path=f"{HOA}/Documents/Mã độc WannaCry.txt", content=documents.ARTICLE.encode()),
        FakeFile(
            path=f"{HOA}/Downloads/bai-bao.html",
            content=f"<html><body>{documents.ARTICLE}</body></html>".encode(),
            streams={"Zone.Identifier": documents.zone_identifier()},
        ),
        FakeFile(path=f"{MINH}/yara/crime_wannacry.yar", content=RULES_AS_TEXT.encode()),
        FakeFile(path=f"{MINH}/yara/index.yar", content=b'include "./crime_wannacry.yar"\n'),
        FakeFile(path=f"{MINH}/Documents/random.bin", content=partial(documents.noise, 1, 8192)),
        FakeFile(
            path=f"{MINH}/Documents/anh.zip",
            content=lambda: documents.archive({"anh1.jpg": documents.jpeg(1), "anh2.jpg": documents.jpeg(2)}),
        ),
        FakeFile(path=f"{MINH}/Documents/empty.docx"),
    )
    files = (*system_files(TEN), *program_files(), *office_documents(), *reading)
    ordinary = (*system_files(TEN), *program_files(), *office_documents(), reading[0], reading[1])
    return Scene(
        name="benign_office",
        about="An ordinary PC with an article about WannaCry and a folder of other people's YARA rules.",
        volumes=(Volume(filesystem="ntfs", size=32 << 20, label="WIN10", made=WHEN_INSTALLED, files=files),),
        expected=Expected(
            verdict="suspicious", weakest="nothing-found", silent=tuple((0, one.path) for one in ordinary)
        ),
    )


def dormant_name_only() -> Scene:
    """Names that WannaCry uses, on files that are something else."""
    program = partial(documents.windows_program, "tasksche.exe", (1, 0, 0, 0), bits=32)
    named = (
        FakeFile(path="/Windows/System32/tasksche.exe", content=program),
        FakeFile(
            path="/Program Files/Backup/taskse.exe",
            content=partial(documents.windows_program, "taskse.exe", (2, 1, 0, 0)),
        ),
        FakeFile(path=f"{MINH}/Desktop/@Please_Read_Me@.txt", content="Đọc giúp em nhé.\r\n".encode()),
        FakeFile(path=f"{MINH}/Documents/qeriuwjhrf", content=b"just letters\r\n"),
        FakeFile(path="/ProgramData/abcdefghij123", folder=True, attributes=HIDDEN),
        FakeFile(path="/ProgramData/abcdefghij123/settings.ini", content=b"[a]\r\nb=1\r\n"),
        FakeFile(path=f"{MINH}/Documents/m.vbs", content=b"MsgBox 1\r\n"),
    )
    files = (*system_files(SEVEN_PATCHED), *program_files(), *office_documents(), *named)
    ordinary = (*system_files(SEVEN_PATCHED), *program_files(), *office_documents())
    return Scene(
        name="dormant_name_only",
        about="Names that WannaCry uses, on files that are something else.",
        volumes=(Volume(filesystem="ntfs", size=32 << 20, label="NAMES", made=WHEN_INSTALLED, files=files),),
        expected=Expected(
            verdict="suspicious",
            found={
                (0, f"{MINH}/Desktop/@Please_Read_Me@.txt"): "suspicious",
                (0, f"{MINH}/Documents/qeriuwjhrf"): "suspicious",
            },
            silent=(*((0, one.path) for one in ordinary), (0, f"{MINH}/Documents/m.vbs")),
        ),
    )


def decoys() -> Scene:
    """The extension without the header, the mark without a header, and WannaCryFake."""
    folder = f"{HOA}/Documents/Decoys"
    marks = {
        f"{folder}/only the name.docx.WNCRY": documents.docx("Tài liệu"),
        f"{folder}/empty.xlsx.WNCRY": b"",
        f"{folder}/text.txt.WNCRY": wncry.decoy(),
        f"{folder}/key length.pdf.WNCRY": wncry.wrong_key_length(500, length=0xFFFFFFFF),
        f"{folder}/type 9.pdf.WNCRY": wncry.wrong_type(500, kind=9),
        f"{folder}/no key.pdf.WNCRY": wncry.wrong_key_length(500, length=0),
        f"{folder}/shifted.bin": b"\0" + wncry.encrypted(500),
    }
    fake_family = {
        f"{folder}/hồ sơ {n}.docx.[id-1A2B3C4D].[fake@example.invalid].WannaCry": documents.noise(n, 700)
        for n in range(4)
    }
    files = (
        *system_files(TEN),
        *office_documents(),
        *(FakeFile(path=path, content=data) for path, data in {**marks, **fake_family}.items()),
        FakeFile(
            path=f"{HOA}/Desktop/info.hta", content=b"<html><!-- harmless fake of the note of WannaCryFake --></html>"
        ),
    )
    named = {(0, path): "suspicious" for path in marks if path.endswith(".WNCRY")}
    return Scene(
        name="decoys",
        about="Names and marks of WannaCry's encrypted files without their header, and the look-alike WannaCryFake.",
        volumes=(Volume(filesystem="ntfs", size=32 << 20, label="DECOYS", made=WHEN_INSTALLED, files=files),),
        expected=Expected(
            verdict="suspicious",
            found=named,
            silent=tuple((0, one.path) for one in (*system_files(TEN), *office_documents())),
        ),
    )
