"""The seam to a matching engine: rules compiled once, carried to the workers as bytes, run by gate.

Limits:
    A rule sees one window of bytes: `filesize` and offsets in a condition are the window's own. Findings carry
    offsets from the start of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from triage.errors import UsageError
from triage.intel.rule_files import GATES, RuleFile, by_gate

EXTERNALS = ("filename", "filepath", "extension", "filetype", "owner")
"""What Loki's and THOR's rules expect to be defined; a rule that names one would not compile without it."""

_PART = "|"
"""Between a file's namespace and the gate of its part, while an engine holds it."""

HITS_PER_RULE = 16
BYTES_PER_HIT = 32

TEXT_TYPES = frozenset({"text", "script", "html", "xml", "rtf", "mail", "unknown"})
"""Content types that rules with gate `text` see; `unknown` because a note may end in a NUL."""

Data = bytes | memoryview


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A string of a rule that was found. offset: bytes from the start of the data; data: at most 32 of its bytes."""

    identifier: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A rule that matched. hits: at most 16, by offset."""

    rule: str
    namespace: str
    tags: tuple[str, ...]
    meta: Mapping[str, object]
    hits: tuple[Hit, ...]


class Engine(Protocol):
    """One matching library behind the seam."""

    def compile(self, sources: Mapping[str, str], files: Sequence[RuleFile]) -> bytes:
        """The sources by namespace as bytes that `load` takes.

        Raises:
            RuleError: `file:line: message`; `files` are there to find the place.
        """

    def load(self, compiled: bytes) -> Callable[[Data, Mapping[str, str], int], list[Match]]:
        """A function of data, externals and seconds that gives the matches in no particular order.

        Raises (the function):
            TimeoutError: the engine gave up after the seconds it was given.
        """


SETS: Mapping[str, tuple[str, ...]] = {"any": ("any",), "pe": ("any", "pe"), "text": ("any", "text")}
"""Gates compiled together: an engine's cost is in the bytes, so a content passes the rules of all its gates at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Compiled rules by set: pickles, so that workers need not compile."""

    engine: str
    groups: Mapping[str, bytes] = field(default_factory=dict)
    names: tuple[tuple[str, str], ...] = ()
    """(namespace, rule) of every rule, in the order of the files."""

    def matcher(self) -> Matcher:
        """Ready to match, in this process."""
        return Matcher(self)


class Matcher:
    """The loaded rules of one process."""

    def __init__(self, rules: Rules) -> None:
        engine = open_engine(rules.engine)
        self._sets = {name: engine.load(compiled) for name, compiled in rules.groups.items()}

    def match(self, data: Data, gates: Collection[str], externals: Mapping[str, str], timeout: int) -> list[Match]:
        """The rules of these gates that match, by namespace and name.

        Args:
            data: one window of bytes.
            gates: see `gates_for`.
            externals: values for EXTERNALS, all of them.
            timeout: seconds.

        Raises:
            TimeoutError: the engine gave up.
        """
        names = [name for name in SETS if name in gates and name in self._sets]
        if len(names) > 1:
            names.remove("any")  # it is in each of the others
        found = {
            (namespace, match.rule): replace(match, namespace=namespace)
            for name in names
            for match in self._sets[name](data, externals, timeout)
            for namespace in [match.namespace.rpartition(_PART)[0]]
        }
        return [found[key] for key in sorted(found)]


def gates_for(content_type: str, head: bytes) -> frozenset[str]:
    """Which gates data of a type passes; a PE is told by its own first bytes, whatever the type's name."""
    gates = {"any"}
    if head[:2] == b"MZ":
        gates.add("pe")
    if content_type in TEXT_TYPES:
        gates.add("text")
    return frozenset(gates)


def compile_rules(files: Sequence[RuleFile], engine: str) -> Rules:
    """The rules of these files, by set.

    Raises:
        RuleError: `file:line: message` for the first rule that does not compile.
        UsageError: the engine is not installed.
    """
    sources: dict[str, dict[str, str]] = {gate: {} for gate in GATES}
    for file in files:
        for gate, source in by_gate(file).items():
            # the parts of one file are namespaces of their own: each repeats the file's imports
            sources[gate][f"{file.namespace}{_PART}{gate}"] = source
    backend = open_engine(engine)
    sets = {name: {ns: text for gate in gates for ns, text in sources[gate].items()} for name, gates in SETS.items()}
    groups = {name: backend.compile(group, files) for name, group in sets.items() if group}
    return Rules(engine=engine, groups=groups, names=_names(files))


def _names(files: Sequence[RuleFile]) -> tuple[tuple[str, str], ...]:
    return tuple((file.namespace, rule.name) for file in files if (parts := file.parts) for rule in parts.rules)


def open_engine(name: str) -> Engine:
    """The engine `yara` or `boreal`; its library is loaded only when asked for.

    Raises:
        UsageError: no such engine, or its library is not installed.
    """
    if name == "yara":
        from triage.intel.engines.yara_engine import YaraEngine

        return YaraEngine()
    if name == "boreal":
        try:
            from triage.intel.engines.boreal_engine import BorealEngine
        except ImportError as error:
            raise UsageError("engine boreal is not installed; install triage[fast] or use --engine yara") from error
        return BorealEngine()
    raise UsageError(f"no engine {name!r}; use yara or boreal")
