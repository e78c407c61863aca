"""YARA source read just well enough to know where a rule begins and ends, what it needs, and what guards it.

The engines compile; this only decides which group a rule may run in, and where it cannot tell it says no.

References:
    YARA documentation, "Writing YARA rules"; libyara/lexer.l and grammar.y (4.5).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|//[^\n]*|/\*.*?\*/)
  | (?P<text>"(?:\\.|[^"\\\n])*")
  | (?P<regex>/(?:\\.|[^/\\\n])+/[is]*)
  | (?P<word>[$\#@!]?[A-Za-z_][A-Za-z0-9_]*\*?|[$\#@!]\*?)
  | (?P<number>0x[0-9A-Fa-f]+|\d+(?:KB|MB)?)
  | (?P<sign>==|!=|<=|>=|<<|>>|\.\.|.)
    """,
    re.VERBOSE | re.DOTALL,
)

_KEYWORDS = frozenset(
    """
    all and any ascii at base64 base64wide condition contains defined endswith entrypoint false filesize for
    fullword global icontains iendswith iequals import in include int16 int16be int32 int32be int8 int8be
    istartswith matches meta nocase none not of or private rule startswith strings them true uint16 uint16be
    uint32 uint32be uint8 uint8be wide xor
    """.split()  # noqa: SIM905 - a list of words
)

_GUARDS = (
    ("uint16", "(", "0", ")", "==", "0x5a4d"),
    ("0x5a4d", "==", "uint16", "(", "0", ")"),
    ("uint16be", "(", "0", ")", "==", "0x4d5a"),
    ("0x4d5a", "==", "uint16be", "(", "0", ")"),
    ("pe", ".", "is_pe"),
)


@dataclass(frozen=True, slots=True)
class Token:
    """kind: `text`, `regex`, `word`, `number` or `sign`; start and end: places in the source."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleText:
    """One rule as written.

    Attributes:
        start, end: where it stands in the source, its modifiers included.
        line: of its name, from 1.
        meta: text, number and truth values as written.
        strings: (identifier, how it is written, modifiers).
        condition: the tokens between `condition:` and the closing brace.
    """

    name: str
    is_global: bool
    is_private: bool
    start: int
    end: int
    line: int
    meta: dict[str, str | int | bool]
    strings: tuple[tuple[str, Token | None, tuple[str, ...]], ...]
    condition: tuple[Token, ...]

    @property
    def modules(self) -> frozenset[str]:
        """Names before a dot in the condition: the modules it uses."""
        pairs = zip(self.condition, self.condition[1:], strict=False)
        return frozenset(word.text for word, dot in pairs if word.kind == "word" and dot.text == ".")

    @property
    def names(self) -> frozenset[str]:
        """Bare names in the condition: other rules, externals, loop variables; a trailing `*` stands for many."""
        found = set()
        for before, token in zip((None, *self.condition), self.condition, strict=False):
            if (
                token.kind == "word"
                and token.text[0] not in "$#@!"
                and token.text not in _KEYWORDS
                and (before is None or before.text != ".")
            ):
                found.add(token.text)
        return frozenset(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceText:
    """A source taken apart: its rules, its imports (start, end, module) and includes (start, end, path)."""

    rules: tuple[RuleText, ...]
    imports: tuple[tuple[int, int, str], ...]
    includes: tuple[tuple[int, int, str], ...]


def tokens(source: str) -> Iterator[Token]:
    """The tokens of a source, without blanks and comments."""
    for match in _TOKEN.finditer(source):
        kind = match.lastgroup
        if kind is not None and kind != "space":
            yield Token(kind, match[0], match.start(), match.end())


def parse(source: str) -> SourceText | None:
    """A source taken apart, or None where it is not understood (its engine will say what is wrong)."""
    stream = list(tokens(source))
    newlines = [match.start() for match in re.finditer("\n", source)]
    rules: list[RuleText] = []
    imports: list[tuple[int, int, str]] = []
    includes: list[tuple[int, int, str]] = []
    at = 0
    while at < len(stream):
        token = stream[at]
        if token.text in ("import", "include") and at + 1 < len(stream) and stream[at + 1].kind == "text":
            (imports if token.text == "import" else includes).append(
                (token.start, stream[at + 1].end, unquoted(stream[at + 1].text))
            )
            at += 2
            continue
        read = _rule(newlines, stream, at)
        if read is None:
            return None
        rule, at = read
        rules.append(rule)
    return SourceText(rules=tuple(rules), imports=tuple(imports), includes=tuple(includes))


def unquoted(text: str) -> str:
    """The characters of a text string, its escapes resolved."""
    plain = {"n": "\n", "t": "\t", "r": "\r"}

    def resolve(match: re.Match[str]) -> str:
        return chr(int(match[1], 16)) if match[1] else plain.get(match[2], match[2])

    return re.sub(r"\\(?:x([0-9A-Fa-f]{2})|(.))", resolve, text[1:-1], flags=re.DOTALL)


def _rule(newlines: Sequence[int], stream: Sequence[Token], at: int) -> tuple[RuleText, int] | None:
    start, modifiers = stream[at].start, set()
    while at < len(stream) and stream[at].text in ("global", "private"):
        modifiers.add(stream[at].text)
        at += 1
    if at + 1 >= len(stream) or stream[at].text != "rule" or stream[at + 1].kind != "word":
        return None
    name = stream[at + 1]
    at += 2
    while at < len(stream) and stream[at].text != "{":
        at += 1
    body_start, depth = at + 1, 0
    while at < len(stream):
        depth += {"{": 1, "}": -1}.get(stream[at].text, 0)
        if depth == 0:
            break
        at += 1
    if at >= len(stream):
        return None
    sections = _sections(stream[body_start:at])
    if sections is None:
        return None
    meta, strings, condition = sections
    rule = RuleText(
        name=name.text,
        is_global="global" in modifiers,
        is_private="private" in modifiers,
        start=start,
        end=stream[at].end,
        line=bisect_left(newlines, name.start) + 1,
        meta=_meta(meta),
        strings=_strings(strings),
        condition=tuple(condition),
    )
    return rule, at + 1


def _sections(body: Sequence[Token]) -> tuple[list[Token], list[Token], list[Token]] | None:
    """meta, strings and condition; the words open a section only before a colon and outside a hex string."""
    found: dict[str, list[Token]] = {"meta": [], "strings": [], "condition": []}
    current, depth = "", 0
    for place, token in enumerate(body):
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        colon = place + 1 < len(body) and body[place + 1].text == ":"
        if depth == 0 and colon and token.text in found and current != "condition":
            current = token.text
        elif current and not (token.text == ":" and body[place - 1].text == current and not found[current]):
            found[current].append(token)
    return (found["meta"], found["strings"], found["condition"]) if found["condition"] else None


def _meta(section: Sequence[Token]) -> dict[str, str | int | bool]:
    meta: dict[str, str | int | bool] = {}
    for place, token in enumerate(section):
        if token.text != "=" or place == 0 or place + 1 >= len(section):
            continue
        key, value = section[place - 1].text, section[place + 1]
        if value.kind == "text":
            meta[key] = unquoted(value.text)
        elif value.kind == "number":
            meta[key] = int(value.text, 0)
        elif value.text in ("true", "false"):
            meta[key] = value.text == "true"
    return meta


def _strings(section: Sequence[Token]) -> tuple[tuple[str, Token | None, tuple[str, ...]], ...]:
    """(identifier, text or regex token, modifiers); the token of a hex string spans its braces."""
    found = []
    starts = [
        place
        for place, token in enumerate(section)
        if token.text.startswith("$") and place + 1 < len(section) and section[place + 1].text == "="
    ]
    for number, place in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(section)
        value = section[place + 2] if place + 2 < end else None
        rest = section[place + 3 : end]
        if value is not None and value.text == "{":
            close = next((n for n, token in enumerate(rest) if token.text == "}"), len(rest) - 1)
            value = Token("hex", " ".join(token.text for token in rest[:close]), value.start, rest[close].end)
            rest = rest[close + 1 :]
        found.append((section[place].text, value, tuple(token.text for token in rest if token.kind == "word")))
    return tuple(found)


def guarded_by_mz(condition: Sequence[Token]) -> bool:
    """True only where the condition cannot hold for bytes that do not begin `MZ`.

    One of the top-level conjuncts must be the guard itself, in one of the ways people write it.
    """
    words = [token.text.lower() for token in condition]
    conjuncts = _conjuncts(_unwrapped(words))
    return conjuncts is not None and any(tuple(_unwrapped(part)) in _GUARDS for part in conjuncts)


def _conjuncts(words: list[str]) -> list[list[str]] | None:
    """The parts between top-level `and`; None where a top-level `or` makes each of them optional."""
    parts: list[list[str]] = [[]]
    depth = 0
    for word in words:
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth == 0 and word == "or":
            return None
        if depth == 0 and word == "and":
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def _unwrapped(words: list[str]) -> list[str]:
    """Without the parentheses that enclose the whole."""
    while len(words) > 2 and words[0] == "(" and words[-1] == ")":
        depth = 0
        for place, word in enumerate(words):
            depth += {"(": 1, ")": -1}.get(word, 0)
            if depth == 0 and place < len(words) - 1:
                return words
        words = words[1:-1]
    return words


def blanked(source: str, spans: Sequence[tuple[int, int]]) -> str:
    """The source with these spans as blanks; lines stay where they are, so errors still name the right one."""
    pieces, at = [], 0
    for start, end in sorted(spans):
        pieces += [source[at:start], re.sub(r"[^\n]", " ", source[start:end])]
        at = end
    return "".join([*pieces, source[at:]])
