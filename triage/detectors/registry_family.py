"""Services and registry values of the known families."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from triage.detectors.hive_view import HiveView, held, iso
from triage.detectors.known_traces import KnownValues
from triage.formats.registry import Value
from triage.model import Confidence, Json, Record, Severity

SERVICE = "Service of a known family"
SERVICE_NAME = "Service named like one of a known family"

ROLES = {
    "autostart": ("Start entry of a known family", Severity.INFECTED, Confidence.HIGH),
    "setting": ("Registry setting of a known family", Severity.INFECTED, Confidence.HIGH),
    "wallpaper": ("Wallpaper of a known family", Severity.INFECTED, Confidence.MEDIUM),
    "pending": (
        "Temporary files of the encryption await deletion at the next start",
        Severity.INFECTED,
        Confidence.HIGH,
    ),
    "common": ("Registry setting that a known family makes too", Severity.INFO, Confidence.LOW),
}
"""What a role weighs is set here, once, and not by the authors of families."""

TITLES = (SERVICE, SERVICE_NAME, *(title for title, _, _ in ROLES.values()))

SERVICE_WRITTEN = "Service of a known family was written"
VALUES_WRITTEN = "Registry key with a value of a known family was written"

EVENTS = (SERVICE_WRITTEN, VALUES_WRITTEN)

DATA_SHOWN = 1024
"""Letters of a value's data in a finding."""


def services(view: HiveView) -> Iterator[Record]:
    """Services by name and command line; a name full of wildcards needs its command line."""
    key = view.key("Services") if view.known.services else None
    for service in key.subkeys() if key else ():
        name = service.name
        image: str | None = None
        for known in view.known.services:
            named = known.name.fullmatch(name.lower()) is not None
            if image is None and (named or known.image):
                image = service.text("ImagePath")
            shaped = bool(known.image and known.image.search(image or ""))
            if not shaped and not (named and known.alone):
                continue
            confidence = Confidence.HIGH if named and shaped else Confidence.MEDIUM
            yield view.finding(
                SERVICE if shaped else SERVICE_NAME,
                Severity.INFECTED if shaped else Severity.SUSPICIOUS,
                confidence,
                known.family,
                known.trait.id,
                known.trait.attack,
                service=name,
                image=(image or "")[:DATA_SHOWN],
                display=service.text("DisplayName"),
                start=service.number("Start"),
                account=service.text("ObjectName"),
                written=iso(service.written),
            )
            if (when := held(service.written)) is not None:
                yield view.event(
                    SERVICE_WRITTEN, when, family=known.family, service=name, image=(image or "")[:DATA_SHOWN]
                )


def values(view: HiveView) -> Iterator[Record]:
    """Values under the keys that a family writes."""
    for known, path in view.known.in_hive(view.role):
        key = view.key(path)
        found = all_found(known, key.values()) if key else None
        if key is None or found is None:
            continue
        title, severity, confidence = ROLES[known.trait.role]
        details: dict[str, Json] = {name: data[:DATA_SHOWN] for name, data in found}
        yield view.finding(
            title,
            severity,
            confidence,
            known.family,
            known.trait.id,
            known.trait.attack,
            key=path,
            values=details,
            written=iso(key.written),
            user=view.user or None,
        )
        if known.trait.role != "common" and (when := held(key.written)) is not None:
            yield view.event(VALUES_WRITTEN, when, family=known.family, key=path, values=details)


def all_found(known: KnownValues, values: Iterable[Value]) -> list[tuple[str, str]] | None:
    """(name, data) of the values that fit; None unless each pattern has one."""
    present = [(value.name, as_text(value)) for value in values]
    found = []
    for name, data in known.values:
        fits = [pair for pair in present if name.fullmatch(pair[0].lower()) and data.search(pair[1])]
        if not fits:
            return None
        found += fits
    return found


def as_text(value: Value) -> str:
    """A value's data as the patterns of the families see it."""
    match value.data:
        case tuple():
            return "\n".join(value.data)
        case bytes():
            return value.data.hex()
        case other:
            return str(other)


SYSTEM = (services, values)
SOFTWARE = (values,)
USER = (values,)
