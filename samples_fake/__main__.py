"""`python -m samples_fake`: lists the scenes, builds one, renews the packed demo disk."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from samples_fake.build import FORMATS, build_image
from samples_fake.clock import ToolError
from samples_fake.disk import TABLES
from samples_fake.folder import build_folder
from samples_fake.images import pack_demo
from samples_fake.scenes import SCENES


def main(arguments: list[str] | None = None) -> int:
    """Exit code: 0 done, 2 could not."""
    options = _parser().parse_args(arguments)
    try:
        if options.act == "list":
            for scene in SCENES.values():
                print(f"{scene.name:22}{scene.about}")
        elif options.act == "pack-demo":
            with tempfile.TemporaryDirectory() as folder:
                pack_demo(build_image(SCENES["infected_windows"], Path(folder, "demo.img")))
        elif options.format == "folder":
            print(build_folder(SCENES[options.scene], options.to))
        else:
            print(build_image(SCENES[options.scene], options.to, table=options.table, fmt=options.format))
    except (ToolError, OSError, ValueError) as error:
        print(f"samples_fake: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m samples_fake", description="Harmless fakes to test triage on.")
    acts = parser.add_subparsers(dest="act", required=True)
    acts.add_parser("list", help="the scenes")
    acts.add_parser("pack-demo", help="build the demo disk anew and keep it compressed in the package")
    build = acts.add_parser("build", help="write a scene as an image or a folder")
    build.add_argument("scene", choices=SCENES)
    build.add_argument("--to", type=Path, required=True, metavar="PATH")
    build.add_argument("--format", choices=(*FORMATS, "folder"), default="raw")
    build.add_argument("--table", choices=TABLES, default="mbr")
    return parser


if __name__ == "__main__":
    sys.exit(main())
