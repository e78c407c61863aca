"""`triage key make --out FILE`, and the pass-phrase that every use of a key asks for."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from triage.case.keys import fingerprint, load_private, make_key, public_pem
from triage.cli.files import write_whole
from triage.cli.group import Group
from triage.cli.options import lang_option
from triage.errors import UsageError
from triage.outputs.catalogue import translate

VARIABLE = "TRIAGE_PASSPHRASE"
SHORTEST = 8

passphrase_option = click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"File whose first line is the key's pass-phrase; else {VARIABLE}, else it is asked for.",
)


@click.group(cls=Group)
def key() -> None:
    """Keys that sign a case."""


@key.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Where the private key goes.")
@passphrase_option
@lang_option
def make(out: Path, passphrase_file: Path | None, lang: str) -> int:
    """Make a key; its public half goes beside it, its fingerprint onto paper."""
    passphrase = _passphrase(passphrase_file, lang, twice=True)
    if len(passphrase) < SHORTEST:
        raise UsageError(f"a pass-phrase has at least {SHORTEST} bytes; take several words")
    public = make_key(out, passphrase)
    beside = write_whole(out.with_name(out.name + ".pub"), [public_pem(public)])
    advice = translate("Keep it apart from its pass-phrase, and write its fingerprint onto paper:", lang)
    click.echo(f"{out}\n{beside}\n{advice}\nEd25519 {fingerprint(public)}")
    return 0


def signing_key(path: Path | None, passphrase_file: Path | None, lang: str) -> Ed25519PrivateKey | None:
    """The key of a file, its pass-phrase asked for; None for None.

    Raises:
        UsageError: no such key, or another pass-phrase.
    """
    return None if path is None else load_private(path, _passphrase(passphrase_file, lang, twice=False))


def _passphrase(path: Path | None, lang: str, *, twice: bool) -> bytes:
    if path is not None:
        return path.read_bytes().splitlines()[0] if path.stat().st_size else b""
    if VARIABLE in os.environ:
        return os.environ[VARIABLE].encode("utf-8", "surrogateescape")
    if not sys.stdin.isatty():
        raise UsageError(f"no terminal to ask for the pass-phrase on: give --passphrase-file, or set {VARIABLE}")
    again = translate("The same once more", lang) if twice else False
    question = translate("Pass-phrase of the key", lang)
    asked: str = click.prompt(question, hide_input=True, confirmation_prompt=again, err=True)
    return asked.encode()
