"""What a family starts and installs: commands from `commands.toml` beside its `family.toml`, services from the latter.

Each command carries an example that it must match: one that does not stops the program before it scans.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from triage.errors import RuleError
from triage.intel.families import Family
from triage.intel.patterns import is_literal, translate
from triage.intel.strict import load_toml
from triage.intel.traits import ServiceTrait

CommandKind = Literal[
    "component",
    "component-name",
    "persistence",
    "script",
    "permissions",
    "hide",
    "shadow-copies",
    "recovery",
    "backup",
    "stop-databases",
]
"""What a command does; `component-name`: a program is only called like one of the family's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command line.

    Attributes:
        id: unique in its family.
        needle: lower-case text that every match contains; looked for first.
        pattern: regular expression, searched for in image path and command line, case ignored.
        example: a command line that it matches.
        own: nobody but this family starts it.
    """

    id: str
    kind: CommandKind
    needle: str
    pattern: str
    example: str
    source: tuple[str, ...]
    own: bool = False
    attack: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Commands:
    commands: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownCommand:
    """A command, compiled."""

    family: str
    command: Command
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class KnownService:
    """A service of a family. alone: its name says something without its image path."""

    family: str
    trait: ServiceTrait
    name: re.Pattern[str]
    image: re.Pattern[str] | None
    alone: bool

    def is_named(self, name: str) -> bool:
        """By the name of its key or the one that people read."""
        lower = name.lower()
        return self.name.fullmatch(lower) is not None or (bool(lower) and lower == self.trait.display.lower())


@dataclass(frozen=True, slots=True)
class KnownCommands:
    """What all families start and install."""

    commands: tuple[KnownCommand, ...]
    services: tuple[KnownService, ...]

    def commands_in(self, line: str) -> list[KnownCommand]:
        """Every command that a line holds; what is somebody's own first."""
        lower = line.lower()
        return [known for known in self.commands if known.command.needle in lower and known.pattern.search(line)]

    def service_named(self, name: str) -> KnownService | None:
        """The service of this name, key or display."""
        return next((known for known in self.services if known.is_named(name)), None)

    def service_of_image(self, image: str) -> KnownService | None:
        """The service that an image path starts."""
        return next((known for known in self.services if known.image and known.image.search(image)), None)


def load_commands(families: Iterable[Family]) -> KnownCommands:
    """The commands and services of families that name any.

    Raises:
        RuleError: a table is wrong, or an example is not matched.
    """
    commands: list[KnownCommand] = []
    services: list[KnownService] = []
    for family in families:
        services += [_service(family, trait) for trait in family.services]
        path = family.folder / "commands.toml"
        if path.exists():
            try:
                commands += [_command(family, command) for command in load_toml(path, _Commands).commands]
            except (ValueError, re.error) as error:
                raise RuleError(f"{path}: {error}") from error
    commands.sort(key=lambda known: not known.command.own)
    return KnownCommands(tuple(commands), tuple(services))


def _command(family: Family, command: Command) -> KnownCommand:
    pattern = _compile(command.pattern, family.placeholders)
    _check_sources(family, command.id, command.source)
    if command.needle not in command.example.lower() or not pattern.search(command.example):
        raise ValueError(f"commands: {command.id}: needle or pattern does not match its example")
    return KnownCommand(family.id, command, pattern)


def _service(family: Family, trait: ServiceTrait) -> KnownService:
    name = re.compile(translate(trait.name, family.placeholders), re.DOTALL)
    image = re.compile(trait.image, re.IGNORECASE) if trait.image else None
    return KnownService(family.id, trait, name, image, is_literal(trait.name))


def _compile(pattern: str, placeholders: Mapping[str, str]) -> re.Pattern[str]:
    for name, meaning in placeholders.items():
        pattern = pattern.replace(f"{{{name}}}", f"(?:{meaning})")
    return re.compile(pattern, re.IGNORECASE)


def _check_sources(family: Family, key: str, sources: tuple[str, ...]) -> None:
    if not sources or (unknown := set(sources) - {reference.key for reference in family.references}):
        raise ValueError(f"{key}: source is not a [[references]]: {', '.join(sorted(unknown)) if sources else 'none'}")
