"""Numbers, sizes and long names, written as a reader of either language expects them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from triage.analysis.dossier import Coverage
from triage.model import UnixNs
from triage.times import in_vietnam

_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
# As Windows shows sizes: 1 KB is 1024 bytes.
_UNITS: Final = ("KB", "MB", "GB", "TB", "PB")


def number(value: int, lang: str) -> str:
    """Thousands apart: `100.000` in Vietnamese, `100,000` in English."""
    text = f"{value:,}"
    return text.replace(",", ".") if lang == "vi" else text


def size(value: int, lang: str) -> str:
    """Bytes, rounded to one place: `1,5 GB` in Vietnamese, `1.5 GB` in English."""
    if value < 1024:
        return f"{number(value, lang)} B"
    power = 1
    while power < len(_UNITS) and value / 1024**power >= 1023.95:
        power += 1
    return f"{_decimal(value / 1024**power, lang)} {_UNITS[power - 1]}"


def percent(part: int, whole: int, lang: str) -> str:
    """A share; never rounded to 0 or 100 where it is not."""
    if whole <= 0 or part <= 0:
        return "0%"
    if part >= whole:
        return "100%"
    share = 100 * part / whole
    if share < 0.1:
        return f"<{_decimal(0.1, lang)}%"
    return f"{_decimal(min(share, 99.9), lang)}%"


def signed(value: float, lang: str) -> str:
    """A difference, its sign always shown, whole where it is: `+3.600`, `−0,5` in Vietnamese."""
    sign = "−" if value < 0 else "+"
    whole, rest = divmod(round(abs(value), 3), 1)
    fraction = f"{rest:.3f}"[1:].rstrip("0").rstrip(".")
    return f"{sign}{number(int(whole), lang)}{fraction.replace('.', ',') if lang == 'vi' else fraction}"


def not_reached(coverage: Coverage) -> int:
    """Entries that a cut-off scan had not come to: gaps without a reason of their own."""
    return max(0, coverage.gaps - sum(coverage.gaps_by_reason.values()))


def shortened(text: str, limit: int) -> str:
    """At most limit characters: the middle of a long name says least."""
    if len(text) <= limit:
        return text
    tail = limit // 3
    return f"{text[: limit - tail - 1]}…{text[-tail:]}"


def moment(text: str) -> str:
    """An ISO 8601 time in UTC with Vietnam's time beside it; any other text as it is."""
    if not _MOMENT.fullmatch(text):
        return text
    try:
        seconds = int(datetime.fromisoformat(text[:19]).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return text
    return f"{text} = {in_vietnam(UnixNs(seconds * 1_000_000_000))} (UTC+7)"


def _decimal(value: float, lang: str) -> str:
    text = f"{value:.1f}"
    return text.replace(".", ",") if lang == "vi" else text
