"""outbreak.html: the comparison in one file that opens offline in any browser, and prints on A4.

What a reader needs stands in plain HTML and SVG; a script draws the picture anew to move and zoom in it. Nothing is
fetched: the page's own policy forbids it, and names its style and script by their hashes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from jinja2 import Environment
from markupsafe import Markup

from triage.analysis.spread import Outbreak
from triage.analysis.spread_clocks import TRUTH, Link, Proof
from triage.analysis.spread_records import State
from triage.model import UnixNs
from triage.outputs import figures
from triage.outputs.escapes import to_script, visible
from triage.outputs.outbreak import told
from triage.outputs.outbreak.layout import Layout, laid_out
from triage.outputs.outbreak.picture import slices
from triage.outputs.outbreak.wording import word
from triage.outputs.pages import environment, part, policy
from triage.times import isoformat

_LONGEST: Final = 200
_BUFFER: Final = 64
LINKS_SHOWN: Final = 400
_SECOND: Final = 1_000_000_000
WORDS: Final = (
    *("shown", "machines", "own clock", "source unknown", "sources", "brought it to", "First sign", "unknown"),
    *("Choose a machine to see what is known of it.", "State", "Clock", "Encrypted files", "Plugged in again?"),
)
"""Phrases of the script."""


def render(outbreak: Outbreak, lang: str) -> Iterator[bytes]:
    """The page, in pieces."""
    layout = laid_out(outbreak)
    style, script = _style(), part(__package__, "page.js")
    links = [link for link in outbreak.clocks.kept if link.proof is not Proof.ASSUMED]
    assumed = next((link for link in outbreak.clocks.links if link.proof is Proof.ASSUMED), None)
    stream = (
        _environment(outbreak, lang)
        .get_template("page.html")
        .stream(
            lang=lang,
            o=outbreak,
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            policy=policy(style, script, images=True),
            pictures=map(Markup, slices(outbreak, layout, lang)),  # names are escaped there
            data=Markup(_data(outbreak, layout, lang)),  # noqa: S704 - to_script leaves nothing HTML would read
            came=told.sources(outbreak),
            counts=[(state.value, count) for state, count in outbreak.counts().items()],
            untied=tuple(place for place in sorted(outbreak.starts) if not outbreak.shown.tied(place)),
            unclear=tuple(place for place, one in enumerate(outbreak.machines) if one.unclear),
            tied=sum(outbreak.shown.tied(place) for place in range(len(outbreak.machines))),
            links=links[:LINKS_SHOWN],
            more_links=max(0, len(links) - LINKS_SHOWN),
            assumed=assumed and assumed.ahead.high // _SECOND,
            REMOTE=State.REMOTE,
        )
    )
    stream.enable_buffering(_BUFFER)
    for piece in stream:
        yield piece.encode()


def _environment(outbreak: Outbreak, lang: str) -> Environment:
    page = environment(__package__, "")
    page.globals |= {
        "_": partial(word, lang=lang),
        "name": partial(told.name, outbreak),
        "names": partial(told.names, outbreak, lang=lang),
        "rank": partial(told.rank, outbreak),
        "clock": partial(told.clock, outbreak, lang=lang),
        "evidence": partial(told.evidence, outbreak, lang=lang),
        "alternatives": partial(told.alternatives, outbreak, lang=lang),
        "why": partial(told.why, lang=lang),
        "link": partial(_link, outbreak, lang=lang),
    }
    page.filters |= {
        "number": partial(figures.number, lang=lang),
        "vietnam": told.moment,
        "utc": _utc,
        "short": _short,
    }
    return page


def _style() -> str:
    """The reports' own, and what this page has beside."""
    return part("triage.outputs", "templates/report.css") + part(__package__, "page.css")


def _short(text: str) -> str:
    return figures.shortened(visible(text), _LONGEST)


def _utc(when: int | None) -> str:
    return "" if when is None else isoformat(UnixNs(when // _SECOND * _SECOND))


def _link(outbreak: Outbreak, link: Link, lang: str) -> str:
    """`A → B: B ahead by …`."""
    to = told.name(outbreak, link.to)
    whom = word("true time", lang) if link.of == TRUTH else told.name(outbreak, link.of)
    return f"{to}: {told.bounds(link.ahead, lang)} {word('compared with', lang)} {whom}"


def _data(outbreak: Outbreak, layout: Layout, lang: str) -> str:
    """What the script draws: rows, arrows, wording."""
    machines = outbreak.machines
    return to_script(
        {
            "lang": lang,
            "begin": layout.begin,
            "end": layout.end,
            "rows": [
                {
                    "n": told.name(outbreak, row.place),
                    "s": machines[row.place].state.value,
                    "t": row.start,
                    "o": row.own,
                    "g": None if row.group is None else told.by_clock(outbreak, row.group, lang, own=row.own),
                    "b": row.bars,
                    "d": _details(outbreak, row.place, lang),
                }
                for row in layout.rows
            ],
            "arrows": [
                [arrow.of, arrow.to, arrow.from_ms, arrow.to_ms, arrow.confidence, int(arrow.share)]
                for arrow in layout.arrows
            ],
            "words": {one: word(one, lang) for one in WORDS},
        }
    )


def _details(outbreak: Outbreak, place: int, lang: str) -> list[str]:
    """State, first sign, clock, files, answer: in the order in which the script shows them."""
    one = outbreak.machines[place]
    first = one.first
    sign = f"{word(first.kind.value, lang, 'sign')}, {visible(first.source)}" if first else ""
    return [
        word(one.state.value, lang, "machine"),
        sign,
        told.clock(outbreak, place, lang),
        figures.number(one.encryption.files, lang),
        word(one.replug.answer, lang, "replug"),
    ]
