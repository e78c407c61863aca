"""Which office a machine stands in."""

from __future__ import annotations

import pytest

from triage.batch.offices import Offices, offices_of, read_offices
from triage.errors import UsageError

LIST = "path,office\nMáy lẻ/disk.img,Sở Y tế\nPhòng A,Sở Tài chính\nPhòng A/kho,Kho bạc\nKETOAN-PC02,UBND huyện\n"


@pytest.fixture
def listed(tmp_path):
    (tmp_path / "offices.csv").write_text(LIST, "utf-8-sig")
    return offices_of(tmp_path, None)


def test_without_a_list_the_first_folder_is_the_office(tmp_path):
    offices = offices_of(tmp_path, None)
    assert offices == Offices()
    assert (offices.of("Sở Y tế/Kế toán/a.img"), offices.of("a.img")) == ("Sở Y tế", "")


def test_the_longest_path_of_the_list_counts_then_the_computer_then_the_folder(listed):
    assert listed.of("Máy lẻ/disk.img") == "Sở Y tế"
    assert listed.of("phòng a/x.img") == "Sở Tài chính"
    assert listed.of("Phòng A/kho/x.img") == "Kho bạc"
    assert listed.of("usb-7", "ketoan-pc02") == "UBND huyện"
    assert listed.of("Khác/x.img", "PC") == "Khác"


def test_a_list_may_be_written_by_a_spreadsheet_with_semicolons(tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes('path;office\r\n"a;b";"Sở ""Y"" tế"\r\n'.encode())
    assert read_offices(path).of("a;b/x.img") == 'Sở "Y" tế'


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("name,office\n", ":1:"),
        ("path,office\na\n", ":2:"),
        ("path,office\na,X\nA,Y\n", ":3:"),
        ('path,office\n"a,X\n', ":2:"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, text, place):
    path = tmp_path / "list.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=place):
        read_offices(path)


def test_a_list_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes("path,office\na,Sở\n".encode("utf-16"))
    with pytest.raises(UsageError, match="UTF-8"):
        read_offices(path)
