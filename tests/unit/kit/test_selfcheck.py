"""A stick that is not as it was made says which file, and how."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.kit.sticks import FILES, KEY, OTHER, listed, make_stick
from triage.case.keys import public_pem
from triage.cli import main
from triage.intel.packed import NAME
from triage.kit import selfcheck
from triage.kit.selfcheck import MANIFEST, PUBLIC_KEY, SIGNATURE, Change, Damage, LateCheck, changes, read_manifest
from triage.kit.signature import wrong_signatures


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    return make_stick(tmp_path / "stick")


def test_a_stick_as_it_was_made_has_no_changes(stick: Path) -> None:
    assert changes(stick, read_manifest(stick)["files"]) == []
    assert wrong_signatures(stick) == []


def test_what_others_put_beside_the_program_is_theirs(stick: Path) -> None:
    (stick / "System Volume Information").mkdir()
    (stick / "CASES" / "may-01").mkdir()
    (stick / "CASES" / "may-01" / "report.html").write_text("x")
    (stick / "autorun.inf").write_text("not ours, and never run by us")
    assert changes(stick, listed()) == []


@pytest.mark.parametrize(
    ("name", "data", "damage", "by_antivirus"),
    [
        ("windows/python311.dll", None, Damage.MISSING, True),
        ("windows/python.exe", b"", Damage.EMPTIED, True),
        ("windows/python.exe", bytes(len(FILES["windows/python.exe"])), Damage.EMPTIED, True),
        ("windows/site/a.pyd", b"MZ b", Damage.ALTERED, False),
        ("windows/site/a.pyd", b"MZ longer", Damage.ALTERED, False),
        ("linux/start.py", None, Damage.MISSING, False),
        ("windows/version.dll", b"MZ planted", Damage.ADDED, False),
    ],
)
def test_each_change_is_named(stick: Path, name: str, data: bytes | None, damage: Damage, by_antivirus: bool) -> None:
    if data is None:
        (stick / name).unlink()
    else:
        (stick / name).write_bytes(data)
    (found,) = changes(stick, listed())
    assert (found.path, found.damage, found.by_antivirus) == (name, damage, by_antivirus)
    assert ("quarantined" in found.told()) == by_antivirus


def test_a_link_in_the_place_of_a_file_is_no_file_of_ours(stick: Path) -> None:
    (stick / "linux/extra.so").symlink_to("/nowhere")
    assert changes(stick, listed()) == [Change("linux/extra.so", Damage.ADDED)]


def test_capitals_that_a_file_system_changed_are_no_change(stick: Path) -> None:
    (stick / "windows/python.exe").rename(stick / "windows/PYTHON.EXE")
    assert changes(stick, listed()) == []


def test_the_quick_way_looks_at_names_and_sizes_of_the_rest(stick: Path) -> None:
    (stick / "windows/site/a.pyd").write_bytes(b"MZ b")
    (stick / "windows/python.exe").write_bytes(b"")
    found = changes(stick, listed(), hashed={"linux/start.py"})
    assert found == [Change("windows/python.exe", Damage.EMPTIED)]


def test_a_large_module_is_hashed_when_it_is_loaded(stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selfcheck, "LARGE", 5)
    site = stick / "linux/site"
    monkeypatch.syspath_prepend(str(site))
    wide = site / "wide"
    wide.mkdir()
    module = wide / "deep.cpython-311-x86_64-linux-gnu.so"
    module.write_bytes(b"altered")
    guard = LateCheck(stick, {module.relative_to(stick).as_posix(): (7, "0" * 64)})
    with pytest.raises(ImportError, match="altered"):
        guard.find_spec("wide.deep", [str(wide)])
    assert guard.find_spec("wide.deep", [str(wide)]) is None, "asked once for each"


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"schema": "triage.kit/1", "files": {"a": 1}}', b"\xff"])
def test_what_is_no_manifest_is_refused(stick: Path, data: bytes) -> None:
    (stick / MANIFEST).write_bytes(data)
    with pytest.raises(ValueError, match="MANIFEST"):
        read_manifest(stick)


def test_a_manifest_written_anew_has_no_signature(stick: Path) -> None:
    told = json.loads((stick / MANIFEST).read_bytes())
    (stick / MANIFEST).write_text(json.dumps(told | {"files": {}}))
    assert any(line.startswith(MANIFEST) for line in wrong_signatures(stick))


def test_a_signature_by_another_key_is_wrong(stick: Path) -> None:
    (stick / SIGNATURE).write_bytes(OTHER.sign((stick / MANIFEST).read_bytes()))
    (stick / PUBLIC_KEY).write_bytes(public_pem(OTHER.public_key()))
    assert wrong_signatures(stick) == [f"{PUBLIC_KEY}: chữ ký không đúng / its signature is wrong"]


def test_rules_that_were_altered_or_taken_away_are_named(stick: Path) -> None:
    data = (stick / NAME).read_bytes()
    (stick / NAME).write_bytes(data[:-1] + b"\0")
    assert len(wrong_signatures(stick)) == 1
    (stick / NAME).unlink()
    assert wrong_signatures(stick)[0].startswith(NAME)


def test_the_check_before_leaving_names_the_key_and_the_age(stick: Path, capsys: pytest.CaptureFixture[str]) -> None:
    public = stick.parent / "office.pub"
    public.write_bytes(public_pem(KEY.public_key()))
    assert main(["kit", "check", "--stick", str(stick), "--pub", str(public)]) == 0
    told = capsys.readouterr().out
    for part in ("7 files, 0 wrong", "Ed25519 ", "released 2026-11-23", "MiB free"):
        assert part in told


def test_the_check_fails_on_another_key_and_on_a_change(stick: Path, capsys: pytest.CaptureFixture[str]) -> None:
    public = stick.parent / "other.pub"
    public.write_bytes(public_pem(OTHER.public_key()))
    (stick / "windows/python.exe").unlink()
    assert main(["kit", "check", "--stick", str(stick), "--pub", str(public)]) == 2
    told = capsys.readouterr()
    assert "2 wrong" in told.out
    assert "windows/python.exe" in told.err
    assert "not signed by" in told.err


def test_a_folder_that_is_no_stick_is_said_to_be_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kit", "check", "--stick", str(tmp_path)]) == 2
    assert "not a stick" in capsys.readouterr().err
