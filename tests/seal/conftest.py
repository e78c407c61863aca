"""A signed case of the demo disk, and copies of it to damage."""

import shutil

import pytest

from samples_fake.images import demo_image
from tests.scanning import scan, triage

PHRASE = "bốn từ ngẫu nhiên"


@pytest.fixture(scope="session")
def image(tmp_path_factory):
    return demo_image(tmp_path_factory.mktemp("image") / "demo.img")


@pytest.fixture(scope="session")
def key(tmp_path_factory):
    """A private key; its public half beside it, its pass-phrase in `phrase`."""
    place = tmp_path_factory.mktemp("key")
    (place / "phrase").write_text(PHRASE, encoding="utf-8")
    assert triage("key", "make", "--out", place / "khoa.pem", "--passphrase-file", place / "phrase")[0] == 0
    return place / "khoa.pem"


@pytest.fixture(scope="session")
def unsigned(image, tmp_path_factory):
    """As a scan leaves it."""
    return scan(image, case=tmp_path_factory.mktemp("unsigned") / "case", hash_source=True).case


@pytest.fixture(scope="session")
def signed(unsigned, key, tmp_path_factory):
    case = tmp_path_factory.mktemp("signed") / "case"
    shutil.copytree(unsigned, case)
    code, _, errors = triage("seal", case, "--key", key, "--passphrase-file", key.with_name("phrase"))
    assert code == 0, errors
    return case


@pytest.fixture
def case(signed, tmp_path):
    """A signed case to damage."""
    return shutil.copytree(signed, tmp_path / "case")


@pytest.fixture
def plain(unsigned, tmp_path):
    """An unsigned case to damage."""
    return shutil.copytree(unsigned, tmp_path / "plain")
