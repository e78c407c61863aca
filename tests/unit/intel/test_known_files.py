"""Tables of hashes."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.errors import RuleError
from triage.intel.hashes import COLUMNS, load_hashes

HEAD = ",".join(COLUMNS)
MD5 = "0123456789abcdef0123456789abcdef"
SHA256 = MD5 + MD5


def table(folder: Path, *rows: str) -> Path:
    path = folder / "hashes.csv"
    path.write_text("\n".join([HEAD, *rows]) + "\n", "utf-8")
    return path


def test_the_strongest_digest_is_the_one_to_look_for(tmp_path: Path) -> None:
    (file,) = load_hashes(table(tmp_path, f"x.exe,worm,12,pe,{MD5},,{SHA256},high,,A B,"))

    assert file.strongest == ("sha256", SHA256)
    assert (file.size, file.source, file.digests) == (12, ("A", "B"), {"sha256": SHA256, "md5": MD5})


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("x,worm,,pe,,,,high,,A,", ":2: no digest"),
        (f"x,worm,,pe,{MD5[:-1]},,,high,,A,", ":2: md5: "),
        (f"x,worm,,pe,{MD5.upper()},,,high,,A,", "lower-case"),
        ("x,worm,,pe,d41d8cd98f00b204e9800998ecf8427e,,,high,,A,", "empty file"),
        (f"x,worm,,pe,{MD5},,,sure,,A,", "confidence: 'sure'"),
        (f"x,worm,,exe,{MD5},,,high,,A,", "content: 'exe'"),
        (f"x,worm,1k,pe,{MD5},,,high,,A,", "size: '1k'"),
        (f"x,worm,,pe,{MD5},,,context,,A,", "place: goes with"),
        (f"x,worm,,pe,{MD5}", "not 11 columns"),
    ],
)
def test_a_wrong_row_is_named_with_its_line(tmp_path: Path, row: str, says: str) -> None:
    with pytest.raises(RuleError) as error:
        load_hashes(table(tmp_path, row))

    assert "hashes.csv:2: " in str(error.value)
    assert says in str(error.value)


def test_a_digest_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r":3: .* is there twice"):
        load_hashes(table(tmp_path, f"x,w,,pe,{MD5},,,high,,A,", f"y,w,,pe,{MD5},,,high,,A,"))


def test_other_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "hashes.csv"
    path.write_text("md5,name\n", "utf-8")

    with pytest.raises(RuleError, match="columns must be"):
        load_hashes(path)
