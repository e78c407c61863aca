"""YARA files on disk → sources by gate, ready for an engine.

A gate says which content a rule may see: `pe`, `text`, or `any`. Our own rules name theirs in their meta; a user's
rule goes to `pe` only where its condition cannot hold for anything else, and alone: rules that refer to each other,
global and private rules stay together, in `any`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from triage.errors import RuleError
from triage.intel.yara_text import RuleText, SourceText, blanked, guarded_by_mz, parse

GATES = ("pe", "text", "any")
_SUFFIXES = (".yar", ".yara")
_DEEPEST_INCLUDE = 16

_Spans = list[tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile:
    """One file of rules.

    Attributes:
        namespace: `wannacry` for a family's own rules, the relative path for a user's.
        source: the text, includes expanded in place.
        own: our own rules, which name their gate.
        parts: the source taken apart, None where it is not understood.
    """

    path: Path
    namespace: str
    source: str
    own: bool
    parts: SourceText | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", parse(self.source))  # once: thousands of rules take seconds


def own_files(root: Path) -> tuple[RuleFile, ...]:
    """The rules of every family under `root/families`, by id."""
    return tuple(
        RuleFile(path=path, namespace=path.parent.name, source=_read(path), own=True)
        for path in sorted((root / "families").glob("*/*.yar"))
    )


def user_files(paths: Sequence[Path]) -> tuple[RuleFile, ...]:
    """Files, and folders with all the .yar and .yara files in them; a file that another includes is read there.

    Raises:
        RuleError: a path that does not exist, holds no rule, cannot be read, or includes what cannot be.
    """
    files: dict[Path, str] = {}
    for path in paths:
        found = list(_walk(path))
        if not found:
            raise RuleError(f"{path}: no {' or '.join(_SUFFIXES)} file here")
        for file in found:
            files.setdefault(file, file.name if file == path else file.relative_to(path).as_posix())
    included: set[Path] = set()
    sources = {file: _expanded(file, _read(file), included, 0) for file in files}
    taken: dict[str, int] = {}
    rules = []
    for file, namespace in files.items():
        if file.resolve() in included:
            continue
        taken[namespace] = taken.get(namespace, 0) + 1
        unique = namespace if taken[namespace] == 1 else f"{namespace}#{taken[namespace]}"
        rules.append(RuleFile(path=file, namespace=unique, source=sources[file], own=False))
    return tuple(rules)


def _walk(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (file for file in sorted(path.rglob("*")) if file.suffix.lower() in _SUFFIXES and file.is_file())
    elif path.exists():
        yield path
    else:
        raise RuleError(f"{path}: no such file or folder")


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RuleError(f"{path}: not UTF-8 at byte {error.start}; save the file as UTF-8") from error
    except OSError as error:
        raise RuleError(f"{path}: cannot be read: {error.strerror}") from error


def _expanded(path: Path, source: str, included: set[Path], depth: int) -> str:
    """The source with every include replaced by the file's text; a path is relative to the file that names it."""
    parts = parse(source) if "include" in source else None
    if parts is None or not parts.includes:
        return source
    if depth == _DEEPEST_INCLUDE:
        raise RuleError(f"{path}: includes are nested deeper than {_DEEPEST_INCLUDE}; does a file include itself?")
    pieces, at = [], 0
    for start, end, name in parts.includes:
        target = path.parent / name.replace("\\", "/")
        if not target.is_file():
            raise RuleError(f"{path}:{source.count(chr(10), 0, start) + 1}: included file not found: {name}")
        included.add(target.resolve())
        pieces += [source[at:start], _expanded(target, _read(target), included, depth + 1)]
        at = end
    return "".join([*pieces, source[at:]])


def by_gate(file: RuleFile) -> dict[str, str]:
    """The file's rules by gate, each as a source whose lines stand where they stood.

    Raises:
        RuleError: an own rule whose gate is unknown.
    """
    parts = file.parts
    if parts is None or not parts.rules:
        return {"any": file.source}
    gates = {rule.name: _own_gate(file, rule) for rule in parts.rules} if file.own else _user_gates(parts)
    return {gate: _only(file.source, parts, gate, gates) for gate in GATES if gate in gates.values()}


def _own_gate(file: RuleFile, rule: RuleText) -> str:
    gate = rule.meta.get("gate")
    if gate not in GATES:
        raise RuleError(f"{file.path}:{rule.line}: {rule.name}: gate {gate!r} is not one of {', '.join(GATES)}")
    return str(gate)


def _user_gates(parts: SourceText) -> Mapping[str, str]:
    """`pe` for a rule that is provably guarded and stands alone, else `any`."""
    names = {rule.name for rule in parts.rules}
    bound = {name for rule in parts.rules for name in _references(rule, names)}
    if any(rule.is_global for rule in parts.rules):
        return dict.fromkeys(names, "any")
    return {
        rule.name: "pe"
        if not rule.is_private
        and rule.name not in bound
        and not _references(rule, names)
        and guarded_by_mz(rule.condition)
        else "any"
        for rule in parts.rules
    }


def _references(rule: RuleText, names: set[str]) -> set[str]:
    """The rules of the same file that this rule's condition names; `prefix*` names every one that begins so."""
    found = rule.names & names
    for pattern in (name[:-1] for name in rule.names if name.endswith("*")):
        found |= {name for name in names if name.startswith(pattern)}
    return set(found)


def _only(source: str, parts: SourceText, gate: str, gates: Mapping[str, str]) -> str:
    """The source with the rules of other gates blanked, and the imports that only they needed.

    An `import "pe"` that no rule uses would still parse every buffer (0.46 ms each in libyara).
    """
    kept = [rule for rule in parts.rules if gates[rule.name] == gate]
    used = {module for rule in kept for module in rule.modules}
    spans: _Spans = [(rule.start, rule.end) for rule in parts.rules if gates[rule.name] != gate]
    spans += [(start, end) for start, end, module in parts.imports if module not in used]
    return blanked(source, spans)
