"""A table of everything, for people and for systems that none of the other forms fits.

Begins with a byte order mark, or Excel would not read Vietnamese. It has no comments: each row says what to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from triage.outputs.blocklists.plan import Plan
from triage.outputs.catalogue import translate
from triage.outputs.timeline.fields import cell, csv_line

FILE = "blocklist.csv"
COLUMNS = ("kind", "value", "port", "action", "weight", "reading", "row", "origin", "date", "note")


def render(plan: Plan, lang: str) -> Iterator[bytes]:
    """The header, then a line for each indicator."""
    yield b"\xef\xbb\xbf" + csv_line(translate(f"column-{column}", lang, "blocklist") for column in COLUMNS)
    for row in _rows(plan, lang):
        yield csv_line(map(cell, map(str, row)))


def _rows(plan: Plan, lang: str) -> Iterator[tuple[object, ...]]:
    say = partial(translate, lang=lang, kind="blocklist")
    reviewed = dict(plan.families)
    for host in plan.kill_switches:
        note = say("never-block")
        yield "kill-switch", host.name, 80, note, "high", "", "", host.family, reviewed[host.family], host.note
    for host in plan.blocked:
        yield "name", host.name, "", say("block"), "high", "", "", host.family, reviewed[host.family], host.note
    for group in plan.groups:
        one, action = group.origin, say("block" if group.block else "log-only")
        for row in one.addresses:
            address = row.address or "?"
            port = row.port or ""
            yield (
                "address",
                address,
                port,
                action if row.address else "",
                one.weight,
                row.reading,
                row.row,
                one.id,
                one.date,
                one.title,
            )
    for service in plan.network.services:
        for port in service.ports:
            what = f"{service.protocol}/{port}"
            yield (
                "port",
                what,
                port,
                say("between-segments"),
                "high",
                "",
                "",
                "network",
                plan.network.reviewed,
                service.name,
            )
    for family, file in plan.files:
        for algorithm, digest in file.digests.items():
            action = say("find-files")
            yield algorithm, digest, "", action, file.confidence, "", "", family, reviewed[family], file.name
