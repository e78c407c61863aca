"""`triage verify CASE`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

import click

from triage import __version__
from triage.analysis import build
from triage.case import Case
from triage.case.keys import load_public
from triage.case.manifest import Manifest
from triage.case.verify import Broken, manifest_of
from triage.case.verify import verify as check
from triage.cli.files import say
from triage.cli.options import lang_option
from triage.evidence import open_evidence
from triage.outputs import OUTPUTS
from triage.outputs.catalogue import translate

STALE = "not what the records say"
SAME_EVIDENCE = "The evidence is the one examined, by its fingerprint"
OTHER_EVIDENCE = "not the evidence of this case, or it has changed"

_FOLLOWING = ("findings.jsonl", "summary.json")
"""Outputs that have no language: the same records give the same bytes."""


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option(
    "--public-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The key that must have signed (the .pub file); else the case's own.",
)
@click.option("--all", "every", is_flag=True, help="Name everything that does not hold, and not only the first.")
@click.option(
    "--evidence",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Compare the fingerprint of the evidence itself, too.",
)
@lang_option
def verify(case: Path, public_key: Path | None, every: bool, evidence: tuple[Path, ...], lang: str) -> int:
    """Tell whether a sealed case is what it was; names the first thing that does not hold.

    Exit codes: 0 everything holds; 1 something does not; 2 not a sealed case, or no such key.
    """
    manifest = manifest_of(case)
    wanted = load_public(public_key) if public_key else None
    broken = chain(check(case, wanted), _evidence(manifest, evidence))
    found = list(broken if every else _first(broken))
    if not found and manifest:
        found = list(_outputs(case, manifest))
    for one in found if every else found[:1]:
        detail = f" ({one.detail})" if one.detail else ""
        say(f"{translate('Does not hold', lang)}: {one.place}: {translate(one.what, lang)}{detail}\n")
    if found or manifest is None:
        return 1
    say(_holds(manifest, lang))
    if evidence:
        say(f"{translate(SAME_EVIDENCE, lang)}: {', '.join(map(str, evidence))}\n")
    return 0


def _first(broken: Iterator[Broken]) -> Iterator[Broken]:
    """The first, and nothing is looked at after it."""
    for one in broken:
        yield one
        return


def _holds(manifest: Manifest, lang: str) -> str:
    lines = [
        f"{translate('The seal holds', lang)}: {len(manifest.files)} {translate('files', lang)}, "
        f"{manifest.journal_lines} {translate('journal lines', lang)}"
    ]
    if manifest.key:
        lines.append(f"{translate('Signed with the key', lang)}: Ed25519 {manifest.key}")
        lines.append(translate("Compare it with the fingerprint on the printed report.", lang))
    else:
        lines.append(translate("Not signed: shows damage, but not who put the seal on", lang))
    return "\n".join(lines) + "\n"


def _outputs(case: Path, manifest: Manifest) -> Iterator[Broken]:
    """Outputs that do not follow from the records; another version may rightly say it otherwise."""
    if manifest.tool_version != __version__:
        return
    with Case.open(case) as opened:
        dossier = build(opened)
        for name in _FOLLOWING:
            if (case / name).is_file() and (case / name).read_bytes() != b"".join(OUTPUTS[name](dossier, "vi")):
                yield Broken(name, STALE)


def _evidence(manifest: Manifest | None, targets: tuple[Path, ...]) -> Iterator[Broken]:
    if manifest is None or not targets:
        return
    with closing(open_evidence(targets)) as evidence:
        if evidence.fingerprint() != manifest.evidence.get("fingerprint_after"):
            yield Broken(" ".join(map(str, targets)), OTHER_EVIDENCE)
