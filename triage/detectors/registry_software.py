"""Facts of the SOFTWARE hive: which Windows this is, who has a profile, which updates are installed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.detectors.hive_view import HiveView, filetime, held, iso, unix_time
from triage.formats.registry import Key
from triage.model import Record, UnixNs

INSTALLED = "Windows was installed or upgraded"
UPDATE_INSTALLED = "An update was installed"

EVENTS = (INSTALLED, UPDATE_INSTALLED)

FACTS = (
    *("os.product", "os.version", "os.build", "os.revision", "os.service_pack", "os.edition", "os.release"),
    *("os.installed", "users", "kb.installed"),
)

_VERSION = "Microsoft\\Windows NT\\CurrentVersion"
_PACKAGES = "Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages"
_HOTFIXES = ("Microsoft\\Windows NT\\CurrentVersion\\HotFix", "Microsoft\\Updates")
_KB = re.compile(r"KB\d{6,7}", re.IGNORECASE)
_PACKAGE = re.compile(r"Package_(?:\d+_)?for_(KB\d{6,7})~", re.IGNORECASE)
_STATE_INSTALLED = 0x70
_WINDOWS_11 = 22000
_DEPTH = 3


def product(view: HiveView) -> Iterator[Record]:
    """Name, version, build and edition of Windows, and when it was set up."""
    key = view.key(_VERSION)
    if key is None:
        return
    build = key.text("CurrentBuild") or key.text("CurrentBuildNumber")
    major, minor = key.number("CurrentMajorVersionNumber"), key.number("CurrentMinorVersionNumber")
    name = key.text("ProductName")
    if build.isdecimal() and len(build) < 8 and int(build) >= _WINDOWS_11 and name.startswith("Windows 10"):
        name = f"Windows 11{name.removeprefix('Windows 10')}"  # Windows 11 still calls itself 10 here
    revision = key.number("UBR")
    told = {
        "os.product": name,
        "os.version": key.text("CurrentVersion") if major is None else f"{major}.{minor or 0}",
        "os.build": build,
        "os.revision": "" if revision is None else str(revision),
        "os.service_pack": key.text("CSDVersion"),
        "os.edition": key.text("EditionID"),
        "os.release": key.text("DisplayVersion") or key.text("ReleaseId"),
    }
    for fact, value in told.items():
        if value:
            yield view.fact(fact, value)
    when = _set_up(key)
    if when is not None:
        yield view.fact("os.installed", str(iso(when)))
        yield view.event(INSTALLED, when, product=name, build=build)


def _set_up(key: Key) -> UnixNs | None:
    value = key.value("InstallTime")
    return (filetime(value.data) if value else None) or unix_time(key.number("InstallDate"))


def profiles(view: HiveView) -> Iterator[Record]:
    """People with a profile, by the folder's name; not the accounts of services."""
    key = view.key(f"{_VERSION}\\ProfileList")
    for profile in key.subkeys() if key else ():
        folder = profile.text("ProfileImagePath").rstrip("\\").rpartition("\\")[2]
        if folder and profile.name.startswith("S-1-5-21-"):
            yield view.fact("users", folder)


def updates(view: HiveView) -> Iterator[Record]:
    """Installed updates in one fact, separated by spaces, lowest first. They support, they do not prove."""
    found: dict[str, UnixNs | None] = {}
    packages = view.key(_PACKAGES)
    for package in packages.subkeys() if packages else ():
        match = _PACKAGE.match(package.name)
        if match and package.number("CurrentState") == _STATE_INSTALLED:
            found.setdefault(match[1].upper(), _installed(package))
    for path in _HOTFIXES:
        top = view.key(path)
        for key in _below(top, _DEPTH) if top else ():
            if (match := _KB.match(key.name)) is not None:
                found.setdefault(match[0].upper(), None)
    if found:
        ordered = sorted(found, key=lambda kb: int(kb[2:]))
        yield view.fact("kb.installed", " ".join(ordered))
        for kb in ordered:
            if (when := held(found[kb])) is not None:
                yield view.event(UPDATE_INSTALLED, when, update=kb)


def _installed(package: Key) -> UnixNs | None:
    """The time a package was installed, in two halves of a FILETIME."""
    high, low = package.number("InstallTimeHigh"), package.number("InstallTimeLow")
    return None if high is None or low is None else filetime(high << 32 | low)


def _below(key: Key, depth: int) -> Iterator[Key]:
    for child in key.subkeys():
        yield child
        if depth > 1:
            yield from _below(child, depth - 1)


GENERATORS = (product, profiles, updates)
