"""Names to tokens: which parts of a path or text stay, what is one thing, and that no field is forgotten."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterator
from dataclasses import fields, replace

import pytest

from tests.dossiers import (
    empty_dossier,
    hostile_dossier,
    infected_dossier,
    make_dossier,
    make_encrypted,
    make_entry,
    make_found,
)
from tests.texts import text_of
from triage.analysis.dossier import Dossier, VerdictLevel
from triage.analysis.redaction import Names, learn, redact
from triage.analysis.redaction.names import TOKEN, is_internal
from triage.analysis.redaction.paths import Paths
from triage.analysis.redaction.records import Records
from triage.analysis.redaction.texts import Texts
from triage.case.redactions import FILE_NAME, Redactions
from triage.intel.families import load_families
from triage.intel.public_names import load_public_names
from triage.intel.roots import rules_root
from triage.model import Severity
from triage.outputs import OUTPUTS

PUBLIC = load_public_names(rules_root(), load_families(rules_root()))


@pytest.fixture
def names(tmp_path) -> Iterator[Names]:
    with Redactions.open(tmp_path) as tokens:
        known = Names(tokens, PUBLIC, ("Sở Tài chính",))
        for person in ("Nguyễn Văn Thắng", "lan"):
            known.user(person)
        known.host("PC-KETOAN")
        known.ready()
        yield known


def shape(text: str) -> str:
    """With every number of a token left out."""
    return TOKEN.sub(lambda token: token[0].partition("-")[0], text)


# -- paths -----------------------------------------------------------------------------------------------------------

ENTRIES = {
    "/": "/",
    "/Windows/System32/drivers/srv.sys": "/Windows/System32/drivers/srv.sys",
    "/Program Files (x86)/7-Zip/7z.dll": "/Program Files (x86)/7-Zip/7z.dll",
    "/Users/lan/NTUSER.DAT": "/Users/USER/NTUSER.DAT",
    "/Users/Public/Documents/a b.docx": "/Users/Public/Documents/DOC.docx",
    "/Users/lan/Desktop/Tờ trình.docx.WNCRY": "/Users/USER/Desktop/DOC.docx.WNCRY",
    "/Users/lan/Desktop/@Please_Read_Me@.txt": "/Users/USER/Desktop/@Please_Read_Me@.txt",
    "/Users/lan/AppData/Local/Temp/12.WNCRYT": "/Users/USER/AppData/Local/Temp/12.WNCRYT",
    "/Users/lan/AppData/Local/Temp/001085012345.WNCRYT": "/Users/USER/AppData/Local/Temp/DOC.WNCRYT",
    "/Users/lan/Anh/x.thang": "/Users/USER/DIR/DOC",
    "/Documents and Settings/lan/My Documents/b.doc": "/Documents and Settings/USER/My Documents/DOC.doc",
    "/Du lieu/lan/PC-KETOAN/2016.xls": "/DIR/USER/HOST/DOC.xls",
    "/luong.xls": "/DOC.xls",
    "/pagefile.sys": "/pagefile.sys",
    "/$Extend/$UsnJrnl:$J": "/$Extend/$UsnJrnl:$J",
    "/$Recycle.Bin/S-1-5-21-1-2-3-1000/$IAB12CD.docx": "/$Recycle.Bin/SID/$IAB12CD.docx",
    "/$Recycle.Bin/S-1-5-21-1-2-3-1000/$RAB12CD/de an.pdf": "/$Recycle.Bin/SID/$RAB12CD/DOC.pdf",
    "/RECYCLER/S-1-5-21-1-2-3-500/Dc12.doc": "/RECYCLER/SID/Dc12.doc",
    "/Windows/Temp/hop dong.tmp": "/Windows/Temp/DOC.tmp",
    "/Windows/Đề án/a.txt": "/Windows/DIR/DOC.txt",
    "/Windows/System32/so lieu.xlsx": "/Windows/System32/DOC.xlsx",
    "/Windows/Prefetch/CALC.EXE-1A2B3C4D.pf": "/Windows/Prefetch/CALC.EXE-1A2B3C4D.pf",
    "/Windows/Prefetch/BANG LUONG.EXE-1A2B3C4D.pf": "/Windows/Prefetch/DOC.pf",
    "/Windows.old/Users/lan/a.doc": "/Windows.old/Users/USER/DOC.doc",
    "/ProgramData/lan/tasksche.exe": "/ProgramData/USER/tasksche.exe",
    "/Users/lan/a.docx:Zone.Identifier": "/Users/USER/DOC.docx:Zone.Identifier",
    "/Users/lan/a.docx:bi mat": "/Users/USER/DOC.docx:DOC",
}


@pytest.mark.parametrize("path", ENTRIES)
def test_of_a_path_only_what_windows_or_the_malware_calls_so_stays(path: str, names: Names) -> None:
    assert shape(Paths(names).entry(path, folder=False)) == ENTRIES[path]


TEXTS = {
    r"C:\Users\lan\Desktop\x y.docx": r"C:\Users\USER\Desktop\DOC.docx",
    r"c:/users/LAN/desktop/x y.docx": r"c:/users/USER/desktop/DOC.docx",
    r"C:\\Users\\lan\\Desktop": r"C:\\Users\\USER\\Desktop",
    r"\\?\C:\Du lieu\a.pdf": r"\\?\C:\DIR\DOC.pdf",
    r"\??\C:\Windows\mssecsvc.exe": r"\??\C:\Windows\mssecsvc.exe",
    r"\Device\HarddiskVolume2\WINDOWS\MSSECSVC.EXE": r"\Device\HarddiskVolume2\WINDOWS\MSSECSVC.EXE",
    r"\\DEVICE\\HARDDISKVOLUME1\\USERS\\LAN\\A B.EXE": r"\\DEVICE\\HARDDISKVOLUME1\\USERS\\USER\\DOC.EXE",
    r"\\MAYCHU\Ke toan\a.xls": r"\\HOST\DIR\DOC.xls",
    r"\\MAYCHU\C$\Windows\mssecsvc.exe": r"\\HOST\C$\Windows\mssecsvc.exe",
    r"\\MAYCHU\ADMIN$\mssecsvc.exe": r"\\HOST\ADMIN$\mssecsvc.exe",
    r"\\?\UNC\MAYCHU\C$\Users\lan\a.doc": r"\\?\UNC\HOST\C$\Users\USER\DOC.doc",
    r"\\192.168.1.5\IPC$": r"\\IP\IPC$",
    r"%APPDATA%\Zalo\a.db": r"%APPDATA%\DIR\DOC.db",
    r"%SystemRoot%\tasksche.exe": r"%SystemRoot%\tasksche.exe",
    r"C:\PROGRA~1\Office\a.dll": r"C:\PROGRA~1\Office\a.dll",
    r"C:\DOCUME~1\NGUYEN~1\LOCALS~1\Temp\x.tmp": r"C:\DOCUME~1\USER\LOCALS~1\Temp\DOC.tmp",
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_path_is_known_in_every_form_that_windows_writes(text: str, names: Names) -> None:
    assert shape(Paths(names).text(text)) == TEXTS[text]


def test_one_person_has_one_token_in_every_form(names: Names) -> None:
    forms = ("Nguyễn Văn Thắng", "NGUYỄN VĂN THẮNG", unicodedata.normalize("NFD", "Nguyễn Văn Thắng"), "NGUYEN~1")
    assert len({names.user(form) for form in forms}) == 1
    said = names.scrub("gửi NGUYEN VAN THANG, nguyễn văn thắng")
    assert said == f"gửi {names.user(forms[0])}, {names.user(forms[0])}"
    assert names.user(r"PC-KETOAN\Nguyễn Văn Thắng") == rf"{names.host('pc-ketoan')}\{names.user(forms[0])}"


@pytest.mark.parametrize(
    "name", ["SYSTEM", r"NT AUTHORITY\SYSTEM", "Administrator", "S-1-5-18", "", "-", "LocalSystem"]
)
def test_accounts_of_every_windows_stay(name: str, names: Names) -> None:
    assert names.user(name) == name


def test_a_short_name_is_taken_out_of_texts_only_where_it_stands_alone(names: Names) -> None:
    assert shape(names.scrub("LAN lan.nguyen Plan language (lan)")) == "USER USER.nguyen Plan language (USER)"


# -- texts -----------------------------------------------------------------------------------------------------------

COMMANDS = {
    "cmd.exe /c vssadmin delete shadows /all /quiet": "cmd.exe /c vssadmin delete shadows /all /quiet",
    "bcdedit /set {default} recoveryenabled no": "bcdedit /set {default} recoveryenabled no",
    "icacls . /grant Everyone:F /T /C /Q": "icacls . /grant Everyone:F /T /C /Q",
    r'cmd /c "C:\ProgramData\x\tasksche.exe" -m security': r'cmd /c "C:\ProgramData\x\tasksche.exe" -m security',
    r"C:\WINDOWS\mssecsvc.exe -m security": r"C:\WINDOWS\mssecsvc.exe -m security",
    r"C:\Users\lan\Bao cao thang 4.docx /p": r"C:\Users\USER\DOC.docx /p",
    "winword.exe Bao cao thang 4.docx": "winword.exe TEXT",
    "net use /user:TINH\\lan matkhau123": "net use TEXT",
    "ping 10.0.0.7 fe80::1%3 8.8.8.8": "ping IP IP 8.8.8.8",
    "mailto lan@tinh.example": "TEXT MAIL",
    "attrib +h D:\\Hồ sơ mật, thư riêng": "attrib +h D:\\DIR, TEXT",
}


@pytest.mark.parametrize("text", COMMANDS)
def test_of_a_command_line_only_public_words_stay(text: str, names: Names) -> None:
    paths = Paths(names)
    assert shape(Texts(names, paths).strict(text)) == COMMANDS[text]


@pytest.mark.parametrize(
    ("address", "internal"),
    [
        *((one, True) for one in ("10.0.0.1", "172.31.255.1", "192.168.0.9", "169.254.1.1", "fd00::1", "fe80::1%eth0")),
        *((one, False) for one in ("8.8.8.8", "127.0.0.1", "128.31.0.39", "::1", "2001:db8::1", "6.1.7601.23689", "x")),
    ],
)
def test_internal_addresses_are_those_that_only_ones_own_network_knows(address: str, internal: bool) -> None:
    assert is_internal(address) is internal


# -- the whole dossier -----------------------------------------------------------------------------------------------


def redacted(dossier: Dossier, folder, hidden: tuple[str, ...] = ()) -> dict[str, bytes]:
    with Redactions.open(folder) as tokens:
        names = Names(tokens, PUBLIC, hidden)
        learn(dossier, names)
        told = redact(dossier, names)
        return {name: b"".join(render(told, "vi")) for name, render in OUTPUTS.items()}


def test_every_field_of_a_dossier_is_read_or_known_to_name_nothing(names: Names) -> None:
    before = infected_dossier()
    after = redact(before, names)
    changed = {one.name for one in fields(Dossier) if getattr(before, one.name) is not getattr(after, one.name)}
    nameless = {"coverage", "counts", "tool_version", "intel_digest", "finished", "collection", "key"}
    assert changed == {one.name for one in fields(Dossier)} - nameless


@pytest.mark.parametrize(
    "dossier", [empty_dossier(), hostile_dossier(), infected_dossier()], ids=["empty", "hostile", "infected"]
)
def test_every_output_renders_a_redacted_dossier_and_always_the_same(dossier: Dossier, tmp_path) -> None:
    assert redacted(dossier, tmp_path) == redacted(dossier, tmp_path)


def test_another_copy_of_the_case_gets_the_same_tokens(tmp_path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert redacted(infected_dossier(), tmp_path / "a") == redacted(infected_dossier(), tmp_path / "b")


def test_numbers_do_not_follow_the_alphabet(tmp_path) -> None:
    found = [make_encrypted(number, f"/D/{chr(96 + number)}xyz.doc.WNCRY") for number in range(1, 21)]
    with Redactions.open(tmp_path) as tokens:
        known = Names(tokens, PUBLIC)
        learn(make_dossier(VerdictLevel.ENCRYPTED, found), known)
        numbers = [known.token("DOC", f"{chr(96 + number)}xyz") for number in range(1, 21)]
    assert sorted(numbers) == [f"DOC-{number:04d}" for number in range(1, 21)]
    assert numbers != sorted(numbers)


def test_a_name_keeps_its_token_when_the_case_grows(tmp_path) -> None:
    small = [make_encrypted(1, "/D/xin chao.doc.WNCRY")]
    large = [make_encrypted(0, "/D/a dau tien.doc.WNCRY"), *small]
    before = redacted(make_dossier(VerdictLevel.ENCRYPTED, small), tmp_path)["findings.jsonl"]
    after = redacted(make_dossier(VerdictLevel.ENCRYPTED, large), tmp_path)["findings.jsonl"]
    assert b"/DIR-1/DOC-0001.doc.WNCRY" in before
    assert after.splitlines()[1] == before.splitlines()[0]
    assert b"/DIR-1/DOC-0002.doc.WNCRY" in after


def test_streams_stay_streams(names: Names) -> None:
    def endless() -> Iterator:
        while True:
            yield make_encrypted(1, "/Users/lan/a.doc.WNCRY")

    told = redact(make_dossier(VerdictLevel.ENCRYPTED, [], findings=endless), names)
    assert shape(next(told.findings()).entry.path) == "/Users/USER/DOC.doc.WNCRY"


def test_a_detail_that_nobody_knows_is_read_strictly(names: Names) -> None:
    details = {
        "new_key": "Thư gửi chị Hoa",
        "count": 3,
        "deleted": True,
        "when": "2017-05-12T07:44:00Z",
        "nothing": None,
    }
    found = Records(names).found(make_found(1, "/a", Severity.INFO, "t", details=details))
    shown = found.finding.details
    assert shape(str(shown["new_key"])) == "TEXT"
    assert {key: shown[key] for key in ("count", "deleted", "when", "nothing")} == {
        key: details[key] for key in ("count", "deleted", "when", "nothing")
    }


def test_what_is_to_be_hidden_is_hidden_everywhere(tmp_path) -> None:
    dossier = replace(infected_dossier(), facts={"os.product": "Windows 7 của SỞ TÀI CHÍNH tỉnh"})
    texts = redacted(dossier, tmp_path, ("Sở Tài chính",))
    assert "NAME-1" in texts["summary.json"].decode()
    assert not [name for name, text in texts.items() if "tài chính" in text_of(text).lower()]


def test_an_account_called_like_a_folder_of_windows_does_not_tear_every_path(tmp_path) -> None:
    with Redactions.open(tmp_path) as tokens:
        names = Names(tokens, PUBLIC)
        for person in ("windows", "Desktop", "tasksche.exe", "system32"):
            names.user(person)
        names.ready()
        assert names.scrub(r"C:\Windows\tasksche.exe on the Desktop") == r"C:\Windows\tasksche.exe on the Desktop"
        assert shape(Paths(names).entry("/Users/windows/Desktop/a.doc", folder=False)) == "/Users/USER/Desktop/DOC.doc"


def test_an_entry_loses_what_finds_its_bytes_again(names: Names) -> None:
    entry = make_entry(
        1, "/Users/lan/a.doc", key="/mnt/Users/lan/a.doc", owner="S-1-5-21-1-2-3-1001", target=r"C:\Users\lan"
    )
    told = Records(names).entry(entry)
    assert (told.key, shape(told.owner), shape(told.target)) == ("", "SID", r"C:\Users\USER")


def test_the_meaning_of_tokens_is_one_plain_table(tmp_path) -> None:
    redacted(infected_dossier(), tmp_path)
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        told = {f"{kind}-{number}": text for kind, number, text in db.execute("SELECT kind, number, text FROM name")}
    assert "KETOAN-03" in told.values()
    assert {"lan.nguyen", "hùng"} <= {text for token, text in told.items() if token.startswith("USER-")}
    with Redactions.open(tmp_path) as tokens:
        assert tokens.text_of("HOST", 1) == "KETOAN-03"
        assert tokens.text_of("HOST", 99) is None
