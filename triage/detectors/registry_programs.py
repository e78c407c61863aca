"""Programs that Windows remembers although the files may be gone: ShimCache, Amcache and MuiCache.

Only what a family is known for is told: these lists are long. A name alone never says more than suspicious.

References:
    Blanche Lagny (ANSSI), "Analysis of the AmCache".
    H. Carvey, RegRipper plugin muicache.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.detectors.hive_view import HiveView, filetime, held, iso
from triage.errors import FormatError
from triage.formats.registry import Key
from triage.formats.shimcache import programs
from triage.model import Confidence, Json, Record, Severity, UnixNs

SHIMCACHE = "Compatibility cache names a known component"
AMCACHE_NAME = "Amcache names a known component"
AMCACHE_HASH = "Amcache holds the hash of a known file"

MUICACHE = "MuiCache names a known component that was started"

TITLES = (SHIMCACHE, AMCACHE_NAME, AMCACHE_HASH, MUICACHE)

FILE_TIME = "A known component in the compatibility cache was last changed"
RECORDED = "A known component was recorded in Amcache"

MUI_WRITTEN = "MuiCache, which names a known component, was last written"

EVENTS = (FILE_TIME, RECORDED, MUI_WRITTEN)

_CACHES = (
    ("Control\\Session Manager\\AppCompatCache", "AppCompatCache"),
    ("Control\\Session Manager\\AppCompatibility", "AppCompatCache"),
)
_SHA1 = 40
_MUI = {
    "classes": "Local Settings\\Software\\Microsoft\\Windows\\Shell\\MuiCache",
    "user": "Software\\Microsoft\\Windows\\ShellNoRoam\\MUICache",
}
"""Where it lies, by hive: since Windows Vista, and before."""
_MUI_SUFFIXES = (".FriendlyAppName", ".ApplicationCompany")


def shimcache(view: HiveView) -> Iterator[Record]:
    """Known components in the compatibility cache, with the place that says how recent (0 is the newest)."""
    for path, name in _CACHES:
        key = view.key(path)
        value = key.value(name) if key else None
        if value is None or not isinstance(value.data, bytes):
            continue
        try:
            for place, cached in enumerate(programs(value.data)):
                known = view.known.program(cached.path)
                if known is None:
                    continue
                family, indicator = known
                yield view.finding(
                    SHIMCACHE,
                    Severity.SUSPICIOUS,
                    Confidence.MEDIUM,
                    family,
                    indicator.id,
                    indicator.attack,
                    path=cached.path,
                    place=place,
                    modified=iso(cached.modified),
                    executed=cached.executed,
                )
                if cached.modified is not None:
                    yield view.event(FILE_TIME, cached.modified, path=cached.path, family=family)
        except FormatError:
            view.hive.damage += 1


def amcache(view: HiveView) -> Iterator[Record]:
    """Known components in either layout of Amcache, by hash and by name."""
    for path, digest, key, modified in (*_inventory(view), *_files(view)):
        by_hash = view.known.sha1(digest)
        by_name = view.known.program(path)
        if by_hash is None and by_name is None:
            continue
        family = by_hash[0] if by_hash else by_name[0] if by_name else None
        yield view.finding(
            AMCACHE_HASH if by_hash else AMCACHE_NAME,
            Severity.INFECTED if by_hash else Severity.SUSPICIOUS,
            Confidence.HIGH if by_hash else Confidence.MEDIUM,
            family,
            digest if by_hash else by_name[1].id if by_name else None,
            by_name[1].attack if by_name else (),
            path=path,
            sha1=digest or None,
            modified=iso(modified),
            recorded=iso(held(key.written)),
        )
        if (when := held(key.written)) is not None:
            yield view.event(RECORDED, when, path=path, family=family)


def _inventory(view: HiveView) -> Iterator[tuple[str, str, Key, UnixNs | None]]:
    """Windows 10: one key for each program."""
    top = view.key("Root\\InventoryApplicationFile")
    for key in top.subkeys() if top else ():
        yield key.text("LowerCaseLongPath"), _digest(key.text("FileId")), key, None


def _files(view: HiveView) -> Iterator[tuple[str, str, Key, UnixNs | None]]:
    """Windows 7 to 8.1: keys by volume, values by number."""
    top = view.key("Root\\File")
    for volume in top.subkeys() if top else ():
        for key in volume.subkeys():
            changed = key.value("17")
            yield key.text("15"), _digest(key.text("101")), key, filetime(changed.data) if changed else None


def _digest(text: str) -> str:
    """A SHA-1 behind its four zeros."""
    return text[-_SHA1:].lower() if len(text) == _SHA1 + 4 else ""


def muicache(view: HiveView) -> Iterator[Record]:
    """Known components that a person started from the desktop; the key's time is that of the newest program in it."""
    key = view.key(_MUI[view.role])
    told: dict[str, dict[str, Json]] = {}
    for value in key.values() if key else ():
        path, called = value.name, "name"
        for suffix in _MUI_SUFFIXES:
            if path.endswith(suffix):
                path, called = path.removesuffix(suffix), "company" if suffix == _MUI_SUFFIXES[1] else "name"
        told.setdefault(path, {})[called] = value.text
    for path, details in told.items():
        known = view.known.program(path)
        if key is None or known is None:
            continue
        family, indicator = known
        yield view.finding(
            MUICACHE,
            Severity.SUSPICIOUS,
            Confidence.MEDIUM,
            family,
            indicator.id,
            indicator.attack,
            path=path,
            **details,
            written=iso(key.written),
            user=view.user or None,
        )
        if (when := held(key.written)) is not None:
            yield view.event(MUI_WRITTEN, when, path=path, family=family)


SYSTEM = (shimcache,)
AMCACHE = (amcache,)
USER = CLASSES = (muicache,)
