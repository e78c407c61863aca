"""Which files belong to a split raw image: `name.001 name.002 …`, from `.000` too, or `name.aa name.ab …`.

Limits:
    A missing last part cannot be told from a set that ends there. Lettered sets are seen in lower case only.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from triage.errors import EvidenceError

_PART = re.compile(r"(?P<stem>.+\.)(?:(?P<number>\d{3,4})|(?P<letters>[a-z]{2,4}))", re.DOTALL)
_EXTENSIONS = frozenset(
    {"bin", "csv", "db", "dd", "gz", "html", "img", "info", "iso", "json", "log", "md", "raw", "txt", "vhd", "vhdx"}
    | {"vmdk", "xml", "xz", "zip"}
)
"""What two to four letters after a dot mean far oftener than a part of a set."""


def part_set(path: Path) -> tuple[Path, ...]:
    """The set that path is a part of, first part first.

    Returns:
        path alone where its name is not numbered so or it has no neighbours.

    Raises:
        EvidenceError: a part is missing, or one that is not the last differs in size. The message names it.
    """
    match = _PART.fullmatch(path.name)
    if match is None or match["letters"] in _EXTENSIONS:
        return (path,)
    numbered = match["number"] is not None
    width = len(match["number"] or match["letters"])
    found = _neighbours(path, match["stem"], numbered, width)
    if numbered:
        first = 0 if 0 in found else 1
        if len(found) == 1 and (first in found or width > 3):  # a lone `disk.2017` carries a year
            return (path,)
    else:
        first = 0
        if first not in found:
            return (path,)
    for number in range(first, max(found)):
        if number not in found:
            name = match["stem"] + (f"{number:0{width}d}" if numbered else _letters(number, width))
            raise EvidenceError(f"{path}: part {name} of the split image is missing: put it beside the others")
    parts = tuple(found[number] for number in sorted(found))
    _check_sizes(parts)
    return parts


def _neighbours(path: Path, stem: str, numbered: bool, width: int) -> dict[int, Path]:
    found = {}
    with os.scandir(path.parent) as listing:
        for name in sorted(item.name for item in listing if item.name.startswith(stem)):
            match = _PART.fullmatch(name)
            if match is None or match["stem"] != stem:
                continue
            if numbered and match["number"] is not None:
                number = int(match["number"])
                if number not in found or len(match["number"]) == width:
                    found[number] = path.with_name(name)
            elif (
                (letters := match["letters"]) and not numbered and len(letters) == width and letters not in _EXTENSIONS
            ):
                found[_number(letters)] = path.with_name(name)
    return found


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("a")
    return number


def _letters(number: int, width: int) -> str:
    letters = ""
    for _ in range(width):
        number, rest = divmod(number, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


def _check_sizes(parts: tuple[Path, ...]) -> None:
    sizes = [part.stat().st_size for part in parts]
    for number, (part, size) in enumerate(zip(parts, sizes, strict=True)):
        last = number == len(parts) - 1
        if size > sizes[0] or size == 0 or (size < sizes[0] and not last):
            raise EvidenceError(
                f"{part}: holds {size} bytes where every part of the split image holds {sizes[0]}: copy it again"
            )
