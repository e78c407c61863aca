"""`triage rules`: prove what triage knows, and list it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from triage.cli.group import Group
from triage.cli.proof import unproven
from triage.intel import Intel, load_intel
from triage.intel.families import Family
from triage.intel.ioc_sets import IocSet
from triage.intel.lint import lint
from triage.intel.roots import rules_root
from triage.intel.rule_files import own_files, user_files
from triage.text import printable

WRONG = 2

_RULES = click.option(
    "--rules",
    "extra_rules",
    type=click.Path(path_type=Path),
    multiple=True,
    help="YARA files of your own, or folders of them.",
)
_IOCS = click.option(
    "--iocs",
    "extra_iocs",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Indicator lists (Loki, THOR, hashdeep, sha256sum), or folders of them.",
)
_ENGINE = click.option("--engine", type=click.Choice(["yara", "boreal"]), default="yara", show_default=True)


@click.group(cls=Group)
def rules() -> None:
    """Check and list what triage knows: families, YARA rules, indicator sets."""


@rules.command()
@_RULES
@_IOCS
@_ENGINE
def check(extra_rules: tuple[Path, ...], extra_iocs: tuple[Path, ...], engine: str) -> int:
    """Compile every rule, lint it, and prove every indicator on its harmless fakes.

    Exit codes: 0 all is well; 2 something is wrong, named by file and line.
    """
    intel = load_intel(extra_rules, engine, extra_iocs)
    faults = [str(fault) for fault in lint(own_files(rules_root()))]
    faults += unproven(load_intel(engine=engine))
    warnings = [str(fault) for fault in lint(user_files(extra_rules))]
    warnings += [str(remark) for remark in intel.remarks]
    for line in (*(f"warning: {warning}" for warning in warnings), *faults):
        click.echo(printable(line), err=True)
    click.echo(f"{_summary(intel)}; {len(faults)} wrong, {len(warnings)} warnings; {intel.digest}")
    return WRONG if faults else 0


@rules.command("list")
@_RULES
@_IOCS
@_ENGINE
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
def list_(extra_rules: tuple[Path, ...], extra_iocs: tuple[Path, ...], engine: str, as_json: bool) -> int:
    """Families, indicators, rules and indicator sets, with their dates and sources."""
    intel = load_intel(extra_rules, engine, extra_iocs)
    if as_json:
        click.echo(json.dumps(_document(intel), ensure_ascii=False, indent=2, default=str))
    else:
        for line in _lines(intel):
            click.echo(printable(line))
    return 0


def _summary(intel: Intel) -> str:
    return ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in intel.counts.items())


def _lines(intel: Intel) -> Iterator[str]:
    yield _summary(intel)
    for family in intel.families:
        yield ""
        yield f"{family.id}  {family.name}  reviewed {family.reviewed}  {family.status}"
        yield f"  {family.summary}"
        yield from (f"  name  {name.id}  {name.pattern}  {name.role}" for name in family.names)
        yield from (f"  extension  {one.extension}  {one.meaning}" for one in family.extensions)
        yield from (f"  rule  {rule}" for namespace, rule in intel.rules.names if namespace == family.id)
        yield f"  files known by hash: {len(family.hashes)}"
        yield from (f"  source  {one.key}  {one.title}  {one.url}".rstrip() for one in family.references)
    for one in intel.ioc_sets:
        yield ""
        yield f"{one.id}  {one.date}  {one.issuer}  weight {one.weight}"
        yield f"  {one.title}"
        read = sum(row.reading == "read" for row in one.addresses)
        yield f"  {len(one.addresses)} addresses, {read} of them read as text"
        yield from (f"  missing  {gap.count} {gap.what}: {gap.why}" for gap in one.missing)
    own = {family.id for family in intel.families}
    yield from (f"{namespace}  {rule}" for namespace, rule in intel.rules.names if namespace not in own)


def _document(intel: Intel) -> dict[str, object]:
    return {
        "schema": "triage-rules-1",
        "digest": intel.digest,
        "counts": dict(intel.counts),
        "families": [_plain(family) for family in intel.families],
        "rules": [{"namespace": namespace, "rule": rule} for namespace, rule in intel.rules.names],
        "ioc_sets": [_plain(one) for one in intel.ioc_sets],
        "remarks": [
            {"path": remark.path, "line": remark.line, "fault": remark.fault.value, "why": remark.why}
            for remark in intel.remarks
        ],
    }


def _plain(record: Family | IocSet) -> dict[str, object]:
    """Every field but where it lies on this machine, and the fakes."""
    return {key: value for key, value in asdict(record).items() if key not in ("folder", "fakes")}
