"""`triage seal CASE [--key FILE]`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from triage.case.seal import Sealed, is_covered
from triage.case.seal import seal as put_seal
from triage.cli.actor import now, who
from triage.cli.files import say
from triage.cli.key import passphrase_option, signing_key
from triage.cli.options import lang_option
from triage.outputs.catalogue import translate


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--key", "key", type=click.Path(path_type=Path), help="Private key made by `triage key make`; signs.")
@passphrase_option
@lang_option
def seal(case: Path, key: Path | None, passphrase_file: Path | None, lang: str) -> int:
    """Seal a case as it is now: lists of hashes, and a signature; after reports were made, or papers added."""
    say(told(put_seal(case, signing_key(key, passphrase_file), when=now(), who=who()), lang))
    return 0


def told(sealed: Sealed, lang: str) -> str:
    """What a seal holds, in lines."""
    lines = [f"{translate('Files under the seal', lang)}: {sealed.files}", *sealed.changes]
    if sealed.key:
        lines.append(f"{translate('Signed with the key', lang)}: Ed25519 {sealed.key}")
    else:
        lines.append(translate("Not signed: shows damage, but not who put the seal on", lang))
    return "\n".join(lines) + "\n"


def mind_seal(folder: Path, written: Iterable[Path], lang: str) -> None:
    """Says, after something else than the seal knows was written into a sealed case, that it is not covered."""
    if not is_covered(folder, written):
        text = translate("The case was sealed before this was written: seal it again with", lang)
        click.echo(f"{text} `triage seal {folder}`", err=True)
