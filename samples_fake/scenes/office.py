"""The ordinary part of an office PC: people, their folders and their documents, all made up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from samples_fake import documents
from samples_fake.scenes.calendar import office_times, touched
from samples_fake.tree import ARCHIVE, FakeFile

HOA, MINH = "/Users/Trần Thị Hoa", "/Users/minh.le"

FOLDERS = (
    f"{HOA}/Desktop",
    f"{HOA}/Documents",
    f"{HOA}/Documents/Công văn",
    f"{HOA}/Pictures",
    f"{MINH}/Desktop",
    f"{MINH}/Documents/Dự án",
    f"{MINH}/Documents/Hợp đồng",
    "/Dulieu/Luu tru/2015",
    "/Dulieu/Luu tru/2016",
)

_KINDS: tuple[tuple[str, Callable[[str], bytes]], ...] = (
    ("docx", documents.docx),
    ("xlsx", documents.xlsx),
    ("pdf", documents.pdf),
    ("txt", documents.text),
    ("jpg", lambda topic: documents.jpeg(len(topic), 900)),
    ("png", lambda topic: documents.png(len(topic))),
)
_TOPICS = ("Báo cáo tuần", "Kế hoạch", "Biên bản họp", "Danh sách", "Tờ trình", "Phụ lục", "Giấy mời", "Thông báo")


def office_documents() -> Iterator[FakeFile]:
    """Eight documents in each folder, of six kinds."""
    for place, folder in enumerate(FOLDERS):
        for number, topic in enumerate(_TOPICS):
            ending, make = _KINDS[(number + place) % len(_KINDS)]
            title = f"{topic} {place + 1}"
            when = office_times(place * 8 + number)
            yield FakeFile(
                path=f"{folder}/{title}.{ending}",
                content=partial(make, title),
                times=touched(when, changed=when),
                attributes=ARCHIVE,
            )
