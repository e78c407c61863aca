"""The timeline in the forms that other tools read: one module for each, in a fixed order.

To add one: write a module with `render`, add its line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from triage.analysis.timeline import Chronicle
from triage.outputs.timeline import bodyfile, csv, ecs_jsonl, l2tcsv, timesketch_csv, timesketch_jsonl

Render = Callable[[Chronicle, str], Iterator[bytes]]
"""(chronicle, "vi" or "en") to the file's bytes, in pieces. Only `csv` is worded for people."""

TIMELINES: dict[str, Render] = {
    "bodyfile": bodyfile.render,
    "timesketch": timesketch_csv.render,
    "timesketch-jsonl": timesketch_jsonl.render,
    "l2tcsv": l2tcsv.render,
    "jsonl": ecs_jsonl.render,
    "csv": csv.render,
}
"""Name on the command line, to its output."""
