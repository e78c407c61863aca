"""Windows' firewall: its profiles, the rules on the ports of SMB, and what the analysis needs to say who gets in.

What a profile lets in depends on two hives, the machine's own and that of group policy: each leaves what it says as
`observed.firewall`, one line a profile, and `analysis/firewall_state.py` joins them.

References:
    [MS-GPFAS] Firewall and Advanced Security Data Structure.
    Microsoft, "Windows Firewall Tools and Settings" (Windows XP SP2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from triage.detectors.hive_view import DETECTOR, HiveView, coded
from triage.formats.firewall import ALL_PROFILES, Rule, file_sharing, parse_open_port, parse_rule
from triage.formats.registry import Key
from triage.model import Fact, Record

PORTS = (139, 445)
OBSERVED = "observed.firewall"

FACTS = (
    "firewall.rule",
    *(f"firewall.{profile}" for profile in ALL_PROFILES),
    *(f"firewall.policy.{profile}" for profile in ALL_PROFILES),
)

_POLICY = "Services\\SharedAccess\\Parameters\\FirewallPolicy"
_KEYS = {"domain": ("DomainProfile",), "private": ("PrivateProfile", "StandardProfile"), "public": ("PublicProfile",)}
_DISABLED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """The rules of one hive on the ports of SMB.

    Attributes:
        known: the place where they are kept was there.
        newer: of Windows Vista and later.
    """

    rules: tuple[Rule, ...]
    known: bool
    newer: bool


def machine(view: HiveView) -> Iterator[Record]:
    """The machine's own profiles and rules."""
    policy = view.key(_POLICY)
    if policy is None:
        return
    service = view.key("Services\\MpsSvc")
    kept = _kept(policy)
    newer = service is not None or kept is not None
    rules = _of_smb(kept if newer else _open_ports(policy), newer=newer)
    yield from _told(view, policy, "firewall.", rules)
    if not newer:
        service = view.key("Services\\SharedAccess")
    start = service.number("Start") if service else None
    runs = "" if start is None else str(int(start != _DISABLED))
    yield from _observed(view, policy, rules, f"local service={runs}")


def group_policy(view: HiveView) -> Iterator[Record]:
    """What an administrator set for the domain, in the old form, the new, or both: it outranks the machine's own."""
    policy = view.key("Policies\\Microsoft\\WindowsFirewall")
    if policy is not None:
        rules = _of_smb([*(_kept(policy) or ()), *_open_ports(policy)], newer=False)
        yield from _told(view, policy, "firewall.policy.", rules)
        yield from _observed(view, policy, rules, "policy")


def _kept(policy: Key) -> list[Rule] | None:
    """Rules of Windows Vista and later; None where there is no place for them."""
    key = policy.key("FirewallRules")
    return None if key is None else [rule for value in key.values() if (rule := parse_rule(value.text)) is not None]


def _open_ports(policy: Key) -> list[Rule]:
    """Lists of open ports of Windows XP and 2003, which know but two profiles."""
    found: list[Rule] = []
    for profile, names in _KEYS.items():
        for key in filter(None, map(policy.key, names)):
            ports = key.key("GloballyOpenPorts\\List")
            opened = (parse_open_port(value.text, profile) for value in (ports.values() if ports else ()))
            found += [rule for rule in opened if rule is not None]
            sharing = key.key("Services\\FileAndPrint")
            if sharing is not None and sharing.number("Enabled") == 1:
                found.append(file_sharing(profile, sharing.text("RemoteAddresses")))
    return found


def _of_smb(rules: list[Rule] | None, *, newer: bool) -> _Rules:
    wanted = tuple(rule for rule in rules or () if any(map(rule.covers, PORTS)))
    return _Rules(rules=wanted, known=rules is not None, newer=newer)


def _told(view: HiveView, policy: Key, start: str, rules: _Rules) -> Iterator[Record]:
    for profile in ALL_PROFILES:
        on = _number(policy, profile, "EnableFirewall")
        if on is not None:
            yield view.fact(f"{start}{profile}", "enabled" if on else "disabled")
    for rule in rules.rules:
        yield view.fact("firewall.rule", _line(rule))


def _line(rule: Rule) -> str:
    told = {
        "action": rule.action,
        "port": ",".join(str(port) for port in PORTS if rule.covers(port)),
        "from": ",".join(rule.remote) or "any",
        "profile": ",".join(rule.profiles),
        "name": rule.name,
    }
    return coded(told)


def _observed(view: HiveView, policy: Key, rules: _Rules, whose: str) -> Iterator[Record]:
    if not view.live:
        return
    for profile in ALL_PROFILES:
        mine = [rule for rule in rules.rules if profile in rule.profiles]
        if not (rules.newer or mine or any(policy.key(name) for name in _KEYS[profile])):
            continue  # Windows XP has no public profile, group policy need not speak of each
        told = {
            "profile": profile,
            "on": _number(policy, profile, "EnableFirewall"),
            "shielded": _number(policy, profile, "DoNotAllowExceptions"),
            "refuses": _number(policy, profile, "DefaultInboundAction"),
            "merges": _number(policy, profile, "AllowLocalPolicyMerge"),
            "rules": int(rules.known),
            "allow": _ports([rule for rule in mine if rule.action != "block"]),
            "block": _ports([rule for rule in mine if rule.action == "block" and not rule.narrowed]),
        }
        text = " ".join(f"{key}={'' if value is None else value}" for key, value in told.items())
        yield Fact(detector=DETECTOR, entry=view.entry.id, name=OBSERVED, value=f"{whose} {text}")


def _ports(rules: list[Rule]) -> str:
    return ",".join(str(port) for port in PORTS if any(rule.covers(port) for rule in rules))


def _number(policy: Key, profile: str, name: str) -> int | None:
    keys = filter(None, (policy.key(one) for one in _KEYS[profile]))
    return next((number for key in keys if (number := key.number(name)) is not None), None)


SYSTEM = (machine,)
SOFTWARE = (group_policy,)
