"""By how much the clocks of machines differ: from what two of them both saw, joined over all of them, or unknown.

A link says within which bounds one clock is ahead of another. The closest links join the machines to groups; a link
that disagrees with them is named, and with it falls every link of the circle that is not clearly better proven.
Between groups nothing is said.

References:
    R. Dechter, I. Meiri, J. Pearl, "Temporal constraint networks", 1991: bounds on differences, added along a path.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

TRUTH: Final = -1
"""Stands among the machines for the true time."""


class Proof(Enum):
    """What a link rests on."""

    SESSIONS = "sessions"  # both wrote down the same sessions
    SYNCHRONISED = "synchronised"  # a time service set the clock after the attack
    SHARE = "share"  # files that one wrote on the other while its malware ran
    ASSUMED = "assumed"  # the analyst said so


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Nanoseconds, low to high, both included."""

    low: int
    high: int

    def __add__(self, other: Bounds) -> Bounds:
        return Bounds(low=self.low + other.low, high=self.high + other.high)

    def __neg__(self) -> Bounds:
        return Bounds(low=-self.high, high=-self.low)

    def meets(self, other: Bounds) -> bool:
        """Some value lies within both."""
        return self.low <= other.high and other.low <= self.high


NOWHERE: Final = Bounds(low=0, high=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """By how much the clock of machine `to` is ahead of that of `of`.

    Attributes:
        strength: how many independent observations agree; 0 for an assumption.
    """

    of: int
    to: int
    ahead: Bounds
    proof: Proof
    strength: int

    @property
    def width(self) -> int:
        """How far the bounds lie apart."""
        return self.ahead.high - self.ahead.low

    @property
    def ends(self) -> tuple[int, int]:
        """The machines, the lower place first."""
        return min(self.of, self.to), max(self.of, self.to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """Links that cannot all be right; the first closed the circle."""

    links: tuple[Link, ...]
    dropped: tuple[Link, ...]


class Clocks:
    """What is known of the clocks of `count` machines."""

    def __init__(self, count: int, links: Iterable[Link]) -> None:
        self.links = tuple(sorted(links, key=_closeness))
        self.circles: tuple[Circle, ...] = ()
        self._kept = self.links
        self._solve(count)

    @property
    def kept(self) -> tuple[Link, ...]:
        """The links that do not contradict."""
        return self._kept

    def group(self, place: int) -> int:
        """Machines of one group can be compared: the group's lowest place, TRUTH where the true time is known."""
        return self._root[place]

    def ahead(self, place: int) -> Bounds:
        """By how much a clock is ahead of its group's."""
        return self._ahead[place]

    def tied(self, place: int) -> bool:
        """The clock could be compared with another, or with the true time."""
        return bool(self._beside.get(place))

    def between(self, of: int, to: int) -> Bounds | None:
        """By how much the clock of `to` is ahead of that of `of`; None where that is unknown."""
        if self._root[of] != self._root[to]:
            return None
        return _along(self._path(of, to), of)

    def proofs(self, place: int) -> tuple[Proof, ...]:
        """What ties the machine to its group."""
        return tuple(sorted({link.proof for link in self._beside[place]}, key=lambda one: one.value))

    def _solve(self, count: int) -> None:
        circles: list[Circle] = []
        kept = list(self.links)
        while True:
            self._grow(count, kept)
            dropped: set[int] = set()
            for link in kept:
                circle = self._circle(link)
                if circle is not None and dropped.isdisjoint(map(id, circle.links)):
                    circles.append(circle)
                    dropped.update(map(id, circle.dropped))
            if not dropped:
                break
            kept = [link for link in kept if id(link) not in dropped]
        self._kept, self.circles = tuple(kept), tuple(circles)

    def _grow(self, count: int, kept: Sequence[Link]) -> None:
        """A forest of the closest links; each group hangs from its lowest place."""
        leader = {place: place for place in range(TRUTH, count)}

        def lead(place: int) -> int:
            while leader[place] != place:
                leader[place] = leader[leader[place]]
                place = leader[place]
            return place

        beside: dict[int, list[Link]] = defaultdict(list)
        for link in kept:
            one, other = lead(link.of), lead(link.to)
            if one != other:
                leader[max(one, other)] = min(one, other)
                beside[link.of].append(link)
                beside[link.to].append(link)
        self._beside = beside
        self._root: dict[int, int] = {}
        self._up: dict[int, Link] = {}
        self._deep: dict[int, int] = {}
        self._ahead: dict[int, Bounds] = {}
        for root in range(TRUTH, count):
            if root not in self._root:
                self._hang(root)

    def _hang(self, root: int) -> None:
        self._root[root], self._deep[root], self._ahead[root] = root, 0, NOWHERE
        queue = deque([root])
        while queue:
            place = queue.popleft()
            for link in self._beside[place]:
                other = link.to if link.of == place else link.of
                if other not in self._root:
                    self._root[other], self._deep[other] = root, self._deep[place] + 1
                    self._up[other] = link
                    self._ahead[other] = self._ahead[place] + _from(link, place)
                    queue.append(other)

    def _path(self, of: int, to: int) -> list[Link]:
        """The links from one machine to another of its group."""
        there, back = [], []
        while of != to:
            if self._deep[of] >= self._deep[to]:
                link = self._up[of]
                there.append(link)
                of = link.to if link.of == of else link.of
            else:
                link = self._up[to]
                back.append(link)
                to = link.to if link.of == to else link.of
        return there + back[::-1]

    def _circle(self, link: Link) -> Circle | None:
        if self._up.get(link.of) is link or self._up.get(link.to) is link:
            return None
        path = self._path(link.of, link.to)
        if _along(path, link.of).meets(link.ahead):
            return None
        links = (link, *path)
        weakest = min(one.strength for one in links)
        return Circle(
            links=links, dropped=tuple(one for one in links if one.strength <= weakest or one.strength < 2 * weakest)
        )


def _from(link: Link, place: int) -> Bounds:
    return link.ahead if link.of == place else -link.ahead


def _along(path: Iterable[Link], place: int) -> Bounds:
    total = NOWHERE
    for link in path:
        total += _from(link, place)
        place = link.to if link.of == place else link.of
    return total


def _closeness(link: Link) -> tuple[int, int, int, int, str]:
    """Narrow before wide."""
    return link.width, -link.strength, *link.ends, link.proof.value
