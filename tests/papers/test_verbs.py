"""`triage org` and `triage vncert`, as a user calls them."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from triage.cli import main, verbs
from triage.intel.organisation import load_organisation

PAPERS = ["bao-cao-mau-03.docx", "bao-cao-mau-03.pdf", "bien-ban.docx", "bien-ban.pdf", "cong-van.docx", "cong-van.pdf"]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    evidence, folder = (tmp_path_factory.mktemp(name) for name in ("evidence", "case"))
    (evidence / "a.docx.WNCRY").write_bytes(b"no header: only a name, harmless")
    main(["scan", str(evidence), "--case", str(folder), "--quiet", "--workers", "1"])
    return folder


def run(*arguments: str, answers: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(verbs, arguments, input=answers, standalone_mode=False)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.return_value, result.output


def test_a_profile_is_made_by_options_and_kept_when_made_again(tmp_path: Path) -> None:
    out = tmp_path / "to-chuc.toml"
    run("org", "--no-ask", "--out", str(out), "--name", "Sở Mẫu", "--copies-to", "Như trên; Lưu: VT", "--level", "3")
    code, said = run("org", "--no-ask", "--out", str(out), "--contact-phone", "0205.3000001", "--system-name", "A")
    profile = load_organisation(out)
    assert (code, profile.name, profile.level, profile.copies_to) == (0, "Sở Mẫu", 3, ("Như trên", "Lưu: VT"))
    assert (profile.contact.phone, profile.system[0].name) == ("0205.3000001", "A")
    assert "Mục còn trống:\n  --address: Địa chỉ\n" in said


def test_questions_are_asked_again_until_the_answer_is_one(tmp_path: Path) -> None:
    out = tmp_path / "to-chuc.toml"
    answers = "\n".join(["Sở Mẫu", "", "không có", "0205.3000001", *[""] * 30])
    _, said = run("org", "--ask", "--out", str(out), answers=answers)
    assert "Chưa đúng dạng, đề nghị nhập lại; ví dụ: 0205" in said
    assert "no phone number" not in said
    assert load_organisation(out).phone == "0205.3000001"


def test_a_wrong_option_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "to-chuc.toml"
    assert main(["org", "--no-ask", "--out", str(out), "--system-addresses", "192.168.1.1"]) == 2
    assert "no address of the Internet" in capsys.readouterr().err
    assert not out.exists()


def test_a_full_disk_leaves_the_profile_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "to-chuc.toml"
    run("org", "--no-ask", "--out", str(out), "--name", "Sở Mẫu")
    before = out.read_bytes()

    def full(_number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert main(["org", "--no-ask", "--out", str(out), "--name", "Khác"]) == 2
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [before]


def test_papers_are_written_and_what_is_missing_is_said(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = [
        "vncert",
        str(case),
        "--out",
        str(tmp_path / "giay"),
        "--detected-at",
        "22/11/2026 08:15",
        "--how",
        "log",
    ]
    assert main(arguments) == 0
    said = capsys.readouterr()
    assert sorted(path.name for path in (tmp_path / "giay").iterdir()) == [*PAPERS, "thu-dien-tu.txt"]
    assert "trước 08:15 25/11/2026 (72 giờ)" in said.out
    assert "HIỆN TRẠNG SỰ CỐ" in said.err
    assert "CÁCH THỨC PHÁT HIỆN" not in said.err
    assert "Ngày phát hiện" not in said.err


def test_the_same_command_writes_the_same_bytes(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        main(["vncert", str(case), "--out", str(folder), "--detected-at", "2026-11-22T08:15+07:00", "--as", "mau-04"])
    first, second = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)
    assert first == second
    assert "[TBSC] Báo cáo kết thúc ứng phó sự cố" in first["thu-dien-tu.txt"].decode()


def test_answers_in_a_file_give_way_to_options(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.toml").write_text('detected_at = 2026-11-22T08:15:00+07:00\nrequest = "x"\n', encoding="utf-8")
    main(["vncert", str(case), "--answers", "a.toml", "--detected-at", "2026-11-23T09:00+07:00", "--out", "o"])
    assert "phát hiện lúc 09:00 23/11/2026" in (tmp_path / "o" / "thu-dien-tu.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--detected-at", "22/13/2026 08:15"], "is no time"),
        (["--detected-at", "2026-11-22"], "is no time"),
        (["--as", "mau-05"], "no paper called"),
        (["--detected-at", "2026-11-22T08:15", "--reported-at", "2026-11-22T08:14"], "before detected_at"),
    ],
)
def test_a_wrong_option_is_said_in_one_line(
    case: Path, options: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["vncert", str(case), *options]) == 2
    assert why in capsys.readouterr().err
