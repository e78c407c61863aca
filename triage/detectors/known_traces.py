"""What the families leave in the registry and in lists of programs, ready to be looked up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from triage.intel import Intel
from triage.intel.families import Family, NameIndicator
from triage.intel.patterns import compile_place, is_literal, translate
from triage.intel.traits import RegistryTrait, ServiceTrait

PROGRAM_ROLES = ("component", "common")


@dataclass(frozen=True, slots=True)
class KnownService:
    """A service trait, compiled. alone: its name says something without its command line."""

    family: str
    trait: ServiceTrait
    name: re.Pattern[str]
    image: re.Pattern[str] | None
    alone: bool


@dataclass(frozen=True, slots=True)
class KnownValues:
    """A registry trait, compiled: one hive's keys, and what all of its values must be."""

    family: str
    trait: RegistryTrait
    keys: tuple[tuple[str, str], ...]
    values: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]


@dataclass(frozen=True, slots=True)
class _Program:
    family: str
    indicator: NameIndicator
    places: tuple[re.Pattern[str], ...]


class KnownTraces:
    """The families' services, registry values, programs and hashes."""

    def __init__(self, intel: Intel) -> None:
        self.services = tuple(_service(family, one) for family in intel.families for one in family.services)
        self.registry = tuple(_values(family, one) for family in intel.families for one in family.registry)
        self._programs: dict[str, list[_Program]] = {}
        for family in intel.families:
            for name in family.names:
                if name.role in PROGRAM_ROLES and name.kind == "file" and is_literal(name.pattern):
                    places = tuple(compile_place(place, family.placeholders) for place in name.where)
                    self._programs.setdefault(name.pattern.lower(), []).append(_Program(family.id, name, places))
        self._sha1 = {file.sha1: (family, file.name) for family, file in intel.hashes if file.sha1}

    def program(self, path: str) -> tuple[str, NameIndicator] | None:
        r"""(family, indicator) of a program by its Windows path (`C:\Windows\mssecsvc.exe`); None if nobody's."""
        lower = path.lower().replace("\\", "/")
        # `/??/C:/x`, `SYSVOL/x`, `\\?\Volume{…}\x`: what stands before the first folder is a drive, named in many ways
        place = "/" + re.sub(r"^(?:/\?\?/|//\?/)?(?:[a-z]:|sysvol|volume\{[^}]*\})/", "", lower).lstrip("/")
        for known in self._programs.get(place.rpartition("/")[2], ()):
            if not known.places or any(pattern.fullmatch(place) for pattern in known.places):
                return known.family, known.indicator
        return None

    def sha1(self, digest: str) -> tuple[str | None, str] | None:
        """(family, name) of a known file by its SHA-1, lower-case hex."""
        return self._sha1.get(digest)

    def in_hive(self, hive: str) -> Iterator[tuple[KnownValues, str]]:
        """(trait, key path inside the hive) for a hive: `system software user`."""
        for known in self.registry:
            yield from ((known, path) for of, path in known.keys if of == hive)


def _service(family: Family, trait: ServiceTrait) -> KnownService:
    return KnownService(
        family.id,
        trait,
        re.compile(translate(trait.name, family.placeholders), re.DOTALL),
        re.compile(trait.image, re.IGNORECASE) if trait.image else None,
        is_literal(trait.name),
    )


def _values(family: Family, trait: RegistryTrait) -> KnownValues:
    return KnownValues(
        family.id,
        trait,
        tuple(_place(key) for key in trait.keys),
        tuple(
            (re.compile(translate(name, family.placeholders), re.DOTALL), re.compile(data, re.IGNORECASE))
            for name, data in trait.values.items()
        ),
    )


_HIVES = (("HKLM\\SYSTEM\\{ControlSet}\\", "system"), ("HKLM\\SOFTWARE\\", "software"), ("HKCU\\", "user"))


def _place(key: str) -> tuple[str, str]:
    """Which hive, and the path in it."""
    return next((hive, key[len(start) :]) for start, hive in _HIVES if key.startswith(start))
