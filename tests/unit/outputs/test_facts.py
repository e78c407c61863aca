"""Facts in groups: each once, logs one a row."""

from __future__ import annotations

import pytest

from samples_fake.registry import system_hive
from tests.hive_records import Told
from triage.outputs.catalogue import messages, translate
from triage.outputs.facts import IN_CODES, OTHERS, SUBJECTS, decoded, logs, subjects, wording

FACTS = {
    "host.name": "KETOAN-03",
    "patch.reason": "srv.sys has the fix",
    "patch.ms17_010": "patched",
    "backup.host.name": "PC-OLD",
    "of.a.kind.nobody.knows": "1",
    "users": "Lan",
    "wannacry.tag": "abcdefgh123",
    "log.System.records": "45",
    "log.System.boots": "2",
    "log.Vendor.Product/Operational.first": "2017-05-12T16:30:00Z",
    "log.Vendor.Product/Operational.lost": "3",
}


def test_every_fact_stands_once_in_a_group_or_in_a_log() -> None:
    grouped = [name for subject in subjects(FACTS) for name, _ in subject.facts]
    assert sorted(grouped) == sorted(name for name in FACTS if not name.startswith("log."))
    told = [value for log in logs(FACTS) for value in (*log.columns, *(value for _, value in log.others)) if value]
    assert sorted(told) == sorted(value for name, value in FACTS.items() if name.startswith("log."))


def test_the_patch_comes_first_and_the_unknown_last() -> None:
    found = subjects(FACTS)
    assert [name for name, _ in found[0].facts] == ["patch.ms17_010", "patch.reason"]
    assert found[-1].title == OTHERS
    assert {subject.title for subject in found} <= {*SUBJECTS, OTHERS}


def test_a_channel_may_hold_dots_and_its_properties_have_names() -> None:
    system, vendor = logs(FACTS)
    assert (system.channel, system.columns) == ("System", ("45", "", "", ""))
    assert (vendor.channel, vendor.columns) == ("Vendor.Product/Operational", ("", "2017-05-12T16:30:00Z", "", ""))
    for name, _ in (*system.others, *vendor.others):
        assert translate(name, "vi", "fact") != name


def test_no_group_stands_empty() -> None:
    assert subjects({}) == []
    assert logs({}) == []


def test_every_title_has_vietnamese() -> None:
    assert {*SUBJECTS, OTHERS} <= set(messages("vi")["phrase"])


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("patch.reason", "phrase"),
        ("backup.smb1.server_why", "phrase"),
        ("firewall.rule", "code"),
        ("backup.drive.letter", "code"),
        ("smb1.server", "value"),
    ],
)
def test_a_fact_is_worded_by_its_table_of_the_catalogue(name: str, table: str) -> None:
    assert wording(name) == table


@pytest.mark.parametrize(
    ("line", "vietnamese"),
    [
        (
            "action=allow; port=445; from=LocalSubNet; profile=domain,private; name=@x.dll,-1",
            "hành động: cho phép, cổng: 445, từ: mạng nội bộ, loại mạng: miền, riêng, tên: @x.dll,-1",
        ),
        ("letter=C:; disk=efbeadde; offset=1048576", "ký tự: C:, đĩa có chữ ký: efbeadde, vị trí (byte): 1048576"),
        ("address=192.0.2.1; given=leased", "địa chỉ: 192.0.2.1, cách cấp: tự động (DHCP)"),
        ("as an older case wrote it", "as an older case wrote it"),
    ],
)
def test_codes_become_words(line: str, vietnamese: str) -> None:
    assert decoded(line, "vi") == vietnamese


def test_every_key_and_word_of_a_code_has_its_wording() -> None:
    told = Told("/Windows/System32/config/SYSTEM", system_hive())
    words = messages("vi")["code"]
    for name in IN_CODES:
        for value in told.facts[name]:
            assert {pair.partition("=")[0] for pair in value.split("; ")} <= set(words)
