"""Whose an address or a name in a log is: one machine, or nobody that can be told.

An address is a machine's where it is fixed there, or was leased before; where two machines claim it, or the name beside
it is another's, it is nobody's.

Limits:
    Offices number their networks alike: an address alone cannot tell two machines with one address apart when only one
    of them was examined. Compare the machines of one network with one another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from triage.analysis.spread_clocks import Clocks
from triage.analysis.spread_records import Contact, Machine

_CLAIMS: Final = 8


class Doubt(Enum):
    """Why an address or a name is nobody's."""

    SHARED = "address-of-several"
    LEASED = "address-leased-later"
    OTHER_NAME = "name-of-another"
    OTHER_DOMAIN = "other-domain"
    SAME_NAME = "name-of-several"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """machine: place of the one, None where it cannot be told; then doubt says why, None where nobody claims it.

    Attributes:
        by: what tells it: address, name, or both.
        claimed: places of all that might be meant.
    """

    machine: int | None
    by: str
    doubt: Doubt | None
    claimed: tuple[int, ...]


NOBODY: Final = Owner(machine=None, by="", doubt=None, claimed=())


class Owners:
    """Addresses and names of the machines compared."""

    def __init__(self, machines: Sequence[Machine]) -> None:
        self._machines = machines
        self._addresses: dict[str, list[int]] = defaultdict(list)
        self._names: dict[str, list[int]] = defaultdict(list)
        for place, machine in enumerate(machines):
            for address in machine.addresses:
                self._addresses[address.address].append(place)
            for host in machine.hosts:
                self._names[host[:15]].append(place)  # what a log holds is the NetBIOS name

    def claims(self, contact: Contact) -> tuple[int, ...]:
        """All that might be meant, however badly; none where they are too many to mean anything."""
        found = {*self._addresses.get(contact.address, ()), *self._named(contact.name)}
        return tuple(sorted(found)) if len(found) <= _CLAIMS else ()

    def named(self, name: str) -> Owner:
        """By a name alone."""
        found = tuple(self._named(name))
        if len(found) == 1:
            return Owner(machine=found[0], by="name", doubt=None, claimed=found)
        return Owner(machine=None, by="", doubt=Doubt.SAME_NAME, claimed=found) if found else NOBODY

    def owner(self, contact: Contact, told_by: int, clocks: Clocks) -> Owner:
        """Who is meant by a contact that the machine told_by wrote down."""
        machines = self._machines
        claimed = tuple(one for one in self._addresses.get(contact.address, ()) if one != told_by)
        if not claimed:
            own = told_by in self._addresses.get(contact.address, ())
            if own or contact.address:
                return NOBODY  # itself, or an address of no machine compared: a name alone may be any machine's
            return self.named(contact.name)
        named = [one for one in self._named(contact.name) if one != told_by]
        if contact.name:
            both = tuple(one for one in claimed if one in named)
            if len(both) == 1 and len(named) == 1:
                return Owner(machine=both[0], by="both", doubt=None, claimed=claimed)
            doubt = Doubt.SAME_NAME if both else Doubt.OTHER_NAME
            return Owner(machine=None, by="", doubt=doubt, claimed=tuple(sorted({*claimed, *named})))
        if len(claimed) > 1:
            return Owner(machine=None, by="", doubt=Doubt.SHARED, claimed=claimed)
        domains = {machines[place].domain for place in (told_by, claimed[0])} - {""}
        if len(domains) > 1:
            return Owner(machine=None, by="", doubt=Doubt.OTHER_DOMAIN, claimed=claimed)
        if not self._held(claimed[0], contact, told_by, clocks):
            return Owner(machine=None, by="", doubt=Doubt.LEASED, claimed=claimed)
        return Owner(machine=claimed[0], by="address", doubt=None, claimed=claimed)

    def _named(self, name: str) -> list[int]:
        return self._names.get(name[:15], []) if name else []

    def _held(self, place: int, contact: Contact, told_by: int, clocks: Clocks) -> bool:
        """Fixed, or leased for certain before the contact."""
        address = next(one for one in self._machines[place].addresses if one.address == contact.address)
        if not address.leased:
            return True
        ahead = clocks.between(place, told_by)
        return address.since is not None and ahead is not None and address.since + ahead.high <= contact.when
