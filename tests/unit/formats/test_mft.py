"""`$MFT` records: which times, bits and tags are read from them, and from which of several attributes."""

import pytest

from tests.mft_records import attribute, file_name, record, reparse_point, standard_information
from triage.errors import FormatError
from triage.formats.mft import MftIndex, index_of

SI, FN, OTHER = (11, 12, 13, 14), (21, 22, 23, 24), (31, 32, 33, 34)
JUNCTION = 0xA0000003


def index(*records, size=1024):
    return index_of([b"".join(records)], len(records) * size, size)


def row(*attributes, **about):
    return index(record(attributes, **about)).row(0)


def test_both_sets_of_times_and_the_bits_are_read():
    found = row(standard_information(SI, 0x26), file_name(FN))
    assert (found.born, found.modified, found.changed, found.accessed) == SI
    assert (found.name_born, found.name_modified, found.name_changed, found.name_accessed) == FN
    assert (found.attributes, found.tag) == (0x26, 0)


def test_of_several_names_the_last_one_counts_that_is_no_dos_name():
    assert row(file_name(FN), file_name(OTHER), file_name(SI, "A~1.TXT", space=2))[5:9] == OTHER


def test_a_reparse_tag_is_read_where_the_bits_speak_of_one():
    behind = (attribute(0x80, b"data"), reparse_point(JUNCTION))
    assert row(standard_information(SI, 0x400), file_name(FN), *behind).tag == JUNCTION
    assert row(standard_information(SI, 0x020), file_name(FN), *behind).tag == 0


def test_times_across_a_sector_end_are_put_right():
    filler = attribute(0x20, bytes(512 - 56 - 24 - 24 - 20))
    times = (0x1111111111111111, 0x2222222222222222, 0x3333333333333333, 0x4444444444444444)
    raw = record([filler, file_name(times)])
    assert raw[510:512] == b"\xa5\x5a"
    assert index(raw).row(0)[5:9] == times


@pytest.mark.parametrize("size", [256, 512, 1024, 4096])
def test_records_of_every_size_are_read(size):
    raw = record([standard_information(SI)], size=size)
    found = index(raw, bytes(size), raw, size=size)
    assert [found.row(number).born for number in range(3)] == [11, 0, 11]
    assert len(found) == 3


def test_what_an_extension_record_holds_belongs_to_its_base_whichever_comes_first():
    base = record([standard_information(SI, 0x400)], sequence=7)
    extension = record([file_name(FN), reparse_point(JUNCTION)], base=1 | 7 << 48)
    for records in ((bytes(1024), base, extension), (extension, base, bytes(1024))):
        found = index(*records).row(1)
        assert (found[:4], found[5:9], found.tag) == (SI, FN, JUNCTION)


def test_an_extension_record_left_by_an_earlier_file_is_not_mixed_into_the_present_one():
    base = record([file_name(FN)], sequence=8)
    left = record([file_name(OTHER)], base=0 | 7 << 48, flags=0)
    assert index(base, left).row(0)[5:9] == FN


def test_a_freed_base_record_keeps_its_extensions():
    base = record([standard_information(SI)], sequence=8, flags=0)
    extension = record([file_name(FN)], base=1 << 48 >> 48 | 7 << 48, flags=0, sequence=2)
    assert index(bytes(1024), base, extension).row(1)[5:9] == FN


def test_an_extension_of_a_record_that_is_not_there_is_nobodys():
    assert index(record([file_name(FN)], base=99 | 1 << 48)).row(0)[5:9] == (0, 0, 0, 0)


def test_records_in_several_chunks_are_numbered_on():
    raw = [record([standard_information((number, 0, 0, 0))]) for number in range(1, 6)]
    found = index_of([b"".join(raw[:2]), b"".join(raw[2:])], 5 * 1024, 1024)
    assert [found.row(number).born for number in range(5)] == [1, 2, 3, 4, 5]


def test_a_row_outside_the_table_is_all_zero():
    found = index(record([standard_information(SI)]))
    assert not any(any(found.row(number)) for number in (-1, 1, 1 << 40))


def test_an_empty_table_has_no_rows():
    assert len(index_of([], 0, 1024)) == 0


def test_more_records_than_announced_are_left():
    assert len(index_of([record([standard_information(SI)]) * 3], 1024, 1024)) == 1


@pytest.mark.parametrize("size", [0, 1, 255, 768, 1000, 1 << 17, -1024])
def test_a_record_size_that_ntfs_does_not_use_is_refused(size):
    with pytest.raises(FormatError, match="MFT record"):
        MftIndex(1 << 20, size)


@pytest.mark.parametrize(
    "hostile",
    [
        attribute(0x30, b"too short"),
        attribute(0x30, bytes(80), non_resident=True),
        b"\x30\0\0\0" + bytes(4) + bytes(80),  # length 0
        b"\x30\0\0\0\xff\xff\xff\x7f" + bytes(80),  # longer than the record
        file_name(FN)[:20] + b"\xff\xff" + file_name(FN)[22:],  # content outside
    ],
    ids=["short", "non-resident", "length 0", "length huge", "content outside"],
)
def test_an_attribute_that_lies_about_itself_is_passed_over(hostile):
    found = row(standard_information(SI), hostile)
    assert (found[:4], found[5:9]) == (SI, (0, 0, 0, 0))


def test_a_torn_sector_leaves_what_is_whole():
    raw = bytearray(record([standard_information(SI), file_name(FN), attribute(0x80, bytes(600))]))
    raw[1022:1024] = b"??"
    assert index(bytes(raw)).row(0)[5:9] == FN
