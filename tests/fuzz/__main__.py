"""`python -m tests.fuzz PARSER SECONDS FOLDER`: a fuzzer guided by coverage (atheris) against one of our parsers.

Anything but a FormatError ends it with a status other than 0 and leaves what was read in the folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["triage.formats"]):
    from tests.fuzz.parsers import PARSERS

from triage.errors import FormatError


def main(name: str, seconds: int, folder: Path) -> None:
    parser = PARSERS[name]

    def one(data: bytes) -> None:
        try:
            parser.ask(data)
        except FormatError:
            return

    begun = folder / "whole"
    begun.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(parser.whole()):
        (begun / str(number)).write_bytes(data)
        one(data)
    limits = [f"-max_total_time={seconds}", f"-max_len={parser.largest}", "-timeout=10", "-rss_limit_mb=2048"]
    atheris.Setup([sys.argv[0], *limits, "-seed=1", f"-artifact_prefix={folder}/", str(begun)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
