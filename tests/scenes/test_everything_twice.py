"""Two runs from the same case give the same bytes: every output, timeline, paper, list, block list, and the seal.

The second run has another hash seed, zone, language and working folder, and the case lies elsewhere.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from samples_fake.build import build_image
from samples_fake.scenes import SCENES
from tests.papers.offices import OFFICE
from tests.scanning import scan
from triage.case.redactions import FILE_NAME
from triage.cli.checklist import FORMS, NAMES
from triage.intel.organisation import to_toml
from triage.outputs import OUTPUTS
from triage.outputs.blocklists import BLOCKLISTS
from triage.outputs.papers import MAIL, PAPERS
from triage.outputs.timeline import TIMELINES

pytestmark = pytest.mark.image

ROOT = Path(__file__).parents[2]
DRIVER = """
import importlib, json, sys
from triage.cli import main
seal = importlib.import_module("triage.cli.seal")
seal.now, seal.who = lambda: 1_800_000_000_000_000_000, lambda: "ktv"
for command in json.loads(sys.argv[1]):
    code = main(command)
    assert code == 0, (command, code)
"""
"""The seal notes when and by whom it was put on: both are given."""
OTHERWISE = {"PYTHONHASHSEED": "4711", "TZ": "America/Lima", "LC_ALL": "C", "LANG": "C"}


def commands(case: Path, out: Path, profile: Path) -> Iterator[list[object]]:
    """Everything that can be made of a case, told apart in folders of out; the seal last."""
    for lang in ("vi", "en"):
        yield ["report", case, "--as", ",".join(OUTPUTS), "--org", profile, "--lang", lang, "--out", out / lang]
    yield ["report", case, "--as", ",".join(OUTPUTS), "--redacted", "--out", out / "redacted"]
    for form in TIMELINES:
        yield ["timeline", case, "--as", form, "--to-file", out / "vi" / f"timeline.{form}"]
        yield ["timeline", case, "--as", form, "--redacted", "--to-file", out / "redacted" / f"timeline.{form}"]
    told = ["--detected-at", "2026-11-22T08:15+07:00", "--how", "log", "--org", profile]
    for folder in (["--out", out / "vi"], ["--redacted", "--out", out / "redacted"], []):
        yield ["vncert", case, *told, "--as", ",".join(PAPERS), *folder]
        for kind in NAMES:
            yield ["checklist", case, f"--{kind}", "--org", profile, "--as", ",".join(FORMS), *folder]
    yield ["blocklist", "--as", "all", "--sinkhole", "10.9.8.7", "--out", out / "blocklists"]
    yield ["seal", case]


def everything(scanned: Path, place: Path, **env: str) -> dict[str, bytes]:
    """What a run of all commands leaves, by path; the case among it."""
    case, out, profile = place / "case", place / "out", place / "to-chuc.toml"
    shutil.copytree(scanned, case)
    (out / "vi").mkdir(parents=True)
    (out / "redacted").mkdir()
    profile.write_text(to_toml(OFFICE), "utf-8")
    given = json.dumps([[str(word) for word in command] for command in commands(case, out, profile)])
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **env}
    ran = subprocess.run(
        [sys.executable, "-c", DRIVER, given], cwd=place, env=environment, capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr.decode()[-2000:]
    return {
        path.relative_to(place).as_posix(): path.read_bytes() for path in sorted(place.rglob("*")) if path.is_file()
    }


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> tuple[dict[str, bytes], dict[str, bytes]]:
    place = tmp_path_factory.mktemp("scanned")
    image = build_image(SCENES["infected_windows"], place / "may.img")
    scanned = scan(image, case=place / "case", hash_source=True)
    assert scanned.code == 1
    first = everything(scanned.case, tmp_path_factory.mktemp("one"))
    (away := tmp_path_factory.mktemp("two") / "ở nơi khác").mkdir()
    return first, everything(scanned.case, away, **OTHERWISE)


def test_two_runs_from_the_same_case_give_the_same_bytes(runs) -> None:
    first, second = runs
    assert first.keys() == second.keys()
    assert sorted(name for name, data in first.items() if second[name] != data) == []


def test_the_runs_made_everything_there_is(runs) -> None:
    first, _second = runs
    papers = {f"{name}.{form}" for name in PAPERS for form in ("docx", "pdf")}
    lists = {f"{name}.{form}" for name in NAMES.values() for form in FORMS}
    timelines = {f"timeline.{form}" for form in TIMELINES}
    made = {name.removeprefix("out/") for name in first if name.startswith("out/")}
    assert {name.removeprefix("vi/") for name in made if name.startswith("vi/")} == (
        {*OUTPUTS, MAIL} | papers | lists | timelines
    )
    assert {name.removeprefix("redacted/") for name in made if name.startswith("redacted/")} == (
        {*OUTPUTS} | papers | lists | timelines
    )
    assert len({name for name in made if name.startswith("blocklists/")}) >= len(BLOCKLISTS)
    for name in ("MANIFEST.sha256", "manifest.json", "hashdeep.txt", "case.sqlite", FILE_NAME, "evidence/evidence.zip"):
        assert f"case/{name}" in first
    assert "case/bien-ban.pdf" in first
