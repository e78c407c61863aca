"""The time of encryption, from the best witness there is."""

from __future__ import annotations

import pytest

from triage.analysis.encryption_time import RENAME_EVENTS, Rename, Witness, encryption_time, renames
from triage.detectors import usn
from triage.model import Entry, EntryId, Event, Kind, Macb, UnixNs

OLD = UnixNs(1_400_000_000_000_000_000)
"""The original's own time, in 2014."""
TRUE = UnixNs(1_494_608_399_500_000_000)
"""2017-05-12T16:59:59.5Z: in UTC+7 half a second before midnight."""
LATER = UnixNs(TRUE + 90_000_000_000)
COPIED = Macb(modified=OLD, accessed=OLD, born=OLD, changed=TRUE)
ALL_TRUE = Macb(modified=TRUE, accessed=TRUE, born=TRUE, changed=TRUE)


def encrypted(times: Macb, name_times: Macb | None, **more: object) -> Entry:
    fields = {"inode": "42-128-1", "path": "/Users/Lan/a.docx.WNCRY", **more}
    return Entry(id=EntryId(9), volume=0, kind=Kind.FILE, times=times, name_times=name_times, **fields)  # type: ignore[arg-type]


def journal(*changes: tuple[UnixNs, str, int], volume: int = 0) -> list[tuple[Entry, Event]]:
    entry = Entry(id=EntryId(2), volume=volume, path="/$Extend/$UsnJrnl:$J", kind=Kind.STREAM)
    return [
        (
            entry,
            Event(
                detector="usn",
                entry=entry.id,
                when=when,
                what=usn.ENCRYPTED,
                source="$UsnJrnl:$J",
                details={"name": name, "record": record},
            ),
        )
        for when, name, record in changes
    ]


def test_with_the_file_name_times_kept_mft_changed_tells_and_they_agree() -> None:
    found = encryption_time(encrypted(COPIED, ALL_TRUE), {})
    assert found is not None
    assert (found.when, found.witness) == (TRUE, Witness.MFT_CHANGED)
    assert found.others == ((Witness.FILE_NAME, TRUE),)
    assert found.original_modified == OLD


def test_with_the_file_name_times_overwritten_by_the_rename_mft_changed_tells_alone() -> None:
    found = encryption_time(encrypted(COPIED, COPIED), {})
    assert found is not None
    assert (found.when, found.witness, found.others) == (TRUE, Witness.MFT_CHANGED, ())
    assert found.original_modified == OLD


def test_with_a_journal_the_rename_tells_whatever_came_after() -> None:
    touched = Macb(modified=OLD, accessed=OLD, born=OLD, changed=LATER)
    found = encryption_time(encrypted(touched, COPIED), renames(journal((TRUE, "a.docx.WNCRY", 42))))
    assert found is not None
    assert (found.when, found.witness) == (TRUE, Witness.USN)
    assert found.others == ((Witness.MFT_CHANGED, LATER), (Witness.FILE_NAME, TRUE))


def test_where_every_time_was_forged_alike_only_the_file_name_disagrees() -> None:
    forged = Macb(modified=OLD, accessed=OLD, born=OLD, changed=OLD)
    found = encryption_time(encrypted(forged, ALL_TRUE), {})
    assert found is not None
    assert (found.when, found.witness) == (TRUE, Witness.FILE_NAME)
    assert found.original_modified is None, "nothing says which of the times is the original's"


def test_times_that_were_not_copied_are_no_original_s() -> None:
    found = encryption_time(encrypted(ALL_TRUE, ALL_TRUE), {})
    assert found is not None
    assert (found.when, found.original_modified) == (TRUE, None)


@pytest.mark.parametrize(
    "change",
    [
        journal((LATER, "b.docx.WNCRY", 42)),
        journal((LATER, "a.docx.WNCRY", 43)),
        journal((LATER, "a.docx.WNCRY", 42), volume=1),
    ],
)
def test_a_rename_of_another_file_says_nothing(change: list[tuple[Entry, Event]]) -> None:
    found = encryption_time(encrypted(COPIED, COPIED), renames(change))
    assert found is not None
    assert found.witness is Witness.MFT_CHANGED


def test_of_two_renames_to_the_same_name_the_last_one_made_this_file() -> None:
    known = renames(journal((OLD, "a.docx.WNCRY", 42), (TRUE, "a.docx.WNCRY", 42)))
    assert known[0, 42] == (Rename(when=OLD, name="a.docx.WNCRY"), Rename(when=TRUE, name="a.docx.WNCRY"))
    found = encryption_time(encrypted(COPIED, COPIED), known)
    assert found is not None
    assert found.when == TRUE


@pytest.mark.parametrize("inode", ["", "orphan"])
def test_where_nothing_tells_nothing_is_said(inode: str) -> None:
    assert encryption_time(encrypted(COPIED, None, inode=inode), {}) is None


def test_the_events_are_called_as_the_detector_calls_them() -> None:
    assert set(RENAME_EVENTS) == {usn.ENCRYPTED, usn.STAGED}
