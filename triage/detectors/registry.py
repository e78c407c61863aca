"""The registry: who this machine is, how it is set up, and what malware left in it.

Every hive is told by small generators, each looking at one thing; to add one, write it and add it to its tuple.
Facts of a hive that is not the one in use (RegBack, Windows.old, restore points) begin with `backup.`.

References:
    M. Suhanov, "Windows registry file format specification".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from triage.detectors import (
    registry_backups,
    registry_deleted,
    registry_family,
    registry_firewall,
    registry_network,
    registry_programs,
    registry_software,
    registry_system,
    registry_tag,
    registry_user,
)
from triage.detectors.hive_view import HiveView, Role, is_hive, is_live, role_of
from triage.detectors.known_traces import KnownTraces
from triage.errors import FormatError
from triage.formats.registry import Hive
from triage.intel import Intel
from triage.model import Content, Entry, Kind, Record

Generator = Callable[[HiveView], Iterator[Record]]

GENERATORS: Mapping[Role, tuple[Generator, ...]] = {
    "system": (
        *registry_system.GENERATORS,
        *registry_network.SYSTEM,
        *registry_firewall.SYSTEM,
        *registry_family.SYSTEM,
        *registry_tag.SYSTEM,
        *registry_programs.SYSTEM,
        *registry_deleted.SYSTEM,
    ),
    "software": (
        *registry_software.GENERATORS,
        *registry_firewall.SOFTWARE,
        *registry_backups.SOFTWARE,
        *registry_family.SOFTWARE,
        *registry_tag.SOFTWARE,
        *registry_deleted.SOFTWARE,
    ),
    "sam": registry_user.SAM,
    "user": (
        *registry_backups.USER,
        *registry_family.USER,
        *registry_tag.USER,
        *registry_programs.USER,
        *registry_deleted.USER,
    ),
    "classes": registry_programs.CLASSES,
    "amcache": registry_programs.AMCACHE,
}

TITLES = (*registry_family.TITLES, *registry_programs.TITLES, *registry_deleted.TITLES)
EVENTS = (
    *registry_system.EVENTS,
    *registry_software.EVENTS,
    *registry_network.EVENTS,
    *registry_family.EVENTS,
    *registry_user.EVENTS,
    *registry_programs.EVENTS,
    *registry_backups.EVENTS,
    *registry_deleted.EVENTS,
)
FACTS = (
    *("registry.dirty", "registry.recovered"),
    *registry_system.FACTS,
    *registry_software.FACTS,
    *registry_network.FACTS,
    *registry_firewall.FACTS,
    *registry_backups.FACTS,
    *registry_tag.FACTS,
    *registry_user.FACTS,
)

_SMALLEST = 4096
_LOGS = (".LOG1", ".LOG2", ".LOG")
_USER_FOLDER = re.compile(
    r"/(?:users|documents and settings)/([^/]+)/(?:ntuser\.(?:dat|man)|.*/usrclass\.dat)$", re.IGNORECASE
)


class Registry:
    """SYSTEM, SOFTWARE, SAM, DEFAULT, NTUSER.DAT, UsrClass.dat and Amcache.hve, with their transaction logs."""

    name = "registry"

    def __init__(self, intel: Intel) -> None:
        self._known = KnownTraces(intel)

    def wants(self, entry: Entry) -> bool:
        path = entry.path.lower()
        return is_hive(path[path.rfind("/") + 1 :]) and entry.kind is Kind.FILE and entry.size >= _SMALLEST

    def detect(self, entry: Entry, content: Content) -> Iterator[Record]:
        role = role_of(entry.name)
        live = is_live(entry)
        if role is None or (content.head[:4] != b"regf" and not live):
            return  # a file that only bears the name
        hive = Hive(content.file(), lambda: list(_logs(entry.name, content)))
        view = self._view(entry, hive, role, live=live)
        records = [record for generator in GENERATORS[role] for record in generator(view)]
        if hive.damage and hive.heal():
            view = self._view(entry, hive, role, live=live)
            records = [record for generator in GENERATORS[role] for record in generator(view)]
        yield from records
        if hive.dirty:
            yield view.fact("registry.recovered" if hive.recovered else "registry.dirty", entry.path)
        if hive.unreadable:
            raise hive.unreadable
        if role == "system" and view.control is None:
            raise FormatError("registry control set", 0)
        if hive.damage:
            raise FormatError(f"registry hive, {hive.damage} damaged structures left out", 0)

    def _view(self, entry: Entry, hive: Hive, role: Role, *, live: bool) -> HiveView:
        folder = _USER_FOLDER.search(entry.path)
        return HiveView(
            entry=entry,
            hive=hive,
            role=role,
            live=live,
            known=self._known,
            control=registry_system.current_control(hive.root) if role == "system" else None,
            user=folder[1] if folder else "",
        )


def _logs(name: str, content: Content) -> Iterator[bytes]:
    """The transaction logs there are; a folder may tell upper from lower case."""
    for suffix in _LOGS:
        log = content.beside(f"{name}{suffix}") or content.beside(f"{name}{suffix.lower()}")
        if log:
            yield log
