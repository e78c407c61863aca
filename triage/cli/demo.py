"""`triage demo`: a fake infected disk, scanned end to end."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from samples_fake.images import demo_image
from triage.cli.options import lang_option
from triage.cli.scan import scan


@click.command()
@click.option("--case", "folder", type=click.Path(path_type=Path), default=Path("demo-case"), show_default=True)
@lang_option
@click.pass_context
def demo(context: click.Context, folder: Path, lang: str) -> int:
    """Scan a harmless fake of an infected disk, and leave the case to look at."""
    with tempfile.TemporaryDirectory() as place:
        image = demo_image(Path(place) / "demo.img")
        code: int = context.invoke(scan, targets=(image,), folder=folder, hash_source=True, lang=lang)
    return code
