"""`network.toml` is read strictly, and what it says fits the rules it becomes."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.errors import RuleError
from triage.intel.network import FILE, load_network
from triage.intel.roots import rules_root

SHIPPED = (rules_root() / FILE).read_text("utf-8")


def load(folder: Path, old: str, new: str) -> None:
    assert old in SHIPPED
    (folder / FILE).write_text(SHIPPED.replace(old, new, 1), "utf-8")
    load_network(folder)


def test_the_shipped_file_closes_what_the_letters_name() -> None:
    network = load_network(rules_root())
    assert network.ports("tcp") == (139, 445)
    assert network.ports("udp") == (137, 138)
    assert network.urls(("MS17010", "ET"))[0].startswith("learn.microsoft.com/")
    assert len(network.urls(("MS17010", "ET"))) == 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("sid = 1017010", "sid = 2017010", "local rules"),
        ("sid = 1017011", "sid = 1017010", "there twice"),
        ('id = "doublepulsar-reply"', 'id = "doublepulsar-question"', "there twice"),
        ('message = "MS17-010 EternalBlue echo request"', "message = 'a\"; sid:1'", "escape"),
        ('sets = "triage.doublepulsar"', 'sets = "triage.other"', "nothing sets triage.doublepulsar"),
        ('sets = "triage.doublepulsar"', 'sets = "a;b"', "lower-case"),
        ('cve = "2017-0144"', 'cve = "CVE-2017-0144"', "cve"),
        ('hex = "0e00"', 'hex = ""', "needs bytes"),
        ('hex = "0e00"', 'hex = "0e0"', "non-hexadecimal"),
        ("offset = 65", "offset = -1", "offset"),
        ('source = ["NCSC"]', "source = []", "none given"),
        ('source = ["NCSC"]', 'source = ["HEARSAY"]', "HEARSAY"),
        ("ports = [137, 138]", "ports = [137, 70000]", "65535"),
        ("priority = 2", "priority = 2\nseverity = 9", "severity"),
    ],
)
def test_what_is_wrong_stops_the_program_with_its_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(RuleError, match=told) as error:
        load(tmp_path, old, new)
    assert FILE in str(error.value)
