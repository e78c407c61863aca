"""Writing outputs into a case, and results to stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from triage.analysis import Dossier
from triage.errors import CaseError, UsageError
from triage.outputs import AFTER_SCAN, OUTPUTS, SIGNED


def write_outputs(
    dossier: Dossier, folder: Path, lang: str, names: Iterable[str] = AFTER_SCAN, organisation: str = ""
) -> list[Path]:
    """Writes the outputs named into the folder of the case, or another; each is whole or the old one.

    Outputs that say who tells it name the organisation, unless it is empty.

    Raises:
        CaseError: the disk is full or gone.
    """
    return [write_whole(folder / name, _rendered(dossier, name, lang, organisation)) for name in names]


def _rendered(dossier: Dossier, name: str, lang: str, organisation: str) -> Iterator[bytes]:
    if organisation and name in SIGNED:
        return SIGNED[name](dossier, lang, organisation)
    return OUTPUTS[name](dossier, lang)


def made(folder: Path) -> Path:
    """The folder, made if new.

    Raises:
        UsageError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}; choose another --out") from error
    return folder


def write_whole(path: Path, pieces: Iterable[bytes], option: str = "") -> Path:
    """Writes a file beside its place and moves it there: it is whole, or what was there before.

    Args:
        path: of the file; its folder exists.
        pieces: its bytes.
        option: the one that chose the place; empty where that is the case.

    Raises:
        UsageError: it cannot be written where option says.
        CaseError: it cannot be written into the case: the disk is full, gone or read-only.
    """
    part = path.with_name(path.name + ".part")
    try:
        try:
            with part.open("wb") as stream:
                stream.writelines(pieces)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        if option:
            raise UsageError(f"{path}: {error.strerror}; choose another {option}") from error
        raise CaseError(
            f"{path}: {error.strerror}; free space, plug the disk back or copy the case to one that can be written, "
            "then give the same command again"
        ) from error
    return path


def say(text: str) -> None:
    """Prints a result. A reader that has seen enough (`| head`) is no error: the exit code stays the verdict's."""
    try:
        click.echo(text, nl=False)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
