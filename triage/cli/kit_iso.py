"""`triage kit iso --to FILE.iso`."""

from __future__ import annotations

import os
import time
from pathlib import Path

import click

from triage.cli.files import say
from triage.cli.options import Size
from triage.errors import UsageError


@click.command()
@click.option("--to", type=click.Path(path_type=Path), required=True, metavar="FILE.iso", help="The image; made new.")
@click.option(
    "--mirror",
    "mirrors",
    multiple=True,
    help="Where Debian's packages come from, as mmdebstrap takes it: an address, a `deb` line or a sources.list.",
)
@click.option("--wheelhouse", type=click.Path(path_type=Path), help="Folder of wheels, instead of a registry.")
@click.option("--data", type=Size(), help="Size of a data partition for results behind the system (K, M, G).")
def iso(to: Path, mirrors: tuple[str, ...], wheelhouse: Path | None, data: int | None) -> int:
    """Build the stick to start a machine from: one image for BIOS and UEFI. Needs root, Debian and some minutes.

    With SOURCE_DATE_EPOCH set, the same packages give the same image.
    """
    try:
        from triage.kit.iso import IsoPlan, build_iso, epoch_from
    except ImportError as error:
        raise UsageError(f"{error.name} is not installed; pip install 'triage[kit]'") from error
    plan = IsoPlan(to=to, mirrors=mirrors, wheelhouse=wheelhouse, data_size=data or 0, epoch=epoch_from(os.environ))
    begun = time.monotonic()
    digest = build_iso(plan, lambda text: click.echo(text, err=True))
    seconds = time.monotonic() - begun
    say(f"{digest}  {to}\n{to.stat().st_size / (1 << 20):.0f} MiB, {seconds:.0f} s, SOURCE_DATE_EPOCH={plan.epoch}\n")
    return 0
