"""Zeek's intelligence file: names, addresses and hashes to look for. It notices, it never blocks.

References:
    Zeek, "Intelligence Framework": tab-separated, lines that begin with `#` are skipped but for `#fields`.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.outputs.blocklists import comments
from triage.outputs.blocklists.plan import Plan

FILE = "triage-intel.dat"
COLUMNS = ("indicator", "indicator_type", "meta.source", "meta.desc", "meta.do_notice")


def render(plan: Plan, _lang: str) -> Iterator[bytes]:
    """The file."""
    head = comments.opening(
        plan,
        "Zeek, Intelligence Framework",
        (
            comments.said("zeek"),
            comments.kill_switch(plan),
            comments.said("rules-resolver"),
            comments.addresses(plan, "addresses-alert"),
        ),
        load=(
            "local.zeek:",
            "@load frameworks/intel/seen",
            "@load frameworks/intel/do_notice",
            "@load frameworks/files/hash-all-files",
            f'redef Intel::read_files += {{ "{FILE}" }};',
        ),
        undo=(f'local.zeek: Intel::read_files - "{FILE}"',),
    )
    rows = ("\t".join(row) for row in _rows(plan))
    yield comments.written((*comments.commented(head), "#fields\t" + "\t".join(COLUMNS), *rows))


def _rows(plan: Plan) -> Iterator[tuple[str, ...]]:
    for host in plan.kill_switches:
        yield (
            host.name,
            "Intel::DOMAIN",
            f"triage/{host.family}",
            "kill switch: never block; the client is infected",
            "T",
        )
    for host in plan.blocked:
        yield host.name, "Intel::DOMAIN", f"triage/{host.family}", "name of the family", "T"
    for group in plan.groups:
        for row in group.rows:
            yield row.address, "Intel::ADDR", f"triage/{group.origin.id}", comments.origin(group, row), "F"
    for family, file in plan.files:
        for digest in file.digests.values():
            yield digest, "Intel::FILE_HASH", f"triage/{family}", f"{file.name}, confidence {file.confidence}", "T"
