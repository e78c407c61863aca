"""A Windows 7 office PC, a day after WannaCry. Harmless fakes throughout."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from functools import partial

from samples_fake import components, documents, state, wncry
from samples_fake.scenes.calendar import WHEN_ENCRYPTED, WHEN_INSTALLED, after, at, office_times, seconds, touched
from samples_fake.scenes.windows import SEVEN, program_files, system_files
from samples_fake.tree import ARCHIVE, HIDDEN, SYSTEM, Expected, FakeFile, Scene, Volume
from samples_fake.working_folder import working_folder
from triage.model import UnixNs

COMPUTER = "KETOAN-PC02"
TAG = state.install_tag(COMPUTER)
WORK = f"/ProgramData/{TAG}"
AN, KETOAN = "/Users/Nguyễn Văn An", "/Users/ketoan"
TEMP = f"{KETOAN}/AppData/Local/Temp"
DROPPED = at("2017-05-12T14:43:51")

FOLDERS = (
    (f"{AN}/Desktop", ("Công văn đến 144.pdf", "Danh bạ điện thoại.xlsx", "Lịch công tác tuần 19.docx")),
    (
        f"{AN}/Documents",
        (
            "Báo cáo quý I năm 2017.docx",
            "Đề án sáp nhập.doc",
            "Quy chế chi tiêu nội bộ.pdf",
            "Tờ trình mua sắm.docx",
            "Sơ đồ mạng.vsd",
            "hop-dong-bao-tri.pdf",
        ),
    ),
    (f"{AN}/Documents/Kế hoạch", ("Kế hoạch tháng 5.docx", "Kế hoạch ứng phó sự cố.docx", "Phụ lục 01.xls")),
    (f"{AN}/Pictures/Hội nghị", tuple(f"Ảnh hội nghị {n:02d}.jpg" for n in range(1, 13))),
    (f"{KETOAN}/Desktop", ("Bảng lương tháng 4.xlsx", "Bảng lương tháng 5.xlsx", "Uỷ nhiệm chi.doc")),
    (
        f"{KETOAN}/Documents",
        ("Dự toán 2017.xlsx", "Quyết toán 2016.xlsx", "Sổ quỹ.xls", "ghi chú.txt", "thue.csv", "Thư gửi kho bạc.rtf"),
    ),
    (f"{KETOAN}/Documents/Hóa đơn", tuple(f"HĐ {n:04d}.pdf" for n in range(411, 431))),
    ("/Dulieu/Van ban den", tuple(f"CV-{n}-UBND.pdf" for n in range(101, 126))),
    ("/Dulieu/Ke toan/2016", tuple(f"Chung tu T{n:02d}.xls" for n in range(1, 13))),
)
"""Folders whose files are encrypted, with the names the files had."""

VALID = sum(len(names) for _, names in FOLDERS) + 1  # and the decomposed name
NFD = unicodedata.normalize("NFD", "Kế hoạch đã ký.docx")


def _encrypted() -> Iterator[FakeFile]:
    number = 0
    for folder, names in FOLDERS:
        for name in (*names, *((NFD,) if folder == f"{AN}/Documents/Kế hoạch" else ())):
            number += 1
            when = after(WHEN_ENCRYPTED, number * 1.25)
            yield FakeFile(
                path=f"{folder}/{name}.WNCRY",
                content=partial(wncry.encrypted, 1100 + number * 37 % 3000, seed=number % 8),
                times=touched(office_times(number), changed=when),
                written=when,
                attributes=ARCHIVE,
            )


def _left_in_folders() -> Iterator[FakeFile]:
    """The note everywhere; the decryptor itself in shallow folders, a shortcut in deep ones."""
    for number, (folder, _) in enumerate(FOLDERS):
        when = after(WHEN_ENCRYPTED, number * 20)
        yield _new(f"{folder}/@Please_Read_Me@.txt", state.note, when)
        if folder.count("/") >= 4:
            target = f"C:{WORK}/@WanaDecryptor@.exe".replace("/", "\\")
            yield _new(f"{folder}/@WanaDecryptor@.exe.lnk", partial(documents.shortcut, target), when)
        else:
            yield _new(f"{folder}/@WanaDecryptor@.exe", components.decryptor, when)
    for user in (AN, KETOAN):
        yield _new(f"{user}/Desktop/@WanaDecryptor@.bmp", documents.bmp, WHEN_ENCRYPTED)


def _new(path: str, content: Callable[[], bytes], when: UnixNs) -> FakeFile:
    return FakeFile(path=path, content=content, times=touched(when, changed=when), written=when)


def _working_folder() -> Iterator[FakeFile]:
    started = seconds(WHEN_ENCRYPTED)
    bat = state.shortcut_bat_name(started - 4)
    yield FakeFile(path=WORK, folder=True, attributes=HIDDEN, written=DROPPED)
    progress = partial(
        state.res,
        started=started,
        heartbeat=started + 5400,
        finished=started + 1260,
        files=VALID,
        encrypted_bytes=VALID * 2600,
    )
    contents = {
        **working_folder(started, progress),
        "@WanaDecryptor@.bmp": documents.bmp,
        bat: partial(state.shortcut_bat, f"C:\\ProgramData\\{TAG}\\"),
        **{f"msg/m_{one}.wnry": partial(state.message_rtf, one) for one in components.MESSAGE_LANGUAGES},
    }
    for name, content in contents.items():
        yield _new(f"{WORK}/{name}", content, DROPPED)
    yield FakeFile(
        path=f"{WORK}/m.vbs", content=partial(state.m_vbs, f"C:\\ProgramData\\{TAG}\\"), written=DROPPED, deleted=True
    )
    yield FakeFile(
        path=f"{WORK}/TaskData/Tor/taskhsvc.exe",
        written=WHEN_ENCRYPTED,
        content=partial(documents.windows_program, "tor.exe", (0, 2, 9, 10), bits=32),
    )
    for name, content in (
        ("mssecsvc.exe", components.mssecsvc),
        ("tasksche.exe", components.tasksche),
        ("qeriuwjhrf", components.tasksche),
    ):
        yield _new(f"/Windows/{name}", content, DROPPED)


def _originals() -> Iterator[FakeFile]:
    """What became of the originals: moved to TEMP and `$RECYCLE`, wiped and deleted, staged, cut short."""
    moved = after(WHEN_ENCRYPTED, 600)
    for number in range(6):
        yield FakeFile(
            path=f"{TEMP}/{number}.WNCRYT",
            content=partial(documents.docx, f"Bản gốc {number}"),
            times=touched(office_times(number), changed=moved),
            written=moved,
            deleted=number >= 3,
        )
    yield FakeFile(path="/$RECYCLE", folder=True, attributes=HIDDEN | SYSTEM, written=moved)
    yield FakeFile(path="/$RECYCLE/0.WNCRYT", content=partial(documents.pdf, "Bản gốc"), written=moved)
    yield FakeFile(path=f"{TEMP}/hibsys.WNCRYT", content=b"\x55" * 65536, written=moved, deleted=True)
    for name in ("Báo cáo quý I năm 2017.docx", "Tờ trình mua sắm.docx"):
        yield FakeFile(
            path=f"{AN}/Documents/{name}",
            content=b"\x9d" * 2048,
            deleted=True,
            times=touched(office_times(3), changed=WHEN_ENCRYPTED),
            written=office_times(3),
        )
    yield FakeFile(
        path="/Dulieu/Video/Khai mạc.mp4.WNCYR",
        content=lambda: wncry.staged(b"\0\0\0\x18ftypmp42".ljust(16, b"\0") * 8192, seed=1),
        times=touched(office_times(9), changed=moved),
        written=moved,
    )
    yield FakeFile(
        path="/Dulieu/Ke toan/Tong hop.mdb.WNCRY",
        written=moved,
        content=partial(wncry.truncated, 3000, missing=700, seed=2),
    )
    yield FakeFile(
        path="/Dulieu/Ke toan/Sao luu.zip.WNCRYT",
        written=moved,
        content=partial(wncry.being_written, 9000, done=4096, seed=3),
    )
    yield FakeFile(
        path=f"{KETOAN}/Downloads/mau-bieu.zip.WNCRY",
        content=partial(wncry.encrypted, 900, seed=4),
        written=moved,
        streams={"Zone.Identifier": documents.zone_identifier()},
    )


def _spared() -> Iterator[FakeFile]:
    yield FakeFile(
        path=f"{KETOAN}/Downloads/phan-mem-thue.exe",
        written=office_times(4),
        content=partial(documents.windows_program, "HTKK.exe", (3, 8, 3, 0), bits=32),
        streams={"Zone.Identifier": documents.zone_identifier()},
    )
    yield FakeFile(path=f"{AN}/NTUSER.INI", content=b"[General]\r\n", attributes=HIDDEN | SYSTEM)
    yield FakeFile(path=f"{AN}/Favorites/vncert.url", content=b"[InternetShortcut]\r\nURL=http://www.vncert.vn/\r\n")


FILES = (
    *system_files(SEVEN),
    *program_files(),
    *_spared(),
    *_encrypted(),
    *_left_in_folders(),
    *_working_folder(),
    *_originals(),
)


def scene() -> Scene:
    """Everything WannaCry leaves, on one NTFS volume of 48 MiB."""
    found = {(0, file.path): "encrypted" for file in FILES if file.path.endswith((".WNCRY", ".WNCYR"))}
    found |= {(0, "/Dulieu/Ke toan/Sao luu.zip.WNCRYT"): "encrypted"}
    found |= {
        (0, f"{WORK}/{name}"): "infected"
        for name in ("tasksche.exe", "u.wnry", "taskdl.exe", "t.wnry", "@WanaDecryptor@.exe")
    }
    found |= {(0, f"{WORK}/taskse.exe"): "suspicious"}  # what it can do, many honest programs can
    found |= {(0, f"/Windows/{name}"): "infected" for name in ("mssecsvc.exe", "tasksche.exe", "qeriuwjhrf")}
    silent = tuple((0, file.path) for file in (*system_files(SEVEN), *program_files(), *_spared()) if not file.folder)
    return Scene(
        name="infected_office",
        about="A Windows 7 office PC on which WannaCry ran through: encrypted files, notes, components, key files.",
        volumes=(Volume(filesystem="ntfs", size=48 << 20, label="WIN7", made=WHEN_INSTALLED, files=FILES),),
        expected=Expected(
            verdict="encrypted",
            states={"valid": VALID + 1, "truncated": 1, "partial": 1, "staged": 1},
            found=found,
            silent=silent,
            facts={
                "wannacry.started": "2017-05-12T14:44:00Z",
                "wannacry.files_encrypted": str(VALID),
                "wannacry.wallet": state.WALLETS[1],
            },
        ),
    )
