"""Writing outputs into a case, and results to stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from triage.analysis import Dossier
from triage.errors import CaseError
from triage.outputs import OUTPUTS


def write_outputs(dossier: Dossier, folder: Path, lang: str, names: Iterable[str] = OUTPUTS) -> list[Path]:
    """Writes the outputs named into the folder of the case; each is whole or the old one.

    Raises:
        CaseError: the disk is full or gone.
    """
    return [write_whole(folder / name, OUTPUTS[name](dossier, lang)) for name in names]


def write_whole(path: Path, pieces: Iterable[bytes]) -> Path:
    """Writes a file beside its place and moves it there."""
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
        raise CaseError(
            f"{path}: {error.strerror}; free space or plug the disk back, "
            f"then `triage report {path.parent}` writes it again"
        ) from error
    return path


def say(text: str) -> None:
    """Prints a result. A reader that has seen enough (`| head`) is no error: the exit code stays the verdict's."""
    try:
        click.echo(text, nl=False)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
