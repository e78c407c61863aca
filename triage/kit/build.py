"""Makes a stick: the folders of the systems, the packed rules, the launchers, and the signed manifest over them."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import samples_fake
import triage
from triage.case.keys import fingerprint, public_pem
from triage.errors import UsageError
from triage.intel.packed import NAME
from triage.kit import linux, windows
from triage.kit.bundle import make_bundle
from triage.kit.selfcheck import MANIFEST, PUBLIC_KEY, SCHEMA, SIGNATURE, SUMS
from triage.kit.tree import check_names, compile_modules, copy_packages, fix_times
from triage.kit.wheels import LINUX, WINDOWS, System, Wheel, fetch, unpack
from triage.times import from_unix, isoformat

SYSTEMS = {"linux": LINUX, "windows": WINDOWS}
SPARE = 600 << 20
"""Bytes that must be free before a build begins."""
CASES = "CASES"

_READ_ME = """\
Kết quả nằm ở đây: mỗi máy một thư mục. Không xoá khi chưa giao hồ sơ.\r
Results go here, one folder for each machine.\r
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be built.

    Attributes:
        to: a new or empty folder.
        systems: names of `SYSTEMS`.
        epoch: Unix seconds that every file is dated with, and the rules are released at.
        wheelhouse: see `wheels.fetch`.
        windows_python: see `windows.add_python`.
        key: signs; None for nobody.
        say: told what is being done.
    """

    to: Path
    systems: tuple[str, ...]
    epoch: int
    wheelhouse: Path | None = None
    windows_python: Path | None = None
    key: Ed25519PrivateKey | None = None
    say: Callable[[str], None] = field(default=lambda _text: None)


def build(order: Order) -> Mapping[str, Any]:
    """Makes the stick; whole, or not at all.

    Returns:
        Its manifest.

    Raises:
        UsageError: something that it takes cannot be had, or the disk has no room.
    """
    _refuse(order)
    order.to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=order.to.parent, prefix=".kit-") as place:
        scratch, root = Path(place), Path(place) / "stick"
        root.mkdir()
        pythons, packages = {}, {}
        for name in order.systems:
            order.say(f"{name}: packages")
            wheels = _site(root / name, SYSTEMS[name], scratch / name, order.wheelhouse)
            packages[name] = {wheel.name: f"{wheel.version} sha256:{wheel.sha256}" for wheel in wheels}
            order.say(f"{name}: Python")
            pythons[name] = _SYSTEM_PARTS[name](root / name, order, scratch)
        make_bundle(root / NAME, order.epoch, order.key)
        _launchers(root, order.systems)
        manifest = _seal(root, order, pythons, packages)
        (root / CASES).mkdir()
        (root / CASES / "README.txt").write_text(_READ_ME, "utf-8", newline="")
        fix_times(root, order.epoch)
        if order.to.exists():
            order.to.rmdir()
        root.rename(order.to)
    return manifest


def _refuse(order: Order) -> None:
    if not files("triage.kit").joinpath("launchers").is_dir():
        raise UsageError("this triage runs from a stick; sticks are built by an installed one")
    if order.to.exists() and (not order.to.is_dir() or any(order.to.iterdir())):
        raise UsageError(f"{order.to}: is there already and not empty; choose a new --to, then copy it to the stick")
    if "linux" in order.systems:
        linux.refuse_elsewhere()
    above = next(path for path in (order.to.absolute(), *order.to.absolute().parents) if path.exists())
    if (free := shutil.disk_usage(above).free) < SPARE * len(order.systems):
        raise UsageError(f"{above}: {free >> 20} MiB free, {SPARE * len(order.systems) >> 20} are needed; free space")


def _site(folder: Path, system: System, scratch: Path, wheelhouse: Path | None) -> list[Wheel]:
    """Packages and triage itself, compiled."""
    scratch.mkdir()
    wheels = fetch(system, scratch, wheelhouse)
    site = folder / "site"
    site.mkdir(parents=True)
    for wheel in wheels:
        unpack(wheel.path, site)
    own, fakes = (Path(package.__path__[0]).resolve() for package in (triage, samples_fake))
    copy_packages(own, site / own.name, lambda path: path.parts[0] in _PACKED or path.parts[:2] in _FOR_BUILDING)
    copy_packages(fakes, site / fakes.name, lambda path: path.parts[0] not in _FOR_DEMO)
    compile_modules(site)
    return wheels


_PACKED = frozenset(("yara_rules",))
_FOR_BUILDING = frozenset((("kit", "launchers"), ("kit", "live")))
_FOR_DEMO = frozenset(("__init__.py", "images"))
"""Of the fakes only the compressed disk: what builds them is full of the strings that virus scanners know."""


def _linux(folder: Path, order: Order, _scratch: Path) -> str:
    linux.add_python(folder)
    linux.add_libraries(folder)
    if not linux.strip(folder):
        order.say("linux: `strip` is not installed (Debian: binutils), so the folder is larger than need be")
    return sys.version.split()[0]


def _windows(folder: Path, order: Order, scratch: Path) -> str:
    site = folder.rename(scratch / "windows-site")
    carrier = scratch / "carrier"
    carrier.mkdir()
    version = windows.add_python(folder, order.windows_python, order.wheelhouse, carrier)
    (site / "site").rename(folder / "site")
    runtime = scratch / "runtime"
    runtime.mkdir()
    windows.add_runtime(folder, order.wheelhouse, runtime)
    return version if order.windows_python else f"{version}, standard library of {sys.version.split()[0]}"


_SYSTEM_PARTS: Mapping[str, Callable[[Path, Order, Path], str]] = {"linux": _linux, "windows": _windows}
_LAUNCHERS = {"linux": "triage.sh", "windows": "TRIAGE.cmd"}


def _launchers(root: Path, systems: tuple[str, ...]) -> None:
    package = files("triage.kit")
    start = Path(__file__).with_name("start.py").read_bytes()
    words = {"@PYTHON@": linux.PYTHON, "@ZIPPED@": linux.ZIPPED, "@DLL@": windows.DLL}
    for name in systems:
        text = package.joinpath("launchers", _LAUNCHERS[name]).read_text("utf-8")
        for word, meant in words.items():
            text = text.replace(word, meant)
        (root / _LAUNCHERS[name]).write_text(text, "utf-8", newline="\r\n" if name == "windows" else "\n")
        (root / name / "start.py").write_bytes(start)
    lacking = package.joinpath("launchers", "LACKING.TXT").read_text("utf-8")
    (root / "LACKING.TXT").write_text(lacking, "utf-8", newline="\r\n")
    shutil.copyfile(_licence(), root / "LICENSE.txt")
    guide = Path(triage.__file__).resolve().parents[1] / "docs/huong-dan.pdf"
    if guide.is_file():  # of the source tree only
        shutil.copyfile(guide, root / "HUONG-DAN.PDF")


def _licence() -> Path:
    """Of the source tree, else of the installed package."""
    package = Path(triage.__file__).resolve().parent
    found = [package.parent / "LICENSE", *sorted(package.parent.glob("triage-*.dist-info/**/LICENSE"))]
    return next(path for path in found if path.is_file())


def _seal(root: Path, order: Order, pythons: Mapping[str, str], packages: Mapping[str, Any]) -> Mapping[str, Any]:
    check_names(root)
    key = None if order.key is None else order.key.public_key()
    listed = {name: (path.stat().st_size, _digest(path)) for name, path in _files(root) if name != NAME}
    manifest = {
        "schema": SCHEMA,
        "triage": triage.__version__,
        "built": isoformat(from_unix(order.epoch)),
        "python": dict(pythons),
        "packages": dict(packages),
        "key": None if key is None else fingerprint(key),
        "files": listed,
    }
    data = json.dumps(manifest, indent=0, sort_keys=True).encode() + b"\n"
    (root / MANIFEST).write_bytes(data)
    (root / SUMS).write_bytes("".join(f"{digest}  {name}\n" for name, (_, digest) in listed.items()).encode())
    if order.key is not None and key is not None:
        (root / SIGNATURE).write_bytes(order.key.sign(data))
        (root / PUBLIC_KEY).write_bytes(public_pem(key))
    return manifest


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(root.rglob("*")):
        if path.is_file():
            yield path.relative_to(root).as_posix(), path


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
