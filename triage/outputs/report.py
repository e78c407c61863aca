"""report.html: the whole case in one file that opens offline in any browser, and prints.

What a reader needs stands in plain HTML; a script adds searching and scrolling through all findings. Nothing is
fetched: the page's own policy forbids it, and names its style and script by their hashes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Final

from jinja2 import Environment
from markupsafe import Markup

from triage.analysis.dossier import Collected, Dossier
from triage.analysis.phases import PhaseId
from triage.analysis.reconnection import may_reconnect
from triage.analysis.recovery import RecoveryState
from triage.analysis.savable import Hope
from triage.analysis.story import Story
from triage.analysis.timeline import TITLES as MEANINGS
from triage.model import Confidence, Entry, Event, GapReason, Json, Severity
from triage.outputs import figures
from triage.outputs.blocks import finding_blocks, gap_blocks
from triage.outputs.catalogue import reason_wording, translate
from triage.outputs.charts import Bar, bars, columns, hopes, segments
from triage.outputs.checklist.sheet import lead_of
from triage.outputs.escapes import to_json, to_script, visible
from triage.outputs.facts import decoded, logs, subjects, wording
from triage.outputs.journal import detail_of
from triage.outputs.moments import moment_blocks, span_of
from triage.outputs.pages import environment, part, policy
from triage.outputs.plain import plain_groups
from triage.outputs.sampling import CARRIED, Group, carried, grouped
from triage.times import in_vietnam, isoformat

_PRINTED_GAPS: Final = 30
_LONGEST_NAME: Final = 300
_BUFFER: Final = 16
_PRINTED_EVENTS: Final = 200
_PRINTED_COLLECTED: Final = 100
_DAY: Final = 86_400_000_000_000


def render(dossier: Dossier, lang: str) -> Iterator[bytes]:
    """The page, in pieces; findings and gaps stream through it."""
    groups = grouped(dossier.findings())
    places = {group.key: place for place, group in enumerate(groups)}
    parts = (part(__package__, f"templates/{name}") for name in ("report.css", "timeline.js", "report.js"))
    style, timeline, rows = parts
    script = timeline + rows
    story = dossier.story
    span = span_of(story, dossier.entries(), dossier.traces)
    template = _environment(lang).get_template("report.html.jinja")
    stream = template.stream(
        lang=lang,
        d=dossier,
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        policy=policy(style, script, images=True),
        segments=segments(dossier.coverage),
        charts=_charts(dossier),
        groups=groups,
        total=sum(dossier.counts.values()),
        plain=plain_groups(groups, lang),
        printed=sum(len(group.shown) for group in groups),
        carried=min(sum(dossier.counts.values()), CARRIED),
        first_gaps=list(islice(dossier.gaps(), _PRINTED_GAPS)),
        first_left_out=list(islice(_left_out(dossier), _PRINTED_COLLECTED)),
        severities=list(Severity),
        reasons=list(GapReason),
        level=dossier.verdict.level.value,
        replug=lead_of(may_reconnect(dossier), lang),
        savable=dossier.savable(),
        hopes=hopes(dossier.savable()),
        hope_kinds=list(Hope),
        states=list(RecoveryState),
        story=story,
        columns=columns(story.rate),
        subjects=subjects(dossier.facts),
        logs=logs(dossier.facts),
        first_events=list(islice(_events(dossier, story), _PRINTED_EVENTS)),
        span=span,
        moment_blocks=moment_blocks(dossier.entries(), dossier.events(), dossier.traces, span, lang),
        header=Markup(_header(dossier, story, groups, lang)),  # noqa: S704 - to_script leaves nothing HTML would read
        finding_blocks=finding_blocks(carried(dossier.findings(), dossier.counts), places, lang),
        gap_blocks=gap_blocks(islice(dossier.gaps(), CARRIED), lang),
    )
    stream.enable_buffering(_BUFFER)
    for piece in stream:
        yield piece.encode()


def _environment(lang: str) -> Environment:
    page = environment(__package__)
    page.globals |= {
        "_": partial(translate, lang=lang),
        "because": partial(reason_wording, lang=lang),
        "wording": wording,
        "not_reached": figures.not_reached,
    }
    page.filters |= {
        "number": partial(figures.number, lang=lang),
        "size": partial(figures.size, lang=lang),
        "share": partial(figures.percent, lang=lang),
        "name": _name,
        "detail": partial(_detail, lang=lang),
        "fact": partial(_fact, lang=lang),
        "told": partial(detail_of, lang=lang),
        "utc": isoformat,
        "vietnam": in_vietnam,
        "signed": partial(figures.signed, lang=lang),
        "span": partial(_span, lang=lang),
    }
    return page


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


def _fact(value: str, lang: str, kind: str = "value") -> str:
    """A fact's value; where several were told, each worded and timed for itself. kind: a table of the catalogue."""
    parts = (part for line in value.splitlines() for part in line.split(" | "))
    word = decoded if kind == "code" else partial(translate, kind=kind)
    return _name("; ".join(figures.moment(word(part, lang=lang)) for part in parts))


def _span(seconds: int, lang: str) -> str:
    """A length of time in its largest whole unit."""
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{figures.number(seconds // size, lang)} {translate(unit, lang)}"
    return f"{figures.number(seconds, lang)} {translate('seconds', lang)}"


def _charts(dossier: Dossier) -> list[tuple[str, str, list[Bar]]]:
    """(name, title, bars) of the encrypted inventory."""
    inventory = dossier.inventory
    return [
        ("state", "By state", bars(inventory.by_state)),
        ("user", "By user", bars(inventory.by_user)),
        ("type", "By original type", bars(inventory.by_extension)),
        ("folder", "By folder", bars(inventory.by_folder)),
    ]


def _events(dossier: Dossier, story: Story) -> Iterator[tuple[str, Event]]:
    """(path of the artefact, event) of the attack and the day before; of all times where there was none."""
    begin = min((phase.first for phase in story.phases if phase.first is not None), default=None)
    for entry, event in dossier.events():
        if begin is None or event.when >= begin - _DAY:
            yield entry.path, event


def _left_out(dossier: Dossier) -> Iterator[tuple[Entry, Collected]]:
    """What matters and is not in the archive."""
    return ((entry, one) for entry, one in dossier.collected() if one.why is not None)


def _header(dossier: Dossier, story: Story, groups: list[Group], lang: str) -> str:
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
            "phases": [say(phase.value, kind="phase") for phase in PhaseId],
            "course": [
                [phase.id.value, phase.first // 1_000_000, phase.last // 1_000_000]
                for phase in story.phases
                if phase.first is not None and phase.last is not None
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
    "Time",
    "Source",
    "Phase",
    "What",
    "Timeline",
    "The attack",
    "Everything",
    "Zoom in",
    "Zoom out",
    "All phases",
    "Times in sight",
    "Drag to move, wheel or + and - to zoom, arrow keys to move, Home for everything, End for the attack.",
    "Journals and logs",
    "Encryption",
    *MEANINGS,
)
