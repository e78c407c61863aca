"""The archive: what another implementation reads is what was put in, and the same bytes every time."""

from __future__ import annotations

import io

import pytest
import pyzipper
from hypothesis import given
from hypothesis import strategies as st

from tests.dossiers import make_entry
from triage.case.sealed_zip import PASSWORD, Member, is_whole, join, payload
from triage.case.staging import Staging


def zipped(folder, contents: dict[str, list[bytes]]) -> bytes:
    members = []
    for number, (name, pieces) in enumerate(contents.items()):
        part = folder / f"{number}.part"
        part.write_bytes(b"".join(payload(pieces, name)))
        members.append(Member(name=name, size=sum(map(len, pieces)), payload=part))
    out = io.BytesIO()
    join(members, out)
    return out.getvalue()


@given(st.lists(st.lists(st.binary(max_size=300), max_size=4), max_size=5))
def test_pyzipper_reads_what_was_put_in(tmp_path_factory, contents):
    named = {f"{number:08d}-x": pieces for number, pieces in enumerate(contents)}
    data = zipped(tmp_path_factory.mktemp("zip"), named)
    with pyzipper.AESZipFile(io.BytesIO(data)) as archive:
        archive.setpassword(PASSWORD)
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            name: b"".join(pieces) for name, pieces in named.items()
        }


def test_the_same_contents_give_the_same_bytes_however_they_are_cut(tmp_path):
    whole = b"Harmless bytes. " * 70_000
    pieces = [whole[at : at + 999] for at in range(0, len(whole), 999)]
    assert zipped(tmp_path, {"a": [whole]}) == zipped(tmp_path, {"a": [whole]})
    with pyzipper.AESZipFile(io.BytesIO(zipped(tmp_path, {"a": pieces}))) as archive:
        archive.setpassword(PASSWORD)
        assert archive.read("a") == whole


def test_another_password_opens_nothing(tmp_path):
    with pyzipper.AESZipFile(io.BytesIO(zipped(tmp_path, {"a": [b"x"]}))) as archive:
        archive.setpassword(b"another")
        with pytest.raises(RuntimeError):
            archive.read("a")


def test_a_part_never_holds_plain_bytes_and_shows_whether_it_is_whole(tmp_path):
    content = b"MZ harmless bytes that carry a mark: WNcry@2ol7 " * 50
    staging = Staging(tmp_path)
    entry = make_entry(7, "/a.exe")
    sha256, md5, size = staging.write(entry, [content[:100], content[100:]])
    assert (len(sha256), len(md5), size) == (64, 32, len(content))
    assert [path.name for path in staging.place.iterdir()] == ["0000000007.part"]
    data = staging.part(7).read_bytes()
    assert b"WNcry" not in data
    assert is_whole(staging.part(7))
    for torn in (data[:-1], data[:20], b"", bytes([data[0] ^ 1]) + data[1:]):
        staging.part(7).write_bytes(torn)
        assert not is_whole(staging.part(7))


def test_a_part_whose_reading_fails_leaves_nothing(tmp_path):
    def failing():
        yield b"first"
        raise OSError("bad sector")

    staging = Staging(tmp_path)
    with pytest.raises(OSError, match="bad sector"):
        staging.write(make_entry(7, "/a.exe"), failing())
    assert list(staging.place.iterdir()) == []
