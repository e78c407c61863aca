"""What the readers of event logs know of families: commands, services, hashes, extensions, kill switches."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from triage.detectors.event_told import Told
from triage.formats.logrecord import LogRecord
from triage.intel import Intel
from triage.intel.commands import KnownCommands, load_commands

_HASH = re.compile(r"\b(?:MD5|SHA1|SHA256)=([0-9A-Fa-f]{32,64})\b")


class KnownDigest(NamedTuple):
    """A digest of a known file; family: None for one of a user's list."""

    value: str
    family: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """Ready for look-up; lower case throughout."""

    commands: KnownCommands
    kill_switches: Mapping[str, str]
    extensions: tuple[tuple[str, str], ...]
    names: tuple[tuple[str, str], ...]
    digests: Mapping[str, str | None]

    def known_digest(self, hashes: str) -> KnownDigest | None:
        """Of Sysmon's `SHA1=…,MD5=…` the first that is known."""
        for match in _HASH.finditer(hashes):
            value = match[1].lower()
            if value in self.digests:
                return KnownDigest(value, self.digests[value])
        return None

    def family_of_extension(self, path: str) -> str | None:
        """The family that gives files this extension."""
        lower = path.lower()
        return next((family for extension, family in self.extensions if lower.endswith(extension)), None)

    def family_called(self, text: str) -> str | None:
        """The family whose name or alias is in a text (what an antivirus program calls a threat)."""
        lower = text.lower()
        return next((family for name, family in self.names if name in lower), None)


Handler = Callable[[LogRecord, Knowledge], Iterator[Told]]


def knowledge(intel: Intel) -> Knowledge:
    """What intel knows of events.

    Raises:
        RuleError: a family's commands are wrong.
    """
    families = intel.families
    return Knowledge(
        commands=load_commands(families),
        kill_switches={
            domain.name.lower(): family.id for family in families for domain in family.domains if not domain.block
        },
        extensions=tuple(
            (extension.extension.lower(), family.id) for family in families for extension in family.extensions
        ),
        names=tuple(
            (name.lower(), family.id) for family in families for name in (family.name, *family.aliases) if len(name) > 3
        ),
        digests={
            value: family
            for family, file in intel.hashes
            for value in file.digests.values()
            if file.confidence in ("high", "medium")
        },
    )
