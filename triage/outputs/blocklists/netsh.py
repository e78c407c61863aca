"""Windows Firewall of one machine, by `netsh advfirewall` (Vista and later).

Rules that block win over rules that allow, in whatever order they stand.

References:
    Microsoft, "Netsh advfirewall firewall": a remote address may be a list of `first-last` ranges.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.outputs.blocklists import comments
from triage.outputs.blocklists.plan import Group, Plan
from triage.outputs.blocklists.ranges import outside

FILE = "windows-firewall.cmd"
_RULE = "triage SMB"


def render(plan: Plan, _lang: str) -> Iterator[bytes]:
    """The script, with the line ends of Windows."""
    yield comments.written(_lines(plan), end="\r\n")


def _lines(plan: Plan) -> Iterator[str]:
    yield "@echo off"
    yield from comments.commented(_opening(plan), mark="rem")
    yield "setlocal"
    yield from _remote(plan)
    yield f'netsh advfirewall firewall delete rule name="{_RULE}" >nul 2>&1'
    for protocol in ("tcp", "udp"):
        ports = ",".join(map(str, plan.network.ports("tcp" if protocol == "tcp" else "udp")))
        for direction, end in (("in", "localport"), ("out", "remoteport")):
            yield (
                f'netsh advfirewall firewall add rule name="{_RULE}" dir={direction} action=block '
                f"protocol={protocol.upper()} {end}={ports} remoteip=%outside%"
            )
    for group in plan.groups:
        yield from _addresses(group)
    yield "exit /b 0"
    if plan.segments:
        yield ":usage"
        yield f"echo {FILE} SEGMENT   ^({' ^| '.join(map(str, plan.segments))}^)"
        yield "exit /b 2"


def _opening(plan: Plan) -> Iterator[str]:
    load = f"{FILE} {plan.segments[0]}" if plan.segments else FILE
    return comments.opening(
        plan,
        "Windows Firewall (netsh)",
        (
            comments.smb(plan),
            comments.said("one-machine"),
            comments.kill_switch(plan),
            comments.addresses(plan, "addresses-commented"),
        ),
        load=(*comments.said("administrator"), load, *comments.said("windows-xp")),
        undo=(
            f'netsh advfirewall firewall delete rule name="{_RULE}"',
            *(f'netsh advfirewall firewall delete rule name="{_name(group)}"' for group in plan.groups),
        ),
    )


def _remote(plan: Plan) -> Iterator[str]:
    """What lies outside the segment named on the command line."""
    if not plan.segments:
        yield f'set "outside={",".join(outside())}"'
        return
    yield 'set "outside="'
    for one in plan.segments:
        yield f'if /i "%~1"=="{one}" set "outside={",".join(outside(one))}"'
    yield "if not defined outside goto usage"


def _addresses(group: Group) -> Iterator[str]:
    name = _name(group)
    yield from (f"rem {comments.origin(group, row)}: {row.address}" for row in group.rows)
    mark = "" if group.block else "rem "
    yield f'netsh advfirewall firewall delete rule name="{name}" >nul 2>&1'
    yield (
        f'{mark}netsh advfirewall firewall add rule name="{name}" dir=out action=block protocol=any '
        f"remoteip={','.join(row.address for row in group.rows)}"
    )


def _name(group: Group) -> str:
    return f"triage {group.origin.id}"
