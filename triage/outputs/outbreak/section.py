"""What the report of an incident of several machines to VNCERT says of the outbreak: data, and its text in Vietnamese.

References:
    Thông tư 20/2017/TT-BTTTT, Mẫu số 03: mô tả sơ bộ về sự cố, hiện trạng, kiến nghị.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from triage.analysis.spread import HURT, Outbreak
from triage.analysis.spread_records import State
from triage.outputs.escapes import visible
from triage.outputs.figures import number, size
from triage.outputs.outbreak import told
from triage.outputs.outbreak.wording import word

_LANG: Final = "vi"
COLUMNS: Final = (
    "TT",
    "Máy",
    "Tình trạng",
    "Dấu hiệu đầu tiên (UTC+7)",
    "Thứ tự",
    "Nguồn",
    "Tệp bị mã hóa",
    "Nối lại mạng",
)
_UNSEEN: Final = (
    "Đường lây chính của mã độc (khai thác lỗ hổng SMBv1, MS17-010) không để lại bản ghi đăng nhập. Máy nguồn chỉ được "
    "nêu khi nhật ký và dấu vết của chính máy đó chứng minh; các trường hợp còn lại ghi “chưa biết”."
)
_LEFT: Final = "chưa biết"


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineLine:
    """One row of the annex; texts are ready to print."""

    number: int
    name: str
    state: str
    first_sign: str
    place: str
    source: str
    files: str
    replug: str

    @property
    def cells(self) -> tuple[str, ...]:
        """In the order of COLUMNS."""
        return (
            str(self.number),
            self.name,
            self.state,
            self.first_sign,
            self.place,
            self.source,
            self.files,
            self.replug,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The outbreak as a report tells it.

    Attributes:
        summary: for "Mô tả sơ bộ về sự cố", a sentence each.
        open_points: what is not known, for the reader to weigh.
        lines: the annex, every machine.
    """

    title: str
    summary: tuple[str, ...]
    sources: tuple[str, ...]
    shares: tuple[str, ...]
    odd: tuple[str, ...]
    open_points: tuple[str, ...]
    lines: tuple[MachineLine, ...]


def section(outbreak: Outbreak) -> Section:
    """The section for the report."""
    return Section(
        title="Diễn biến lây lan giữa các máy",
        summary=tuple(_summary(outbreak)),
        sources=tuple(_sources(outbreak)),
        shares=tuple(_shares(outbreak)),
        odd=tuple(_odd(outbreak)),
        open_points=tuple(_open(outbreak)),
        lines=tuple(_lines(outbreak)),
    )


def markdown(one: Section) -> Iterator[bytes]:
    """As Markdown."""
    yield f"## {_md(one.title)}\n".encode()
    for title, texts in _parts(one):
        yield f"\n### {title}\n\n".encode()
        yield from (f"- {_md(text)}\n".encode() for text in texts)
    yield "\n### Phụ lục: danh sách máy\n\n".encode()
    yield f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}\n".encode()
    for line in one.lines:
        yield f"| {' | '.join(map(_md, line.cells))} |\n".encode()


def plain(one: Section) -> Iterator[bytes]:
    """As plain text, for a mail."""
    yield f"{one.title.upper()}\n".encode()
    for title, texts in _parts(one):
        yield f"\n{title}\n".encode()
        yield from (f"  - {text}\n".encode() for text in texts)
    yield "\nPhụ lục: danh sách máy\n".encode()
    for line in one.lines:
        pairs = zip(COLUMNS[2:], line.cells[2:], strict=True)
        told_ = "; ".join(f"{column}: {cell}" for column, cell in pairs if cell)
        yield f"  {line.number}. {line.name}: {told_}\n".encode()


def _parts(one: Section) -> Iterator[tuple[str, tuple[str, ...]]]:
    for title, texts in (
        ("Tóm tắt", one.summary),
        ("Nguồn lây đã có căn cứ", one.sources),
        ("Thư mục chia sẻ bị mã hóa từ máy khác", one.shares),
        ("Điểm khác biệt giữa các máy", one.odd),
        ("Những điểm chưa xác định", one.open_points),
    ):
        if texts:
            yield title, texts


def _summary(outbreak: Outbreak) -> Iterator[str]:
    counts = outbreak.counts()
    hurt = sum(counts[state] for state in HURT)
    yield f"Đã so sánh {number(len(outbreak.machines), _LANG)} máy; {number(hurt, _LANG)} máy bị ảnh hưởng."
    yield "; ".join(f"{word(state.value, _LANG, 'machine')}: {number(counts[state], _LANG)}" for state in State) + "."
    files = sum(one.encryption.files for one in outbreak.machines)
    data = sum(one.encryption.bytes for one in outbreak.machines)
    yield f"Tổng số tệp bị mã hóa: {number(files, _LANG)} ({size(data, _LANG)})."
    if len(outbreak.firsts) == 1:
        place = outbreak.firsts[0]
        first = outbreak.machines[place].first
        when = told.moment(_moment(outbreak, place))
        assert first is not None
        yield (
            f"Máy có dấu hiệu đầu tiên: {told.name(outbreak, place)}, {when} (UTC+7), "
            f"{word(first.kind.value, _LANG, 'sign')}."
        )
    elif outbreak.firsts:
        yield (
            f"Chưa phân biệt được máy đầu tiên; một trong {number(len(outbreak.firsts), _LANG)} máy: "
            f"{told.names(outbreak, outbreak.firsts, _LANG)}."
        )
    yield _UNSEEN


def _moment(outbreak: Outbreak, place: int) -> int:
    start = outbreak.starts[place]
    return (start.low + start.high) // 2


def _sources(outbreak: Outbreak) -> Iterator[str]:
    for edge in outbreak.edges:
        kinds = dict.fromkeys(word(one.kind, _LANG, "evidence") for one in edge.evidence)
        yield (
            f"{told.name(outbreak, edge.of)} → {told.name(outbreak, edge.to)} ({word(edge.way.value, _LANG, 'way')}): "
            f"{', '.join(kinds)}; độ tin cậy {word(edge.confidence.value, _LANG, 'confidence')}; khả năng khác: "
            f"{told.alternatives(outbreak, edge, _LANG)}."
        )


def _shares(outbreak: Outbreak) -> Iterator[str]:
    for share in outbreak.shares:
        whom = told.name(outbreak, share.source.of) if share.source else _LEFT
        yield (
            f"{told.name(outbreak, share.machine)}: {number(share.files, _LANG)} tệp, "
            f"{told.moment(share.first) or _LEFT} – {told.moment(share.last) or _LEFT} (UTC+7, đồng hồ máy); "
            f"dấu vết chỉ tới: {whom}."
        )


def _odd(outbreak: Outbreak) -> Iterator[str]:
    for place, kinds in sorted(outbreak.odd.items()):
        yield f"{told.name(outbreak, place)}: {', '.join(word(kind, _LANG, 'trait') for kind in kinds)}."


def _open(outbreak: Outbreak) -> Iterator[str]:
    untied = tuple(place for place in sorted(outbreak.starts) if not outbreak.shown.tied(place))
    if untied:
        yield f"Chưa biết sai lệch đồng hồ, thời gian theo chính máy: {told.names(outbreak, untied, _LANG)}."
    known = {edge.to for edge in outbreak.edges}
    unknown = tuple(place for place in sorted(outbreak.starts) if place not in known)
    if unknown:
        yield f"Chưa biết nguồn: {told.names(outbreak, unknown, _LANG)}."
    missing = tuple(place for place, one in enumerate(outbreak.machines) if one.state is State.NOT_EXAMINED)
    if missing:
        yield f"Chưa kiểm tra được: {told.names(outbreak, missing, _LANG)}."
    for stranger in outbreak.outsiders:
        yield (
            f"Địa chỉ {visible(stranger.address)} không thuộc máy nào đã kiểm tra, đã truy cập "
            f"{told.names(outbreak, stranger.reached, _LANG)} trước dấu hiệu đầu tiên."
        )
    if outbreak.clocks.circles:
        yield f"Có {number(len(outbreak.clocks.circles), _LANG)} mâu thuẫn giữa các căn cứ về đồng hồ; không dùng."


def _lines(outbreak: Outbreak) -> Iterator[MachineLine]:
    came = told.sources(outbreak)
    for count, place in enumerate(outbreak.order, 1):
        one = outbreak.machines[place]
        edges = came.get(place, ())
        when = told.moment(_moment(outbreak, place)) if place in outbreak.starts else ""
        own = " (đồng hồ máy)" if when and not outbreak.shown.tied(place) else ""
        yield MachineLine(
            number=count,
            name=told.name(outbreak, place),
            state=word(one.state.value, _LANG, "machine"),
            first_sign=when + own,
            place=told.rank(outbreak, place),
            source=", ".join(told.name(outbreak, edge.of) for edge in edges) or (_LEFT if when else ""),
            files=number(one.encryption.files, _LANG),
            replug=word(one.replug.answer, _LANG, "replug"),
        )


def _md(text: str) -> str:
    """Nothing that Markdown would read."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]<>#|!" else letter for letter in text)
