"""Forms whose engine is not at hand, line by line against the grammar that their makers document."""

from __future__ import annotations

import ipaddress
import re

import pytest

from tests.plans import SEGMENTS, SINKHOLE, full, knowledge, plan
from triage.outputs.blocklists import BLOCKLISTS
from triage.outputs.blocklists.plan import Plan
from triage.outputs.blocklists.signatures import content
from triage.outputs.blocklists.snort3 import wire_name
from triage.outputs.blocklists.zeek import COLUMNS

MADE = pytest.mark.parametrize("made", [plan(), full()], ids=["default", "full"])
IP = r"\d{1,3}(?:\.\d{1,3}){3}"
NETWORK = rf"(?:{IP}|[0-9a-f:]+)/\d+"
NAME = r"[a-z0-9.-]+"


def text(made: Plan, form: str, place: int = 0) -> str:
    render = list(BLOCKLISTS[form].values())[place]
    return b"".join(render(made, "vi")).decode("utf-8")


def strangers(lines: list[str], *grammar: str) -> list[str]:
    """Lines that no form of the grammar fits."""
    return [line for line in lines if not any(re.fullmatch(form, line) for form in grammar)]


# ---- Windows ------------------------------------------------------------------------------------------------------

RANGES = r"[0-9a-f.:]+-[0-9a-f.:]+(?:,[0-9a-f.:]+-[0-9a-f.:]+)*"
NETSH = (
    r"rem(?: .*)?",
    r"@echo off|setlocal|exit /b [02]|:usage|if not defined outside goto usage",
    rf'set "outside=(?:{RANGES})?"',
    rf'if /i "%~1"=="{NETWORK}" set "outside={RANGES}"',
    r'netsh advfirewall firewall delete rule name="triage [A-Za-z0-9-]+" >nul 2>&1',
    r'netsh advfirewall firewall add rule name="triage SMB" dir=(?:in|out) action=block protocol=(?:TCP|UDP) '
    r"(?:localport|remoteport)=\d+,\d+ remoteip=%outside%",
    rf'netsh advfirewall firewall add rule name="triage [a-z0-9-]+" dir=out action=block protocol=any '
    rf"remoteip={IP}(?:,{IP})*",
    rf"echo windows-firewall\.cmd SEGMENT   \^\({NETWORK}(?: \^\| {NETWORK})*\^\)",
)


@MADE
def test_the_netsh_script_is_made_of_documented_commands(made: Plan) -> None:
    """Microsoft, "Netsh advfirewall firewall"; "Windows commands"."""
    script = text(made, "netsh")
    assert script.count("\n") == script.count("\r\n")
    lines = script.split("\r\n")
    assert lines.pop() == ""
    assert strangers(lines, *NETSH) == []
    assert max(map(len, lines)) < 8191
    assert not [line for line in lines if line.startswith("rem") and re.search(r"[<>|&%^]", line.partition("netsh")[0])]
    assert lines.index("exit /b 0") > max(place for place, line in enumerate(lines) if "add rule" in line)


def test_local_ports_are_for_what_comes_in_and_remote_ports_for_what_goes_out() -> None:
    rules = re.findall(r"dir=(in|out) action=block protocol=(TCP|UDP) (\w+)=([\d,]+)", text(full(), "netsh"))
    assert sorted(rules) == [
        ("in", "TCP", "localport", "139,445"),
        ("in", "UDP", "localport", "137,138"),
        ("out", "TCP", "remoteport", "139,445"),
        ("out", "UDP", "remoteport", "137,138"),
    ]


POWERSHELL = (
    r"#.*",
    r"#Requires -RunAsAdministrator|param\(|\)|    \[switch\]\$Undo",
    rf"    \[ValidateSet\('{NETWORK}'(?:, '{NETWORK}')*\)\]\[string\]\$Segment,",
    r"\$ErrorActionPreference = 'Stop'|if \(\$Undo\) { return }|\$Outside = @{|}\[\$Segment\]",
    r"Get-NetFirewallRule -Group 'triage' -ErrorAction SilentlyContinue \| Remove-NetFirewallRule",
    r"\$Outside = @\('[0-9a-f.:-]+'(?:, '[0-9a-f.:-]+')*\)",
    rf"    '{NETWORK}' = @\('[0-9a-f.:-]+'(?:, '[0-9a-f.:-]+')*\)",
    rf"if \(-not \$Outside\) {{ throw '-Segment: {NETWORK}(?:, {NETWORK})*' }}",
    r"New-NetFirewallRule -Group 'triage' -DisplayName 'triage SMB \w+ \w+' -Direction (?:Inbound|Outbound) "
    r"-Action Block -Protocol (?:TCP|UDP) -(?:LocalPort|RemotePort) \d+,\d+ -RemoteAddress \$Outside \| Out-Null",
    rf"New-NetFirewallRule -Group 'triage' -DisplayName 'triage [a-z0-9-]+' -Direction Outbound -Action Block "
    rf"-RemoteAddress '{IP}'(?:, '{IP}')* \| Out-Null",
)


@MADE
def test_the_powershell_script_is_made_of_documented_commands(made: Plan) -> None:
    """Microsoft, "New-NetFirewallRule"; a byte order mark for Windows PowerShell 5.1."""
    script = text(made, "powershell")
    assert script.startswith("\ufeff#")
    assert script.count("\n") == script.count("\r\n")
    lines = script.removeprefix("\ufeff").split("\r\n")
    assert lines.pop() == ""
    assert strangers(lines, *POWERSHELL) == []
    code = [line for line in lines if line and not line.startswith("#")]
    assert code[0] == "param("


def test_another_parser_reads_the_powershell_script() -> None:
    tree_sitter = pytest.importorskip("tree_sitter")
    grammar = pytest.importorskip("tree_sitter_powershell")
    parser = tree_sitter.Parser(tree_sitter.Language(grammar.language()))
    for made in (plan(), full()):
        assert not parser.parse(text(made, "powershell").removeprefix("\ufeff").encode()).root_node.has_error
    assert parser.parse(b"param( [switch $Undo").root_node.has_error


# ---- routers and firewalls ----------------------------------------------------------------------------------------

ROUTEROS = (
    r"#.*",
    r"/(?:ip|ipv6) firewall (?:address-list|raw)|/ip dns static",
    rf"add list=triage-[a-z0-9-]+ address=(?:{IP}|{NETWORK}) comment=(?:triage|\"[^\"]+\")",
    rf"add chain=prerouting protocol=(?:tcp|udp) dst-port=\d+,\d+ "
    rf"(?:src-address={NETWORK} dst-address={NETWORK} action=accept|"
    r'(?:(?:src|dst)-address-list=triage-segments )?action=drop) comment="triage SMB (?:tcp|udp)"',
    r"add chain=prerouting dst-address-list=triage-[a-z0-9-]+ "
    r'(?:protocol=tcp tcp-flags=syn action=log log-prefix=[a-z0-9-]+|action=drop) comment="triage [a-z0-9-]+"',
    rf'add name={NAME} address={IP} comment="triage kill switch"',
)


@MADE
def test_the_routeros_script_is_made_of_documented_commands(made: Plan) -> None:
    """MikroTik, "RAW", "Address-lists", "DNS": `add` takes property=value pairs in the menu named last."""
    assert strangers(text(made, "mikrotik").splitlines(), *ROUTEROS) == []


@MADE
def test_every_list_that_a_routeros_rule_names_is_made_before(made: Plan) -> None:
    known: set[str] = set()
    for line in text(made, "mikrotik").splitlines():
        if added := re.match(r"add list=(\S+)", line):
            known.add(added[1])
        if line.startswith("add chain"):
            assert set(re.findall(r"address-list=(\S+)", line)) <= known


def test_routeros_accepts_inside_a_segment_before_it_drops() -> None:
    for lines in (text(full(), "mikrotik").splitlines(),):
        actions = [re.search(r"action=(\w+)", line)[1] for line in lines if "triage SMB tcp" in line]  # type: ignore[index]
        assert actions == ["accept", "accept", "drop", "drop", "accept", "drop", "drop"]


FORTIOS = {
    "firewall service custom": {"tcp-portrange": r"\d+( \d+)*", "udp-portrange": r"\d+( \d+)*"},
    "firewall address": {"subnet": rf"{IP} {IP}", "comment": r'"[^"]{1,255}"'},
    "firewall addrgrp": {"member": r'"[^"]{1,79}"( "[^"]{1,79}")*'},
    "firewall policy": {
        "name": r'"[^"]{1,35}"',
        "srcintf": '"any"',
        "dstintf": '"any"',
        "srcaddr": r'"[^"]+"',
        "dstaddr": r'"[^"]+"',
        "action": "deny",
        "schedule": '"always"',
        "service": r'"[^"]+"',
        "logtraffic": "all",
    },
    "system dns-database": {"domain": rf'"{NAME}"'},
    "dns-entry": {"hostname": '"(@|www)"', "ip": IP},
}


@MADE
def test_the_fortigate_script_nests_and_sets_only_what_fortios_documents(made: Plan) -> None:
    """Fortinet, "FortiOS CLI Reference": config … edit … set … next … end; names of 79, policies of 35 characters."""
    open_blocks: list[str] = []
    known = {"all", "ALL", "always"}
    for line in text(made, "fortigate").splitlines():
        match line.split(None, 1):
            case [comment, *_] if comment.startswith("#"):
                continue
            case ["config", what]:
                open_blocks.append(what)
            case ["edit", name]:
                assert re.fullmatch(r'"[^"]{1,79}"|\d+', name)
                known.add(name.strip('"'))
                open_blocks.append("edit")
            case ["set", rest]:
                key, _, value = rest.partition(" ")
                assert open_blocks[-1] == "edit"
                assert re.fullmatch(FORTIOS[open_blocks[-2]][key], value), line
                if key in ("srcaddr", "dstaddr", "service", "member"):
                    assert set(re.findall(r'"([^"]+)"', value)) <= known, line
            case ["next"]:
                assert open_blocks.pop() == "edit"
            case ["end"]:
                assert open_blocks.pop() != "edit"
            case _:
                pytest.fail(line)
    assert open_blocks == []


def test_what_fortigate_comments_out_is_whole() -> None:
    policies = re.findall(r"^# config firewall policy\n(?:#  .*\n)+# end$", text(plan(), "fortigate"), re.MULTILINE)
    assert len(policies) == len(plan().groups)


@MADE
def test_pfsense_reads_an_entry_and_nothing_else_from_every_line(made: Plan) -> None:
    """Netgate, URL Table aliases: what stands before `#` is an address, network or port; a line may hold no other."""
    read = [
        [entry for line in text(made, "pfsense", place).splitlines() if (entry := line.partition("#")[0].strip())]
        for place in range(3)
    ]
    listed = [row.address for group in made.groups if group.block for row in group.rows]
    assert read == [listed, ["137", "138", "139", "445"], [str(one) for one in made.segments]]
    assert all(ipaddress.ip_address(entry) for entry in read[0])


# ---- Snort 3 ------------------------------------------------------------------------------------------------------

SNORT = {
    "msg": r'"TRIAGE [^"]+"',
    "flow": r"to_(server|client),established",
    "flowbits": r"(set|isset),[a-z.]+",
    "content": r'"(?:[A-Za-z0-9]|\|[0-9A-F]{2}(?: [0-9A-F]{2})*\|)+",offset \d+,(depth \d+|nocase,fast_pattern)',
    "byte_test": r"1,!&,0x80,2",
    "flags": "S",
    "metadata": r"[a-z_]+ [a-z0-9_-]+(, [a-z_]+ [a-z0-9_-]+)*",
    "reference": r"(cve,\d{4}-\d+|url,[^;\s]+)",
    "classtype": r"attempted-admin|attempted-recon|trojan-activity|misc-activity",
    "priority": r"[1-4]",
    "sid": r"\d{7}",
    "rev": r"\d+",
}


def rules(form: str) -> list[str]:
    return [line for line in text(plan(), form).splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("rule", rules("snort3"), ids=lambda rule: re.search(r"sid:(\d+)", rule)[1])
def test_a_snort_rule_has_a_header_and_documented_options(rule: str) -> None:
    """Snort 3 Rule Writing Guide: modifiers follow the content they change, behind commas."""
    found = re.fullmatch(r"alert (tcp|udp) any (\S+) -> (\S+) (\S+) \( (.*; )\)", rule)
    assert found
    assert re.fullmatch(r"any|\[139,445\]", found[2])
    assert re.fullmatch(rf"any|\[{IP}(,{IP})*\]", found[3])
    assert re.fullmatch(r"any|53|\[139,445\]", found[4])
    options = [option.partition(":")[::2] for option in found[5].strip().rstrip(";").split("; ")]
    for key, value in options:
        assert re.fullmatch(SNORT[key], value), (key, value)
    assert [key for key, _ in options][-4:] == ["classtype", "priority", "sid", "rev"]
    for key, value in options:
        if key == "content" and (depth := re.search(r"depth (\d+)", value)):
            assert int(depth[1]) == len(unescaped(value.split('"')[1]))


def unescaped(pattern: str) -> bytes:
    """Bytes of a `content`, by the rule writing guide's words."""
    parts = pattern.split("|")
    return b"".join(bytes.fromhex(part) if place % 2 else part.encode() for place, part in enumerate(parts))


@pytest.mark.parametrize("signature", knowledge()[2].signatures, ids=lambda one: one.id)
def test_content_says_the_bytes_of_every_mark(signature: object) -> None:
    for mark in signature.marks:  # type: ignore[attr-defined]
        assert unescaped(content(mark.bytes)) == mark.bytes


def test_content_of_any_bytes_is_read_back() -> None:
    for data in (b'a;b"c\\|', bytes(range(256)), b"abc", b"\0", b"ab"):
        assert unescaped(content(data)) == data
        assert not set(content(data)) & set(';"\\:')


def test_a_name_on_the_wire_has_its_labels_behind_their_lengths() -> None:
    assert wire_name("www.vncert.vn") == b"\x03www\x06vncert\x02vn\x00"


PLACED = {
    "suricata": r'content:"([^"]+)"; offset:(\d+); depth:(\d+);',
    "snort3": r'content:"([^"]+)",offset (\d+),depth (\d+);',
}


@pytest.mark.parametrize("form", PLACED)
def test_a_rule_looks_for_its_marks_at_their_places_and_nowhere_else(form: str) -> None:
    by_sid = {int(re.search(r"sid:(\d+)", rule)[1]): rule for rule in rules(form)}  # type: ignore[index]
    for signature in knowledge()[2].signatures:
        found = re.findall(PLACED[form], by_sid[signature.sid])
        assert [(unescaped(pattern), int(offset)) for pattern, offset, _ in found] == [
            (mark.bytes, mark.offset) for mark in signature.marks
        ]
        assert all(int(depth) == len(unescaped(pattern)) for pattern, _, depth in found)
        assert by_sid[signature.sid].count("content:") == len(found)


@pytest.mark.parametrize("form", ["suricata", "snort3"])
def test_another_parser_reads_every_rule(form: str) -> None:
    idstools = pytest.importorskip("idstools.rule")
    parsed = [idstools.parse(rule) for rule in rules(form)]
    assert [one.sid for one in parsed] == [int(re.search(r"sid:(\d+)", rule)[1]) for rule in rules(form)]  # type: ignore[index]
    assert all(one.enabled and one.action == "alert" and one.msg and one.classtype for one in parsed)


# ---- Zeek ---------------------------------------------------------------------------------------------------------

KINDS = {
    "Intel::DOMAIN": NAME,
    "Intel::ADDR": IP,
    "Intel::FILE_HASH": r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}",
}


def test_zeeks_file_has_its_fields_and_a_value_in_each() -> None:
    """Zeek's ASCII reader: lines that begin with `#` are skipped, but for the one that begins `#fields` and a tab."""
    lines = text(plan(), "zeek").splitlines()
    (fields,) = [line for line in lines if line.startswith("#fields\t")]
    assert fields.split("\t")[1:] == list(COLUMNS)
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    assert lines.index(fields) < lines.index("\t".join(rows[0]))
    for row in rows:
        assert len(row) == len(COLUMNS)
        assert all(cell and cell != "-" for cell in row)
        assert re.fullmatch(KINDS[row[1]], row[0]), row
        assert row[4] in "TF"
    assert {row[1] for row in rows} == set(KINDS)
    assert len({row[0] for row in rows}) == len(rows)
    assert {row[4] for row in rows if row[1] == "Intel::ADDR"} == {"F"}


def test_the_full_plan_is_what_these_tests_take_it_for() -> None:
    assert str(full().sinkhole) == SINKHOLE
    assert tuple(map(str, full().segments)) == SEGMENTS
