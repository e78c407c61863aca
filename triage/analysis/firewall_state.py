"""Whether Windows' firewall lets SMB in, profile by profile. Pure: what the hives said in, a state out.

Limits:
    Firewalls of other makers, and of the network, are not seen. Which profile a network gets is decided when it is
    joined: a machine is closed only where every profile is.

References:
    [MS-GPFAS] 2.2.1: defaults and the order of group policy and local settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

PORTS: Mapping[str, int] = {"firewall.smb_inbound": 445, "firewall.netbios_inbound": 139}
"""Name of the fact to the port it speaks of; each also `<name>.<profile>`."""

PROFILES = ("domain", "private", "public")

FACTS = tuple(f"{name}{profile}" for name in PORTS for profile in ("", *(f".{one}" for one in PROFILES)))


class Inbound(Enum):
    """Whether anybody outside gets in; the order is from bad to good."""

    OPEN = "open"
    UNDETERMINED = "undetermined"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenProfile:
    """What one hive says of one profile.

    Attributes:
        windows: which Windows of the evidence.
        policy: it is group policy that says so.
        settings: by the codes that the detector of the registry writes.
    """

    windows: str
    policy: bool
    profile: str
    settings: Mapping[str, str]

    @classmethod
    def parse(cls, windows: str, text: str) -> SeenProfile:
        """Of `local service=1 profile=private on=1 …`."""
        whose, _, rest = text.partition(" ")
        settings = dict(pair.partition("=")[::2] for pair in rest.split(" "))
        return cls(windows=windows, policy=whose == "policy", profile=settings.get("profile", ""), settings=settings)


def judge_inbound(seen: Iterable[SeenProfile]) -> dict[str, str]:
    """The facts by name; UNDETERMINED where nothing was read. Of several Windows the worst counts."""
    every = list(seen)
    homes = sorted({one.windows for one in every if not one.policy})
    told: dict[str, str] = {}
    for name, port in PORTS.items():
        states: dict[str, Inbound] = {}
        for profile in PROFILES:
            judged = [
                _state(port, local, _one(every, home, profile, policy=True))
                for home in homes
                if (local := _one(every, home, profile, policy=False)) is not None
            ]
            if judged:
                states[profile] = _worst(judged)
        told[name] = _worst(states.values()).value
        told |= {f"{name}.{profile}": state.value for profile, state in states.items()}
    return told


def _one(seen: list[SeenProfile], windows: str, profile: str, *, policy: bool) -> Mapping[str, str] | None:
    wanted = (one for one in seen if (one.windows, one.profile, one.policy) == (windows, profile, policy))
    return next((one.settings for one in wanted), None)


def _state(port: int, local: Mapping[str, str], policy: Mapping[str, str] | None) -> Inbound:
    """One port of one profile."""
    above = policy or {}

    def setting(name: str, default: str = "") -> str:
        return above.get(name) or local.get(name) or default

    if local.get("service") == "0" or setting("on") == "0":
        return Inbound.OPEN
    if not local.get("service") or not setting("on"):
        return Inbound.UNDETERMINED
    if setting("shielded", "0") != "0":
        return Inbound.BLOCKED
    merged = [above] if above.get("merges") == "0" else [above, local]
    if any(str(port) in one.get("block", "").split(",") for one in merged):
        return Inbound.BLOCKED
    if setting("refuses", "1") == "0" or any(str(port) in one.get("allow", "").split(",") for one in merged):
        return Inbound.OPEN
    return Inbound.BLOCKED if local.get("rules") == "1" or local not in merged else Inbound.UNDETERMINED


def _worst(states: Iterable[Inbound]) -> Inbound:
    order = tuple(Inbound)
    return min(states, key=order.index, default=Inbound.UNDETERMINED)
