"""What a family's programs, services and registry values look like: three tables of its `family.toml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class PeSection:
    """A section of a known PE and the MD5 of its raw bytes."""

    name: str
    md5: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeResource:
    """A resource by type and id (names or numbers as text), its language and the first bytes of its data."""

    type: str
    id: str
    language: int | None = None
    prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeTrait:
    """What the PE of one component looks like; each field is one trait, whichever is known.

    Attributes:
        component: what the family calls it (`tasksche.exe`).
        original_filename: the version information's OriginalFilename, which for malware is a lie.
        lies: the Windows program it pretends to be; that program itself is not a trait.
        compiled: link time of the COFF header, UTC, ISO 8601.
        linker: `major.minor` of the optional header.
    """

    id: str
    component: str
    source: tuple[str, ...]
    confidence: Literal["high", "medium", "low"] = "medium"
    imphash: str = ""
    original_filename: str = ""
    internal_name: str = ""
    description: str = ""
    lies: str = ""
    compiled: str = ""
    linker: str = ""
    bits: int | None = None
    exports: tuple[str, ...] = ()
    sections: tuple[PeSection, ...] = ()
    resources: tuple[PeResource, ...] = ()
    attack: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFake:
    """A harmless example of a service."""

    name: str
    image: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTrait:
    """A service the family installs.

    Attributes:
        name: pattern of the service's key (`intel/patterns.py`); one with wildcards or a placeholder says nothing
            alone.
        image: regular expression, case ignored, found in the command line; says what it says under any name.
        display: the display name, which is what the System log calls the service.
        fake: a name and a command line that must be found: the proof.
    """

    id: str
    name: str
    source: tuple[str, ...]
    fake: ServiceFake
    image: str = ""
    display: str = ""
    attack: tuple[str, ...] = ()


RegistryRole = Literal["autostart", "setting", "wallpaper", "pending", "common"]
"""What the values are to the family; `pending`: files to be deleted at the next start; `common`: ordinary programs
set them too."""

_HIVE_OF = re.compile(r"HKLM\\(?:SOFTWARE|SYSTEM\\\{ControlSet\})\\.+|HKCU\\.+")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryTrait:
    r"""Registry values the family leaves.

    Attributes:
        keys: `HKLM\SOFTWARE\…`, `HKLM\SYSTEM\{ControlSet}\…` or `HKCU\…`, without wildcards; any of them.
        values: pattern of a value's name to a regular expression, case ignored, found in its data as text; all of them.
        fake: values with data that must be found: the proof.
    """

    id: str
    role: RegistryRole
    keys: tuple[str, ...]
    values: Mapping[str, str]
    fake: Mapping[str, str]
    source: tuple[str, ...]
    attack: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for key in self.keys:
            if not _HIVE_OF.fullmatch(key):
                raise ValueError(
                    f"keys: {key!r} does not begin with HKLM\\SOFTWARE, HKLM\\SYSTEM\\{{ControlSet}} or HKCU"
                )
        if not self.keys or not self.values:
            raise ValueError("a registry trait needs keys and values")
