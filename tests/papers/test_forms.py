"""Both forms field by field, as Thông tư 20/2017/TT-BTTTT has them, written here in the test's own words."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from tests.dossiers import empty_dossier, inconclusive_dossier, infected_dossier, make_dossier
from tests.papers.offices import ANSWERS, OFFICE, materials, texts
from triage.analysis import Dossier
from triage.intel.organisation import Organisation
from triage.outputs.papers import PAPERS, lacking, make, wording
from triage.outputs.papers.answers import Answers
from triage.outputs.papers.mail import mail
from triage.outputs.papers.materials import internal_addresses
from triage.outputs.papers.paper import Choice, Field, Heading, Paper, State
from triage.outputs.papers.wording import words

PLACE = re.compile(r"\{\w+\}")
INITIAL = {
    # label: mandatory
    "Tên tổ chức/cá nhân báo cáo sự cố": True,
    "Địa chỉ": True,
    "Điện thoại": True,
    "Email": True,
    "Họ và tên": True,
    "Chức vụ": False,
    "Tên đơn vị vận hành hệ thống thông tin": True,
    "Cơ quan chủ quản": False,
    "Tên hệ thống bị sự cố": False,
    "Phân loại cấp độ của hệ thống thông tin (nếu có)": False,
    "Tổ chức cung cấp dịch vụ an toàn thông tin (nếu có)": False,
    "Tên nhà cung cấp dịch vụ kết nối bên ngoài (nếu có)": False,
    "Tóm tắt và đánh giá sơ bộ về sự cố": True,
    "Nguy cơ": False,
    "Mức độ nhạy cảm của thông tin": False,
    "Đối tượng bị ảnh hưởng": False,
    "Ngày phát hiện sự cố": True,
    "Giờ/phút phát hiện sự cố": True,
    "HIỆN TRẠNG SỰ CỐ": True,
    "CÁCH THỨC PHÁT HIỆN": True,
    "ĐÃ GỬI THÔNG BÁO SỰ CỐ CHO": True,
    "Hệ điều hành – Version": False,
    "Các dịch vụ có trên hệ thống": False,
    "Các biện pháp an toàn thông tin đã triển khai": False,
    "Các địa chỉ IP của hệ thống (chỉ địa chỉ IP trên Internet, không liệt kê địa chỉ IP nội bộ)": False,
    "Các tên miền của hệ thống": False,
    "Mục đích chính sử dụng hệ thống": False,
    "Thông tin gửi kèm": False,
    "Các thông tin cung cấp trong báo cáo này đều phải được giữ bí mật": False,
    "KIẾN NGHỊ, ĐỀ XUẤT HỖ TRỢ": False,
    "THỜI GIAN THỰC HIỆN BÁO CÁO SỰ CỐ": True,
}
CLOSING = {
    "Tên tổ chức/cá nhân báo cáo sự cố": True,
    "Địa chỉ": True,
    "Điện thoại": True,
    "Email": True,
    "Số ký hiệu báo cáo ban đầu sự cố": False,
    "Ngày báo cáo ban đầu": False,
    "Tên đơn vị vận hành hệ thống thông tin": True,
    "Cơ quan chủ quản": False,
    "Tên hệ thống bị sự cố": False,
    "Phân loại cấp độ của hệ thống thông tin (nếu có)": False,
    "Tóm tắt và đánh giá sơ bộ về sự cố": False,
    "Ngày phát hiện sự cố": True,
    "Giờ/phút phát hiện sự cố": True,
    "Tóm tắt": False,
    "Cách giải quyết": False,
    "Đề xuất giải pháp": False,
    "CÁC TÀI LIỆU ĐÍNH KÈM (báo cáo diễn biến sự cố, phương án xử lý, log file…)": False,
}
BOXES = {
    "HIỆN TRẠNG SỰ CỐ": ["Đã được xử lý", "Chưa được xử lý"],
    "CÁCH THỨC PHÁT HIỆN": [
        "Qua hệ thống phát hiện xâm nhập",
        "Kiểm tra dữ liệu lưu lại (log file)",
        "Nhận được thông báo từ",
        "Khác",
    ],
    "ĐÃ GỬI THÔNG BÁO SỰ CỐ CHO": [
        "Thành viên mạng lưới ứng cứu sự cố",
        "ISP đang trực tiếp cung cấp dịch vụ",
        "Cơ quan điều phối",
    ],
    "Thông tin gửi kèm": ["Nhật ký hệ thống", "Mẫu virus/mã độc", "Khác"],
    "Các thông tin cung cấp trong báo cáo này đều phải được giữ bí mật": ["Có", "Không"],
}


def fields(paper: Paper) -> dict[str, Field | Choice]:
    return {block.label: block for block in paper.blocks if isinstance(block, Field | Choice)}


def initial(**changes: object) -> Paper:
    return PAPERS["bao-cao-mau-03"](materials(infected_dossier(), answers=replace(ANSWERS, **changes)))


@pytest.mark.parametrize(("name", "wanted"), [("bao-cao-mau-03", INITIAL), ("bao-cao-mau-04", CLOSING)])
def test_a_form_has_every_field_in_its_order_and_marks_the_mandatory(name: str, wanted: dict[str, bool]) -> None:
    found = fields(PAPERS[name](materials(infected_dossier())))
    assert {label: block.mandatory for label, block in found.items()} == wanted
    assert list(found) == list(wanted)


def test_the_contact_person_has_a_section_with_mandatory_phone_and_mail() -> None:
    blocks = initial().blocks
    start = blocks.index(Heading(text="NGƯỜI LIÊN HỆ"))
    labels = [(block.label, block.mandatory) for block in blocks[start + 1 : start + 5] if isinstance(block, Field)]
    assert labels == [("Họ và tên", True), ("Chức vụ", False), ("Điện thoại", True), ("Email", True)]


def test_the_description_is_mandatory_as_a_section() -> None:
    assert Heading(text="MÔ TẢ SƠ BỘ VỀ SỰ CỐ(*)") in initial().blocks


def test_the_boxes_are_those_of_the_form_and_only_the_answers_are_ticked() -> None:
    found = fields(initial())
    for label, boxes in BOXES.items():
        block = found[label]
        assert isinstance(block, Choice)
        assert [option.text for option in block.options] == boxes
    ticked = {label: [one.text for one in found[label].options if one.ticked] for label in BOXES}
    assert ticked == {
        "HIỆN TRẠNG SỰ CỐ": ["Chưa được xử lý"],
        "CÁCH THỨC PHÁT HIỆN": ["Nhận được thông báo từ"],
        "ĐÃ GỬI THÔNG BÁO SỰ CỐ CHO": ["ISP đang trực tiếp cung cấp dịch vụ"],
        "Thông tin gửi kèm": ["Nhật ký hệ thống"],
        "Các thông tin cung cấp trong báo cáo này đều phải được giữ bí mật": ["Có"],
    }


def test_the_note_stands_behind_the_box_it_belongs_to() -> None:
    how = fields(initial())["CÁCH THỨC PHÁT HIỆN"]
    assert isinstance(how, Choice)
    assert [option.note for option in how.options] == ["", "", "người sử dụng máy", ""]


def test_times_are_vietnams_whatever_the_offset_given() -> None:
    found = fields(initial(detected_at=datetime.fromisoformat("2026-11-21T18:05:00+00:00")))
    assert found["Ngày phát hiện sự cố"].value == "22/11/2026"
    assert found["Giờ/phút phát hiện sự cố"].value == "01 giờ 05 phút (UTC+7)"
    assert found["THỜI GIAN THỰC HIỆN BÁO CÁO SỰ CỐ"].value == "22/11/2026/16/05 (ngày/tháng/năm/giờ/phút)"


def test_the_operating_system_and_the_summary_come_from_the_case() -> None:
    found = fields(initial())
    assert found["Hệ điều hành – Version"].value == "Windows 7 Professional Service Pack 1 (build 7601)"
    assert "Số tệp bị mã hóa đã kiểm chứng: 40" in found["Tóm tắt và đánh giá sơ bộ về sự cố"].value
    assert "MS17-010" in found["Nguy cơ"].value


def test_nothing_known_is_all_unknown_and_listed_with_its_section() -> None:
    bare = materials(empty_dossier(), Organisation(), Answers())
    assert lacking(bare, ["bao-cao-mau-03"]) == [
        "THÔNG TIN VỀ TỔ CHỨC/CÁ NHÂN BÁO CÁO SỰ CỐ: Tên tổ chức/cá nhân báo cáo sự cố",
        "THÔNG TIN VỀ TỔ CHỨC/CÁ NHÂN BÁO CÁO SỰ CỐ: Địa chỉ",
        "THÔNG TIN VỀ TỔ CHỨC/CÁ NHÂN BÁO CÁO SỰ CỐ: Điện thoại",
        "THÔNG TIN VỀ TỔ CHỨC/CÁ NHÂN BÁO CÁO SỰ CỐ: Email",
        "NGƯỜI LIÊN HỆ: Họ và tên",
        "NGƯỜI LIÊN HỆ: Điện thoại",
        "NGƯỜI LIÊN HỆ: Email",
        "THÔNG TIN CHI TIẾT VỀ HỆ THỐNG BỊ SỰ CỐ: Tên đơn vị vận hành hệ thống thông tin",
        "MÔ TẢ SƠ BỘ VỀ SỰ CỐ(*): Ngày phát hiện sự cố",
        "MÔ TẢ SƠ BỘ VỀ SỰ CỐ(*): Giờ/phút phát hiện sự cố",
        "HIỆN TRẠNG SỰ CỐ",
        "CÁCH THỨC PHÁT HIỆN",
        "ĐÃ GỬI THÔNG BÁO SỰ CỐ CHO",
        "THỜI GIAN THỰC HIỆN BÁO CÁO SỰ CỐ",
    ]
    found = fields(PAPERS["bao-cao-mau-03"](bare))
    assert found["Hệ điều hành – Version"].state is State.UNKNOWN
    assert lacking(materials(infected_dossier()), list(PAPERS)) == []


def test_internal_addresses_of_the_machine_never_reach_a_form() -> None:
    facts = {"network.interface": "192.168.56.20, dhcp, gateway 192.168.56.1", "host.name": "KT-1"}
    dossier = make_dossier(facts=facts)
    assert "192.168" not in "".join(
        text for make_paper in PAPERS.values() for text in texts(make_paper(materials(dossier)))
    )
    assert internal_addresses(replace(ANSWERS, request="máy 10.0.0.7 và 203.162.0.9")) == ["10.0.0.7"]


def test_a_case_without_a_conclusion_never_says_clean() -> None:
    summary = fields(PAPERS["bao-cao-mau-03"](materials(inconclusive_dossier())))["Tóm tắt và đánh giá sơ bộ về sự cố"]
    assert "chưa kết luận được" in summary.value
    assert "chưa kiểm tra 1 mục" in summary.value
    assert "chưa hoàn thành" in summary.value


def test_the_letter_cites_what_was_in_force_on_the_day() -> None:
    def cited(day: str) -> str:
        answers = replace(ANSWERS, detected_at=datetime.fromisoformat(day), reported_at=None)
        return " ".join(texts(PAPERS["cong-van"](materials(infected_dossier(), answers=answers))))

    before, between, after = (
        cited("2026-06-30T23:00+07:00"),
        cited("2026-07-01T00:00+07:00"),
        cited("2026-08-19T00:00+07:00"),
    )
    assert "86/2015/QH13" in before
    assert "116/2025/QH15" not in before
    assert "trong khi chưa có biểu mẫu mới" not in before
    assert "116/2025/QH15" in between
    assert "331/2026/NĐ-CP" not in between
    assert "86/2015/QH13" not in between
    assert "331/2026/NĐ-CP" in after
    assert "trong khi chưa có biểu mẫu mới" in after


def test_the_letter_cites_the_law_before_the_decree_each_with_its_day_and_issuer() -> None:
    said = texts(PAPERS["cong-van"](materials(infected_dossier())))
    cited = [text for text in said if text.startswith("Căn cứ ")]
    assert cited == [
        "Căn cứ Luật An ninh mạng số 116/2025/QH15 ngày 10 tháng 12 năm 2025;",
        "Căn cứ Nghị định số 331/2026/NĐ-CP ngày 19 tháng 8 năm 2026 của Chính phủ quy định về bảo vệ an ninh mạng "
        "đối với hệ thống thông tin;",
    ]


def test_a_machine_where_nothing_was_found_is_no_incident_in_the_letter() -> None:
    def body(dossier: Dossier) -> str:
        return " ".join(texts(PAPERS["cong-van"](materials(dossier))))

    assert "Sở Thử nghiệm báo cáo sự cố: Mã độc tống tiền" in body(infected_dossier())
    assert "báo cáo sự cố:" not in body(inconclusive_dossier())
    assert "dấu hiệu ban đầu được ghi nhận lúc 08:15 ngày 22/11/2026" in body(inconclusive_dossier())


def test_the_mail_has_its_subject_its_deadlines_and_no_outdated_contact() -> None:
    text = mail(materials(infected_dossier()), ["bao-cao-mau-03.pdf"], ["Email"]).decode()
    assert "\nTiêu đề: [TBSC] Báo cáo ban đầu sự cố mạng: Mã độc tống tiền WannaCry" in text
    assert "trước 08:15 23/11/2026 (24 giờ)" in text
    assert "trước 08:15 25/11/2026 (72 giờ)" in text
    assert "[ ] Còn thiếu thông tin bắt buộc: Email" in text
    assert "0934.424.009" not in text
    assert "phải kiểm tra lại" in text


def test_the_profile_may_name_the_addressees() -> None:
    own = replace(OFFICE, send_to=("Cơ quan A", "Cơ quan B"))
    assert PAPERS["cong-van"](materials(infected_dossier(), own)).addressees == ("Cơ quan A", "Cơ quan B")


def test_a_number_is_of_the_report_alone() -> None:
    heads = {name: paper(materials(infected_dossier())).letterhead for name, paper in PAPERS.items()}
    assert {name: head.number for name, head in heads.items() if head} == {
        "bao-cao-mau-03": "7",
        "bao-cao-mau-04": "7",
        "cong-van": "",
        "bien-ban": "",
    }


def test_papers_are_made_in_both_forms_with_one_mail() -> None:
    names = [name for name, _ in make(materials(infected_dossier()), ["bao-cao-mau-03", "cong-van"])]
    assert names == ["bao-cao-mau-03.docx", "bao-cao-mau-03.pdf", "cong-van.docx", "cong-van.pdf", "thu-dien-tu.txt"]


def test_every_wording_stands_in_both_languages_composed_and_with_the_same_places() -> None:
    for path in sorted(Path(wording.__file__).with_name("wording").glob("*.toml")):
        for key, row in tomllib.loads(path.read_text(encoding="utf-8")).items():
            assert row.keys() == {"vi", "en"}, key
            assert unicodedata.is_normalized("NFC", row["vi"]), key
            assert set(PLACE.findall(row["vi"])) == set(PLACE.findall(row["en"])), key


def test_every_wording_of_the_forms_is_used() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in Path(wording.__file__).parent.glob("*.py"))
    for key in words("forms", "vi"):
        parts = (f'"{key}"', f'"{key.partition("-")[2]}"', f"{key.partition('-')[0]}-{{", f'f"{key.partition("-")[0]}-')
        assert any(part in source for part in parts), key
