"""What a rule of ours must be: one small check for each fault. A user's rules are only warned of slow strings.

References:
    CCCS YARA specification (metadata); yaraQA (atoms, nocase); YARA performance guidelines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from triage.intel.regexes import literal_runs
from triage.intel.rule_files import GATES, RuleFile
from triage.intel.yara_text import RuleText, Token, guarded_by_mz, unquoted

REQUIRED_META: Final = (
    *("id", "version", "date", "modified", "status", "sharing", "source", "author", "description", "category"),
    *("reference", "family", "severity", "confidence", "gate"),
)
_VALUES: Final = {
    "status": ("TESTING", "RELEASED", "DEPRECATED"),
    "sharing": ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT"),
    "category": ("INFO", "EXPLOIT", "TECHNIQUE", "TOOL", "MALWARE"),
    "severity": ("infected", "suspicious", "info"),
    "confidence": ("high", "medium", "low"),
    "gate": GATES,
}
_SHAPES: Final = {
    "id": re.compile(r"[0-9A-Za-z]{22}"),
    "version": re.compile(r"\d+\.\d+"),
    "date": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "modified": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "source": re.compile(r"[A-Z][A-Z0-9_-]*"),
    "author": re.compile(r"[^@\s]+@[A-Z][A-Z0-9_-]*"),
}
_PREFIXES: Final = {"infected": "MAL_", "suspicious": "SUSP_", "info": "INFO_"}
_ATOM: Final = 4
_SHORTEST_NOCASE: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class LintFault:
    """What is wrong with a rule. line: of the rule's name, from 1."""

    path: Path
    line: int
    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.what}"


def lint(files: Sequence[RuleFile]) -> list[LintFault]:
    """The faults of these files' rules, in their order."""
    faults = []
    ids: dict[str, str] = {}
    for file in files:
        rules = file.parts.rules if file.parts else ()
        checks = _OWN_CHECKS if file.own else _USER_CHECKS
        for rule in rules:
            said = [what for check in checks for what in check(file, rule)]
            if file.own:
                said += _other_gate(rule, rules)
                said += _same_id(rule, ids)
            faults += [LintFault(path=file.path, line=rule.line, rule=rule.name, what=what) for what in said]
    return faults


def _missing_meta(_file: RuleFile, rule: RuleText) -> Iterator[str]:
    if missing := [key for key in REQUIRED_META if not rule.meta.get(key)]:
        yield f"meta {', '.join(missing)} is missing"


def _wrong_meta(_file: RuleFile, rule: RuleText) -> Iterator[str]:
    for key, allowed in _VALUES.items():
        if key in rule.meta and rule.meta[key] not in allowed:
            yield f"meta {key}: {rule.meta[key]!r} is not one of {', '.join(allowed)}"
    for key, shape in _SHAPES.items():
        if key in rule.meta and not shape.fullmatch(str(rule.meta[key])):
            yield f"meta {key}: {rule.meta[key]!r} is not in the form the metadata standard asks for"


def _wrong_family(file: RuleFile, rule: RuleText) -> Iterator[str]:
    if rule.meta.get("family") != file.namespace:
        yield f"meta family: {rule.meta.get('family')!r} is not the folder's name {file.namespace!r}"


def _wrong_file_name(file: RuleFile, _rule: RuleText) -> Iterator[str]:
    if file.path.stem != file.namespace:
        yield f"the file must be called {file.namespace}.yar"


def _wrong_prefix(_file: RuleFile, rule: RuleText) -> Iterator[str]:
    prefix = _PREFIXES.get(str(rule.meta.get("severity")))
    if prefix and not rule.name.startswith(prefix):
        yield f"the name of a rule of severity {rule.meta['severity']} begins with {prefix}"


def _unguarded(_file: RuleFile, rule: RuleText) -> Iterator[str]:
    if rule.meta.get("gate") == "pe" and not guarded_by_mz(rule.condition):
        yield "gate pe: the condition must demand uint16(0) == 0x5A4D"


def _module_outside_pe(_file: RuleFile, rule: RuleText) -> Iterator[str]:
    if rule.meta.get("gate") != "pe" and "pe" in rule.modules:
        yield "module pe outside gate pe parses every file"


def _no_atom(_file: RuleFile, rule: RuleText) -> Iterator[str]:
    for identifier, value, modifiers in rule.strings:
        if value is not None and _longest_literal(value, modifiers) < _ATOM:
            yield f"string {identifier} has no literal of {_ATOM} bytes: slow on every file"


def _short_nocase(_file: RuleFile, rule: RuleText) -> Iterator[str]:
    for identifier, value, modifiers in rule.strings:
        if value is not None and "nocase" in modifiers and _longest_literal(value, modifiers) < _SHORTEST_NOCASE:
            yield f"string {identifier} is too short for nocase"


def _other_gate(rule: RuleText, rules: Sequence[RuleText]) -> list[str]:
    gates = {other.name: other.meta.get("gate") for other in rules}
    return [
        f"refers to {name}, whose gate is another"
        for name in sorted(rule.names & gates.keys())
        if gates[name] != rule.meta.get("gate")
    ]


def _same_id(rule: RuleText, ids: dict[str, str]) -> list[str]:
    known = str(rule.meta.get("id"))
    first = ids.setdefault(known, rule.name)
    return [f"meta id: the same as that of {first}"] if first != rule.name else []


def _longest_literal(value: Token, modifiers: Sequence[str]) -> int:
    """Bytes of the longest run that the engine can look for."""
    match value.kind:
        case "text":
            text = len(unquoted(value.text).encode())
            return text if "ascii" in modifiers or "wide" not in modifiers else 2 * text
        case "hex":
            return max(len(run) for run in _hex_runs(value.text))
        case _:
            pattern = value.text[1 : value.text.rindex("/")]
            return max((len(run) for run in literal_runs(pattern)), default=0)


def _hex_runs(text: str) -> list[list[str]]:
    """Runs of whole bytes; a wildcard, a jump, a choice or a negation ends one."""
    runs: list[list[str]] = [[]]
    for byte in re.findall(r"[0-9A-Fa-f?~]{2}|\S", text.replace(" ", "")):
        if re.fullmatch(r"[0-9A-Fa-f]{2}", byte):
            runs[-1].append(byte)
        else:
            runs.append([])
    return runs


_Check = Callable[[RuleFile, RuleText], Iterator[str]]
_OWN_CHECKS: Final[tuple[_Check, ...]] = (
    _missing_meta,
    _wrong_meta,
    _wrong_family,
    _wrong_file_name,
    _wrong_prefix,
    _unguarded,
    _module_outside_pe,
    _no_atom,
    _short_nocase,
)
_USER_CHECKS: Final[tuple[_Check, ...]] = (_no_atom,)
