"""`triage seal CASE [--key FILE]`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from triage.analysis import build
from triage.case import Case
from triage.case.archive import NAME
from triage.case.manifest import measured
from triage.case.seal import Sealed, is_covered, is_sealed
from triage.case.seal import seal as put_seal
from triage.case.staging import FOLDER
from triage.case.verify import manifest_of
from triage.cli.actor import now, who
from triage.cli.files import say, write_outputs
from triage.cli.key import passphrase_option, signing_key
from triage.cli.options import lang_option
from triage.errors import CaseError
from triage.outputs.catalogue import translate
from triage.outputs.papers.materials import Archive

REPORT = "report.html"


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option(
    "--key",
    "key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Private key made by `triage key make`; signs.",
)
@passphrase_option
@lang_option
def seal(case: Path, key: Path | None, passphrase_file: Path | None, lang: str) -> int:
    """Seal a case as it is now: lists of hashes, and a signature; after reports were made, or papers added.

    With a key report.html is made once more, to carry its fingerprint: print that one.
    """
    signs = signing_key(key, passphrase_file, lang)
    remake = {REPORT: lambda: _report(case, lang)} if signs and (case / REPORT).is_file() else None
    say(told(put_seal(case, signs, when=now(), who=who(), remake=remake), lang))
    return 0


def _report(folder: Path, lang: str) -> None:
    """The report once more: on paper it carries the fingerprint of the key that signs it."""
    with Case.open(folder) as case:
        write_outputs(build(case), folder, lang, [REPORT])


def told(sealed: Sealed, lang: str) -> str:
    """What a seal holds, in lines."""
    lines = [f"{translate('Files under the seal', lang)}: {sealed.files}"]
    for change in sealed.changes:
        word, _, name = change.partition(": ")
        lines.append(f"{translate(word, lang)}: {name}")
    if sealed.key:
        lines.append(f"{translate('Signed with the key', lang)}: Ed25519 {sealed.key}")
    else:
        lines.append(translate("Not signed: shows damage, but not who put the seal on", lang))
    return "\n".join(lines) + "\n"


def archive_of(folder: Path) -> Archive | None:
    """The archive of what was collected, as it is now, and who signed; None where there is none.

    Raises:
        CaseError: it is not what the seal says, or the seal cannot be read.
    """
    name = f"{FOLDER}/{NAME}"
    if not (folder / name).is_file():
        return None
    manifest = manifest_of(folder) if is_sealed(folder) else None
    now_there = measured(folder, name)
    if is_sealed(folder) and (manifest is None or now_there not in manifest.files):
        raise CaseError(f"{folder / name}: not as it was sealed; `triage verify {folder}` says more")
    return Archive(
        name=name, size=now_there.size, sha256=now_there.sha256, key=(manifest.key if manifest else None) or ""
    )


def mind_seal(folder: Path, written: Iterable[Path], lang: str) -> None:
    """Says, after something else than the seal knows was written into a sealed case, that it is not covered."""
    if not is_covered(folder, written):
        text = translate("The case was sealed before this was written: seal it again with", lang)
        click.echo(f"{text} `triage seal {folder}`", err=True)
