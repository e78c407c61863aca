"""The organisation's profile: what it refuses, and that it comes back as it was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.errors import RuleError
from triage.intel.organisation import Organisation, Person, System, load_organisation, to_toml

FULL = Organisation(
    name='Sở "Tài chính" \\ tỉnh',
    address="Số 1, đường Hùng Vương",
    phone="0205.3812345",
    email="stc@langson.gov.vn",
    level=2,
    signatory_titles=("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"),
    contact=Person(name="Nguyễn Văn A", phone="+84 205 3715356"),
    system=(
        System(name="Một", domains=("a.gov.vn",), addresses=("203.162.0.1", "2001:4860:4860::8888")),
        System(name="Hai"),
    ),
)


def test_a_profile_comes_back_as_it_was_written(tmp_path: Path) -> None:
    for number, profile in enumerate((FULL, Organisation(system=(System(),)))):
        path = tmp_path / f"{number}.toml"
        path.write_text(to_toml(profile), encoding="utf-8")
        assert load_organisation(path) == profile


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("phone", "gọi sau", "no phone number"),
        ("phone", "12", "no phone number"),
        ("email", "a@b", "no e-mail"),
        ("email", "a b@c.vn", "no e-mail"),
        ("level", 6, "level 6"),
        ("name", "a\nb", "control character"),
        ("name", "a\u202eb", "control character"),
        ("place", " Lạng Sơn", "space"),
        ("copies_to", ("a\x07",), "control character"),
    ],
)
def test_a_value_that_cannot_be_is_refused(key: str, value: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Organisation(**{key: value})


@pytest.mark.parametrize(
    "address", ["192.168.1.1", "10.0.0.1", "172.16.3.4", "127.0.0.1", "169.254.1.1", "fe80::1", "x"]
)
def test_internal_addresses_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        System(addresses=(address,))


def test_an_unknown_key_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "to-chuc.toml"
    path.write_text('ten = "x"\n', encoding="utf-8")
    with pytest.raises(RuleError, match=r"to-chuc\.toml: unknown key ten"):
        load_organisation(path)
