"""The columns of the tables: what is told of a machine, and what an office is summed by. The same in CSV and XLSX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from triage.analysis.overview import Condition, Machine, Totals
from triage.outputs.catalogue import translate
from triage.outputs.escapes import visible
from triage.outputs.figures import number
from triage.times import from_isoformat, in_vietnam

Cell = str | int | None

CONDITIONS: Final = (
    Condition.ENCRYPTED,
    Condition.INFECTED,
    Condition.DORMANT,
    Condition.SUSPICIOUS,
    Condition.NOTHING_FOUND,
)
"""What is known of a machine; the rest is not known yet."""

MACHINE: Final[tuple[tuple[str, int, Callable[[Machine, str], Cell]], ...]] = (
    ("Office", 24, lambda one, lang: office_wording(one.office, lang)),
    ("Computer", 18, lambda one, _lang: one.host),
    ("Image or case", 34, lambda one, _lang: one.name),
    ("State", 26, lambda one, lang: translate(one.condition.value, lang, "condition")),
    ("Encrypted files", 12, lambda one, _lang: one.encrypted_files if one.verdict else None),
    ("Bytes of encrypted files", 16, lambda one, _lang: one.encrypted_bytes if one.verdict else None),
    ("Files lost", 12, lambda one, _lang: one.losses.lost_files if one.losses else None),
    ("Files recoverable", 12, lambda one, _lang: one.losses.recoverable_files if one.losses else None),
    ("First sign (UTC)", 22, lambda one, _lang: one.first_sign),
    ("First sign (UTC+7)", 20, lambda one, _lang: vietnam(one.first_sign)),
    ("Encryption", 22, lambda one, lang: one.outcome and translate(one.outcome, lang, "outcome")),
    ("MS17-010", 18, lambda one, lang: one.patch and translate(one.patch, lang, "value")),
    ("SMBv1", 14, lambda one, lang: one.smb1 and translate(one.smb1, lang, "value")),
    ("Entries", 12, lambda one, _lang: one.entries if one.verdict else None),
    ("Entries not examined", 12, lambda one, _lang: one.gaps if one.verdict else None),
    ("Same as", 24, lambda one, _lang: one.same_as),
    ("Remark", 60, lambda one, lang: remark(one, lang)),
)
"""(title, width in characters, value in a language) of what is told of each machine."""

OFFICE: Final[tuple[tuple[str, int, Callable[[Totals, str], Cell]], ...]] = (
    ("Machines", 10, lambda one, _lang: one.machines),
    *((condition.value, 14, lambda one, _lang, it=condition: one.by_condition[it]) for condition in CONDITIONS),
    ("Not known yet", 14, lambda one, _lang: one.unknown),
    ("Encrypted files", 14, lambda one, _lang: one.encrypted_files),
    ("Bytes of encrypted files", 18, lambda one, _lang: one.encrypted_bytes),
    ("Files lost", 14, lambda one, _lang: one.losses.lost_files if one.losses else None),
    ("Files recoverable", 14, lambda one, _lang: one.losses.recoverable_files if one.losses else None),
    ("Without the MS17-010 fix", 14, lambda one, _lang: one.vulnerable),
    ("SMBv1 enabled", 14, lambda one, _lang: one.smb1_enabled),
)
"""The same of each office; where the title is the id of a condition, it is worded as one."""


def title(text: str, lang: str) -> str:
    """The heading of a column."""
    is_condition = any(text == condition.value for condition in CONDITIONS)
    return translate(text, lang, "condition" if is_condition else "phrase")


def office_wording(office: str, lang: str) -> str:
    """An office's name; machines of none stand together."""
    return visible(office) or translate("No office given", lang)


def remark(machine: Machine, lang: str) -> str:
    """Why it was not examined or not to the end, or what nothing could be concluded for; empty where all is well."""
    said = [translate(machine.problem, lang)] if machine.problem else []
    said += [f"{translate(why, lang, 'gap')}: {number(count, lang)}" for why, count in machine.missing]
    return "; ".join(said)


def vietnam(moment: str) -> str:
    """An ISO 8601 time as the province's clocks showed it; empty where there is none."""
    when = from_isoformat(moment)
    return "" if when is None else in_vietnam(when)
