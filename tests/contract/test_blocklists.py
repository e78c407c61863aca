"""The laws of block lists: kill switches stay reachable, relays only on request, the same bytes, both languages."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.plans import SINKHOLE, full, knowledge, plan
from triage.cli.blocklist import blocklist
from triage.errors import RuleError, UsageError
from triage.intel.families import Domain
from triage.outputs import blocklists
from triage.outputs.blocklists import BLOCKLISTS
from triage.outputs.blocklists.csv import COLUMNS
from triage.outputs.blocklists.plan import Plan, draw_up
from triage.outputs.catalogue import messages

FILES = [(form, file) for form, files in BLOCKLISTS.items() for file in files]
COMMENT = re.compile(r"\s*(?:#|;|//|rem\b|@echo off)")
KILL_SWITCHES = [host.name for host in plan().kill_switches]
RELAYS = [row.address for group in plan().groups for row in group.rows]

# Every form of words in which an active line may name a kill switch: it answers, passes on, alerts or tells.
_NAME = "|".join(map(re.escape, KILL_SWITCHES))
_SINK = re.escape(SINKHOLE)
MAY_NAME = {
    "dnsmasq-triage.conf": rf"server=/({_NAME})/#|address=/({_NAME})/{_SINK}",
    "db.triage.rpz": rf"(\*\.)?({_NAME}) (CNAME rpz-passthru\.|A {_SINK})",
    "hosts.txt": rf"{_SINK} ({_NAME})",
    "mikrotik.rsc": rf'add name=({_NAME}) address={_SINK} comment="triage kill switch"',
    "fortigate.conf": rf'\s+set domain "({_NAME})"',
    "triage-suricata.rules": r"alert dns .*",
    "triage-snort3.rules": r"alert udp .*",
    "triage-intel.dat": r".*\tkill switch: never block; the client is infected\tT",
    "blocklist.csv": r'kill-switch,[^,]*,80,"?không chặn; phải phân giải được.*',
}


def text(made: Plan, form: str, file: str, lang: str = "vi") -> str:
    return b"".join(BLOCKLISTS[form][file](made, lang)).decode("utf-8-sig")


def active(made: Plan, form: str, file: str) -> Iterator[str]:
    """Lines that do something."""
    return (line for line in text(made, form, file).splitlines() if line.strip() and not COMMENT.match(line))


@pytest.mark.parametrize("made", [plan(), full()], ids=["default", "full"])
@pytest.mark.parametrize(("form", "file"), FILES)
def test_a_kill_switch_is_never_blocked(form: str, file: str, made: Plan) -> None:
    labels = {name.split(".")[-2] for name in KILL_SWITCHES}
    naming = [line for line in active(made, form, file) if any(label in line for label in labels)]
    assert [line for line in naming if not re.fullmatch(MAY_NAME.get(file, "(?!)"), line)] == []


@pytest.mark.parametrize("file", ["dnsmasq-triage.conf", "db.triage.rpz", "triage-suricata.rules", "triage-intel.dat"])
def test_every_kill_switch_is_answered_for_or_told(file: str) -> None:
    form = next(form for form, files in BLOCKLISTS.items() if file in files)
    for made in (plan(), full()):
        lines = list(active(made, form, file))
        for host in made.kill_zones:
            assert [line for line in lines if host.name in line], host.name


@pytest.mark.parametrize("word", ["drop", "reject", "block", "pass"])
@pytest.mark.parametrize("file", ["triage-suricata.rules", "triage-snort3.rules"])
def test_ids_rules_only_alert(file: str, word: str) -> None:
    form = next(form for form, files in BLOCKLISTS.items() if file in files)
    rules = list(active(full(), form, file))
    assert rules
    assert not [rule for rule in rules if rule.startswith(word) or not rule.startswith("alert ")]


@pytest.mark.parametrize(("form", "file"), [one for one in FILES if one[1] != "blocklist.csv"])
def test_the_head_says_what_it_is_in_both_languages_and_how_to_go_back(form: str, file: str) -> None:
    lines = text(plan(), form, file).splitlines()
    head = "\n".join(lines[: next(n for n, line in enumerate(lines) if "Cách gỡ / Undo:" in line)])
    assert head.index("Lập từ tri thức đi kèm") < head.index("Made from the knowledge that ships")
    assert re.search(r"families/wannacry  \d{4}-\d\d-\d\d", head)
    assert "Cách nạp / Load:" in head
    assert all(COMMENT.match(line) for line in head.splitlines()[1:])
    if file not in ("pfsense-smb-ports.txt", "pfsense-segments.txt"):
        assert "KHÔNG ĐƯỢC CHẶN" in head
        assert "NOT TO BE BLOCKED" in head
        assert set(KILL_SWITCHES) <= set(head.split())


@pytest.mark.parametrize(
    ("form", "file"),
    [one for one in FILES if one[1].startswith(("nft", "ip", "windows", "mikro", "forti", "pfsense-a"))],
)
def test_the_letters_addresses_are_dated_and_said_to_be_weak(form: str, file: str) -> None:
    head = " ".join(line.lstrip("#rem ") for line in text(plan(), form, file).splitlines())
    assert "vncert-144-2017 (2017-05-13)" in head
    assert "Giá trị thấp" in head
    assert "Low weight" in head
    assert "33 rows: 16 inferred, 16 read, 1 unreadable" in head
    assert "unreadable: row 9" in head


def blocking(form: str, file: str, made: Plan) -> list[str]:
    """The active lines that drop an address of a publication."""
    lines = list(active(made, form, file))
    match form:
        case "nftables":
            return [line for line in lines if "@" in line and "drop" in line]
        case "iptables":
            return [line for line in lines if "TRIAGE-HIT" in line and "-j DROP" in line]
        case "mikrotik":
            return [line for line in lines if "dst-address-list=triage-" in line and "2017 action=drop" in line]
        case "fortigate":
            return [line for line in lines if re.search(r"set dstaddr .*2017", line)]
        case "netsh":
            return [line for line in lines if "add rule" in line and "2017" in line]
        case "powershell":
            return [line for line in lines if "2017" in line]
        case _:
            return [line for line in lines if line.split(" ")[0] in RELAYS]


@pytest.mark.parametrize(
    ("form", "file"),
    [one for one in FILES if one[1].startswith(("nft", "iptables", "windows", "mikro", "forti", "pfsense-a"))],
)
def test_relays_are_blocked_only_on_request(form: str, file: str) -> None:
    assert blocking(form, file, plan()) == []
    assert blocking(form, file, plan(block_relays=True))
    every = text(plan(), form, file)
    assert [address for address in RELAYS if address not in every] == []


def test_servers_of_the_malware_itself_are_blocked_without_a_request() -> None:
    families, sets, network = knowledge()
    servers = [replace(one, nature="servers") for one in sets]
    made = draw_up(families, servers, network)
    assert blocking("nftables", "nftables.nft", made)


@pytest.mark.parametrize("name", [KILL_SWITCHES[0], KILL_SWITCHES[1], "com"])
def test_knowledge_that_would_block_a_kill_switch_is_refused(name: str) -> None:
    families, sets, network = knowledge()
    wrong = Domain(name=name, block=True, source=(families[0].references[0].key,))
    with pytest.raises(RuleError, match="kill switch"):
        draw_up([replace(families[0], domains=(wrong,)), *families[1:]], sets, network)


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize(("form", "file"), FILES)
def test_the_same_plan_gives_the_same_bytes_and_breaks_no_line(form: str, file: str, lang: str) -> None:
    first = text(full(), form, file, lang)
    assert first == text(full(), form, file, lang)
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]", first)
    assert first.endswith("\n")
    if form != "csv":
        assert first == text(full(), form, file, "vi")


def test_the_table_opens_safely_and_has_a_row_for_every_row_of_the_letter() -> None:
    rows = list(csv.DictReader(io.StringIO(text(plan(), "csv", "blocklist.csv", "en"), newline=""), strict=True))
    letter = [row for row in rows if row["Origin"] == "vncert-144-2017"]
    assert [int(row["Row"]) for row in letter] == list(range(1, 34))
    assert {row["Reading"] for row in letter} == {"read", "inferred", "unreadable"}
    assert {row["What to do"] for row in letter if row["Value"] != "?"} == {"log only"}
    assert {row["Weight"] for row in letter} == {"low"}
    assert not [cell for row in rows for cell in row.values() if cell[:1] in tuple("=+-@\t\r")]
    hashes = [row for row in rows if row["Kind"] in ("sha256", "sha1", "md5")]
    assert len(hashes) > 100
    assert not [row for row in hashes if row["Weight"] == "context"]


def test_a_formula_in_a_name_does_not_reach_the_table() -> None:
    families, sets, network = knowledge()
    told = [replace(sets[0], title="=cmd|' /C calc'!A0"), *sets[1:]]
    rows = csv.reader(io.StringIO(text(draw_up(families, told, network), "csv", "blocklist.csv"), newline=""))
    titles = [row[-1] for row in rows if row[7] == sets[0].id]
    assert titles
    assert not [title for title in titles if title.startswith("=")]


def test_sids_stay_when_only_one_set_is_wanted() -> None:
    everything = {group.origin.id: group.sid for group in plan().groups}
    for name, sid in everything.items():
        (only,) = plan(sets=(name,)).groups
        assert only.sid == sid


def test_numbers_of_rules_are_given_once() -> None:
    sids = re.findall(r"sid:(\d+);", text(plan(), "suricata", "triage-suricata.rules"))
    assert len(sids) == len(set(sids)) > 15
    assert all(1_000_000 <= int(sid) < 2_000_000 for sid in sids)
    assert re.findall(r"sid:(\d+);", text(plan(), "snort3", "triage-snort3.rules")) == sids


def test_the_plan_is_as_new_as_the_newest_thing_in_it() -> None:
    assert plan().reviewed >= max(family.reviewed for family in knowledge()[0])
    assert date(2017, 5, 13) < plan().reviewed


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1", "::1", "224.0.0.1", "169.254.1.1"])
def test_a_sinkhole_that_cannot_answer_others_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="--sinkhole"):
        plan(sinkhole=ip_address(address))


def test_segments_that_overlap_are_refused() -> None:
    with pytest.raises(UsageError, match="overlaps"):
        plan(segments=(ip_network("10.20.0.0/16"), ip_network("10.20.1.0/24")))


def test_every_text_is_worded_and_none_is_left_over() -> None:
    sources = "".join(path.read_text("utf-8") for path in Path(blocklists.__file__).parent.glob("*.py"))
    said = set(re.findall(r'(?:said|say|_heading)\(\s*"([a-z0-9-]+)"', sources))
    said |= set(re.findall(r'"(addresses-[a-z]+|block|log-only)"', sources))
    said |= {f"column-{column}" for column in COLUMNS} | {"servers", "tor-relays"}
    assert said == set(messages("vi")["blocklist"]) == set(messages("en")["blocklist"])


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(blocklist, arguments)
    if isinstance(result.exception, UsageError):
        return result.exception.exit_code, str(result.exception)
    return result.exit_code, result.stdout_bytes.decode() + result.stderr


def test_the_verb_writes_every_file_into_a_folder(tmp_path: Path) -> None:
    code, told = run("--as", "all", "--out", str(tmp_path / "new"), "--segment", "10.1.0.0/16,10.2.0.0/16")
    assert code == 0
    assert {Path(line).name for line in told.splitlines()} == {file for _, file in FILES}
    assert {path.name for path in (tmp_path / "new").iterdir()} == {file for _, file in FILES}
    assert "10.1.0.0/16" in (tmp_path / "new" / "nftables.nft").read_text("utf-8")


def test_the_verb_writes_one_file_to_the_screen() -> None:
    code, told = run("--as", "hosts", "--sinkhole", SINKHOLE)
    assert code == 0
    assert f"\n{SINKHOLE} {KILL_SWITCHES[0]}\n" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--as", "iptables"), "--out"),
        (("--as", "cisco"), "there are nftables"),
        (("--as", "hosts", "--set", "none"), "vncert-144-2017"),
        (("--as", "hosts", "--sinkhole", "sinkhole.vn"), "not an IP address"),
        (("--as", "hosts", "--segment", "10.1.2.3/16"), "10.20.1.0/24"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_way_out(arguments: tuple[str, ...], told: str) -> None:
    code, output = run(*arguments)
    assert code == 2
    assert told in output


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, output = run("--as", "hosts", "--out", str(tmp_path / "file" / "below"))
    assert code == 2
    assert "--out" in output
