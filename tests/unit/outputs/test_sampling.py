"""Which findings are printed and carried when there are too many."""

from __future__ import annotations

from collections import Counter

from tests.dossiers import make_found
from triage.analysis.dossier import Found
from triage.model import Severity
from triage.outputs.plain import plain_groups
from triage.outputs.sampling import carried, grouped


def make_many(**counts: int) -> list[Found]:
    severities = {severity.value: severity for severity in Severity}
    return [
        make_found(number, f"/{name}/{number}", severities[name], f"title of {name}")
        for name, count in counts.items()
        for number in range(1, count + 1)
    ]


def test_a_large_group_never_crowds_out_a_small_one() -> None:
    groups = grouped(make_many(encrypted=1000, infected=3, suspicious=60), printed=100)
    assert [(group.key[0].value, group.count, len(group.shown)) for group in groups] == [
        ("encrypted", 1000, 49),
        ("infected", 3, 3),
        ("suspicious", 60, 48),
    ]


def test_all_are_printed_where_they_fit() -> None:
    groups = grouped(make_many(info=2, encrypted=5), printed=7)
    assert [len(group.shown) for group in groups] == [5, 2]


def test_more_groups_than_room_still_all_are_counted() -> None:
    groups = grouped([make_found(n, f"/{n}", Severity.INFO, f"title {n}") for n in range(1, 10)], printed=4)
    assert len(groups) == 9
    assert sum(len(group.shown) for group in groups) == 4


def test_the_weakest_findings_are_left_out_first_and_the_order_stays() -> None:
    found = make_many(info=5, encrypted=3, suspicious=2)
    counts = Counter(item.finding.severity.value for item in found)
    kept = list(carried(found, counts, limit=6))
    assert [item.finding.severity.value for item in kept] == ["info", *["encrypted"] * 3, *["suspicious"] * 2]
    assert kept[0] is found[0]


def test_what_all_rows_share_is_said_once_above_them() -> None:
    found = [
        make_found(number, f"/{number}", Severity.INFO, "same", details={"size": number, "state": "valid"})
        for number in (1, 2)
    ]
    (group,) = plain_groups(grouped(found), "en")
    assert group.shared == [("Confidence", "low"), ("State", "encrypted, complete")]
    assert [pairs for _, pairs in group.rows] == [[("Size (bytes)", 1)], [("Size (bytes)", 2)]]
