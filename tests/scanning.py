"""`triage scan` as a user gives it, and what it left behind: exit code, screen, errors, findings, gaps."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from triage.case import Case
from triage.cli import main
from triage.model import Entry, Gap

ORDER = ("info", "suspicious", "infected", "encrypted")


@dataclass(frozen=True)
class Scanned:
    """One run of the command line.

    Attributes:
        code: the exit code.
        screen, errors: what went to stdout and stderr.
        case: the folder of the case; there may be none.
    """

    code: int
    screen: str
    errors: str
    case: Path

    @cached_property
    def summary(self) -> dict:
        return json.loads((self.case / "summary.json").read_bytes())

    @property
    def verdict(self) -> str:
        return self.summary["verdict"]

    @property
    def coverage(self) -> dict:
        return self.summary["coverage"]

    @property
    def findings_file(self) -> bytes:
        return (self.case / "findings.jsonl").read_bytes()

    @cached_property
    def findings(self) -> list[dict]:
        return [json.loads(line) for line in self.findings_file.splitlines()]

    @cached_property
    def worst(self) -> dict[tuple[int, str], str]:
        """The strongest severity at each place."""
        worst: dict[tuple[int, str], str] = {}
        for finding in self.findings:
            place = finding["volume"], finding["path"]
            worst[place] = max(worst.get(place, "info"), finding["severity"], key=ORDER.index)
        return worst

    @cached_property
    def gaps(self) -> list[tuple[Entry, Gap]]:
        with Case.open(self.case) as case:
            return list(case.gaps())

    @cached_property
    def gap_reasons(self) -> dict[str, str]:
        """Reason of a gap by path."""
        return {entry.path: gap.reason.value for entry, gap in self.gaps}

    @cached_property
    def entries(self) -> list[Entry]:
        with Case.open(self.case) as case:
            return list(case.entries())


def triage(*arguments: object) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one command, in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="surrogateescape") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode("utf-8", "surrogateescape"))
    return code, *texts


def scan(*targets: Path, case: Path, **options: object) -> Scanned:
    """Scans targets into case; an option `hash_source=True` is given as `--hash-source`, a tuple several times."""
    flags: list[object] = []
    for name, value in {"lang": "en", "workers": 1, **options}.items():
        flag = f"--{name.replace('_', '-')}"
        for one in value if isinstance(value, tuple) else (value,):
            flags += [flag] if one is True else [flag, one]
    return Scanned(*triage("scan", *targets, "--case", case, "--quiet", *flags), case)
