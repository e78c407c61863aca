"""Who gets in through Windows' firewall, from hives to the facts."""

from __future__ import annotations

import pytest

from samples_fake.hive import Values, build_hive
from samples_fake.registry import CONTROL, WRITTEN, system_hive
from tests.hive_records import SOFTWARE, SYSTEM, Told
from tests.samples import corpus_bytes
from triage.analysis.firewall_state import SeenProfile, judge_inbound
from triage.formats.firewall import ALL_PROFILES, parse_open_port, parse_rule

POLICY = f"{CONTROL}\\Services\\SharedAccess\\Parameters\\FirewallPolicy"
PROFILES = ("DomainProfile", "StandardProfile", "PublicProfile")
GROUP = "Policies\\Microsoft\\WindowsFirewall"
SMB = "v2.10|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=445|App=System|Name=x|"
BLOCK = SMB.replace("Allow", "Block")


def machine(rules: tuple[str, ...] = (), start: int | None = 2, **settings: int | None) -> list[str]:
    """What a Windows 7 leaves for the analysis, all three profiles alike."""
    values = {name: value for name, value in {"EnableFirewall": 1, **settings}.items() if value is not None}
    keys: dict[str, Values] = {f"{POLICY}\\{profile}": values for profile in PROFILES}
    keys[f"{POLICY}\\FirewallRules"] = {str(number): rule for number, rule in enumerate(rules)}
    keys[f"{CONTROL}\\Services\\MpsSvc"] = {} if start is None else {"Start": start}
    return seen(SYSTEM, keys)


def xp(ports: Values, start: int = 2, **settings: int) -> list[str]:
    """What a Windows XP leaves."""
    standard = f"{POLICY}\\StandardProfile"
    keys: dict[str, Values] = {
        f"{POLICY}\\DomainProfile": {"EnableFirewall": 1},
        standard: {"EnableFirewall": 1, **settings},
        f"{standard}\\GloballyOpenPorts\\List": ports,
        f"{CONTROL}\\Services\\SharedAccess": {"Start": start},
    }
    return seen(SYSTEM, keys)


def seen(path: str, keys: dict[str, Values]) -> list[str]:
    top: dict[str, Values] = {"Select": {"Current": 1}} if path == SYSTEM else {}
    return Told(path, build_hive({**top, **keys}, WRITTEN)).facts.get("observed.firewall", [])


def inbound(*texts: list[str]) -> dict[str, str]:
    return judge_inbound(SeenProfile.parse("0", text) for every in texts for text in every)


@pytest.mark.parametrize(
    ("rules", "settings", "state"),
    [
        ((), {}, "blocked"),
        ((SMB,), {}, "open"),
        ((SMB.replace("TRUE", "FALSE"),), {}, "blocked"),
        ((SMB.replace("Dir=In", "Dir=Out"),), {}, "blocked"),
        ((SMB.replace("Protocol=6", "Protocol=17"),), {}, "blocked"),
        ((SMB.replace("LPort=445|", ""),), {}, "open"),
        ((SMB.replace("LPort=445", "LPort=135-1024"),), {}, "open"),
        ((SMB.replace("LPort=445", "LPort=RPC"),), {}, "blocked"),
        ((SMB.replace("App=System", "App=C:\\x.exe"),), {}, "blocked"),
        ((SMB.replace("App=System", "Svc=abc"),), {}, "blocked"),
        ((SMB.replace("LPort=445", "TTK2_27=WFDKmDriver"),), {}, "blocked"),
        ((SMB.replace("Name=x", "RA4=LocalSubnet"),), {}, "open"),
        ((SMB, BLOCK), {}, "blocked"),
        ((SMB, BLOCK.replace("Name=x", "RA4=10.0.0.0/8")), {}, "open"),
        ((SMB, BLOCK.replace("LPort=445", "LPort=139")), {}, "open"),
        ((SMB,), {"EnableFirewall": 0}, "open"),
        ((), {"EnableFirewall": 0}, "open"),
        ((BLOCK,), {"EnableFirewall": 0}, "open"),
        ((SMB,), {"DoNotAllowExceptions": 1}, "blocked"),
        ((), {"DefaultInboundAction": 0}, "open"),
        ((BLOCK,), {"DefaultInboundAction": 0}, "blocked"),
        ((), {"DefaultInboundAction": 1}, "blocked"),
        ((), {"EnableFirewall": None}, "undetermined"),
        ((), {"start": 4}, "open"),
        ((BLOCK,), {"start": 4}, "open"),
        ((), {"start": None}, "undetermined"),
    ],
)
def test_a_port_is_open_by_service_profile_default_and_rules(rules, settings, state) -> None:
    told = inbound(machine(rules, **settings))
    assert told["firewall.smb_inbound"] == state
    assert {told[f"firewall.smb_inbound.{profile}"] for profile in ALL_PROFILES} == {state}


def test_the_two_ports_and_the_profiles_are_told_apart() -> None:
    told = inbound(machine((SMB.replace("Name=x", "Profile=Domain"), SMB.replace("LPort=445", "LPort=139"))))
    assert [told[f"firewall.smb_inbound.{one}"] for one in ALL_PROFILES] == ["open", "blocked", "blocked"]
    assert told["firewall.smb_inbound"] == "open"
    assert {told[f"firewall.netbios_inbound.{one}"] for one in ALL_PROFILES} == {"open"}


@pytest.mark.parametrize(
    ("ports", "settings", "state"),
    [
        ({}, {}, "blocked"),
        ({"445:TCP": "445:TCP:LocalSubNet:Enabled:@xpsp2res.dll,-22005"}, {}, "open"),
        ({"445:TCP": "445:TCP:*:Disabled:@xpsp2res.dll,-22005"}, {}, "blocked"),
        ({"445:UDP": "445:UDP:*:Enabled:x"}, {}, "blocked"),
        ({"445:TCP": "445:TCP:*:Enabled:x"}, {"DoNotAllowExceptions": 1}, "blocked"),
        ({}, {"EnableFirewall": 0}, "open"),
        ({}, {"start": 4}, "open"),
    ],
)
def test_windows_xp_opens_ports_by_its_lists(ports, settings, state) -> None:
    told = inbound(xp(ports, **settings))
    assert told["firewall.smb_inbound.private"] == state
    assert "firewall.smb_inbound.public" not in told


def test_open_ports_of_windows_xp_are_told() -> None:
    ports = {
        "445:TCP": "445:TCP:LocalSubNet:Enabled:@xpsp2res.dll,-22005",
        "139:TCP": "139:TCP:*:Disabled:x",
        "80:TCP": "80:TCP:*:Enabled:x",
    }
    keys = {"Select": {"Current": 1}, f"{POLICY}\\StandardProfile\\GloballyOpenPorts\\List": ports}
    told = Told(SYSTEM, build_hive(keys, WRITTEN))
    assert told.facts["firewall.rule"] == ["action=allow; port=445; from=LocalSubNet; profile=private"]


@pytest.mark.parametrize(
    ("group", "state"),
    [
        ({"": {}}, "open"),
        ({"PrivateProfile": {"EnableFirewall": 1, "DoNotAllowExceptions": 1}}, "blocked"),
        ({"PrivateProfile": {"EnableFirewall": 0}}, "open"),
        ({"PrivateProfile": {"AllowLocalPolicyMerge": 0}}, "blocked"),
        ({"FirewallRules": {"1": BLOCK}}, "blocked"),
        ({"StandardProfile\\Services\\FileAndPrint": {"Enabled": 1, "RemoteAddresses": "LocalSubNet"}}, "open"),
    ],
)
def test_group_policy_outranks_the_machine(group, state) -> None:
    policy = seen(SOFTWARE, {f"{GROUP}\\{name}".rstrip("\\"): values for name, values in group.items()})
    assert inbound(machine((SMB,)), policy)["firewall.smb_inbound.private"] == state


def test_group_policy_may_open_what_the_machine_closes() -> None:
    policy = seen(SOFTWARE, {f"{GROUP}\\FirewallRules": {"1": SMB.replace("Name=x", "Profile=Public")}})
    told = inbound(machine(), policy)
    assert [told[f"firewall.smb_inbound.{one}"] for one in ALL_PROFILES] == ["blocked", "blocked", "open"]


def test_without_the_hive_nothing_is_guessed() -> None:
    policy = seen(SOFTWARE, {f"{GROUP}\\PublicProfile": {"EnableFirewall": 0}})
    assert inbound() == {"firewall.smb_inbound": "undetermined", "firewall.netbios_inbound": "undetermined"}
    assert inbound(policy) == inbound()
    assert inbound(seen(SYSTEM, {f"{CONTROL}\\Services": {}})) == inbound()


def test_of_two_installations_the_worse_counts_and_policies_are_not_mixed() -> None:
    policy = seen(SOFTWARE, {f"{GROUP}\\PublicProfile": {"EnableFirewall": 0}})
    first = [SeenProfile.parse("0", text) for text in machine()]
    second = [SeenProfile.parse("1", text) for text in machine()]
    other = [SeenProfile.parse("2", text) for text in policy]
    assert judge_inbound([*first, *second, *other])["firewall.smb_inbound"] == "blocked"
    assert judge_inbound([*first, *second, *[SeenProfile.parse("1", text) for text in policy]])[
        "firewall.smb_inbound"
    ] == ("open")


def test_an_older_copy_of_the_hive_says_nothing_of_today() -> None:
    told = Told("/Windows.old/Windows/System32/config/SYSTEM", system_hive())
    assert "observed.firewall" not in told.facts
    assert "backup.firewall.rule" in told.facts


@pytest.mark.parametrize(
    "text", ["", "|", "v2.10", "v2.10|Active=TRUE|Dir=In|Protocol=6|LPort=|Action=Allow|", "=|=|="]
)
def test_no_rule_is_too_broken_to_read(text: str) -> None:
    rule = parse_rule(text)
    assert rule is None or not rule.covers(445)


@pytest.mark.parametrize("text", ["", "445", "99999999:TCP:*:Enabled", "445:TCP:*:Maybe:x"])
def test_no_open_port_is_too_broken_to_read(text: str) -> None:
    assert parse_open_port(text, "private") is None


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "states"),
    [
        ("SYSTEM.xz", ["open", "blocked", "blocked"]),  # file sharing is on for the domain
        ("SYSTEM_2.xz", ["blocked", "blocked", "blocked"]),
        ("SYSTEM_B.xz", ["blocked", "blocked", "blocked"]),
        ("SYSTEM_WIN_10_1709.xz", ["blocked", "blocked", "blocked"]),
    ],
)
def test_real_hives(name: str, states: list[str]) -> None:
    told = inbound(Told(SYSTEM, corpus_bytes(f"regipy/regipy_tests/data/{name}")).facts["observed.firewall"])
    assert [told[f"firewall.smb_inbound.{profile}"] for profile in ALL_PROFILES] == states
