"""`python -m benchmarks`: builds the disk, measures ours and the peers in one run, prints and writes the tables."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import peers, recovery, table, traces
from benchmarks.agreement import compared
from benchmarks.budget import growth_checks, speed_checks
from benchmarks.disk import benchmark_image, entries_image, ewf_image
from benchmarks.jobs import CLAMSCAN, ENGINES, FLS, YARA, case_of, our_jobs, peer_jobs, scan_job, walk_job
from benchmarks.machine import description
from benchmarks.measure import MeasureError, Run
from benchmarks.mount import Mount, mounted
from benchmarks.peers import Hits
from benchmarks.session import interleaved, warm, warm_tree
from samples_fake.clock import ToolError

HERE = Path(__file__).parent
STEPS = (10_000, 50_000, 100_000)
LARGE = 500_000
_PARTS = {"scan": "", "traces": "## Traces\n", "recovery": "## Recovery\n"}
"""Of the tables, by what they begin with, in their order."""


def main() -> int:
    """Exit status: 0 where every tool ran to its end, whatever the budget says; 2 where one is missing or failed."""
    options = _options()
    options.data.mkdir(parents=True, exist_ok=True)
    try:
        parts = _kept(options.out)
        if options.only in (None, "scan"):
            parts["scan"] = _report(options.data, options.runs, large=options.large, date=options.date)
        if options.only in (None, "traces"):
            parts["traces"] = traces.section(options.data, options.runs)
        if options.only in (None, "recovery"):
            parts["recovery"] = recovery.section(options.data, options.runs)
        text = "\n".join(part for part in parts.values() if part)
    except (ToolError, MeasureError, subprocess.CalledProcessError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    print(text)
    options.out.write_text(text, "utf-8")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="runs of each command; clamscan runs once")
    parser.add_argument("--large", action="store_true", help=f"also a disk of {LARGE:,} entries")
    parser.add_argument("--only", choices=tuple(_PARTS), help="one part; the others stay as they were written before")
    parser.add_argument("--date", default="", help="put under the heading")
    parser.add_argument("--data", type=Path, default=HERE / "data", help="where the disks are kept, 15 GB")
    parser.add_argument("--out", type=Path, default=HERE / "RESULTS.md", help="where the tables are written")
    return parser.parse_args()


def _kept(out: Path) -> dict[str, str]:
    """What an earlier run wrote, by part."""
    text, parts = out.read_text("utf-8") if out.exists() else "", {}
    for name, heading in reversed(_PARTS.items()):
        at = text.find(heading) if heading else 0
        parts[name] = text[at:].rstrip("\n") + "\n" if at >= 0 and text[at:] else ""
        text = text[:at] if at >= 0 else text
    return dict(reversed(parts.items()))


def _report(data: Path, runs: int, *, large: bool, date: str) -> str:
    cases = data / "cases"
    raw = benchmark_image(data)
    ewf = ewf_image(raw)
    with mounted(raw) as mount:
        warm([raw, *raw.parent.glob(f"{raw.stem}.E[0-9][0-9]")])
        files, size = warm_tree(mount.folder)
        measured = interleaved([*peer_jobs(raw, mount), *our_jobs(raw, ewf, cases)], runs)
        agreement = _agreement(measured, mount, cases)
    growth, checks = _growth(data, cases, runs, large=large)
    where = "mounted read-only through ntfs-3g" if mount.server else "unpacked into an ordinary folder (no mount here)"
    rules = len(peers.rules_of(peers.rule_files()))
    kept = f" Measured {date}." if date else ""
    return "\n".join(
        [
            "# What the scan costs\n",
            f"Written by `make bench`.{kept} {description()}\n",
            f"The disk: NTFS, {files:,} files, {size / 1e9:.2f} GB of content; raw, and E01 in segments of 1.4 GiB.",
            f"Peers that read no image have it {where}; their CPU time and memory include that server's. All in cache.",
            f"The same {rules} rules for all (`benchmarks/rules`); ours runs its own rules and detectors besides.",
            "Private memory: what all processes hold for themselves, added up; PSS adds pages of mapped files.\n",
            "## Time and memory\n",
            table.results({**measured, **growth}, (YARA, CLAMSCAN, FLS)),
            "## Budget\n",
            table.budget([*speed_checks({**measured, **growth}, files), *checks]),
            "## Agreement\n",
            agreement,
        ]
    )


def _growth(
    data: Path, cases: Path, runs: int, *, large: bool
) -> tuple[Mapping[str, Sequence[Run]], list[table.Check]]:
    """Enumeration and quick scan on disks of more and more small files."""
    steps = (*STEPS, LARGE) if large else STEPS
    images = {count: entries_image(data, count) for count in steps}
    warm(images.values())
    walks = {count: walk_job(f"triage, enumeration, {count:,} files", image, cases) for count, image in images.items()}
    scans = {count: scan_job(f"{count:,} files", image, "quick", "yara", cases) for count, image in images.items()}
    measured = interleaved([*walks.values(), *scans.values()], runs)
    checks = [
        check
        for name, jobs in (("enumeration", walks), ("quick", scans))
        for check in growth_checks(name, {count: table.wall(measured[job.name]) for count, job in jobs.items()})
    ]
    return measured, checks


def _agreement(measured: Mapping[str, Sequence[Run]], mount: Mount, cases: Path) -> str:
    others: dict[str, Hits] = {
        f"triage full, {engine}, {form}": peers.our_hits(case_of(cases, form, "full", engine))
        for form in ("raw", "E01")
        for engine in ENGINES
    }
    clamscan = measured[CLAMSCAN][0].output
    others["clamscan"] = peers.clamscan_hits(clamscan, mount)
    reference = peers.yara_hits(measured[YARA][0].output, mount)
    given = peers.clamscan_rules()
    told = f"clamscan says that it loaded {peers.clamscan_loaded(clamscan)} of the {len(given)} rules it was given.\n"
    return f"{compared(reference, others, {'clamscan': given})}\n\n{told}"


if __name__ == "__main__":
    sys.exit(main())
