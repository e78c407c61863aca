"""What known families left in the registry and somebody deleted: services, start entries, settings.

A cleaned machine was infected all the same. What the hive in use still holds is told there, and not here again.

Limits:
    When a thing was deleted is not written down; the key's time is of its last change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from triage.detectors.hive_view import HiveView, held, iso
from triage.detectors.known_traces import KnownValues
from triage.detectors.registry_family import DATA_SHOWN, ROLES, all_found, as_text
from triage.detectors.registry_tag import TAG, agrees, met
from triage.formats.regf_deleted import Deleted, DeletedKey, find_deleted
from triage.formats.registry import Value
from triage.model import Confidence, Json, Record, Severity

SERVICE = "Deleted service of a known family"
VALUES = "Deleted registry values of a known family"

TITLES = (SERVICE, VALUES)

SERVICE_WRITTEN = "Service of a known family, deleted since, was last written"
KEY_WRITTEN = "Registry key of a known family, deleted since, was last written"

EVENTS = (SERVICE_WRITTEN, KEY_WRITTEN)

_SERVICE = re.compile(r"(?:(?:controlset\d{3}\\)?services\\)?([^\\]+)", re.IGNORECASE)
_CONTROL_SET = re.compile(r"controlset\d{3}\\", re.IGNORECASE)
_ALONE = ("autostart", "pending", "wallpaper")
"""Roles whose data says enough where the key is not known."""
_ANY_DATA = "."


def everything(view: HiveView) -> Iterator[Record]:
    """Services and values, as far as free cells still hold them."""
    deleted = find_deleted(view.hive.unhealed, view.hive.bins)
    if view.role == "system":
        yield from _services(view, deleted)
    yield from _values(view, deleted)


def _services(view: HiveView, deleted: Deleted) -> Iterator[Record]:
    """Keys of services; one whose place is not known needs its command line."""
    told: set[tuple[str, str]] = set()
    for key in deleted.keys:
        match = _SERVICE.fullmatch(key.path)
        if match is None or (key.whole and "\\" not in key.path):
            continue  # no service: a key directly below the root
        name, image = match[1], _text(key, "ImagePath")
        if view.key(f"Services\\{name}") is not None:
            continue
        for known in view.known.services:
            named = known.name.fullmatch(name.lower()) is not None
            shaped = bool(known.image and known.image.search(image))
            placed = "\\" in key.path
            if (shaped or (named and known.alone and placed)) and (name, known.trait.id) not in told:
                told.add((name, known.trait.id))
                yield view.finding(
                    SERVICE,
                    Severity.INFECTED if shaped else Severity.SUSPICIOUS,
                    Confidence.MEDIUM,
                    known.family,
                    known.trait.id,
                    known.trait.attack,
                    deleted=True,
                    service=name,
                    image=image[:DATA_SHOWN],
                    key=key.path,
                    written=iso(key.written),
                )
                if (when := held(key.written)) is not None:
                    yield view.event(SERVICE_WRITTEN, when, family=known.family, service=name, deleted=True)
        if TAG.fullmatch(name) and agrees(name, image):
            yield met(view, name)


def _values(view: HiveView, deleted: Deleted) -> Iterator[Record]:
    """Values under the keys that a family writes, and values whose key is lost."""
    told: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
    for known, path in view.known.in_hive(view.role):
        live = view.key(path)
        if known.trait.role == "common" or (live is not None and all_found(known, live.values()) is not None):
            continue
        for key, found in (*_with_key(known, path, deleted.keys), *_without(known, deleted.values)):
            if (known.trait.id, tuple(found)) in told:
                continue
            told.add((known.trait.id, tuple(found)))
            details: dict[str, Json] = {name: data[:DATA_SHOWN] for name, data in found}
            _, severity, _ = ROLES[known.trait.role]
            yield view.finding(
                VALUES,
                severity,
                Confidence.MEDIUM,
                known.family,
                known.trait.id,
                known.trait.attack,
                deleted=True,
                key=key.path if key else None,
                values=details,
                written=iso(key.written) if key else None,
                user=view.user or None,
            )
            if key is not None and (when := held(key.written)) is not None:
                yield view.event(KEY_WRITTEN, when, family=known.family, key=key.path, values=details, deleted=True)


def _with_key(
    known: KnownValues, path: str, keys: Iterable[DeletedKey]
) -> Iterator[tuple[DeletedKey, list[tuple[str, str]]]]:
    wanted = path.lower()
    for key in keys:
        place = _CONTROL_SET.sub("", key.path.lower(), count=1)
        if place != wanted and (key.whole or not wanted.endswith(f"\\{place}")):
            continue
        found = all_found(known, key.values)
        if found is None and all(data.pattern == _ANY_DATA for _, data in known.values):
            found = []  # any data will do: the key itself is the mark
        if found is not None:
            yield key, found


def _without(known: KnownValues, values: Iterable[tuple[int, Value]]) -> Iterator[tuple[None, list[tuple[str, str]]]]:
    if known.trait.role in _ALONE and len(known.values) == 1:
        ((name, data),) = known.values
        for _, value in values:
            text = as_text(value)
            if name.fullmatch(value.name.lower()) and data.search(text):
                yield None, [(value.name, text)]


def _text(key: DeletedKey, name: str) -> str:
    return next((value.text for value in key.values if value.name.lower() == name.lower()), "")


SYSTEM = SOFTWARE = USER = (everything,)
