"""The seam: both engines, compiled once, carried as bytes, run by gate, and saying the same."""

from __future__ import annotations

import pickle
import random
from pathlib import Path

import pefile
import pytest

from samples_fake.pe import FakePe
from samples_fake.pe import build_pe as fake_pe
from triage.errors import RuleError, UsageError
from triage.intel import load_intel
from triage.intel.engines import boreal_engine
from triage.intel.fakes import build_pe
from triage.intel.matcher import EXTERNALS, Data, Match, Matcher, compile_rules, gates_for
from triage.intel.rule_files import user_files

ENGINES = ("yara", "boreal")
NOTHING = dict.fromkeys(EXTERNALS, "")
ALL = frozenset({"pe", "text", "any"})

RULES = r"""
import "pe"
rule words : one two { meta: author = "A" n = 3 strings: $a = "needle" wide ascii $b = "straw" condition: any of them }
rule only_pe { strings: $a = "needle" condition: pe.is_pe and $a }
rule no_pe { strings: $a = "needle" condition: not pe.is_pe and $a }
rule either { strings: $a = "needle" condition: $a or pe.is_pe }
rule named { condition: filename == "x.doc" and filepath contains "Users" and extension == ".doc" }
private rule hidden { strings: $a = "needle" condition: $a }
rule uses_hidden { condition: hidden and #__never == 0 }
"""


def matcher(folder: Path, engine: str, source: str) -> Matcher:
    path = folder / "r.yar"
    path.write_text(source, "utf-8")
    return pickle.loads(pickle.dumps(compile_rules(user_files([path]), engine))).matcher()


def names(found: list[Match]) -> list[str]:
    return [match.rule for match in found]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return request.param


SOUND = RULES.replace(" and #__never == 0", "")


def test_rules_keep_their_meaning_through_the_gates(tmp_path: Path, engine: str) -> None:
    rules = matcher(tmp_path, engine, SOUND)
    pe, text = build_pe(b"a needle"), b"a needle"

    assert names(rules.match(pe, gates_for("pe", pe), NOTHING, 5)) == ["either", "only_pe", "uses_hidden", "words"]
    assert names(rules.match(text, gates_for("text", text), NOTHING, 5)) == ["either", "no_pe", "uses_hidden", "words"]
    assert names(rules.match(build_pe(b""), ALL, NOTHING, 5)) == ["either"]
    assert rules.match(b"nothing here", ALL, NOTHING, 5) == []


def test_a_match_says_what_and_where(tmp_path: Path, engine: str) -> None:
    (match,) = matcher(tmp_path, engine, SOUND).match(b"..straw..", ALL, NOTHING, 5)

    assert (match.rule, match.namespace, match.tags, match.meta) == (
        "words",
        "r.yar",
        ("one", "two"),
        {"author": "A", "n": 3},
    )
    assert [(hit.identifier, hit.offset, hit.data) for hit in match.hits] == [("$b", 2, b"straw")]


def test_views_and_bytes_match_alike(tmp_path: Path, engine: str) -> None:
    rules = matcher(tmp_path, engine, SOUND)
    data = b"x needle x"

    assert rules.match(memoryview(data), ALL, NOTHING, 5) == rules.match(data, ALL, NOTHING, 5)


def test_externals_reach_the_rules(tmp_path: Path, engine: str) -> None:
    values = NOTHING | {"filename": "x.doc", "filepath": r"\Users\Lan", "extension": ".doc"}

    assert names(matcher(tmp_path, engine, SOUND).match(b"..", ALL, values, 5)) == ["named"]


def test_hits_are_capped_in_number_and_length(tmp_path: Path, engine: str) -> None:
    rules = matcher(tmp_path, engine, "rule r { strings: $a = /ab{1,100}/ condition: $a }")

    (match,) = rules.match((b"a" + b"b" * 90 + b" ") * 1000, ALL, NOTHING, 5)

    assert len(match.hits) == 16
    assert {len(hit.data) for hit in match.hits} == {32}


def test_a_rule_that_never_ends_is_stopped(tmp_path: Path, engine: str) -> None:
    endless = "rule r { condition: for all i in (0..1000000) : (for all j in (0..1000000) : (uint8(0) == 65 + 0*i*j)) }"
    rules = matcher(tmp_path, engine, endless)

    with pytest.raises(TimeoutError, match="longer than 1 s"):
        rules.match(b"A" * 100, ALL, NOTHING, 1)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("\n\nrule x { condition: unknown_thing }", 3),
        ("rule a { condition: true }\nrule b { strings: $a = condition: true }", 2),
        ("rule a { condition: true }\n\n\nrule a { condition: true }", 4),
    ],
)
def test_a_rule_that_does_not_compile_is_named_with_its_line(
    tmp_path: Path, engine: str, source: str, line: int
) -> None:
    (tmp_path / "good.yar").write_text("rule good { condition: true }", "utf-8")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/bad.yar").write_text(source, "utf-8")

    with pytest.raises(RuleError) as error:
        compile_rules(user_files([tmp_path]), engine)

    assert str(error.value).startswith(f"{tmp_path / 'sub/bad.yar'}:{line}: ")


def test_an_unknown_engine_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="use yara or boreal"):
        compile_rules((), "hyperscan")


def buffers() -> list[Data]:
    """Our fakes, cut and bent, and noise: whatever a disk may hold, always the same."""
    dice = random.Random(20170512)
    data: list[Data] = []
    for family in load_intel().families:
        for fake in family.fakes:
            content = fake.content()[:4096]
            data += [content, content[: len(content) // 2], b" " + content, content + dice.randbytes(64)]
    return data + [dice.randbytes(dice.randrange(1, 3000)) for _ in range(50)] + [b"", b"MZ", b"MZ" + bytes(100)]


def test_the_engines_agree_on_every_buffer() -> None:
    first, second = (load_intel(engine=engine).rules.matcher() for engine in ENGINES)
    found = 0

    for data in buffers():
        matches = first.match(data, ALL, NOTHING, 5)
        assert matches == second.match(data, ALL, NOTHING, 5)
        found += len(matches)

    assert found > 40


def test_a_large_set_of_rules_survives_the_trip(tmp_path: Path, engine: str) -> None:
    source = "\n".join(
        f'rule r{n} {{ strings: $a = "needle{n}." nocase wide ascii condition: $a }}' for n in range(3000)
    )

    assert names(matcher(tmp_path, engine, source).match(b"needle2999.", ALL, NOTHING, 5)) == ["r2999"]


def security_directory(data: bytes) -> int:
    parsed = pefile.PE(data=data, fast_load=True)
    return parsed.OPTIONAL_HEADER.DATA_DIRECTORY[4].get_file_offset()


@pytest.mark.parametrize("bits", [32, 64])
def test_only_the_place_of_its_signature_is_taken_from_a_pe(bits: int) -> None:
    data = bytearray(fake_pe(FakePe(bits=bits)))
    at = security_directory(bytes(data))
    data[at : at + 8] = b"\x11\x22\x33\x44\x55\x66\x77\x88"
    shown = boreal_engine.without_signature(memoryview(data))
    assert shown[at : at + 8] == bytes(8)
    assert shown[:at] + shown[at + 8 :] == bytes(data[:at] + data[at + 8 :])


@pytest.mark.parametrize("data", [b"MZ", b"MZ" + bytes(100), b"MZ" + b"\xff" * 100])
def test_what_only_begins_like_a_pe_is_shown_as_it_is(data: bytes) -> None:
    assert boreal_engine.without_signature(data) == data
