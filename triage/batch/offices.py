"""Which office a machine stands in: the first folder below the one that was given, or a list.

The list is a CSV file with the columns `path` and `office`. A path is that of an image or a case, of a folder above
it, or a computer's name; the longest that fits counts.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from triage.errors import UsageError
from triage.text import printable

LIST_NAME = "offices.csv"
_COLUMNS = ["path", "office"]


@dataclass(frozen=True, slots=True)
class Offices:
    """Office by path, in lower case. no entries: every office is a folder."""

    listed: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str, host: str = "") -> str:
        """The office; empty where neither a folder nor the list tells.

        Args:
            name: of the image or case, "/"-separated.
            host: name of the computer, empty where unknown.
        """
        parts = name.lower().split("/")
        for length in range(len(parts), 0, -1):
            if office := self.listed.get("/".join(parts[:length])):
                return office
        by_host = self.listed.get(host.lower()) if host else None
        return by_host or (name.split("/")[0] if len(parts) > 1 else "")


def offices_of(folder: Path, listed: Path | None) -> Offices:
    """By the list that was given, else the one that lies in the folder, else by the folders themselves.

    Raises:
        UsageError: see `read_offices`.
    """
    path = listed or folder / LIST_NAME
    return read_offices(path) if listed or path.is_file() else Offices()


def read_offices(path: Path) -> Offices:
    """The list in a CSV file: UTF-8, commas or semicolons.

    Raises:
        UsageError: it cannot be read, or a line is not what it must be; the message names it.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as UTF-8: {error}") from error
    head = text.partition("\n")[0]
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in head else ",", strict=True)
    listed: dict[str, str] = {}
    try:
        for number, line in enumerate(lines, 1):
            cells = [cell.strip() for cell in line]
            if number == 1:
                if cells != _COLUMNS:
                    raise UsageError(f"{path}:1: the columns must be {', '.join(_COLUMNS)}")
            elif len(cells) == len(_COLUMNS) and all(cells):
                place = "/".join(printable(part) for part in cells[0].replace("\\", "/").strip("/").split("/"))
                if listed.setdefault(place.lower(), printable(cells[1])) != printable(cells[1]):
                    raise UsageError(f"{path}:{number}: {cells[0]} is in two offices")
            elif any(cells):
                raise UsageError(f"{path}:{number}: not a path and an office")
    except csv.Error as error:
        raise UsageError(f"{path}:{lines.line_num}: not CSV: {error}") from error
    return Offices(listed)
