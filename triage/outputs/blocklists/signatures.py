"""What Suricata's and Snort's rules share: the packets to tell, in one order and under the same numbers.

Every rule only alerts. A rule that dropped a question for a kill switch would do the worm's work.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from triage.intel.network import Signature
from triage.outputs.blocklists import comments
from triage.outputs.blocklists.plan import Group, Plan

KILL_SWITCH = ("WannaCry kill switch asked for, the client is infected", "trojan-activity", 1)
BLOCKED = ("name of a known family asked for", "trojan-activity", 2)
LISTED = ("connection to a published address, low weight", "misc-activity", 4)
"""(message, class, priority) of the rules that are made from names and addresses."""


def content(data: bytes) -> str:
    """Bytes as a rule's `content` has them: three letters or digits in a row as they are, the rest as `|0D 0A|`."""
    parts = re.split(rb"([A-Za-z0-9]{3,})", data)
    hexed = (f"|{part.hex(' ').upper()}|" if part else "" for part in parts[::2])
    words = (*(part.decode("ascii") for part in parts[1::2]), "")
    return "".join(f"{raw}{word}" for raw, word in zip(hexed, words, strict=True))


def ends(signature: Signature, ports: Sequence[int]) -> str:
    """The two ends of a rule: `any any -> any [139,445]`, or back."""
    server = f"any [{','.join(map(str, ports))}]"
    return f"any any -> {server}" if signature.toward == "server" else f"{server} -> any any"


def flow(signature: Signature) -> Iterator[str]:
    """The options on the connection."""
    yield f"flow:to_{signature.toward},established;"
    if signature.needs:
        yield f"flowbits:isset,{signature.needs};"
    if signature.sets:
        yield f"flowbits:set,{signature.sets};"


def tail(told: tuple[str, int], sid: int, references: Sequence[str]) -> str:
    """The options that say what a hit means. told: (class, priority)."""
    sources = "".join(f"reference:{reference}; " for reference in references)
    return f"{sources}classtype:{told[0]}; priority:{told[1]}; sid:{sid}; rev:1;"


def references(plan: Plan, signature: Signature) -> tuple[str, ...]:
    """`cve,…` and `url,…` of a signature."""
    cve = (f"cve,{signature.cve}",) if signature.cve else ()
    return (*cve, *(f"url,{url}" for url in plan.network.urls(signature.source)))


def published(group: Group) -> str:
    """The option that says whose list an address was on, and when."""
    one = group.origin
    return f"metadata:ioc_set {one.id}, published {one.date:%Y_%m_%d}, weight {one.weight};"


def lists(group: Group) -> Iterator[str]:
    """The addresses of a group, as comments."""
    return (f"{row.address}  {comments.origin(group, row)}" for row in group.rows)


def asked(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """(name, message, last options) of every name that has a rule of its own."""
    told = [(KILL_SWITCH, host) for host in plan.kill_zones]
    told += [(BLOCKED, host) for host in plan.blocked if host.sid]
    for (message, kind, priority), host in told:
        yield host.name, message, tail((kind, priority), host.sid, [f"url,{url}" for url in host.urls])


def opening(plan: Plan, form: str, load: Sequence[str], undo: Sequence[str]) -> Iterator[str]:
    """The head of a file of rules."""
    return comments.opening(
        plan,
        form,
        (
            comments.said("rules"),
            comments.kill_switch(plan),
            comments.said("rules-resolver"),
            comments.addresses(plan, "addresses-alert"),
        ),
        load=load,
        undo=undo,
    )
