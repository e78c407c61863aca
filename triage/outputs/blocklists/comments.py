"""What stands at the top of every list, in Vietnamese and English: what it is, from when, how to load and undo it."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from triage.intel.ioc_sets import AddressRow
from triage.outputs.blocklists.plan import Group, Plan
from triage.outputs.catalogue import LANGUAGES, translate

_WIDTH = 108
_SINKHOLE_SERVERS = (
    'nginx:  server { listen 80 default_server; access_log /var/log/nginx/kill-switch.log; return 200 "ok"; }',
    "nc:     while true; do printf 'HTTP/1.0 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n' | nc -v -l -p 80 -q 1; done",
)
"""The smallest answers on TCP 80; both name the client."""


def said(key: str, **values: object) -> Iterator[str]:
    """A text of the catalogue's `blocklist` table, first in Vietnamese and then in English, in lines."""
    for lang in LANGUAGES:
        text = translate(key, lang, "blocklist").format(**values)
        yield from textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def opening(
    plan: Plan, form: str, topics: Iterable[Iterable[str]], *, load: Sequence[str], undo: Sequence[str]
) -> Iterator[str]:
    """The head of a file, in lines without a comment mark.

    `form` is whose file it is, as its maker calls it; `topics` are paragraphs; `load` and `undo` commands and steps.
    """
    yield f"triage: {form}"
    yield from said("purpose")
    for topic in topics:
        yield ""
        yield from topic
    yield ""
    yield _heading("sources")
    yield from (f"  {line}" for line in _sources(plan))
    yield _heading("load")
    yield from (f"  {line}" for line in load)
    yield _heading("undo")
    yield from (f"  {line}" for line in undo)


def commented(lines: Iterable[str], mark: str = "#") -> Iterator[str]:
    """Each line behind a comment mark."""
    return (f"{mark} {line}".rstrip() for line in lines)


def written(lines: Iterable[str], end: str = "\n") -> bytes:
    """The lines as UTF-8."""
    return "".join(f"{line}{end}" for line in lines).encode()


def kill_switch(plan: Plan) -> Iterator[str]:
    """The law of the kill switches, and their names."""
    yield from said("kill-switch")
    yield from (f"  {host.name}  {host.note}".rstrip() for host in plan.kill_switches)


def sinkhole(plan: Plan) -> Iterator[str]:
    """What must answer in place of the kill switches, with the smallest recipes."""
    if plan.sinkhole is None:
        yield from said("sinkhole-missing")
    else:
        yield from said("sinkhole", address=plan.sinkhole)
    yield from (f"  {recipe}" for recipe in _SINKHOLE_SERVERS)


def smb(plan: Plan) -> Iterator[str]:
    """What the segmentation rules close, and for whom."""
    yield from said("smb", tcp=_listed(plan.network.ports("tcp")), udp=_listed(plan.network.ports("udp")))
    if plan.segments:
        yield from said("segments", segments=_listed(plan.segments))
    else:
        yield from said("no-segments")
    yield from said("smb-exceptions")


def addresses(plan: Plan, otherwise: str) -> Iterator[str]:
    """Where the addresses come from and what they are worth.

    `otherwise` is the text that says what this form does with addresses that are not blocked.
    """
    for nature in ("servers", "tor-relays"):
        if groups := [group for group in plan.groups if group.origin.nature == nature]:
            yield from said(nature, sets=_listed(f"{one.origin.id} ({one.origin.date})" for one in groups))
            yield from said("addresses-blocked" if groups[0].block else otherwise)
    if plan.groups:
        yield from said("readings")


def no_addresses(plan: Plan) -> Iterator[str]:
    """Why a list of names holds no addresses."""
    if plan.groups:
        yield from said("names-only")


def origin(group: Group, row: AddressRow) -> str:
    """Where an address stands in its publication, in ASCII: `vncert-144-2017 row 1, read, port 9101`."""
    port = "" if row.port is None else f", port {row.port}"
    return f"{group.origin.id} row {row.row}, {row.reading}{port}"


def _sources(plan: Plan) -> Iterator[str]:
    yield from (f"families/{family}  {day}" for family, day in plan.families)
    yield f"network  {plan.network.reviewed}"
    for group in plan.groups:
        one = group.origin
        count = Counter(row.reading for row in one.addresses)
        lost = ", ".join(f"row {row.row}" for row in one.addresses if not row.address)
        yield f"ioc_sets/{one.id}  {one.date}  {one.issuer}: {one.title}"
        read = _listed(f"{number} {reading}" for reading, number in sorted(count.items()))
        yield f"  {len(one.addresses)} rows: {read}"
        if lost:
            yield f"  unreadable: {lost}"
        if one.valid_until:
            yield f"  valid until {one.valid_until}, weight {one.weight}"
        yield from (f"  {reference.title}" for reference in one.references)


def _heading(key: str) -> str:
    return " / ".join(translate(key, lang, "blocklist") for lang in LANGUAGES) + ":"


def _listed(items: Iterable[object]) -> str:
    return ", ".join(map(str, items))
