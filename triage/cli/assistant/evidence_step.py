"""Which disk, image or folder is examined: from what is plugged in, or by its path."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from triage.cli.assistant.apart import apart
from triage.cli.assistant.places import Unfinished, cases_root, is_own
from triage.cli.assistant.plugged import Attached, attached, images_in
from triage.cli.assistant.session import Session
from triage.cli.assistant.steps import title, unquoted
from triage.cli.assistant.terminal import Back, Option, Page, Terminal
from triage.cli.assistant.wording import Words
from triage.errors import EvidenceError
from triage.evidence import open_evidence
from triage.evidence.blockdevice import device_name, is_device
from triage.outputs.figures import size

_PATIENCE: Final = 30.0
_AREAS_SHOWN: Final = 4
NOTHING_IN_IT: Final = "no partition table and no file system is recognised"


@dataclass(frozen=True, slots=True)
class _Offer:
    """Something to choose; size: None where its name is enough to know it again."""

    path: Path
    name: str
    about: str
    size: int | None
    option: Option


def evidence(session: Session, terminal: Terminal) -> Session:
    """Shown until something is chosen that can be opened."""
    words = session.words
    problem = ""
    start: int | None = None
    while True:
        terminal.clear(Page(title=title(words, 1), text=(words("looking"),)))
        around = attached()
        own = next((one for one in around if is_own(one)), None)
        found = [one for one in around if not is_own(one)]
        offers = _offers(found, images_in([*_mounted(own), Path.cwd()]), words)
        options = [offer.option for offer in offers]
        options += [Option(text=words("type-path"), note=words("type-path-note")), Option(text=words("look-again"))]
        if start is None:
            start = _likely(session.resumed, offers)
        page = Page(title=title(words, 1), text=_text(session, found, own), problem=problem)
        chosen = terminal.choose(page, options, min(start, len(options) - 1))
        start, problem = chosen, ""
        if chosen == len(options) - 1:
            continue
        try:
            target = offers[chosen].path if chosen < len(offers) else _typed(session, terminal)
        except Back:
            continue
        problem = problem_of(target, words)
        if not problem:
            about = offers[chosen].about if chosen < len(offers) else str(target)
            return replace(session, target=target, found=tuple(found), about=about)


def _mounted(own: Attached | None) -> Sequence[Path]:
    """Where images are looked for: on the stick, the case folder's own beside it."""
    return own.folders if own else [cases_root().parent]


def _text(session: Session, found: Sequence[Attached], own: Attached | None) -> tuple[str, ...]:
    words = session.words
    lines = [words("evidence-text") if found else words("no-disk")]
    if session.resumed:
        lines = [words("resumed-evidence", case=session.resumed.folder.name, evidence=session.resumed.evidence)]
    if own:
        lines.append(words("own-stick", name=_named(own, words)))
    return tuple(lines)


def _offers(found: Sequence[Attached], images: Sequence[Path], words: Words) -> list[_Offer]:
    """Disks and images, likeliest first: elsewhere than on Windows, what runs here comes last."""
    first = [one for one in found if one.runs_system == (sys.platform == "win32")]
    recommended = first[0] if first else None
    disks = [
        _Offer(one.path, one.path.name, _named(one, words), one.size, _option(one, words, one is recommended))
        for one in found
    ]
    files = [_Offer(path, path.name, str(path), None, _image(path, words)) for path in images]
    here = sum(one.runs_system for one in found) if sys.platform != "win32" else 0
    return disks[: len(disks) - here] + files + disks[len(disks) - here :]


def _option(one: Attached, words: Words, is_recommended: bool) -> Option:
    marks = {
        "recommended": is_recommended,
        "runs-here": one.runs_system,
        "removable": one.is_removable,
        "needs-rights": not one.is_readable,
    }
    areas = [_area(area.filesystem, area.label, area.size, words) for area in one.areas[:_AREAS_SHOWN]]
    if (more := len(one.areas) - _AREAS_SHOWN) > 0:
        areas.append(words("more-areas", count=more))
    shown = "".join(f" [{words(key)}]" for key, holds in marks.items() if holds)
    return Option(text=_named(one, words) + shown, note="; ".join(areas) or words("nothing-known"))


def _image(path: Path, words: Words) -> Option:
    return Option(text=str(path), note=words("image", size=_size(path, words)))


def _named(one: Attached, words: Words) -> str:
    parts = [device_name(one.path), one.name if not one.is_drive else "", size(one.size, words.lang)]
    return "  ".join(part for part in parts if part)


def _area(filesystem: str, label: str, area_size: int, words: Words) -> str:
    name = {"bitlocker": "BitLocker", "unknown": words("unknown-system"), "": words("unknown-system")}
    shown = name.get(filesystem, filesystem.upper())
    locked = f" ({words('locked')})" if filesystem in ("bitlocker", "luks") else ""
    return f"{shown}{f' “{label}”' if label else ''} {size(area_size, words.lang)}{locked}"


def _likely(resumed: Unfinished | None, offers: Sequence[_Offer]) -> int:
    """The place of what an unfinished case was made of, by name and, of disks, by size; else, to type its path."""
    if resumed is None:
        return 0
    fits = (offer.name == resumed.evidence and offer.size in (None, resumed.size) for offer in offers)
    return next((place for place, fitting in enumerate(fits) if fitting), len(offers))


def _size(path: Path, words: Words) -> str:
    try:
        return size(path.stat().st_size, words.lang)
    except OSError:
        return "?"


def _typed(session: Session, terminal: Terminal) -> Path:
    words = session.words
    text = problem = ""
    while True:
        page = Page(title=title(words, 1), text=(words("path-text"), words("path-examples")), problem=problem)
        text = unquoted(terminal.ask(page, text, path=True))
        if not text:
            raise Back
        target = Path(text) if is_device(Path(text)) else Path(text).absolute()
        problem = problem_of(target, words)
        if not problem:
            return target


def problem_of(target: Path, words: Words) -> str:
    """Why this cannot be examined, in plain words, and what to do; empty where it can."""
    name = device_name(target)
    try:
        if not is_device(target) and not target.exists():
            return words("no-such-path", path=name)
        if target.is_dir():
            with os.scandir(target) as entries:
                return "" if next(entries, None) else words("empty-folder", path=name)
        os.close(os.open(name, os.O_RDONLY))
    except PermissionError:
        return words("denied-windows" if sys.platform == "win32" else "denied", path=name)
    except OSError as error:
        gone = error.errno in (errno.ENOENT, errno.ENXIO, errno.ENODEV, errno.ENOMEDIUM)
        return words("no-such-path" if gone else "unreadable", path=name, why=error.strerror or error)
    why = apart(_why_not, target, seconds=_PATIENCE)
    if why is None:
        return words("unreadable", path=name, why=words("hangs"))
    if why == NOTHING_IN_IT:
        return words("no-disk-in-it", path=name)
    return words("no-image", path=name, why=why) if why else ""


def _why_not(target: Path) -> str:
    """What opening it as evidence says; empty where it opens. A file without anything known in it is no disk image."""
    try:
        with closing(open_evidence([target])) as found:
            empty = all(volume.filesystem == "unknown" for volume in found.volumes)
    except EvidenceError as error:
        return str(error).removeprefix(f"{target}: ")
    return NOTHING_IN_IT if empty and target.is_file() else ""
