"""yara-python (libyara 4.5) behind the seam. The only module that imports it.

References:
    https://yara.readthedocs.io/en/stable/yarapython.html
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import yara

from triage.errors import RuleError
from triage.intel.matcher import BYTES_PER_HIT, EXTERNALS, HITS_PER_RULE, Data, Hit, Match
from triage.intel.rule_files import RuleFile

_PLACE = re.compile(r"^(?P<file>.*?)\((?P<line>\d+)\): (?P<what>.*)$", re.DOTALL)
_BLANK_EXTERNALS = dict.fromkeys(EXTERNALS, "")


class YaraEngine:
    """libyara through yara-python."""

    def compile(self, sources: Mapping[str, str], files: Sequence[RuleFile]) -> bytes:
        try:
            rules = yara.compile(sources=dict(sources), externals=_BLANK_EXTERNALS, includes=False)
        except yara.Error as error:
            raise _located(error, files) from error
        stream = io.BytesIO()
        rules.save(file=stream)
        return stream.getvalue()

    def load(self, compiled: bytes) -> Callable[[Data, Mapping[str, str], int], list[Match]]:
        rules = yara.load(file=io.BytesIO(compiled))

        def match(data: Data, externals: Mapping[str, str], timeout: int) -> list[Match]:
            ask = partial(
                rules.match, data=data, externals=dict(externals), timeout=timeout, warnings_callback=_carry_on
            )
            try:
                if not ask(fast=True):
                    return []
                # the fast answer stops at a string's first place; matches are rare enough to ask again for them all
                found = ask()
            except yara.TimeoutError as error:
                raise TimeoutError(f"rules ran longer than {timeout} s") from error
            return [_match(match) for match in found]

        return match


def _carry_on(_kind: int, _string: object) -> int:
    """A string that is found a million times is found; the engine stops counting."""
    return int(yara.CALLBACK_CONTINUE)


def _match(match: Any) -> Match:  # noqa: ANN401 - yara-python ships no types
    hits = sorted(
        (instance.offset, string.identifier, bytes(instance.matched_data[:BYTES_PER_HIT]))
        for string in match.strings
        for instance in string.instances[:HITS_PER_RULE]
    )
    return Match(
        rule=match.rule,
        namespace=match.namespace,
        tags=tuple(match.tags),
        meta=dict(sorted(match.meta.items())),
        hits=tuple(Hit(identifier=name, offset=offset, data=data) for offset, name, data in hits[:HITS_PER_RULE]),
    )


def _located(error: yara.Error, files: Sequence[RuleFile]) -> RuleError:
    """Names the file and line: compiled together sources lose their names, so each is tried alone."""
    for file in files:
        try:
            yara.compile(filepath=str(file.path), externals=_BLANK_EXTERNALS, includes=True)
        except yara.Error as alone:
            place = _PLACE.match(str(alone))
            if place:
                return RuleError(f"{place['file']}:{place['line']}: {place['what']}")
            return RuleError(f"{file.path}: {alone}")
    return RuleError(f"rules do not compile together: {error}")
