"""Windows Firewall of one machine, by PowerShell's NetSecurity (Windows 8, Server 2012 and later).

References:
    Microsoft, "New-NetFirewallRule".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from triage.outputs.blocklists import comments
from triage.outputs.blocklists.plan import Group, Plan
from triage.outputs.blocklists.ranges import outside

FILE = "windows-firewall.ps1"
_BOM = b"\xef\xbb\xbf"  # without it Windows PowerShell 5.1 reads Vietnamese in the machine's old code page
_GROUP = "triage"


def render(plan: Plan, _lang: str) -> Iterator[bytes]:
    """The script, with the line ends of Windows."""
    yield _BOM + comments.written(_lines(plan), end="\r\n")


def _lines(plan: Plan) -> Iterator[str]:
    yield from comments.commented(_opening(plan))
    yield "#Requires -RunAsAdministrator"
    yield from _parameters(plan)
    yield "$ErrorActionPreference = 'Stop'"
    yield f"Get-NetFirewallRule -Group '{_GROUP}' -ErrorAction SilentlyContinue | Remove-NetFirewallRule"
    yield "if ($Undo) { return }"
    yield from _remote(plan)
    for protocol in ("tcp", "udp"):
        ports = ",".join(map(str, plan.network.ports("tcp" if protocol == "tcp" else "udp")))
        for direction, end in (("Inbound", "LocalPort"), ("Outbound", "RemotePort")):
            yield (
                f"New-NetFirewallRule -Group '{_GROUP}' -DisplayName 'triage SMB {protocol} {direction.lower()}' "
                f"-Direction {direction} -Action Block -Protocol {protocol.upper()} -{end} {ports} "
                "-RemoteAddress $Outside | Out-Null"
            )
    for group in plan.groups:
        yield from _addresses(group)


def _opening(plan: Plan) -> Iterator[str]:
    segment = f" -Segment {plan.segments[0]}" if plan.segments else ""
    command = f"powershell -ExecutionPolicy Bypass -File {FILE}"
    return comments.opening(
        plan,
        "Windows Firewall (PowerShell)",
        (
            comments.smb(plan),
            comments.said("one-machine"),
            comments.kill_switch(plan),
            comments.addresses(plan, "addresses-commented"),
        ),
        load=(*comments.said("administrator"), f"{command}{segment}"),
        undo=(f"{command} -Undo",),
    )


def _parameters(plan: Plan) -> Iterator[str]:
    yield "param("
    if plan.segments:
        yield f"    [ValidateSet({_list(map(str, plan.segments))})][string]$Segment,"
    yield "    [switch]$Undo"
    yield ")"


def _remote(plan: Plan) -> Iterator[str]:
    """What lies outside the segment named on the command line."""
    if not plan.segments:
        yield f"$Outside = @({_list(outside())})"
        return
    yield "$Outside = @{"
    yield from (f"    '{one}' = @({_list(outside(one))})" for one in plan.segments)
    yield "}[$Segment]"
    yield f"if (-not $Outside) {{ throw '-Segment: {', '.join(map(str, plan.segments))}' }}"


def _addresses(group: Group) -> Iterator[str]:
    yield from (f"# {comments.origin(group, row)}: {row.address}" for row in group.rows)
    yield (
        f"{'' if group.block else '# '}New-NetFirewallRule -Group '{_GROUP}' -DisplayName 'triage {group.origin.id}' "
        f"-Direction Outbound -Action Block -RemoteAddress {_list(row.address for row in group.rows)} | Out-Null"
    )


def _list(items: Iterable[str]) -> str:
    return ", ".join(f"'{item}'" for item in items)
