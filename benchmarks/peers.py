"""The tools that ours is measured against, with the same rules on the same files, and what each of them found."""

from __future__ import annotations

import json
import re
import subprocess
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from benchmarks.disk import START
from benchmarks.mount import Mount
from samples_fake.clock import tool

RULES = Path(__file__).with_name("rules")

Hits = frozenset[tuple[str, str]]
"""(path from the root of the volume, rule)."""

_CLAM_HIT = re.compile(r"^(/.*): YARA\.(\w+)\.UNOFFICIAL FOUND$", re.MULTILINE)
_CLAM_RULES = re.compile(r"^Known viruses: (\d+)$", re.MULTILINE)


def yara(mount: Mount) -> list[str]:
    """YARA's own scanner, two threads, over a folder."""
    return [tool("yara"), "-w", "-r", "-p", "2", *map(str, rule_files()), str(mount.folder)]


def clamscan(mount: Mount) -> list[str]:
    """ClamAV with the rules it can load and no signatures of its own: those that import no module."""
    plain = [path for path in rule_files() if "\nimport " not in f"\n{path.read_text('utf-8')}"]
    databases = [word for path in plain for word in ("-d", str(path))]
    return [tool("clamscan"), *databases, "--infected", "--allmatch", "-r", str(mount.folder)]


def fls(image: Path) -> list[str]:
    """The Sleuth Kit's own listing with all times."""
    return [tool("fls"), "-r", "-m", "/", "-o", str(START), str(image)]


def rule_files() -> list[Path]:
    """The rules that every tool is given."""
    return sorted(RULES.glob("*.yar"))


def yara_hits(output: str, mount: Mount) -> Hits:
    """From its lines `rule path`."""
    lines = (line.partition(" ") for line in output.splitlines() if line)
    return frozenset((_inside(path, mount), rule) for rule, _, path in lines)


def clamscan_hits(output: str, mount: Mount) -> Hits:
    """From its lines `path: YARA.rule.UNOFFICIAL FOUND`."""
    return frozenset((_inside(path, mount), rule) for path, rule in _CLAM_HIT.findall(output))


def clamscan_rules(output: str) -> int:
    """How many rules it loaded."""
    found = _CLAM_RULES.search(output)
    return int(found[1]) if found else 0


def our_hits(case: Path) -> Hits:
    """Matches of the benchmark rules in a case's findings."""
    spaces = {path.name for path in rule_files()}
    found = set()
    for line in (case / "findings.jsonl").read_text("utf-8").splitlines():
        finding = json.loads(line)
        if finding["detector"] == "yara" and finding["details"]["namespace"] in spaces:
            found.add((finding["path"], finding["details"]["rule"]))
    return frozenset(found)


def _inside(path: str, mount: Mount) -> str:
    return unicodedata.normalize("NFC", path.removeprefix(str(mount.folder)))


def versions() -> list[str]:
    """The peers' names and versions, as each says it."""
    told = [_said(["yara", "--version"]), _said(["clamscan", "--version"]), _said(["fls", "-V"])]
    return [f"yara {told[0]}", told[1].partition("/")[0], told[2]]


def _said(command: Sequence[str]) -> str:
    done = subprocess.run([tool(command[0]), *command[1:]], capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).strip().partition("\n")[0]
