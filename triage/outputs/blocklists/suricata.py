"""Suricata rules, for 4.1 and later.

References:
    Suricata User Guide, "Suricata Rules"; `dns_query` is the name that 4.1 to 8 know for `dns.query`.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.intel.network import Mark, Signature
from triage.outputs.blocklists import comments, signatures
from triage.outputs.blocklists.plan import Group, Plan

FILE = "triage-suricata.rules"


def render(plan: Plan, _lang: str) -> Iterator[bytes]:
    """The rules, one a line."""
    yield comments.written(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    load = (f"suricata -T -S {FILE}", f"suricata.yaml: rule-files: [ {FILE} ]", "suricatasc -c reload-rules")
    undo = (f"suricata.yaml: rule-files: - {FILE}", "suricatasc -c reload-rules")
    yield from comments.commented(signatures.opening(plan, "Suricata", load, undo))
    yield from (_smb(plan, one) for one in plan.network.signatures)
    for name, message, tail in signatures.asked(plan):
        options = f'msg:"TRIAGE {message}"; dns_query; content:"{name}"; nocase; isdataat:!1,relative;'
        yield f"alert dns any any -> any any ({options} {tail})"
    for group in plan.groups:
        yield from comments.commented(signatures.lists(group))
        yield _listed(group)


def _smb(plan: Plan, one: Signature) -> str:
    options = [f'msg:"TRIAGE {one.message}";', *signatures.flow(one), *map(_mark, one.marks)]
    tail = signatures.tail((one.kind, one.priority), one.sid, signatures.references(plan, one))
    return f"alert tcp {signatures.ends(one, plan.network.ports('tcp'))} ({' '.join(options)} {tail})"


def _mark(mark: Mark) -> str:
    return f'content:"{signatures.content(mark.bytes)}"; offset:{mark.offset}; depth:{len(mark.bytes)};'


def _listed(group: Group) -> str:
    message, kind, priority = signatures.LISTED
    addresses = ",".join(row.address for row in group.rows)
    options = f'msg:"TRIAGE {message}, {group.origin.id}"; flags:S,12;'
    once = f"threshold:type limit, track by_src, seconds 3600, count 1; {signatures.published(group)}"
    return (
        f"alert tcp any any -> [{addresses}] any ({options} {once} {signatures.tail((kind, priority), group.sid, ())})"
    )
