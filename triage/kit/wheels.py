"""What triage depends on, as wheels for one system: from the package registry, or from a folder of wheels.

Whatever is installed beside this triage is taken in the same version: what was tested is what goes onto the stick.

References:
    PEP 427 (wheels), PEP 508 (markers), PEP 503 (names).
"""

from __future__ import annotations

import configparser
import hashlib
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email.parser import BytesParser
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path, PurePosixPath

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

import triage
from triage.errors import UsageError

_NOT_NEEDED = frozenset(("test", "tests", "SelfTest", "includes", "pkgconfig", "scripts", "headers", "__pycache__"))
_NO_CODE = frozenset((".pyi", ".c", ".h", ".pxd", ".pyx", ".la", ".a", ".lib", ".pth"))
_OF_THE_INSTALLER = frozenset(("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "WHEEL", "metadata.json"))
_BUILD_SCRIPTS = frozenset(("_build.py", "setup.py"))
"""What some wheels carry at their top by mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """What wheels must run on. markers: over those of this machine; tags: `--platform` of pip, none for this one."""

    name: str
    markers: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()


LINUX = System(name="linux")
WINDOWS = System(
    name="windows",
    markers={
        "sys_platform": "win32",
        "platform_system": "Windows",
        "os_name": "nt",
        "platform_machine": "AMD64",
    },
    tags=("win_amd64",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A wheel that was fetched."""

    name: str
    version: str
    path: Path

    @property
    def sha256(self) -> str:
        """Of its bytes."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


def own_requirements() -> list[Requirement]:
    """What triage itself asks for: of the source tree that runs, else of the installed package."""
    setup = Path(triage.__file__).resolve().parents[1] / "setup.cfg"
    if setup.is_file():
        told = configparser.ConfigParser()
        told.read(setup, encoding="utf-8")
        lines = told["options"]["install_requires"].strip().splitlines()
    else:
        lines = requires("triage") or []
    return [Requirement(line) for line in lines]


def fetch(system: System, into: Path, wheelhouse: Path | None) -> list[Wheel]:
    """Every wheel that triage needs on a system, by name.

    Args:
        system: where they are to run.
        into: an empty folder.
        wheelhouse: a folder of wheels; None for the registry that pip is set to.

    Raises:
        UsageError: one cannot be had; ends with what pip said.
    """
    environment = {key: str(value) for key, value in default_environment().items()} | system.markers | {"extra": ""}
    waiting, wheels = own_requirements(), dict[str, Wheel]()
    while wanted := {
        canonicalize_name(one.name): one
        for one in waiting
        if canonicalize_name(one.name) not in wheels and (one.marker is None or one.marker.evaluate(environment))
    }:
        download((_pinned(one) for one in wanted.values()), system, into, wheelhouse)
        new = [wheel for wheel in _wheels(into) if wheel.name not in wheels]
        if missed := wanted.keys() - {wheel.name for wheel in new}:
            raise UsageError(f"{into}: pip gave no wheel of {', '.join(sorted(missed))}")
        wheels |= {wheel.name: wheel for wheel in new}
        waiting = [one for wheel in new for one in _needs(wheel.path)]
    return [wheels[name] for name in sorted(wheels)]


def download(wanted: Iterable[str], system: System, into: Path, wheelhouse: Path | None) -> None:
    """Wheels of just these packages, by pip.

    Raises:
        UsageError: one cannot be had.
    """
    words = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    words += ["--only-binary=:all:", "--dest", str(into)]
    for tag in system.tags:
        words += ["--platform", tag, "--python-version", f"{sys.version_info[0]}.{sys.version_info[1]}"]
        words += ["--implementation", "cp"]
    if wheelhouse is not None:
        words += ["--no-index", "--find-links", str(wheelhouse)]
    done = subprocess.run(  # noqa: S603 - this Python's pip; names come from package metadata, never from evidence
        [*words, *sorted(wanted)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or [done.stderr.strip()]
        raise UsageError(f"wheels for {system.name}: {errors[-1].removeprefix('ERROR: ')}; try --wheelhouse")


def _pinned(one: Requirement) -> str:
    try:
        return f"{one.name}=={version(one.name)}"
    except PackageNotFoundError:
        return f"{one.name}{one.specifier}"


def _wheels(folder: Path) -> Iterator[Wheel]:
    for path in sorted(folder.glob("*.whl")):
        name, release, *_ = parse_wheel_filename(path.name)
        yield Wheel(name=name, version=str(release), path=path)


def _needs(path: Path) -> list[Requirement]:
    with zipfile.ZipFile(path) as wheel:
        member = next(name for name in wheel.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
        told = BytesParser().parsebytes(wheel.read(member), headersonly=True)
    return [Requirement(line) for line in told.get_all("Requires-Dist", [])]


def unpack(wheel: Path, site: Path) -> None:
    """Puts a wheel's modules, data and licence below `site`; leaves out tests, sources of C and what installers note.

    Raises:
        UsageError: two wheels bring the same file, or one reaches out of its folder.
    """
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            inner = _place(name)
            if inner is None:
                continue
            target = site / inner
            if target.exists():
                raise UsageError(f"{wheel.name}: {inner} is of another package, too")
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, target.open("wb") as out:
                shutil.copyfileobj(source, out)


def _place(name: str) -> PurePosixPath | None:
    """Where a member of a wheel goes; None for nowhere."""
    path = PurePosixPath(name)
    if name.endswith("/") or path.is_absolute() or ".." in path.parts:
        return None
    if path.parts[0].endswith(".data"):  # <package>.data/purelib/…
        path = PurePosixPath(*path.parts[1:])
        if path.parts[0] in ("purelib", "platlib"):
            path = PurePosixPath(*path.parts[1:])
    if len(path.parts) == 1 and path.name in _BUILD_SCRIPTS:
        return None
    info = path.parts[0].endswith(".dist-info")
    if set(path.parts[:-1]) & _NOT_NEEDED or (not info and path.suffix in _NO_CODE):
        return None
    return None if info and path.name in _OF_THE_INSTALLER else path
