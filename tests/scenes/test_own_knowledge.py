"""What a user brings along: own YARA rules by `--rules`, indicator lists by `--iocs`."""

from __future__ import annotations

import hashlib
from textwrap import dedent

import pytest

from samples_fake import components, documents
from tests.scanning import scan, triage


@pytest.fixture
def tree(tmp_path):
    place = tmp_path / "tree"
    (place / "Users/an/Documents").mkdir(parents=True)
    (place / "Users/an/Documents/thư.txt").write_text("Kính gửi: needle-one, needle-two\n", encoding="utf-8")
    (place / "Users/an/program.exe").write_bytes(components.tasksche())
    (place / "Users/an/ordinary.exe").write_bytes(documents.windows_program("ordinary.exe", (1, 0, 0, 0)))
    (place / "Users/an/elf").write_bytes(b"\x7fELF\2\1\1" + bytes(9) + b"\2\0\x3e\0\1\0\0\0" + bytes(200))
    return place


def written(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text), encoding="utf-8")
    return path


def by_users_rules(scanned):
    """(indicator, file name) of what a user's rule found."""
    return {
        (one["indicator"], one["path"].rpartition("/")[2])
        for one in scanned.findings
        if one["detector"] == "yara" and ":" in one["indicator"]
    }


ONE = 'rule needle { strings: $a = "needle-one" condition: $a }'
TWO = 'rule needle { strings: $a = "needle-two" condition: $a }'


def test_a_file_of_rules_is_used_beside_our_own(tree, tmp_path):
    scanned = scan(tree, case=tmp_path / "case", rules=written(tmp_path / "mine.yar", ONE))
    assert by_users_rules(scanned) == {("mine.yar:needle", "thư.txt")}
    (found,) = (one for one in scanned.findings if one["indicator"] == "mine.yar:needle")
    assert (found["severity"], found["details"]["rule"]) == ("suspicious", "needle")
    assert found["details"]["strings"][0]["hex"] == b"needle-one".hex()
    assert scanned.worst[0, "/Users/an/program.exe"] == "infected"


def test_two_files_may_hold_rules_of_one_name(tree, tmp_path):
    rules = written(tmp_path / "a/one.yar", ONE), written(tmp_path / "b/one.yar", TWO)
    scanned = scan(tree, case=tmp_path / "case", rules=rules)
    assert len(by_users_rules(scanned)) == 2
    again = scan(tree, case=tmp_path / "again", rules=tmp_path / "a")
    assert by_users_rules(again) == {("one.yar:needle", "thư.txt")}


def test_a_folder_of_rules_is_read_with_its_folders_and_includes(tree, tmp_path):
    written(tmp_path / "rules/one.yar", ONE)
    written(tmp_path / "rules/deep/two.yara", 'include "../shared/words.inc"\n')
    written(tmp_path / "rules/shared/words.inc", TWO)
    written(tmp_path / "rules/README.md", "not a rule at all {{{")
    scanned = scan(tree, case=tmp_path / "case", rules=tmp_path / "rules")
    assert by_users_rules(scanned) == {("one.yar:needle", "thư.txt"), ("deep/two.yara:needle", "thư.txt")}


def test_externals_of_loki_and_thor_are_defined(tree, tmp_path):
    rules = written(
        tmp_path / "externals.yar",
        r"""
        rule by_name { condition: filename == "thư.txt" }
        rule by_place { condition: filepath matches /\\Users\\an\\Documents$/ }
        rule by_extension { condition: extension == ".txt" and filetype != "EXE" }
        rule by_type { condition: filetype == "EXE" and filename == "ordinary.exe" }
        rule by_owner { condition: owner == "nobody has this name" }
        """,
    )
    assert by_users_rules(scan(tree, case=tmp_path / "case", rules=rules)) == {
        ("externals.yar:by_name", "thư.txt"),
        ("externals.yar:by_place", "thư.txt"),
        ("externals.yar:by_extension", "thư.txt"),
        ("externals.yar:by_type", "ordinary.exe"),
    }


def test_modules_work(tree, tmp_path):
    digest = hashlib.md5((tree / "Users/an/ordinary.exe").read_bytes()).hexdigest()
    rules = written(
        tmp_path / "modules.yar",
        f"""
        import "pe"
        import "elf"
        import "hash"
        import "math"
        rule of_pe {{ condition: pe.is_pe and pe.number_of_sections > 0 and filename == "ordinary.exe" }}
        rule of_elf {{ condition: elf.type == elf.ET_EXEC }}
        rule of_hash {{ condition: hash.md5(0, filesize) == "{digest}" }}
        rule of_math {{ condition: filename == "thư.txt" and math.entropy(0, filesize) > 1.0 }}
        """,
    )
    assert by_users_rules(scan(tree, case=tmp_path / "case", rules=rules)) == {
        ("modules.yar:of_pe", "ordinary.exe"),
        ("modules.yar:of_elf", "elf"),
        ("modules.yar:of_hash", "ordinary.exe"),
        ("modules.yar:of_math", "thư.txt"),
    }


def test_global_and_private_rules_mean_what_they_mean_in_yara(tree, tmp_path):
    rules = written(
        tmp_path / "set.yar",
        """
        private rule text { condition: filesize < 200 }
        global rule small { condition: filesize < 100 }
        rule both { strings: $a = "needle-one" condition: text and $a }
        rule never { condition: filesize > 150 }
        """,
    )
    scanned = scan(tree, case=tmp_path / "case", rules=rules)
    assert ("set.yar:both", "thư.txt") in by_users_rules(scanned)
    assert not {indicator for indicator, _ in by_users_rules(scanned)} & {"set.yar:text", "set.yar:never"}
    assert scanned.worst[0, "/Users/an/program.exe"] == "infected"  # a global rule of theirs does not mute ours


BROKEN = {
    "no end": ("rule a { condition: true }\nrule b {\n  strings:\n    $x = \n  condition: $x\n}\n", 5),
    "unknown word": ("rule a\n{\n  condition:\n    nothing_like_it == 3\n}\n", 4),
    "same name twice": ("rule a { condition: true }\n\nrule a { condition: false }\n", 3),
    "missing include": ('\ninclude "not there.yar"\n', 2),
    "unknown module": ('import "no_such_module" rule a { condition: no_such_module.x == 1 }\n', 1),
}


@pytest.mark.parametrize("what", BROKEN)
@pytest.mark.parametrize("engine", ["yara", "boreal"])
def test_a_rule_that_does_not_compile_is_named_and_nothing_is_scanned(what, engine, tree, tmp_path):
    if engine == "boreal":
        pytest.importorskip("boreal")
    text, line = BROKEN[what]
    written(tmp_path / "rules/good.yar", ONE)
    (tmp_path / "rules/broken.yar").write_text(text)
    scanned = scan(tree, case=tmp_path / "case", rules=tmp_path / "rules", engine=engine)
    assert (scanned.code, scanned.screen) == (2, "")
    assert f"{tmp_path}/rules/broken.yar:{line}:" in scanned.errors
    assert scanned.errors.count("\n") == 1
    assert not (tmp_path / "case").exists()


def test_a_folder_without_rules_is_an_error(tree, tmp_path):
    (tmp_path / "rules").mkdir()
    scanned = scan(tree, case=tmp_path / "case", rules=tmp_path / "rules")
    assert scanned.code == 2
    assert "no .yar or .yara file here" in scanned.errors
    assert not (tmp_path / "case").exists()


def test_a_case_begun_with_other_rules_is_not_gone_on_with(tree, tmp_path):
    rules = written(tmp_path / "mine.yar", ONE)
    scan(tree, case=tmp_path / "case", rules=rules)
    written(rules, TWO)
    again = scan(tree, case=tmp_path / "case", rules=rules)
    assert again.code == 2
    assert "another" in again.errors


# -- indicator lists ----------------------------------------------------------------------------------------------


def test_hashes_of_every_kind_of_list_are_found(tree, tmp_path):
    data = (tree / "Users/an/ordinary.exe").read_bytes()
    letter = (tree / "Users/an/Documents/thư.txt").read_bytes()
    elf = (tree / "Users/an/elf").read_bytes()
    written(
        tmp_path / "iocs/hash-iocs.txt", f"# Loki\n{hashlib.md5(data).hexdigest()};a program that somebody dislikes\n"
    )
    written(tmp_path / "iocs/list.sha1", f"{hashlib.sha1(letter).hexdigest()} *letter.txt\n")
    written(
        tmp_path / "iocs/audit.txt",
        f"""\
        %%%% HASHDEEP-1.0
        %%%% size,sha256,filename
        ## made elsewhere
        {len(elf)},{hashlib.sha256(elf).hexdigest()},/tmp/elf
        """,
    )
    scanned = scan(tree, case=tmp_path / "case", iocs=tmp_path / "iocs", depth="full")
    listed = {
        one["path"].rpartition("/")[2]: (one["severity"], one["confidence"], one["details"]["source"])
        for one in scanned.findings
        if one["title"] == "File from an indicator list (hash)"
    }
    assert listed == {
        "ordinary.exe": ("suspicious", "low", ["hash-iocs.txt:2"]),
        "thư.txt": ("infected", "medium", ["list.sha1:1"]),
        "elf": ("infected", "medium", ["audit.txt:4"]),
    }


def test_file_names_of_a_list_are_found_with_their_exceptions(tree, tmp_path):
    written(
        tmp_path / "filename-iocs.txt",
        r"""
        # A letter
        \\Documents\\thư\.txt$;70
        # Programs, but not ordinary ones
        (?i)\\USERS\\[^\\]+\\[a-z]+\.EXE$;80;ordinary
        """,
    )
    scanned = scan(tree, case=tmp_path / "case", iocs=tmp_path / "filename-iocs.txt")
    listed = {
        one["path"].rpartition("/")[2]: (one["severity"], one["details"]["description"])
        for one in scanned.findings
        if one["title"] == "Name from an indicator list"
    }
    assert listed == {
        "thư.txt": ("suspicious", "A letter"),
        "program.exe": ("suspicious", "Programs, but not ordinary ones"),
    }


LIST = f"""\
B3N9;not hexadecimal
{hashlib.md5(b"").hexdigest()};the empty file
{"0" * 64};a placeholder
{"ab" * 17};too long for MD5
{hashlib.md5(b"x").hexdigest()};weak, but kept
"""


def test_a_broken_list_is_named_and_nothing_is_scanned(tree, tmp_path):
    written(tmp_path / "something.txt", "neither names\nnor hashes\n")
    scanned = scan(tree, case=tmp_path / "case", iocs=tmp_path / "something.txt")
    assert scanned.code == 2
    assert "something.txt" in scanned.errors
    assert not (tmp_path / "case").exists()


def test_what_is_wrong_in_a_list_is_told_by_rules_check(tmp_path):
    code, _screen, errors = triage("rules", "check", "--iocs", written(tmp_path / "hash-iocs.txt", LIST))
    assert code == 0
    for line, fault in ((1, "invalid"), (2, "legitimate"), (3, "invalid"), (4, "invalid"), (5, "weak")):
        assert f"hash-iocs.txt:{line}: {fault}" in errors


def test_what_is_wrong_in_a_list_is_told_by_the_scan(tree, tmp_path):
    """Lines that were left out are indicators that were not looked for: silence would be a lie."""
    scanned = scan(tree, case=tmp_path / "case", iocs=written(tmp_path / "hash-iocs.txt", LIST))
    for line in (1, 2, 3, 4):
        assert f"hash-iocs.txt:{line}:" in scanned.errors
