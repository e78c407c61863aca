"""The verdict on one screen: at most 24 lines of 80 columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import partial
from typing import Final

from triage.analysis.dossier import Collection, Coverage, Dossier, LeftOut, Reason, VerdictLevel
from triage.analysis.reconnection import may_reconnect
from triage.analysis.story import Story
from triage.model import GapReason, Level, Severity
from triage.outputs.catalogue import reason_wording, translate
from triage.outputs.checklist.sheet import lead_of
from triage.outputs.escapes import visible
from triage.outputs.figures import not_reached, number, size
from triage.times import in_vietnam

COLUMNS: Final = 80
_REASONS: Final = 4
_LABEL: Final = 15
_BOLD: Final = "\x1b[1m"
_RESET: Final = "\x1b[0m"
_COLORS: Final = {
    VerdictLevel.ENCRYPTED: "\x1b[1;97;41m",
    VerdictLevel.INFECTED: "\x1b[1;97;41m",
    VerdictLevel.SUSPICIOUS: "\x1b[1;30;43m",
    VerdictLevel.INCONCLUSIVE: "\x1b[1;30;43m",
    VerdictLevel.NOTHING_FOUND: "\x1b[1;97;44m",
}


def render_screen(dossier: Dossier, lang: str, color: bool, report: str = "") -> str:
    """Verdict, reasons, counts, coverage with its gaps, and what to do first.

    Args:
        dossier: the judged case.
        lang: "vi" or "en".
        color: whether the terminal understands ANSI colours.
        report: where the full report lies; left out if empty.
    """
    return "\n".join(_lines(dossier, lang, color=color, report=report)) + "\n"


def _lines(dossier: Dossier, lang: str, *, color: bool, report: str) -> Iterator[str]:
    say = partial(translate, lang=lang)
    level, coverage, evidence = dossier.verdict.level, dossier.coverage, dossier.evidence
    about = f"{evidence.format}, {size(evidence.size, lang)}" if evidence.size else evidence.format
    yield cut(f"triage {dossier.tool_version} | {evidence.name} ({about})", COLUMNS)
    headline = f"  {say(level.value, kind='verdict').upper()}"
    yield from _banner(headline, _COLORS[level] if color else "")
    if evidence.changed:
        yield _loud(say("The evidence changed during the scan: do not rely on this result."), color=color)
    if evidence.mismatched:
        yield _loud(say("The image does not match the hash stored in it: it was altered or damaged."), color=color)
    if not dossier.finished:
        yield _loud(say("The scan was cut off: run the same command again and it resumes."), color=color)
    yield from _labelled(say("Reasons"), _reasons(dossier.verdict.reasons, lang), color=color)
    if attack := _attack(dossier.story, lang):
        yield from _labelled(say("Attack"), list(_wrapped(attack, 2)), color=color)
    counts = "  ".join(
        f"{say(severity.value, kind='severity')}: {number(dossier.counts[severity.value], lang)}"
        for severity in Severity
    )
    yield from _labelled(say("Findings"), [counts], color=color)
    yield from _labelled(say("Examined"), list(_wrapped(_examined(coverage, lang), 2)), color=color)
    yield from _labelled(say("Not examined"), list(_wrapped(_gaps(coverage, lang), 3)), color=color)
    if dossier.collection:
        yield from _labelled(say("Collected"), [_collected(dossier.collection, lang)], color=color)
    yield from _labelled(say("Do first"), list(_wrapped(say(level.value, kind="action"), 4)), color=color)
    if level in (VerdictLevel.NOTHING_FOUND, VerdictLevel.INCONCLUSIVE):
        replug = lead_of(may_reconnect(dossier), lang)
        yield from _labelled(say("Back online"), list(_wrapped(replug, 2)), color=color)
    if COLUMNS - _LABEL < width(visible(report)) <= COLUMNS:  # whole, to be copied
        yield from (*_labelled(say("Report"), [""], color=color), visible(report))
    elif report:
        yield from _labelled(say("Report"), list(_wrapped(report, 2)), color=color)


def _banner(headline: str, style: str) -> Iterator[str]:
    if style:
        for line in ("", headline, ""):
            yield f"{style}{line}{' ' * (COLUMNS - width(line))}{_RESET}"
    else:
        yield "=" * COLUMNS
        yield headline
        yield "=" * COLUMNS


def _loud(text: str, *, color: bool) -> str:
    line = cut(f"!! {text}", COLUMNS)
    return f"{_BOLD}{line}{_RESET}" if color else line


def _labelled(label: str, lines: list[str], *, color: bool) -> Iterator[str]:
    for place, line in enumerate(lines):
        head = ("" if place else label) + " " * (_LABEL - (0 if place else width(label)))
        yield (f"{_BOLD}{head}{_RESET}" if color and not place else head) + cut(line, COLUMNS - _LABEL)


def _reasons(reasons: tuple[Reason, ...], lang: str) -> list[str]:
    lines = []
    for reason in reasons[:_REASONS]:
        line = reason_wording(reason.text, lang)
        if reason.count:
            line += f": {number(reason.count, lang)}"
        if reason.example:
            line += f" ({reason.example})"
        lines.append(f"- {line}")
    if len(reasons) > _REASONS:
        lines[-1] = f"- {translate('more reasons in the report', lang)}: {number(len(reasons) - _REASONS + 1, lang)}"
    return lines or ["-"]


def _attack(story: Story, lang: str) -> str:
    """From the first to the last trace, in the machine's country's time, and how far the encryption got."""
    times = [when for phase in story.phases for when in (phase.first, phase.last) if when is not None]
    if not times:
        return ""
    said = f"{in_vietnam(min(times))} – {in_vietnam(max(times))} (UTC+7)"
    return f"{said}; {translate('Encryption', lang)}: {translate(story.outcome.value, lang, 'outcome')}"


def _examined(coverage: Coverage, lang: str) -> str:
    parts = ((Level.FULL, coverage.full), (Level.HEAD, coverage.head), (Level.METADATA, coverage.metadata))
    shares = ", ".join(f"{translate(level.value, lang, 'level')} {number(count, lang)}" for level, count in parts)
    entries = translate("entries", lang)
    return f"{number(coverage.examined, lang)} / {number(coverage.entries, lang)} {entries}: {shares}"


def _collected(collection: Collection, lang: str) -> str:
    text = f"{number(collection.entries, lang)} {translate('entries', lang)}, {size(collection.bytes, lang)}"
    if left_out := sum(count for why, count in collection.left_out.items() if why is not LeftOut.NOTHING_FOUND):
        text += f"; {translate('left out', lang)}: {number(left_out, lang)}"
    return text


def _gaps(coverage: Coverage, lang: str) -> str:
    entries = translate("entries", lang)
    if not coverage.gaps:
        return f"0 {entries}"
    shares = [
        f"{translate(reason.value, lang, 'gap')} {number(coverage.gaps_by_reason[reason], lang)}"
        for reason in GapReason
        if coverage.gaps_by_reason.get(reason)
    ]
    if missing := not_reached(coverage):
        shares.append(f"{translate('not reached before the scan was cut off', lang)} {number(missing, lang)}")
    return f"{number(coverage.gaps, lang)} {entries}: {', '.join(shares)}"


def width(text: str) -> int:
    """Columns a terminal gives to the text: combining marks of a decomposed name take none."""
    return sum(map(_cell, text))


def cut(text: str, columns: int) -> str:
    """The text, safe for a terminal and at most so wide; ends with an ellipsis where something was left out."""
    text = visible(text)
    if width(text) <= columns:
        return text
    taken, used = [], 0
    for character in text:
        used += _cell(character)
        if used > columns - 1:
            break
        taken.append(character)
    return "".join(taken) + "…"


def _cell(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _wrapped(text: str, lines: int) -> Iterator[str]:
    """Broken between words, inside a word only where it is longer than a line; the last line is cut."""
    room = COLUMNS - _LABEL
    rest = visible(text)
    for _ in range(lines - 1):
        if width(rest) <= room:
            break
        end = _break(rest, room)
        yield rest[:end].rstrip()
        rest = rest[end:].lstrip()
    yield cut(rest, room)


def _break(text: str, columns: int) -> int:
    used = 0
    end = len(text)
    for place, character in enumerate(text):
        used += _cell(character)
        if used > columns:
            end = place
            break
    space = text.rfind(" ", 0, end + 1)
    return space if space > 0 else end
