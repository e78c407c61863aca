"""An invented office and what it answers, for tests of papers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from triage.analysis.dossier import Dossier
from triage.intel.law import load_law
from triage.intel.organisation import Organisation, Person, System
from triage.intel.roots import rules_root
from triage.outputs.papers.answers import Answers
from triage.outputs.papers.materials import FormId, Materials, gathered

OFFICE = Organisation(
    name="Sở Thử nghiệm",
    address="Số 1, đường Mẫu, phường Thí Dụ",
    phone="0205.3000001",
    email="so@thu-nghiem.example",
    operator="Phòng Máy tính",
    managing_body="UBND tỉnh Thí Dụ",
    level=2,
    security_provider="Công ty An toàn Mẫu",
    internet_provider="Nhà mạng Mẫu",
    place="Thí Dụ",
    symbol="STN",
    signatory_titles=("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"),
    signatory_name="Trần Thị Bình",
    contact=Person(name="Nguyễn Văn An", title="Trưởng phòng", phone="0205.3000002", email="an@thu-nghiem.example"),
    system=(System(name="Hệ thống kế toán", domains=("thu-nghiem.example",), addresses=("203.162.0.9",)),),
)
ANSWERS = Answers(
    detected_at=datetime.fromisoformat("2026-11-22T08:15:00+07:00"),
    how=("notice",),
    how_note="người sử dụng máy",
    notified=("isp",),
    handled=False,
    sensitivity="Số liệu kế toán nội bộ",
    affected="Hai phòng nghiệp vụ",
    services=("database",),
    measures=("antivirus", "firewall"),
    purpose="Kế toán",
    attached=("log",),
    secret=True,
    request="Hỗ trợ phân tích mẫu.",
    reported_at=datetime.fromisoformat("2026-11-22T16:05:00+07:00"),
    number="7",
    initial_number="07/BC-STN",
    initial_day=date(2026, 11, 22),
    result="Đã khôi phục từ bản sao lưu.",
    solution="Cài lại máy, cập nhật MS17-010.",
    proposal="Tắt SMBv1 trên mọi máy.",
)


def materials(
    dossier: Dossier,
    organisation: Organisation = OFFICE,
    answers: Answers = ANSWERS,
    lang: str = "vi",
    form: FormId = "mau-03",
) -> Materials:
    return gathered(dossier, organisation, answers, load_law(rules_root()), lang, form)


def texts(value: Any) -> list[str]:
    """Every text of a paper, in its order."""
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, tuple):
        return [text for item in value for text in texts(item)]
    fields = getattr(value, "__dataclass_fields__", ())
    return [text for name in fields if name not in ("align", "lang", "state") for text in texts(getattr(value, name))]
