"""Which contents fit under a limit does not depend on the order in which they come."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from triage.case import Collected, Worth
from triage.case.shelf import Shelf
from triage.model import EntryId

RANKS = tuple(Worth)


def content_of(entry: int, worth: Worth, content: int) -> Collected:
    """Contents of the same number are the same, and so is their size."""
    sha256 = hashlib.sha256(bytes([content])).hexdigest()
    return Collected(entry=EntryId(entry), worth=worth, size=content + 1, sha256=sha256, md5="", how="as-examined")


@st.composite
def arrivals(draw):
    pairs = draw(st.lists(st.tuples(st.sampled_from(RANKS), st.integers(0, 12)), max_size=20))
    given_in = [content_of(entry, *pair) for entry, pair in enumerate(pairs, 1)]
    return given_in, draw(st.permutations(given_in)), draw(st.integers(0, 60))


def expected(all_of_them: list[Collected], limit: int) -> dict[str, int]:
    """The longest row from the first on that fits, told the plain way."""
    places: dict[str, tuple[int, int, int]] = {}
    for one in all_of_them:
        place = (RANKS.index(one.worth), one.size, one.entry)
        places[one.sha256] = min(places.get(one.sha256, place), place)
    kept = {}
    for content, place in sorted(places.items(), key=lambda item: item[1]):
        if place[1] > limit:
            break
        limit -= place[1]
        kept[content] = place[2]
    return kept


@given(arrivals())
def test_any_order_keeps_the_same(arrived):
    all_of_them, order, limit = arrived
    shelf, copies = Shelf(limit), set()
    for one in order:
        copies.add(one.entry)
        copies -= set(shelf.put(one))
    assert dict(shelf.kept) == expected(all_of_them, limit)
    assert copies == set(shelf.kept.values())  # neither a copy too many, nor one that is missed


@given(arrivals())
def test_what_comes_twice_stays_once(arrived):
    """A unit that is done again after a kill gives again what it gave."""
    all_of_them, order, limit = arrived
    shelf = Shelf(limit)
    for one in [*order, *order]:
        shelf.put(one)
    assert dict(shelf.kept) == expected(all_of_them, limit)
