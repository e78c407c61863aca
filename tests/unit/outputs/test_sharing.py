"""What is shared of a case: accepted by the validators of each form, the same on every run, nothing that is private.

The validators are stix2-validator (strict), the schema and loader of pymisp, and case_validate with the ontology that
comes with it; none of them asks the network.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from samples_fake.build import build_image
from samples_fake.scenes import SCENES
from tests.dossiers import (
    empty_dossier,
    hostile_dossier,
    inconclusive_dossier,
    infected_dossier,
    make_dossier,
    make_found,
    many_dossier,
)
from tests.scanning import scan, triage
from triage.analysis import build
from triage.analysis.dossier import Dossier, VerdictLevel
from triage.case import Case
from triage.model import Confidence, Severity
from triage.outputs import AFTER_SCAN, OUTPUTS
from triage.outputs.sharing.found import LIMIT, shared

SHARED = ("stix.json", "misp.json", "case-uco.jsonld")
DOSSIERS = {
    "empty": empty_dossier,
    "infected": infected_dossier,
    "inconclusive": inconclusive_dossier,
    "hostile": hostile_dossier,
    "many": partial(many_dossier, files=3000, gaps=100),
}
KILL_SWITCH = "www.iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea.com"
RELAY = "128.31.0.39"


def rendered(name: str, dossier: Dossier) -> bytes:
    return b"".join(OUTPUTS[name](dossier, "vi"))


@pytest.fixture(scope="module")
def infected(tmp_path_factory):
    """A case of a whole Windows with its own records, scanned."""
    place = tmp_path_factory.mktemp("sharing")
    return scan(build_image(SCENES["infected_windows"], place / "disk.img"), case=place / "case").case


@pytest.fixture(scope="module")
def infected_files(infected):
    """What `triage report` makes of it, by name."""
    assert triage("report", infected, "--as", "stix,misp,case-uco")[0] == 0
    return {name: (infected / name).read_bytes() for name in SHARED}


def weak_hosts() -> Dossier:
    """A machine that asked for the kill switch and reached a relay of 2017."""
    asked = make_found(
        1,
        "/Windows/System32/winevt/Logs/Sysmon.evtx",
        Severity.INFECTED,
        "Kill-switch address was looked up: do not block it, look at this machine",
        detector="event_logs",
        confidence=Confidence.HIGH,
        indicator=KILL_SWITCH,
        details={"name": KILL_SWITCH, "when": "2017-05-12T16:30:00Z", "image": r"C:\WINDOWS\mssecsvc.exe"},
    )
    reached = make_found(
        2,
        "/Windows/System32/winevt/Logs/Sysmon.evtx",
        Severity.SUSPICIOUS,
        "Address of a list was reached",
        detector="event_logs",
        indicator=RELAY,
        details={"address": RELAY, "when": "2017-05-12T16:31:00Z", "until": "2017-05-12T16:32:00Z"},
    )
    return make_dossier(VerdictLevel.INFECTED, (asked, reached))


# -- accepted by the validators --------------------------------------------------------------------------------------


def check_stix(data: bytes) -> None:
    """By the strict rules, but one: 103 would have random ids, and ours are the same on every run."""
    validator = pytest.importorskip("stix2validator")
    options = validator.ValidationOptions(
        version="2.1", strict=True, strict_properties=True, enforce_refs=True, disabled="103"
    )
    result = validator.validate_string(data.decode(), options)
    assert result.is_valid, [str(error) for one in result.object_results for error in (*one.errors, *one.warnings)]
    stix2 = pytest.importorskip("stix2")
    for one in stix2.parse(data.decode()).objects:
        if isinstance(one, stix2.base._Observable):
            assert one.id == one._generate_id()


def attributes(schema: dict) -> dict:
    """The part of MISP's schema that is about one attribute."""
    return {"$schema": schema["$schema"], "defs": schema["defs"], "$ref": "#/defs/attribute"}


def check_misp(data: bytes) -> None:
    pymisp = pytest.importorskip("pymisp")
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((Path(pymisp.__file__).parent / "data" / "schema.json").read_bytes())
    told = json.loads(data)
    objects = told["Event"].pop("Object")  # the schema that comes with pymisp is older than objects
    for attribute in told["Event"]["Attribute"] + [row for one in objects for row in one["Attribute"]]:
        newer = ("first_seen", "last_seen", "object_relation")
        jsonschema.validate({name: value for name, value in attribute.items() if name not in newer}, attributes(schema))
    told["Event"]["Attribute"] = []
    jsonschema.validate(told, schema)
    event = pymisp.MISPEvent(strict_validation=True)
    event.from_json(data.decode())
    for one in event.objects:
        template = Path(pymisp.__file__).parent / "data" / "misp-objects" / "objects" / one.name / "definition.json"
        known = json.loads(template.read_bytes())
        assert (one.template_uuid, one.template_version) == (known["uuid"], str(known["version"]))
        assert {row.object_relation for row in one.attributes} <= set(known["attributes"])


def check_case(data: bytes, place: Path) -> None:
    pytest.importorskip("case_utils")
    path = place / "case-uco.jsonld"
    path.write_bytes(data)
    program = Path(sys.executable).with_name("case_validate")
    run = subprocess.run([program, "--built-version", "case-1.5.0", path], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-1000:]
    assert "Conforms: True" in run.stdout


@pytest.mark.parametrize("name", DOSSIERS)
def test_stix_is_valid_by_its_strict_rules_and_its_observables_have_the_ids_of_the_standard(name: str) -> None:
    check_stix(rendered("stix.json", DOSSIERS[name]()))


@pytest.mark.parametrize("name", DOSSIERS)
def test_misp_loads_the_event_and_its_objects_fit_their_templates(name: str) -> None:
    check_misp(rendered("misp.json", DOSSIERS[name]()))


@pytest.mark.parametrize("name", ["infected", "hostile"])
def test_case_uco_conforms_to_the_ontology(name: str, tmp_path: Path) -> None:
    check_case(rendered("case-uco.jsonld", DOSSIERS[name]()), tmp_path)


@pytest.mark.image
def test_a_whole_windows_is_accepted_in_every_form(infected_files, tmp_path) -> None:
    check_stix(infected_files["stix.json"])
    check_misp(infected_files["misp.json"])
    check_case(infected_files["case-uco.jsonld"], tmp_path)


@pytest.mark.image
@pytest.mark.parametrize("name", ["gandcrab", "smb_tools", "unknown_ransomware", "patched_windows"])
def test_other_machines_are_accepted_in_every_form(name, tmp_path) -> None:
    case = scan(build_image(SCENES[name], tmp_path / "disk.img"), case=tmp_path / "case").case
    assert triage("report", case, "--as", "stix,misp,case-uco")[0] == 0
    check_stix((case / "stix.json").read_bytes())
    check_misp((case / "misp.json").read_bytes())
    check_case((case / "case-uco.jsonld").read_bytes(), tmp_path)


# -- the same on every run -------------------------------------------------------------------------------------------

SEEDED = """
import sys
from tests.dossiers import infected_dossier
from triage.outputs import OUTPUTS
for name in sys.argv[1:]:
    sys.stdout.buffer.write(b"".join(OUTPUTS[name](infected_dossier(), "vi")))
"""


def test_the_same_case_gives_the_same_bytes_whatever_the_hash_seed() -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", SEEDED, *SHARED],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[3])},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "4711")
    ]
    assert runs[0] == runs[1]
    assert runs[0]


def test_another_evidence_gives_other_ids() -> None:
    one, other = (
        {obj["id"] for obj in json.loads(rendered("stix.json", dossier))["objects"]}
        for dossier in (infected_dossier(), make_dossier(evidence=empty_dossier().evidence))
    )
    assert all(ident.startswith("marking-definition") for ident in one & other)


@pytest.mark.image
def test_all_times_are_the_cases_own(infected, infected_files) -> None:
    with Case.open(infected) as case:
        dossier = build(case)
        last = max(line.when for line in dossier.journal)
        for name in SHARED:
            assert rendered(name, dossier) == infected_files[name]
    event = json.loads(infected_files["misp.json"])["Event"]
    assert (event["timestamp"], event["date"]) == (str(last // 10**9), "2017-05-12")


# -- what is told ----------------------------------------------------------------------------------------------------


def stix_of(data: bytes) -> dict[str, list[dict]]:
    kinds: dict[str, list[dict]] = {}
    for one in json.loads(data)["objects"]:
        kinds.setdefault(one["type"], []).append(one)
    return kinds


def test_a_kill_switch_and_a_relay_are_told_but_never_to_be_blocked() -> None:
    dossier = weak_hosts()
    kinds = stix_of(rendered("stix.json", dossier))
    assert "indicator" not in kinds
    assert [one["value"] for one in kinds["domain-name"]] == [KILL_SWITCH]
    assert [one["value"] for one in kinds["ipv4-addr"]] == [RELAY]
    said = " ".join(note["content"] for note in kinds["note"])
    assert "must resolve and answer on port 80" in said
    event = json.loads(rendered("misp.json", dossier))["Event"]
    hosts = {row["value"]: row for row in event["Attribute"] if row["category"] == "Network activity"}
    assert {value: row["to_ids"] for value, row in hosts.items()} == {KILL_SWITCH: False, RELAY: False}
    assert "must resolve" in hosts[KILL_SWITCH]["comment"]
    assert hosts[RELAY]["last_seen"] == "2017-05-12T16:32:00.000Z"


@pytest.mark.image
def test_what_the_machine_holds_is_told(infected_files) -> None:
    kinds = stix_of(infected_files["stix.json"])
    indicators = {one["name"].partition(" ")[0] for one in kinds["indicator"]}
    assert {"tasksche.exe", "mssecsvc.exe", "@WanaDecryptor@.exe"} <= indicators
    assert not {"00000000.pky", "00000000.eky", "00000000.res", "c.wnry", "f.wnry"} & indicators
    names = {one["name"] for one in kinds["file"]}
    assert {"00000000.pky", "@Please_Read_Me@.txt"} <= names
    keys = {one["key"].rpartition("\\")[2] for one in kinds["windows-registry-key"]}
    assert {"mssecsvc2.0", "evmdthrukdvwcqn063", "WanaCrypt0r", "Run"} <= keys
    assert [one["name"] for one in kinds["vulnerability"]] == ["CVE-2017-0144"]
    said = kinds["report"][0]["description"]
    assert "Encrypted files: 88 (valid 88)" in said
    assert "xls 32" in said
    event = json.loads(infected_files["misp.json"])["Event"]
    hashes = {
        row["value"]: row["to_ids"] for one in event["Object"] for row in one["Attribute"] if row["type"] == "sha256"
    }
    assert any(hashes.values())
    assert not all(hashes.values())


@pytest.mark.image
def test_no_document_of_a_person_is_named(infected_files) -> None:
    private = (
        "Công văn",
        "Báo cáo",
        "Hội nghị",
        "Van ban den",
        "Ke toan",
        "CV-104",
        "Chung tu",
        "Users\\\\Lan",
        "Lan\\",
    )
    for data in infected_files.values():
        assert not [word for word in private if word in data.decode()]


def test_an_export_is_bounded_and_says_what_it_left_out() -> None:
    found = [
        make_found(
            number,
            f"/ProgramData/a/copy{number}.exe",
            Severity.INFECTED,
            "Known malicious file (hash)",
            detector="hashes",
            confidence=Confidence.HIGH,
            sha256=f"{number:064x}",
        )
        for number in range(1, LIMIT + 8)
    ]
    dossier = make_dossier(VerdictLevel.INFECTED, found)
    assert len(shared(dossier).files) == LIMIT
    for name in SHARED:
        assert "Left out of this export for its size: files 7" in rendered(name, dossier).decode()


def test_a_scan_writes_none_of_them_unasked() -> None:
    assert not set(SHARED) & set(AFTER_SCAN)
    assert set(SHARED) | set(AFTER_SCAN) <= set(OUTPUTS)
