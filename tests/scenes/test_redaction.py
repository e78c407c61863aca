"""An attack on the redacted copy: a machine full of names, in every place and form that a name can take, and a search
for each of them in the bytes of every output. Harmless fakes throughout.
"""

from __future__ import annotations

import html
import io
import json
import re
import shutil
import subprocess
import unicodedata
import zipfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from samples_fake import components, documents, state, wncry
from samples_fake.build import build_image
from samples_fake.lnk import FakeShortcut, build_shortcut
from samples_fake.recycle import build_item
from samples_fake.scenes import SCENES
from samples_fake.scenes.infected_windows import ARRIVED, TAG
from samples_fake.task import build_task
from samples_fake.tree import FakeFile
from tests.scanning import scan, triage
from triage.analysis import Dossier, build
from triage.analysis.redaction.names import plain
from triage.analysis.story import Story, tell
from triage.analysis.traces import gather
from triage.case import Case, JournalLine
from triage.case.redactions import FILE_NAME
from triage.cli.checklist import FORMS
from triage.cli.redacting import redacting
from triage.intel.organisation import Organisation, Person, System, to_toml
from triage.model import Confidence, EntryId, Event, Fact, Finding, Gap, GapReason, Severity, UnixNs
from triage.outputs import OUTPUTS
from triage.outputs.checklist.saved import Saved, read_saved, to_block
from triage.outputs.papers import PAPERS
from triage.outputs.timeline import TIMELINES

pytestmark = pytest.mark.image

HOME = "/Users/Nguyễn Văn Thắng"
ORGANISATION = "Ủy ban nhân dân huyện Lộc Bình"

PEOPLE = (
    *("Nguyễn Văn Thắng", "thangnv", "hoangthimai", "NGUYEN~1", "ktv.quocbao", "thangnv@locbinh.langson.example"),
    *("S-1-5-21-1004336348-1177238915-682003330-1107", "1004336348", "ttminh.ketoan"),
)
MACHINES = (
    *("DESKTOP-V5VC9B3", "tinh.example", "MAYCHU-TAICHINH", "PC-KETOAN", "LOCBINHDC", "locbinh.langson.example"),
    *(
        "192.168.56.20",
        "192.168.1.23",
        "10.11.12.13",
        "172.20.30.40",
        "169.254.7.9",
        "fd12:3456:789a::17",
        "fe80::abcd",
    ),
    *("00-1B-44-11-3A-B7", "4C530001230412115", "Kho dữ liệu mật", "may-cua-anh-thang", TAG),
)
TITLES = (
    *(
        "Tờ trình mật số 45",
        "HỢP ĐỒNG THUÊ NHÀ",
        "Biên bản họp kín",
        "Danh sách cán bộ quy hoạch",
        "Kế hoạch tuyệt mật",
    ),
    *("Hồ sơ tuyệt mật", "Khen thưởng nội bộ", "Phương án nhân sự", "luong_thang5", "Danh sách lương", "Giấy tờ nhà"),
    *("Ảnh gia đình", "Bảng điểm con", "Đơn tố cáo", "dontocao", "Công văn 87", "Hội nghị", "Van ban den", "Ke toan"),
    *(
        "luat cua anh thang 9A",
        "Chung tu T01",
        "CV-104-UBND",
        "Danh bạ mật",
        "Đề án bí mật",
        "tailieumat",
        "Nhật ký riêng",
    ),
)
OFFICE = Organisation(
    name=ORGANISATION,
    address="Khu Hòa Bình, thị trấn Lộc Bình",
    phone="0205.3999123",
    email="vanphong@locbinh.langson.example",
    operator="Phòng Tin học huyện",
    managing_body="UBND tỉnh Mẫu Sơn",
    level=3,
    security_provider="Công ty Khiên Sắt",
    internet_provider="Nhà mạng Sông Kỳ",
    place="Lộc Bình",
    symbol="UBLB",
    signatory_titles=("CHỦ TỊCH HUYỆN",),
    signatory_name="Vi Thị Hồng",
    send_to=("Công an tỉnh Mẫu Sơn",),
    copies_to=("Thường trực huyện ủy", "Lưu: VT"),
    contact=Person(name="Lý Văn Hùng", title="Trưởng phòng Tin học", phone="0205.3999456", email="hung@ub.example"),
    system=(System(name="Một cửa Lộc Bình", domains=("motcua-locbinh.example",), addresses=("203.162.0.77",)),),
)
ANSWERS = """
detected_at = 2026-11-22T08:15:00+07:00
reported_at = 2026-11-22T16:05:00+07:00
how = ["notice"]
how_note = "bác Tư gác cổng"
handled = false
summary = "Chị Lan mở thư lạ"
sensitivity = "Hồ sơ quy hoạch nguồn"
affected = "Ban Tổ chức huyện"
purpose = "Một cửa điện tử"
request = "Xin cử anh Khải hỗ trợ"
number = "7712"
documents = ["ke-hoach-ubck.pdf"]
"""
WRITTEN = ("Dãy nhà B phòng 7", "Bế Thị Mây", "đã hỏi bác Sầm")
"""Into the ticked list."""
OF_THE_OFFICE = (
    *("Hòa Bình", "0205.3999123", "vanphong@", "Phòng Tin học", "Mẫu Sơn", "Khiên Sắt", "Sông Kỳ", "UBLB", "CHỦ TỊCH"),
    *("Vi Thị Hồng", "Thường trực", "Lý Văn Hùng", "0205.3999456", "hung@ub", "Một cửa", "motcua", "203.162.0.77"),
    *("bác Tư", "mở thư lạ", "quy hoạch nguồn", "Ban Tổ chức", "anh Khải", "7712", "ke-hoach-ubck"),
    *WRITTEN,
)
SECRETS = (*PEOPLE, *MACHINES, *TITLES, *OF_THE_OFFICE, ORGANISATION, "Lộc Bình")

SHORT = ("Lan", "nháp")
"""Names that stand in ordinary words: they must not stand alone."""


def _nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def _encrypted(path: str) -> FakeFile:
    return FakeFile(path=path, content=partial(wncry.encrypted, 3000, seed=3))


def extra_files() -> tuple[FakeFile, ...]:
    """Names in every place of a disk."""
    link = FakeShortcut(
        target=r"\\MAYCHU-TAICHINH\Khen thưởng nội bộ\@WanaDecryptor@.exe",
        folder=r"C:\Users\Nguyễn Văn Thắng\Documents\Phương án nhân sự",
        arguments=r"/user:LOCBINHDC\thangnv C:\Users\NGUYEN~1\DOCUME~1\tailieumat.doc",
        machine="maychu-taichinh",
    )
    task = build_task(
        command=r"C:\Users\Nguyễn Văn Thắng\AppData\Local\Temp\tasksche.exe",
        arguments=r'"C:\Hồ sơ tuyệt mật\Danh sách cán bộ quy hoạch.xls" thangnv@locbinh.langson.example',
        author=r"LOCBINHDC\hoangthimai",
    )
    return (
        _encrypted(f"{HOME}/Documents/Tờ trình mật số 45.docx.WNCRY"),
        _encrypted(f"{HOME}/Desktop/HỢP ĐỒNG THUÊ NHÀ.PDF.WNCRY"),
        _encrypted(_nfd(f"{HOME}/Documents/Phương án nhân sự/Biên bản họp kín.xlsx.WNCRY")),
        _encrypted("/Hồ sơ tuyệt mật/Danh sách cán bộ quy hoạch.xls.WNCRY"),
        _encrypted("/Windows/System32/Đề án bí mật.doc.WNCRY"),
        FakeFile(path="/Program Files/Giấy tờ nhà/Ảnh gia đình.jpg", content=partial(documents.jpeg, 1, 4000)),
        FakeFile(path=f"{HOME}/Pictures/Ảnh gia đình.jpg:Nhật ký riêng", content=b""),
        FakeFile(path=f"{HOME}/Desktop/Kế hoạch tuyệt mật.WNCRY", content=b"not encrypted at all, but called so"),
        FakeFile(path=f"{HOME}/Downloads/luong_thang5_thangnv.exe", content=components.tasksche),
        FakeFile(path=f"{HOME}/Bảng điểm con/@Please_Read_Me@.txt", content=state.note),
        FakeFile(path="/ProgramData/thangnv/Đơn tố cáo.exe", content=components.mssecsvc),
        FakeFile(
            path=f"{HOME}/AppData/Roaming/Microsoft/Windows/Recent/Danh sách lương.docx.lnk",
            content=partial(build_shortcut, link),
        ),
        FakeFile(path="/Windows/System32/Tasks/Khen thưởng nội bộ", content=task),
        FakeFile(
            path="/$Recycle.Bin/S-1-5-21-1004336348-1177238915-682003330-1107/$IZ9Y8X7.doc",
            content=build_item(r"C:\Users\Nguyễn Văn Thắng\Desktop\Đơn tố cáo.doc", 4096, ARRIVED),
        ),
        FakeFile(path="/Hồ sơ tuyệt mật/Nhật ký riêng.evtx", content=b"ElfFile\0" + bytes(200)),
        FakeFile(path=f"{HOME}/Desktop/Khen thưởng nội bộ.lnk", content=b"L\0\0\0" + bytes(90), deleted=True),
    )


@pytest.fixture(scope="module")
def case(tmp_path_factory) -> Path:
    """A scanned machine, with records added of kinds that its fakes do not make."""
    place = tmp_path_factory.mktemp("may-cua-anh-thang")
    scene = SCENES["infected_windows"]
    volume = replace(scene.volumes[0], label="Kho dữ liệu mật", files=(*scene.volumes[0].files, *extra_files()))
    image = build_image(replace(scene, volumes=(volume,)), place / "may-cua-anh-thang.img")
    scanned = scan(image, case=place / "case")
    assert scanned.code == 1
    with Case.create(scanned.case) as opened, opened.transaction():
        add_more(opened)
    return scanned.case


def add_more(case: Case) -> None:
    """Names inside details of known and of unknown keys, messages, facts, gaps, the journal, arguments."""
    entry = EntryId(1)
    texts = {
        "command": r'wscript "C:\Users\Nguyễn Văn Thắng\Documents\Đơn tố cáo.vbs" /to:hoangthimai dontocao matkhau',
        "image": r"\Device\HarddiskVolume2\USERS\NGUYỄN VĂN THẮNG\DESKTOP\HỢP ĐỒNG THUÊ NHÀ.EXE -x",
        "path": r"\\?\UNC\MAYCHU-TAICHINH\C$\Users\thangnv\Hồ sơ tuyệt mật\a.doc",
        "account": r"LOCBINHDC\hoangthimai",
        "user": "S-1-5-21-1004336348-1177238915-682003330-1107",
        "workstation": r"\\PC-KETOAN",
        "address": "::ffff:10.11.12.13",
        "client": "fe80::abcd%12",
        "domain": "LOCBINHDC",
        "text": "The device 00-1B-44-11-3A-B7 of thangnv@locbinh.langson.example at 172.20.30.40 said: Nhật ký riêng",
        "nobody knows this key of hoangthimai": ["Phương án nhân sự", {"Danh bạ mật": _nfd("Bảng điểm con")}],
        "name": _nfd("Hội nghị.pptx"),
        "list": "/home/ktv.quocbao/danh sach/Danh bạ mật.txt",
        "serial": "4C530001230412115",
        "arguments": "%USERPROFILE%\\Desktop\\Đơn tố cáo.docx,D:\\Kế hoạch tuyệt mật\\x fd12:3456:789a::17",
        "values": {"Nhật ký riêng": r"file://MAYCHU-TAICHINH/Chung/dontocao.pdf"},
        "strings": [{"id": "$a", "offset": 7, "hex": b"thangnv".hex()}],
        "why": "read error in /Hồ sơ tuyệt mật/Danh sách cán bộ quy hoạch.xls of 169.254.7.9",
        "description": "Rule of ktv.quocbao for ttminh.ketoan's letters",
        "author": "ktv.quocbao",
        "display": "Dich vu sao luu cua NGUYEN VAN THANG",
        "program": "BANG DIEM CON.EXE",
        "answer": "type: 5 maychu-taichinh.locbinh.langson.example;::ffff:10.11.12.13;",
        "reference": "hoi ttminh.ketoan",
        "log": "Nhật ký riêng",
    }
    case.add_records(
        [
            Finding(
                detector="yara",
                entry=entry,
                severity=Severity.INFO,
                confidence=Confidence.LOW,
                title="YARA rule matched",
                indicator="luat cua anh thang 9A:Danh bạ mật",
                details=texts,
            ),
            Event(
                detector="event_logs",
                entry=entry,
                when=ARRIVED,
                what="Program was started",
                source="Nhật ký riêng.evtx",
                details=texts,
            ),
            Fact(detector="registry", entry=entry, name="users", value="hoangthimai"),
            Fact(detector="registry", entry=entry, name="users", value="ttminh.ketoan"),
            Fact(detector="registry", entry=entry, name="copy.log.Nhật ký riêng.evtx.records", value="7"),
            Fact(detector="registry", entry=entry, name="usb.device", value="Fake Stick 4C530001230412115"),
            Fact(detector="registry", entry=entry, name="firewall.rule", value="allow in 445 name Khen thưởng nội bộ"),
            Fact(detector="registry", entry=entry, name="something.new", value="hoangthimai wrote Đề án bí mật"),
            Fact(detector="registry", entry=entry, name="network.interface", value="fd12:3456:789a::17, static"),
        ]
    )
    detail = "[Errno 5] Input/output error: '/mnt/may-cua-anh-thang/Users/thangnv/Giấy tờ nhà.docx'"
    case.add_gaps([Gap(entry=entry, stage="read", reason=GapReason.UNREADABLE, detail=detail)])
    case.note(
        JournalLine(
            when=UnixNs(ARRIVED), who="ktv.quocbao", act="resumed", detail="rules=/home/ktv.quocbao/Danh bạ mật.yar"
        )
    )
    case.set_meta({"argument.rules": "/home/ktv.quocbao/Phương án nhân sự.yar"})


@pytest.fixture(scope="module")
def profile(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("office") / "to-chuc.toml"
    path.write_text(to_toml(OFFICE), "utf-8")
    path.with_name("tra-loi.toml").write_text(ANSWERS, "utf-8")
    return path


def lists_and_papers(case: Path, profile: Path, *options: object) -> None:
    """All papers, and the three lists in three forms; what was written into the case's own page is carried over."""
    answers = ("--org", profile, "--answers", profile.with_name("tra-loi.toml"))
    code, _, errors = triage("vncert", case, *answers, "--as", ",".join(PAPERS), *options)
    assert code == 0, errors
    for kind in ("--isolation", "--prevention", "--reconnection"):
        code, _, errors = triage("checklist", case, kind, "--org", profile, "--as", "html,pdf,docx", *options)
        assert code == 0, errors


@pytest.fixture(scope="module")
def ticked(case) -> Path:
    """The case with a list that was begun: a tick, a person, a place and a remark, and what the neighbours are."""
    code, _, errors = triage("checklist", case, "--running", "yes", "--neighbours", "PC-KETOAN, MAYCHU-TAICHINH")
    assert code == 0, errors
    page = case / "checklist.html"
    before = read_saved(page.read_bytes(), "")
    place, person, remark = WRITTEN
    fields = {"note-time.done": True, "head.place": place, "note-time.by": person, "note-time.note": remark}
    after = Saved(answers=before.answers, fields=fields)
    page.write_bytes(page.read_bytes().replace(to_block(before).encode(), to_block(after).encode()))
    assert read_saved(page.read_bytes(), "").fields["head.place"] == place
    return case


@pytest.fixture(scope="module")
def whole(ticked, profile, tmp_path_factory) -> dict[str, bytes]:
    """Papers and lists as the recipient of the report gets them."""
    out = tmp_path_factory.mktemp("whole")
    lists_and_papers(ticked, profile, "--out", out)
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


@pytest.fixture(scope="module")
def given_away(ticked, profile, tmp_path_factory) -> dict[str, bytes]:
    """Papers and lists, redacted."""
    out = tmp_path_factory.mktemp("given")
    lists_and_papers(ticked, profile, "--redacted", "--hide", ORGANISATION, "--hide", "Lộc Bình", "--out", out)
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


@pytest.fixture(scope="module")
def copies(case, tmp_path_factory) -> dict[str, bytes]:
    """Every output and every timeline, redacted."""
    out = tmp_path_factory.mktemp("out")
    command = ("report", case, "--redacted", "--hide", ORGANISATION, "--hide", "Lộc Bình", "--out", out)
    code, _, errors = triage(*command, "--as", ",".join(OUTPUTS))
    assert (code, errors.count("\n") < 2) == (0, True), errors
    for form in TIMELINES:
        code, _, errors = triage("timeline", case, "--redacted", "--as", form, "--to-file", out / f"timeline.{form}")
        assert code == 0, errors
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


def readings(data: bytes) -> list[str]:
    """What a reader could make of a file: as text, unescaped as HTML, JSON or CSV, unzipped, or printed."""
    if data.startswith(b"%PDF"):
        return [*printed(data), data.decode("latin-1")]
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [text for name in archive.namelist() for text in (name, *readings(archive.read(name)))]
    text = data.decode("utf-8", "replace")
    unescaped = re.sub(r"\\u([0-9a-f]{4})", lambda one: chr(int(one[1], 16)), html.unescape(text))
    return [text, unescaped.replace("\\\\", "\\").replace('""', '"'), re.sub(r"<[^>]*>", "", unescaped)]


def printed(data: bytes) -> list[str]:
    """The text of a PDF: as it stands, without its line ends, and without any gap (a long path is broken anywhere)."""
    if shutil.which("pdftotext") is None:
        pytest.skip("needs pdftotext")
    text = subprocess.run(["pdftotext", "-raw", "-", "-"], input=data, capture_output=True, check=True).stdout.decode()
    return [text, " ".join(text.split()), re.sub(r"\s*\n", "", text)]


def folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def hexed(text: str) -> tuple[str, ...]:
    return tuple(form.encode(encoding).hex() for form in (text, text.lower()) for encoding in ("utf-8", "utf-16-le"))


def leaks(data: bytes) -> list[str]:
    """The secrets that stand in a file in any case, Unicode form, or without their diacritics."""
    found = []
    for reading in readings(data):
        low, bare = folded(reading), folded(plain(reading))
        found += [secret for secret in SECRETS if any(form in low for form in hexed(secret))]
        found += [secret for secret in SECRETS if folded(secret) in low or folded(plain(secret)) in bare]
        found += [secret for secret in SHORT if re.search(rf"(?<![^\W_]){folded(secret)}(?![^\W_])", low)]
    return sorted(set(found))


def test_the_search_finds_what_is_there(case) -> None:
    assert triage("report", case, "--as", ",".join(OUTPUTS))[0] == 0
    told = {secret for name in OUTPUTS for secret in leaks((case / name).read_bytes())}
    everywhere = {*SECRETS, *SHORT} - {*OF_THE_OFFICE}
    assert everywhere - told <= {ORGANISATION, "Lộc Bình", "1004336348"}
    assert "DESKTOP-V5VC9B3" in leaks((case / "stix.json").read_bytes())
    assert leaks(_nfd("Biên bản họp kín").upper().encode()) == ["Biên bản họp kín"]
    assert leaks(b"bien ban hop kin") == ["Biên bản họp kín"]


def test_no_secret_stands_in_any_output(copies) -> None:
    assert {name: found for name, data in copies.items() if (found := leaks(data))} == {}
    assert len(copies) == len(OUTPUTS) + len(TIMELINES)


def test_no_secret_stands_in_any_paper_or_list(given_away) -> None:
    assert {name: found for name, data in given_away.items() if (found := leaks(data))} == {}
    lists = {f"{name}.{form}" for name in ("checklist", "phong-ngua", "tai-hoa-mang") for form in FORMS}
    assert set(given_away) == lists | {f"{name}.{form}" for name in PAPERS for form in ("docx", "pdf")}


def test_the_search_finds_names_in_every_kind_of_paper(whole) -> None:
    told = {name: leaks(data) for name, data in whole.items()}
    assert {secret for found in told.values() for secret in found} >= {*OF_THE_OFFICE, ORGANISATION}
    for name in ("bao-cao-mau-03.pdf", "bao-cao-mau-03.docx", "tai-hoa-mang.pdf", "tai-hoa-mang.docx"):
        assert ORGANISATION in told[name], name
    for name in ("bien-ban.pdf", "bien-ban.docx"):
        assert {"Nguyễn Văn Thắng", "Đơn tố cáo"} <= set(told[name]), name
    for name in ("checklist.html", "checklist.pdf", "checklist.docx"):
        assert {*WRITTEN, "PC-KETOAN", "192.168.56.20"} <= set(told[name]), name


def test_a_redacted_list_asks_for_the_same_things_and_keeps_its_ticks(whole, given_away) -> None:
    for name in ("checklist", "phong-ngua", "tai-hoa-mang"):
        before, after = (one[f"{name}.html"].decode() for one in (whole, given_away))
        told = re.compile(r'class="row[^"]*" id="row-[^"]+"|<p class="(?:lead[^"]*|state|condition)">[^<]*')
        assert told.findall(before) == told.findall(after)
        assert len(told.findall(after)) > 9
    assert read_saved(given_away["checklist.html"], "").fields == {"note-time.done": True}
    assert read_saved(given_away["checklist.html"], "").answers.running == "yes"


def test_a_redacted_paper_says_what_it_is_and_keeps_what_may_be_known(given_away) -> None:
    for name in ("bao-cao-mau-03", "bao-cao-mau-04", "cong-van", "bien-ban", "checklist", "tai-hoa-mang"):
        assert "BẢN ẨN DANH" in readings(given_away[f"{name}.pdf"])[1], name
    report = readings(given_away["bao-cao-mau-03.pdf"])[1]
    for public in ("Security.evtx", "22/11/2026", "HOST-", "Cấp độ 3", "A05", "☑ Nhận được"):
        assert public in report, public
    assert "cần bổ sung" not in report
    minutes = readings(given_away["bien-ban.pdf"])[1]
    for public in ("tiêu chuẩn", "đã thu thập: ", "tasksche.exe", "SHA-256 của tệp nén", "infected"):
        assert public in minutes, public


def test_what_is_public_stays_readable(copies) -> None:
    text = copies["findings.jsonl"].decode()
    for public in (
        "/Windows/mssecsvc.exe",
        "tasksche.exe",
        "@Please_Read_Me@.txt",
        ".docx.WNCRY",
        "/Windows/System32/config/SYSTEM",
        "mssecsvc2.0",
        "Microsoft Security Center (2.0) Service",
        "vssadmin delete shadows /all /quiet",
        "www.iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea.com",
        "/Users/USER-",
        "S-1-5-18",
        r"NT AUTHORITY\\SYSTEM",
    ):
        assert public in text, public


def test_the_copy_tells_the_same_story(case, copies) -> None:
    with_names, without = json.loads((case / "summary.json").read_bytes()), json.loads(copies["summary.json"])
    for key in ("verdict", "counts", "coverage", "encrypted"):
        assert with_names[key] == without[key]
    assert [one["text"] for one in with_names["reasons"]] == [one["text"] for one in without["reasons"]]
    with Case.open(case) as opened:
        dossier = build(opened)
        with redacting(case, dossier) as (told, _names):
            before, after = story(dossier), story(told)
    assert [(phase.id, phase.first, phase.last, phase.confidence) for phase in before.phases] == [
        (phase.id, phase.first, phase.last, phase.confidence) for phase in after.phases
    ]
    assert len(before.phases) > 5
    assert (before.outcome, before.resumes, before.rate) == (after.outcome, after.resumes, after.rate)
    assert [one.text for one in before.contradictions] == [one.text for one in after.contradictions]


def story(dossier: Dossier) -> Story:
    return tell(gather(((one.finding, one.entry) for one in dossier.findings()), dossier.events()), dossier.facts)


def test_the_same_thing_has_the_same_token_everywhere(case, copies) -> None:
    findings = [json.loads(line) for line in copies["findings.jsonl"].splitlines()]
    (host,) = {row["details"]["computer"] for row in findings if row["detector"] == "tag"}
    assert host == json.loads(copies["summary.json"])["facts"]["host.name"]
    assert f'"name": "{host}"' in copies["stix.json"].decode()
    (home,) = {
        row["path"].split("/")[2]
        for row in findings
        if re.fullmatch(r"/Users/USER-\d+/DIR-\d+/@Please_Read_Me@.txt", row["path"])
    }
    assert triage("reveal", case, home)[1] == f"{home} = Nguyễn Văn Thắng\n"
    arguments = [row["details"].get("arguments", "") for row in findings if row["detector"] == "shortcuts"]
    assert any(home in text for text in arguments)  # NGUYEN~1 is the same person


def test_tokens_stay_from_run_to_run_and_their_meaning_stays_in_the_case(case, copies, tmp_path) -> None:
    command = ("report", case, "--redacted", "--hide", ORGANISATION, "--hide", "Lộc Bình", "--out", tmp_path / "out")
    assert triage(*command, "--as", "findings.jsonl,stix")[0] == 0
    for name in ("findings.jsonl", "stix.json"):
        assert (tmp_path / "out" / name).read_bytes() == copies[name]
    assert FILE_NAME not in copies
    assert (case / FILE_NAME).is_file()
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"findings.jsonl", "stix.json"}


def test_a_redacted_copy_never_lies_with_the_names(case, tmp_path) -> None:
    for out in (case, case / "ban-sao", case.parent):
        code, _, errors = triage("report", case, "--redacted", "--out", out, "--as", "summary")
        assert (code, "in one folder" in errors) == (2, True)
    assert not (case / "ban-sao").exists()
    assert triage("report", case, "--redacted")[0] == 2
    assert triage("report", case, "--hide", "Lan")[0] == 2
    assert triage("timeline", case, "--hide", "Lan")[0] == 2
    for verb in ("vncert", "checklist"):
        assert triage(verb, case, "--redacted")[0] == 2
        assert triage(verb, case, "--hide", "Lan")[0] == 2
        assert "in one folder" in triage(verb, case, "--redacted", "--out", case / "ban-sao")[2]
    assert not (case / "ban-sao").exists()


def test_the_offices_own_names_are_hidden_by_its_profile(case, tmp_path) -> None:
    profile = tmp_path / "to-chuc.toml"
    profile.write_text(to_toml(Organisation(name="Kho dữ liệu", place="Fake Stick")), "utf-8")
    code, _, errors = triage("report", case, "--redacted", "--out", tmp_path / "o", "--as", "summary", "--org", profile)
    assert code == 0, errors
    assert "Fake Stick" not in (tmp_path / "o" / "summary.json").read_text("utf-8")
    assert triage("report", case, "--as", "stix", "--out", tmp_path / "p", "--org", profile)[0] == 0
    assert '"name": "Kho dữ liệu"' in (tmp_path / "p" / "stix.json").read_text("utf-8")


def test_only_tokens_that_were_given_out_are_revealed(case, copies) -> None:
    code, _, errors = triage("reveal", case, "DOC-999999")
    assert (code, "no token of this case" in errors) == (2, True)
    assert triage("reveal", case, "user-1", "HOST-1")[1].count(" = ") == 2
