"""Free text: paths inside it part by part, and either the names that were met or every word that is not public."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from triage.analysis.redaction.names import TEXT, TOKEN, Names, folded
from triage.analysis.redaction.paths import Paths

_START: Final = re.compile(
    r"(?i)(?:\\{2,4}[?.]\\{1,2}|\\{1,2}\?\?\\{1,2})?(?<![a-z])[a-z]:(?=[\\/])"
    r"|(?<![^\s\"'=,;(<|>])(?:\\{2,4}(?=[^\\/\s\"'?.])|%[\w()]+%(?=[\\/])|\\(?=(?:device|systemroot|dosdevices)\\))"
    r"|file:/{2,3}"
)
"""Where a path begins."""
_END: Final = re.compile(r"[\"<>|;,\r\n\t]|$")
_WORDS: Final = re.compile(r"(\s+)")
_PARTS: Final = re.compile(r"[\s=:,;&|+\\/()<>\[\]{}@!~#\"'*?^%$`]+|\.{2,}|(?<!\w)[.-]+|[.-]+(?!\w)")
_VALUE: Final = re.compile(
    r"(?i)\d{1,6}|0x[0-9a-f]+|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|\d{4}-\d\d-\d\d(?:t\d\d)?|\d\d(?:\.\d+)?z"
    r"|\d{1,5}(?:\.\d{1,5}){1,3}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|s-1-[\d-]+|kb\d{6,7}|t\d{4}(?:\.\d{3})?"
)
_PROGRAM: Final = re.compile(r"(?i)[a-z0-9_.-]+\.(?:exe|dll|sys|com|msc|cpl)")
_SWITCH: Final = re.compile(r"(?i)(?:--?|/)[a-z?]{1,16}")


class Texts:
    """Texts of one case."""

    def __init__(self, names: Names, paths: Paths) -> None:
        self._names, self._paths = names, paths
        known = sorted(names.public.extensions | names.public.marks, key=lambda one: (-len(one), one))
        self._ending = re.compile(rf"(?i)\.(?:{'|'.join(map(re.escape, known))})(?=[\s\"',;|<>)\]]|$)")

    def loose(self, text: str) -> str:
        """Our own words around what the evidence holds: paths, and names that were met; other letters are not ours."""
        return "".join(self._paths.text(part) if is_path else self._ascii(part) for is_path, part in self.split(text))

    def strict(self, text: str) -> str:
        """A text of the evidence: paths, and no word that is not public."""
        return "".join(self._paths.text(part) if is_path else self._public(part) for is_path, part in self.split(text))

    def split(self, text: str) -> Iterator[tuple[bool, str]]:
        """(whether it is a path, the part), in order."""
        place = 0
        while start := _START.search(text, place):
            begin = start.start()
            end = self._end(text, begin)
            yield False, text[place:begin]
            yield True, text[begin:end]
            place = end
        yield False, text[place:]

    def _end(self, text: str, begin: int) -> int:
        """Of a quoted path its quote; else the first known ending that stands before a gap, or what no path holds."""
        quote = text[begin - 1 : begin]
        if quote in ('"', "'") and quote:
            end = text.find(quote, begin)
            return end if end >= 0 else len(text)
        following = _START.search(text, begin + 4)
        limit = following.start() if following else len(text)
        ending = self._ending.search(text, begin, limit)
        if ending is not None:
            return ending.end()
        stop = _END.search(text, begin, limit)
        return stop.start() if stop else limit

    def _ascii(self, text: str) -> str:
        return self._filtered(text, lambda word: word.isascii())

    def _public(self, text: str) -> str:
        return self._filtered(text, self._is_public)

    def _filtered(self, text: str, keep: Callable[[str], bool]) -> str:
        """Runs of words that may not be read become one token each."""
        out: list[str] = []
        run: list[str] = []

        def close() -> None:
            if run:
                tail = run.pop() if run[-1].isspace() else ""
                out.append(self._names.token(TEXT, "".join(run)) + tail)
                run.clear()

        for word in _WORDS.split(self._names.scrub(text)):
            if not word or word.isspace():
                (run or out).append(word)
            elif keep(word):
                close()
                out.append(word)
            else:
                run.append(word)
        close()
        return "".join(out)

    def _is_public(self, word: str) -> bool:
        """Switches, numbers, programs, words of the list, tokens, and what is made of these alone."""
        bare = word.strip("\"'(),;[]{}")
        if not bare or _SWITCH.fullmatch(bare) or _PROGRAM.fullmatch(bare) or self._paths.is_known_file(bare):
            return True
        return all(self._is_part(part) for part in _PARTS.split(TOKEN.sub(" ", bare)) if part)

    def _is_part(self, part: str) -> bool:
        low = folded(part)
        if low in self._names.public.words or low in self._names.public.hosts or len(part) == 1:
            return True
        return _VALUE.fullmatch(part) is not None or _PROGRAM.fullmatch(part) is not None
