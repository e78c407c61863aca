"""report.html: the whole case in one file that opens offline in any browser, and prints.

What a reader needs stands in plain HTML; a script adds searching and scrolling through all findings. Nothing is
fetched: the page's own policy forbids it, and names its style and script by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import partial
from importlib.resources import files
from itertools import islice
from typing import Final

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from triage.analysis.dossier import Dossier
from triage.model import Confidence, GapReason, Json, Severity
from triage.outputs import figures
from triage.outputs.blocks import finding_blocks, gap_blocks
from triage.outputs.catalogue import reason_wording, translate
from triage.outputs.charts import Bar, bars, segments
from triage.outputs.escapes import to_json, to_script, visible
from triage.outputs.plain import plain_groups
from triage.outputs.sampling import CARRIED, Group, carried, grouped
from triage.times import in_vietnam, isoformat

_PRINTED_GAPS: Final = 30
_LONGEST_NAME: Final = 300
_BUFFER: Final = 16


def render(dossier: Dossier, lang: str) -> Iterator[bytes]:
    """The page, in pieces; findings and gaps stream through it."""
    groups = grouped(dossier.findings())
    places = {group.key: place for place, group in enumerate(groups)}
    style, script = _part("report.css"), _part("report.js")
    template = _environment(lang).get_template("report.html.jinja")
    stream = template.stream(
        lang=lang,
        d=dossier,
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        policy=_policy(style, script),
        segments=segments(dossier.coverage),
        charts=_charts(dossier),
        groups=groups,
        total=sum(dossier.counts.values()),
        plain=plain_groups(groups, lang),
        printed=sum(len(group.shown) for group in groups),
        carried=min(sum(dossier.counts.values()), CARRIED),
        first_gaps=list(islice(dossier.gaps(), _PRINTED_GAPS)),
        severities=list(Severity),
        reasons=list(GapReason),
        level=dossier.verdict.level.value,
        header=Markup(_header(dossier, groups, lang)),  # noqa: S704 - to_script leaves nothing HTML would read
        finding_blocks=finding_blocks(carried(dossier.findings(), dossier.counts), places, lang),
        gap_blocks=gap_blocks(islice(dossier.gaps(), CARRIED), lang),
    )
    stream.enable_buffering(_BUFFER)
    for piece in stream:
        yield piece.encode()


def _environment(lang: str) -> Environment:
    environment = Environment(
        loader=FunctionLoader(_part),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_shown,
    )
    environment.globals |= {
        "_": partial(translate, lang=lang),
        "because": partial(reason_wording, lang=lang),
        "not_reached": figures.not_reached,
    }
    environment.filters |= {
        "number": partial(figures.number, lang=lang),
        "size": partial(figures.size, lang=lang),
        "share": partial(figures.percent, lang=lang),
        "name": _name,
        "detail": partial(_detail, lang=lang),
        "fact": partial(_fact, lang=lang),
        "utc": isoformat,
        "vietnam": in_vietnam,
    }
    return environment


def _part(name: str) -> str:
    # Read as text, so line ends are the same wherever it was checked out, and with them the policy's hashes.
    return files(__package__).joinpath("templates", name).read_text("utf-8")


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _shown(value: object) -> object:
    """Whatever stands in the page hides nothing; markup of our own passes."""
    return visible(value) if type(value) is str else value


def _name(text: str) -> str:
    return figures.shortened(visible(text), _LONGEST_NAME)


def _detail(value: Json, lang: str) -> str:
    match value:
        case str():
            return _name(figures.moment(value))
        case bool() | None:
            return to_json(value)
        case int():
            return figures.number(value, lang)
        case _:
            return _name(to_json(value))


def _fact(value: str, lang: str) -> str:
    """A fact's value; where several were told, each worded and timed for itself."""
    parts = (part for line in value.splitlines() for part in line.split(" | "))
    return _name("; ".join(figures.moment(translate(part, lang, "value")) for part in parts))


def _charts(dossier: Dossier) -> list[tuple[str, str, list[Bar]]]:
    """(name, title, bars) of the encrypted inventory."""
    inventory = dossier.inventory
    return [
        ("state", "By state", bars(inventory.by_state)),
        ("user", "By user", bars(inventory.by_user)),
        ("type", "By original type", bars(inventory.by_extension)),
        ("folder", "By folder", bars(inventory.by_folder)),
    ]


def _header(dossier: Dossier, groups: list[Group], lang: str) -> str:
    """What the script needs beside the rows: groups, wording."""
    say = partial(translate, lang=lang)
    return to_script(
        {
            "lang": lang,
            "volumes": len(dossier.volumes),
            "severities": {severity.value: say(severity.value, kind="severity") for severity in Severity},
            "confidences": [say(confidence.value, kind="confidence") for confidence in Confidence],
            "groups": [
                {
                    "severity": group.key[0].value,
                    "title": visible(say(group.key[1])),
                    "detector": visible(group.key[2]),
                    "family": visible(group.key[3]),
                    "count": group.count,
                }
                for group in groups
            ],
            "words": {word: say(word) for word in _WORDS},
        }
    )


# Phrases of the script.
_WORDS: Final = (
    "Showing",
    "of",
    "All",
    "Search",
    "Findings",
    "Parts not examined",
    "Nothing matches the search.",
    "Choose a row to see its details.",
    "Finding",
    "Path",
    "Volume",
    "Size",
    "bytes",
    "Confidence",
    "Detector",
    "Family",
    "Indicator",
    "Modified",
    "Created",
    "Reason",
    "Stage",
    "Detail",
)
