"""index.html: all machines in one file that opens offline in any browser, is sorted and filtered there, and prints.

Everything stands in plain HTML; the script only orders and hides rows. Nothing is fetched: the page's own policy
forbids it, and names its style and script by their hashes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final
from urllib.parse import quote

from jinja2 import Environment
from markupsafe import Markup

from triage.analysis.overview import Condition, Machine, Overview
from triage.outputs import figures
from triage.outputs.catalogue import translate
from triage.outputs.escapes import to_script, visible
from triage.outputs.overview.columns import CONDITIONS, office_wording, remark, vietnam
from triage.outputs.pages import environment, part, policy

_LONGEST_NAME: Final = 200
_PASSED_OVER: Final = 100
_BUFFER: Final = 64
_WORDS: Final = ("Showing", "of", "Nothing matches the search.")
"""Phrases of the script."""


def render(overview: Overview, lang: str) -> Iterator[bytes]:
    """The page, in pieces."""
    style, script = part("triage.outputs", "templates/overview.css"), part("triage.outputs", "templates/overview.js")
    stream = (
        _environment(lang)
        .get_template("overview.html.jinja")
        .stream(
            lang=lang,
            o=overview,
            total=overview.total,
            conditions=CONDITIONS,
            present=[one for one in Condition if any(row.condition is one for row in overview.machines)],
            recovery=overview.total.losses is not None,
            waiting=overview.total.by_condition[Condition.WAITING],
            passed_over=overview.passed_over[:_PASSED_OVER],
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            words=Markup(to_script({word: translate(word, lang) for word in _WORDS} | {"lang": lang})),  # noqa: S704
            policy=policy(style, script),
        )
    )
    stream.enable_buffering(_BUFFER)
    for piece in stream:
        yield piece.encode()


def _environment(lang: str) -> Environment:
    page = environment("triage.outputs")
    page.globals |= {
        "_": partial(translate, lang=lang),
        "link": _link,
        "rank": _rank,
        "within": _within,
        "remark": partial(remark, lang=lang),
    }
    page.filters |= {
        "number": partial(figures.number, lang=lang),
        "size": partial(figures.size, lang=lang),
        "name": _name,
        "office": partial(office_wording, lang=lang),
        "vietnam": vietnam,
    }
    return page


def _name(text: str) -> str:
    return figures.shortened(visible(text), _LONGEST_NAME)


def _link(machine: Machine) -> str:
    """Where the machine's own page lies, seen from this one."""
    case = quote(machine.case, errors="replace")
    return f"./{case}/report.html" if case and machine.verdict else ""


def _within(machine: Machine) -> str:
    """Its name inside its office, which stands beside it."""
    return machine.name.removeprefix(f"{machine.office}/") if machine.office else machine.name


def _rank(condition: Condition) -> int:
    """Worst first."""
    return tuple(Condition).index(condition)
