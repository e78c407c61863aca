"""`triage kit iso`: a stick to start a machine from, as one hybrid image for BIOS and UEFI.

A small Debian that has no way to write to the evidence: see `live_root` for what is in it, `live/` for how it starts,
`results` for the only place that it writes to.

Limits:
    Secure Boot is not assembled: it has to be switched off. The machine needs a 64-bit processor.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from triage import __version__
from triage.errors import CaseError, UsageError
from triage.kit import live_root
from triage.kit.results import LABEL

VOLUME = "TRIAGE_KIT"
BUILD_ID_DIGITS = 16
SPACE_NEEDED = 3 << 30
"""Bytes free for the build, measured generously: root, squashfs and image."""

SMALLEST_DATA = 64 << 20
"""Bytes; FAT32 needs 65,525 clusters."""

PROGRAMS: Mapping[str, str] = {
    "mmdebstrap": "mmdebstrap",
    "mksquashfs": "squashfs-tools",
    "grub-mkrescue": "grub-common",
    "xorriso": "xorriso",
    "mformat": "mtools",
    "mkfs.vfat": "dosfstools",
    "dpkg-query": "dpkg",
}
"""Programs and the Debian packages that have them."""

GRUB_PLATFORMS: Mapping[str, str] = {"i386-pc": "grub-pc-bin", "x86_64-efi": "grub-efi-amd64-bin"}
GRUB_FOLDER = Path("/usr/lib/grub")


@dataclass(frozen=True, slots=True, kw_only=True)
class IsoPlan:
    """What to build.

    Attributes:
        to: the image, not there yet.
        mirrors: addresses or `sources.list` files, as mmdebstrap takes them; empty: its own choice.
        wheelhouse: folder of wheels to take instead of asking a registry.
        data_size: bytes of a data partition behind the system; 0 for none.
        epoch: Unix seconds, the time that everything in the image carries.
    """

    to: Path
    mirrors: tuple[str, ...] = ()
    wheelhouse: Path | None = None
    data_size: int = 0
    epoch: int


def epoch_from(environment: Mapping[str, str]) -> int:
    """SOURCE_DATE_EPOCH where it is set, else now; Unix seconds.

    Raises:
        UsageError: it is no number.
    """
    text = environment.get("SOURCE_DATE_EPOCH")
    if text is None:
        return int(time.time())
    if not text.isdecimal():
        raise UsageError(f"SOURCE_DATE_EPOCH is {text!r}, not a number of seconds; correct or unset it")
    return int(text)


def require(plan: IsoPlan) -> None:
    """Refuses before anything is made what would fail after minutes.

    Raises:
        UsageError: not Linux, not root, a program or GRUB platform is missing, or the plan itself is wrong.
        CaseError: the disk has no room.
    """
    if sys.platform != "linux":
        raise UsageError("a live image is made on Linux (Debian 12 or later)")
    if (here := f"{sys.version_info[0]}.{sys.version_info[1]}") != live_root.PYTHON:
        raise UsageError(
            f"the live system's Python is {live_root.PYTHON}, this one {here}: run triage on {live_root.PYTHON}"
        )
    missing = sorted({package for program, package in PROGRAMS.items() if shutil.which(program) is None})
    missing += [package for name, package in GRUB_PLATFORMS.items() if not (GRUB_FOLDER / name).is_dir()]
    if missing:
        raise UsageError(f"programs are missing: `apt-get install {' '.join(missing)}`, then again")
    if os.geteuid() != 0:
        raise UsageError("making a live image needs root: run it with sudo")
    if plan.to.exists():
        raise UsageError(f"{plan.to} exists; remove it or choose another --to")
    if not plan.to.parent.is_dir():
        raise UsageError(f"{plan.to.parent}: no such folder; make it or choose another --to")
    if plan.wheelhouse and not plan.wheelhouse.is_dir():
        raise UsageError(f"{plan.wheelhouse}: no such folder; correct --wheelhouse")
    if 0 < plan.data_size < SMALLEST_DATA:
        raise UsageError(f"a data partition has at least {SMALLEST_DATA >> 20} MiB; give --data more")
    free = shutil.disk_usage(plan.to.parent).free
    if free < SPACE_NEEDED + plan.data_size:
        raise CaseError(f"{plan.to.parent}: {free >> 20} MiB free, {SPACE_NEEDED + plan.data_size >> 20} are needed")


def build_iso(plan: IsoPlan, say: Callable[[str], None]) -> str:
    """Builds the image and gives its SHA-256 in hex; what was begun is removed where it fails.

    Raises:
        TriageError: `require` refuses, or a program of the build failed.
    """
    require(plan)
    with tempfile.TemporaryDirectory(prefix=".triage-iso-", dir=plan.to.parent) as folder:
        work = Path(folder)
        root, tree = work / "root", work / "tree"
        say("1/4 Debian packages")
        _make_root(root, work / "overlay", plan)
        say("2/4 triage and what it needs")
        (work / "wheels").mkdir()
        live_root.install_tool(root, work / "wheels", plan.wheelhouse)
        live_root.tidy(root)
        say("3/4 squashfs")
        build_id = _make_tree(root, tree, plan.epoch)
        say("4/4 image")
        _make_image(tree, work / "image", build_id, plan)
        with (work / "image").open("rb") as image:
            digest = hashlib.file_digest(image, "sha256").hexdigest()
        (work / "image").rename(plan.to)
    return digest


def _environment(epoch: int) -> dict[str, str]:
    return {**os.environ, "SOURCE_DATE_EPOCH": str(epoch), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _make_root(root: Path, overlay: Path, plan: IsoPlan) -> None:
    live_root.lay_out(overlay)
    live_root.run(live_root.debootstrap_command(root, overlay, plan.mirrors), _environment(plan.epoch))


def _make_tree(root: Path, tree: Path, epoch: int) -> str:
    """The folder that becomes the image; gives the build's id, which is its squashfs's."""
    live, grub = tree / "live", tree / "boot/grub"
    live.mkdir(parents=True)
    grub.mkdir(parents=True)
    for name in ("vmlinuz", "initrd.img"):
        (found,) = root.glob(f"boot/{name}-*")
        shutil.copyfile(found, live / name)
    (live / "packages.txt").write_text(live_root.package_list(root), encoding="utf-8")
    squashfs = live / "filesystem.squashfs"
    command = ("mksquashfs", str(root), str(squashfs), "-comp", "zstd", "-Xcompression-level", "15", "-noappend")
    times = ("-mkfs-time", str(epoch), "-all-time", str(epoch))
    environment = {name: value for name, value in _environment(epoch).items() if name != "SOURCE_DATE_EPOCH"}
    live_root.run((*command, *times, "-no-progress", "-quiet", "-e", "boot"), environment)
    with squashfs.open("rb") as packed:
        build_id = hashlib.file_digest(packed, "sha256").hexdigest()[:BUILD_ID_DIGITS]
    (live / "build-id").write_text(f"{build_id}\n", encoding="ascii")
    menu = (live_root.LIVE / "grub.cfg").read_text(encoding="utf-8")
    (grub / "grub.cfg").write_text(
        menu.replace("@BUILD@", build_id).replace("@VERSION@", __version__), encoding="utf-8"
    )
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(live.iterdir()))
    (live / "SHA256SUMS").write_text(sums, encoding="ascii")
    for path in (*tree.rglob("*"), tree):
        os.utime(path, (epoch, epoch))
    return build_id


def _make_image(tree: Path, image: Path, build_id: str, plan: IsoPlan) -> None:
    stamp = time.strftime("%Y%m%d%H%M%S00", time.gmtime(plan.epoch))
    dates = ["-volume_date", "uuid", stamp, "-alter_date_r", "b-c", f"={plan.epoch}", "/", "--"]
    data = _data_partition(image.with_name("data"), plan, build_id) if plan.data_size else []
    environment = _environment(plan.epoch)
    programs = image.with_name("programs")
    environment["PATH"] = f"{programs}:{environment['PATH']}"
    _same_serial(programs, build_id[:8])
    live_root.run(["grub-mkrescue", "-o", str(image), str(tree), "--", "-volid", VOLUME, *dates, *data], environment)


def _same_serial(programs: Path, serial: str) -> None:
    """A `mformat` for grub-mkrescue, which else gives the EFI partition a random serial number."""
    programs.mkdir()
    wrapper = programs / "mformat"
    wrapper.write_text(f'#!/bin/sh\nexec "{shutil.which("mformat")}" -N {serial} "$@"\n', encoding="utf-8")
    wrapper.chmod(0o755)


def _data_partition(path: Path, plan: IsoPlan, build_id: str) -> list[str]:
    """Makes an empty FAT32 file system, and gives xorriso's words to put it behind the system."""
    with path.open("xb") as out:
        out.truncate(plan.data_size)
    live_root.run(["mkfs.vfat", "-F", "32", "-n", LABEL, "-i", build_id[:8], "--invariant", str(path)])
    return ["-append_partition", "3", "0x0c", str(path)]
