"""`triage blocklist --as NAME[,NAME…]`."""

from __future__ import annotations

import sys
from ipaddress import ip_address, ip_network
from pathlib import Path

import click

from triage.cli.files import made, write_whole
from triage.cli.options import lang_option
from triage.errors import UsageError
from triage.intel.families import load_families
from triage.intel.ioc_sets import load_ioc_sets
from triage.intel.network import load_network
from triage.intel.roots import rules_root
from triage.outputs.blocklists import BLOCKLISTS
from triage.outputs.blocklists.plan import Address, Segment, draw_up

_ALL = "all"


def _sinkhole(_context: click.Context, _option: click.Parameter, text: str | None) -> Address | None:
    try:
        return None if text is None else ip_address(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not an IP address") from None


def _segments(_context: click.Context, _option: click.Parameter, texts: tuple[str, ...]) -> tuple[Segment, ...]:
    parts = [part.strip() for text in texts for part in text.split(",")]
    try:
        return tuple(ip_network(part) for part in parts)
    except ValueError as error:
        raise click.BadParameter(f"{error}; write a network like 10.20.1.0/24") from None


def _forms(_context: click.Context, _option: click.Parameter, text: str) -> tuple[str, ...]:
    wanted = [part.strip() for part in text.split(",")]
    if unknown := [name for name in wanted if name not in (*BLOCKLISTS, _ALL)]:
        raise click.BadParameter(f"no form called {unknown[0]!r}; there are {', '.join(BLOCKLISTS)}, {_ALL}")
    return tuple(name for name in BLOCKLISTS if name in wanted or _ALL in wanted)


@click.command()
@click.option(
    "--as",
    "forms",
    required=True,
    callback=_forms,
    metavar="NAME[,NAME…]",
    help=f"For which devices, separated by commas: {', '.join(BLOCKLISTS)}, or {_ALL}.",
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder to write to, else the screen.")
@click.option("--set", "sets", multiple=True, metavar="ID", help="Only this indicator set; may be given again.")
@click.option("--block-relays", is_flag=True, help="Block the Tor relays of 2017, too, and not only log them.")
@click.option("--sinkhole", callback=_sinkhole, metavar="IP", help="Your server that answers for the kill switches.")
@click.option(
    "--segment",
    "segments",
    multiple=True,
    callback=_segments,
    metavar="CIDR",
    help="A network that SMB must not leave or enter; may be given again. Without it SMB passes no device at all.",
)
@lang_option
def blocklist(
    forms: tuple[str, ...],
    out: Path | None,
    sets: tuple[str, ...],
    block_relays: bool,
    sinkhole: Address | None,
    segments: tuple[Segment, ...],
    lang: str,
) -> int:
    """Write block lists and IDS rules from what triage knows. Kill switches are never blocked."""
    root = rules_root()
    plan = draw_up(
        load_families(root),
        load_ioc_sets(root),
        load_network(root),
        sets=sets,
        block_relays=block_relays,
        sinkhole=sinkhole,
        segments=segments,
    )
    files = [(name, render(plan, lang)) for form in forms for name, render in BLOCKLISTS[form].items()]
    if out is None:
        if len(files) > 1:
            raise UsageError(f"{len(files)} files ({', '.join(name for name, _ in files)}): give a folder with --out")
        sys.stdout.buffer.writelines(files[0][1])
        return 0
    place = made(out)
    for name, pieces in files:
        click.echo(write_whole(place / name, pieces, "--out"))
    return 0
