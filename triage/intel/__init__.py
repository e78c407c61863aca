"""What is known before looking: families, their rules, hash and name lists. Loaded once, strictly, with one digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from triage.intel.families import Family, load_families
from triage.intel.hashes import KnownFile
from triage.intel.hosts import KnownHosts
from triage.intel.ioc_import import FilenameIoc, HostIoc, Import, Remark, import_iocs, list_files
from triage.intel.ioc_sets import IocSet, load_ioc_sets
from triage.intel.matcher import Rules, compile_rules
from triage.intel.roots import rules_root
from triage.intel.rule_files import RuleFile, own_files, user_files

_KNOWLEDGE = (".toml", ".yar", ".csv")
_FOR_OUTPUTS = frozenset(("checklists", "law.toml", "network.toml", "public_names.toml"))
"""What no detector reads: a scan that was cut off goes on after the law has changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intel:
    """All knowledge of a scan; pickles, so that workers load nothing.

    Attributes:
        hashes: (family id, file); the family is None for a user's list.
        names, hosts: from a user's lists.
        remarks: what was wrong in them.
        digest: SHA-256 over the names and bytes of everything read; the same knowledge gives the same digest.
        counts: how much of each kind there is.
    """

    families: tuple[Family, ...]
    hashes: tuple[tuple[str | None, KnownFile], ...] = ()
    names: tuple[FilenameIoc, ...] = ()
    hosts: tuple[HostIoc, ...] = ()
    rules: Rules = field(default_factory=partial(Rules, engine="yara"))
    ioc_sets: tuple[IocSet, ...] = ()
    remarks: tuple[Remark, ...] = ()
    digest: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The digests that some known file needs, SHA-256 always among them."""
        needed = {file.strongest[0] for _, file in self.hashes}
        return ("sha256", *sorted(needed - {"sha256"}))

    @property
    def listed_hashes(self) -> bool:
        """The user brought hashes, which may be of files of any kind."""
        return any(family is None for family, _ in self.hashes)


def load_intel(
    extra_rules: Sequence[Path] = (),
    engine: str = "yara",
    extra_iocs: Sequence[Path] = (),
    root: Path | None = None,
) -> Intel:
    """The shipped knowledge and what the user adds to it.

    Args:
        extra_rules: YARA files, or folders of them.
        engine: `yara` or `boreal`.
        extra_iocs: indicator lists, or folders of them.
        root: other knowledge in the place of the shipped.

    Raises:
        RuleError: anything in it is wrong; the message begins with the file and, where known, the line.
        UsageError: the engine is not installed.
    """
    root = root or rules_root()
    families = load_families(root)
    ioc_sets = load_ioc_sets(root)
    files = (*own_files(root), *user_files(extra_rules))
    rules = compile_rules(files, engine)
    listed = import_iocs(extra_iocs, known_hosts(families, ioc_sets))
    hashes = (
        *((family.id, file) for family in families for file in family.hashes),
        *((None, file) for file in listed.hashes),
    )
    return Intel(
        families=families,
        hashes=hashes,
        names=listed.names,
        hosts=listed.hosts,
        rules=rules,
        ioc_sets=ioc_sets,
        remarks=listed.remarks,
        digest=_digest(root, files, extra_iocs),
        counts=_counts(families, ioc_sets, rules, listed),
    )


def known_hosts(families: Iterable[Family], ioc_sets: Iterable[IocSet]) -> KnownHosts:
    """What the families and sets know of hosts that a list may hold."""
    return KnownHosts(
        kill_switches=frozenset(domain.name for family in families for domain in family.domains if not domain.block),
        tor_relays=frozenset(
            row.address for one in ioc_sets if one.nature == "tor-relays" for row in one.addresses if row.address
        ),
    )


def _digest(root: Path, files: Sequence[RuleFile], extra_iocs: Sequence[Path]) -> str:
    """Over (name, length, bytes) of each, so that no two sets of files run together."""
    parts = [
        (path.relative_to(root).as_posix(), path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.suffix in _KNOWLEDGE and path.relative_to(root).parts[0] not in _FOR_OUTPUTS
    ]
    parts += [(f"rules/{file.namespace}", file.source.encode()) for file in files if not file.own]
    parts += [(f"iocs/{path.name}", path.read_bytes()) for top in extra_iocs for path in list_files(top)]
    total = hashlib.sha256()
    for name, data in parts:
        total.update(f"{name}\0{len(data)}\0".encode())
        total.update(data)
    return total.hexdigest()


def _counts(families: Sequence[Family], ioc_sets: Sequence[IocSet], rules: Rules, listed: Import) -> dict[str, int]:
    return {
        "families": len(families),
        "names": sum(len(family.names) + len(family.extensions) for family in families) + len(listed.names),
        "hashes": sum(len(file.digests) for family in families for file in family.hashes) + len(listed.hashes),
        "rules": len(rules.names),
        "ioc_sets": len(ioc_sets),
        "hosts": sum(len(family.domains) + len(family.onions) for family in families) + len(listed.hosts),
    }
