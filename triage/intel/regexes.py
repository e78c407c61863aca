"""Regular expressions from indicator lists: made safe to join and to run on 60,000 paths, or refused."""

from __future__ import annotations

import re
import warnings
from re import _constants as codes  # type: ignore[attr-defined] # the only parse tree Python offers
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_FLAGS = re.compile(r"\(\?([aiLmsux]+)\)")
_REPEATS = frozenset({codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT})
_LONG = 16  # a repeat of more rounds than this counts as endless
_SHORTEST_LITERAL = 4


def inline(regex: str) -> str:
    """The same expression with its leading global flags as a group, so that it can be joined with others."""
    match = _FLAGS.match(regex)
    if not match:
        return f"(?:{regex})"
    flags = "".join(sorted(set(match[1]) & set("ims")))
    return f"(?{flags}:{regex[match.end() :]})" if flags else f"(?:{regex[match.end() :]})"


def regex_fault(regex: str) -> str | None:
    """Why an expression cannot be used, or None: it does not compile, refers back, or may run for ever."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tree = parser.parse(inline(regex))
    except (re.error, RecursionError, OverflowError, DeprecationWarning, FutureWarning) as error:
        return f"not a regular expression: {error}"
    if _anywhere(tree, lambda op, _: op in (codes.GROUPREF, codes.GROUPREF_EXISTS)):
        return "refers back to a group"
    if _anywhere(tree, lambda op, argument: op in _REPEATS and _repeats_a_choice(argument)):
        return "a repeat inside a repeat, or of alternatives that overlap: may run for ever"
    return None


def weak_regex(regex: str) -> str | None:
    """Why an expression is too unspecific to be believed, or None."""
    longest = max((len(re.sub(r"[\\\\/.]", "", run)) for run in literal_runs(inline(regex))), default=0)
    return f"no literal of {_SHORTEST_LITERAL} characters" if longest < _SHORTEST_LITERAL else None


def _repeats_a_choice(argument: Any) -> bool:  # noqa: ANN401
    """An endless repeat whose body itself repeats without end or offers alternatives of variable length."""
    _, most, body = argument
    if most is not codes.MAXREPEAT and most <= _LONG:
        return False
    return _anywhere(body, lambda op, inner: op in _REPEATS and _endless(inner)) or _anywhere(
        body, lambda op, inner: op is codes.BRANCH and _overlap(inner[1])
    )


def _overlap(alternatives: list[Any]) -> bool:
    """Two alternatives begin alike, or one is empty."""
    beginnings = [str(branch[:1]) for branch in alternatives]
    return len(set(beginnings)) < len(beginnings) or any(not len(branch) for branch in alternatives)


def _endless(argument: Any) -> bool:  # noqa: ANN401
    least, most, _ = argument
    return most is codes.MAXREPEAT or most > max(least, _LONG)


def _children(argument: Any) -> list[Any]:  # noqa: ANN401
    """The sub-patterns in an operator's argument, however it holds them."""
    if isinstance(argument, parser.SubPattern):
        return [argument]
    if isinstance(argument, tuple | list):
        return [child for part in argument for child in _children(part)]
    return []


def _anywhere(tree: Any, test: Any) -> bool:  # noqa: ANN401
    return any(
        test(op, argument) or any(_anywhere(child, test) for child in _children(argument)) for op, argument in tree
    )


def literal_runs(regex: str) -> list[str]:
    """Runs of characters that stand side by side in every match or in one of its alternatives.

    Empty where the expression cannot be read.
    """
    try:
        return _runs(parser.parse(regex))
    except (re.error, RecursionError, OverflowError):
        return []


def _runs(tree: Any) -> list[str]:  # noqa: ANN401
    runs, run = [], ""
    for op, argument in tree:
        if op is codes.LITERAL:
            run += chr(argument)
            continue
        runs.append(run)
        run = ""
        for child in _children(argument):
            runs += _runs(child)
    return [*runs, run]


def required_literals(regex: str) -> list[str]:
    """Runs of characters that every match holds; none where alternatives or options could avoid them."""
    return _required(parser.parse(regex))


def _required(tree: Any) -> list[str]:  # noqa: ANN401
    runs, run = [], ""
    for op, argument in tree:
        if op is codes.LITERAL:
            run += chr(argument)
            continue
        runs.append(run)
        run = ""
        if op is codes.SUBPATTERN:
            runs += _required(argument[-1])
        elif op in _REPEATS and argument[0] > 0:
            runs += _required(argument[2])
    return [found for found in (*runs, run) if found]
