"""What a ticked page keeps inside itself: answers, ticks, times, names, notes; read back to carry them over."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, get_args

from triage.analysis.machine import Answers, Told
from triage.errors import CaseError
from triage.outputs.escapes import to_script

SCHEMA: Final = "triage.checklist/1"

_BLOCK: Final = re.compile(rb'<script type="application/json" id="kept">([^<]*)</script>')
_TOLD: Final[Mapping[str, Told]] = {told: told for told in get_args(Told)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What a page holds: fields by name (`cut-network.done`), and the answers it was made from."""

    answers: Answers = field(default_factory=Answers)
    fields: Mapping[str, bool | str] = field(default_factory=dict)


def to_block(saved: Saved) -> str:
    """The JSON inside the page's script block."""
    answers = saved.answers
    return to_script(
        {
            "schema": SCHEMA,
            "answers": {
                "running": answers.running,
                "rebooted": answers.rebooted,
                "network": answers.network,
                "neighbours": answers.neighbours,
                "backup": answers.backup,
                "backup_date": answers.backup_date.isoformat() if answers.backup_date else "",
            },
            "fields": dict(saved.fields),
        }
    )


def read_saved(page: bytes, name: str) -> Saved:
    """What a page of ours holds.

    Raises:
        CaseError: it is no such page, or its block was altered beyond reading; name says which file.
    """
    found = _BLOCK.search(page)
    if found is None:
        raise _strange(name)
    try:
        held = json.loads(found[1])
        schema, fields, answers = held["schema"], dict(held["fields"]), _answers(held["answers"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _strange(name) from error
    if schema != SCHEMA:
        raise _strange(name)
    return Saved(answers=answers, fields={key: value for key, value in fields.items() if isinstance(value, bool | str)})


def _strange(name: str) -> CaseError:
    return CaseError(f"{name}: not a checklist of this tool; move it away, then make it again")


def _answers(held: Mapping[str, str]) -> Answers:
    return Answers(
        running=_TOLD[held["running"]],
        rebooted=_TOLD[held["rebooted"]],
        network=_TOLD[held["network"]],
        neighbours=str(held["neighbours"]),
        backup=_TOLD[held["backup"]],
        backup_date=date.fromisoformat(held["backup_date"]) if held["backup_date"] else None,
    )
