"""Snort 3 rules.

References:
    Snort 3 Rule Writing Guide: content, flowbits, byte_test, flags.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.intel.network import Mark, Signature
from triage.outputs.blocklists import comments, signatures
from triage.outputs.blocklists.plan import Group, Plan

FILE = "triage-snort3.rules"
_QUESTIONS = 12
"""Bytes of the DNS header, after which the first question begins."""


def render(plan: Plan, _lang: str) -> Iterator[bytes]:
    """The rules, one a line."""
    yield comments.written(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    load = (f"snort -T -c snort.lua -R {FILE}", f"snort.lua: ips = {{ include = '{FILE}' }}", *_limits(plan))
    yield from comments.commented(signatures.opening(plan, "Snort 3", load, (f"snort.lua: include - {FILE}",)))
    yield from (_smb(plan, one) for one in plan.network.signatures)
    for name, message, tail in signatures.asked(plan):
        options = (
            f'msg:"TRIAGE {message}"; byte_test:1,!&,0x80,2; '
            f'content:"{signatures.content(wire_name(name))}",offset {_QUESTIONS},nocase,fast_pattern;'
        )
        yield f"alert udp any any -> any 53 ( {options} {tail} )"
    for group in plan.groups:
        yield from comments.commented(signatures.lists(group))
        yield _listed(group)


def _limits(plan: Plan) -> Iterator[str]:
    """Snort 3 has no threshold inside a rule: one alert an hour is the configuration's."""
    limit = "type = 'limit', track = 'by_src', count = 1, seconds = 3600"
    rules = ", ".join(f"{{ gid = 1, sid = {group.sid}, {limit} }}" for group in plan.groups)
    if rules:
        yield f"snort.lua: event_filter = {{ {rules} }}"


def wire_name(name: str) -> bytes:
    """A host name as a DNS message has it: each label behind its length, and an empty one at the end."""
    labels = [label.encode("ascii") for label in name.split(".")]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _smb(plan: Plan, one: Signature) -> str:
    options = [f'msg:"TRIAGE {one.message}";', *signatures.flow(one), *map(_mark, one.marks)]
    tail = signatures.tail((one.kind, one.priority), one.sid, signatures.references(plan, one))
    return f"alert tcp {signatures.ends(one, plan.network.ports('tcp'))} ( {' '.join(options)} {tail} )"


def _mark(mark: Mark) -> str:
    return f'content:"{signatures.content(mark.bytes)}",offset {mark.offset},depth {len(mark.bytes)};'


def _listed(group: Group) -> str:
    message, kind, priority = signatures.LISTED
    addresses = ",".join(row.address for row in group.rows)
    options = f'msg:"TRIAGE {message}, {group.origin.id}"; flags:S; {signatures.published(group)}'
    return f"alert tcp any any -> [{addresses}] any ( {options} {signatures.tail((kind, priority), group.sid, ())} )"
