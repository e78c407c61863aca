from __future__ import annotations

import pytest

from triage.analysis import patch_state
from triage.analysis.patch_state import REASONS, PatchState, dotted, judge_patch
from triage.intel.patches import load_patches, version
from triage.intel.roots import rules_root

TABLE = load_patches(rules_root())
MINIMUMS = [text for row in TABLE.branches for text in (row.fixed, row.fixed_limited) if text]


def state(driver: str = "", **facts: str) -> tuple[PatchState, str]:
    given = {name.replace("_", "."): (value,) for name, value in facts.items()}
    if driver:
        given["srv.sys.version"] = (driver,)
    verdict = judge_patch(given, TABLE)
    assert verdict.reason in REASONS
    return verdict.state, verdict.reason


def moved(text: str, by: int) -> str:
    *branch, revision = version(text)
    return dotted((*branch, revision + by))


def test_the_table_has_every_row_of_microsofts_script() -> None:
    assert MINIMUMS == [
        "5.1.2600.7208",
        "5.2.3790.6021",
        "6.0.6002.19743",
        "6.0.6002.24067",
        "6.1.7601.23689",
        "6.2.9200.22099",
        "6.3.9600.18604",
        "10.0.10240.17319",
        "10.0.10586.839",
        "10.0.14393.953",
    ]
    assert len(TABLE.with_fix) == 37


@pytest.mark.parametrize("fixed", MINIMUMS)
def test_one_below_is_vulnerable_exactly_and_one_above_are_patched(fixed: str) -> None:
    assert state(moved(fixed, -1)) == (PatchState.VULNERABLE, patch_state.DRIVER_OLD)
    assert state(fixed) == (PatchState.PATCHED, patch_state.DRIVER_FIXED)
    assert state(moved(fixed, 1)) == (PatchState.PATCHED, patch_state.DRIVER_FIXED)


@pytest.mark.parametrize(
    ("driver", "expected"),
    [
        ("6.0.6002.19999", PatchState.PATCHED),  # general line
        ("6.0.6002.18005", PatchState.VULNERABLE),
        ("6.0.6002.20000", PatchState.VULNERABLE),  # limited line: above the general minimum, below its own
        ("6.0.6002.22000", PatchState.VULNERABLE),
        ("6.0.6002.24066", PatchState.VULNERABLE),
        ("6.0.6002.30000", PatchState.UNDETERMINED),
        ("6.0.6002.1234", PatchState.UNDETERMINED),
    ],
)
def test_vista_has_two_lines(driver: str, expected: PatchState) -> None:
    assert state(driver)[0] is expected


@pytest.mark.parametrize("driver", ["10.0.10240.9999", "10.0.10586.838", "10.0.14393.952", "6.1.7601.9999"])
def test_versions_are_numbers_and_not_text(driver: str) -> None:
    assert state(driver)[0] is PatchState.VULNERABLE


@pytest.mark.parametrize(
    ("driver", "expected", "reason"),
    [
        ("6.1.7600.16385", PatchState.VULNERABLE, patch_state.NEVER_FIXED),
        ("6.1.7600.99999", PatchState.VULNERABLE, patch_state.NEVER_FIXED),
        ("6.0.6000.16386", PatchState.VULNERABLE, patch_state.NEVER_FIXED),
        ("6.0.6001.18000", PatchState.VULNERABLE, patch_state.NEVER_FIXED),
        ("5.0.2195.7000", PatchState.VULNERABLE, patch_state.NEVER_FIXED),
        ("6.0.6003.20489", PatchState.PATCHED, patch_state.BUILT_LATER),
        ("10.0.15063.0", PatchState.PATCHED, patch_state.RELEASED_FIXED),
        ("10.0.15062.9999", PatchState.UNDETERMINED, patch_state.BRANCH_UNKNOWN),
        ("10.0.17763.1397", PatchState.PATCHED, patch_state.RELEASED_FIXED),
        ("10.0.22631.1", PatchState.PATCHED, patch_state.RELEASED_FIXED),
        ("6.4.9841.0", PatchState.UNDETERMINED, patch_state.BRANCH_UNKNOWN),
    ],
)
def test_branches_outside_the_table(driver: str, expected: PatchState, reason: str) -> None:
    assert state(driver) == (expected, reason)


def test_without_the_driver_only_the_release_can_settle_it() -> None:
    assert state(os_version="10.0", os_build="15063") == (PatchState.PATCHED, patch_state.RELEASED_FIXED)
    assert state(os_version="10.0", os_build="15062") == (PatchState.UNDETERMINED, patch_state.NOT_INSTALLED)
    assert state(os_version="6.1", os_build="7601") == (PatchState.UNDETERMINED, patch_state.NOT_INSTALLED)
    assert state() == (PatchState.UNDETERMINED, patch_state.NOT_SEEN)
    assert state(os_version="10.0", os_build="nonsense") == (PatchState.UNDETERMINED, patch_state.NOT_SEEN)
    unseen = judge_patch({"os.build": ("7601",)}, TABLE, windows_seen=False)
    assert unseen.reason == patch_state.NOT_SEEN


def test_the_driver_outranks_the_updates() -> None:
    verdict = judge_patch(
        {"srv.sys.version": ("6.1.7601.17514",), "kb.installed": ("KB4012212 KB4015546 KB2999226",)}, TABLE
    )
    assert verdict.state is PatchState.VULNERABLE
    assert (verdict.needed, verdict.version) == ("6.1.7601.23689", "6.1.7601.17514")
    assert (verdict.updates, verdict.misleading) == (("KB4012212",), ("KB4015546",))


def test_updates_alone_prove_nothing_and_those_of_april_2017_even_less() -> None:
    verdict = judge_patch({"os.build": ("7601",), "kb.installed": ("KB4015546 KB4015547 KB4015548",)}, TABLE)
    assert verdict.state is PatchState.UNDETERMINED
    assert verdict.updates == ()
    assert len(verdict.misleading) == 3


def test_a_newer_copy_that_waits_for_a_restart_is_named() -> None:
    verdict = judge_patch(
        {
            "srv.sys.version": ("6.1.7601.17514",),
            "srv.sys.staged_version": ("6.1.7601.17514", "6.1.7601.23689", "6.1.7601.24000"),
        },
        TABLE,
    )
    assert verdict.state is PatchState.VULNERABLE
    assert verdict.staged == "6.1.7601.24000"
    assert judge_patch({"srv.sys.version": ("6.1.7601.23689",)}, TABLE).staged == ""


def test_of_several_windows_the_worst_counts() -> None:
    verdict = judge_patch({"srv.sys.version": ("10.0.17763.1", "6.1.7601.17514", "6.1.7601.24000")}, TABLE)
    assert (verdict.state, verdict.version) == (PatchState.VULNERABLE, "6.1.7601.17514")


@pytest.mark.parametrize("text", ["", "6.1", "a.b.c.d", "6.1.7601.999999", "٣.1.7601.1"])
def test_nonsense_versions_are_not_seen(text: str) -> None:
    assert judge_patch({"srv.sys.version": (text,)}, TABLE).state is PatchState.UNDETERMINED
