"""A stick in small: the live image's own boot script, hook and rule over a root of busybox and the tool.

The kernel is the one of cloud machines and is started without firmware or boot menu, so it takes seconds.
"""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import samples_fake
import triage
from triage.intel.roots import rules_root
from triage.kit import live_root
from triage.kit.iso import VOLUME
from triage.kit.linux import LOADER, PYTHON, ZIPPED, add_libraries, add_python
from triage.kit.tree import compile_modules
from triage.kit.wheels import own_requirements

BUILD = "0123456789abcdef"
PROGRAMS = ("mkinitramfs", "mksquashfs", "xorriso", "busybox", "/lib/systemd/systemd-udevd")
MODULES = "virtio_pci\nvirtio_blk\nisofs\nsquashfs\noverlay\nloop\n"

INIT = f"""#!/bin/busybox sh
export PATH=/bin PYTHONHOME=/triage PYTHONSAFEPATH=1
exec </dev/ttyS0 >/dev/ttyS0 2>&1
busybox mount -t tmpfs tmpfs /tmp; busybox mkdir -p /dev/shm; busybox mount -t tmpfs tmpfs /dev/shm
for node in /sys/class/block/vd*; do echo "READ-ONLY ${{node##*/}} $(busybox cat $node/ro)"; done
busybox dd if=/dev/zero of=/dev/vdb bs=512 count=1; echo "DD $?"
busybox dd if=/dev/zero of=/dev/vdb1 bs=512 count=1; echo "DD $?"
busybox mount -t ext4 /dev/vdc /tmp; echo "MOUNT $?"
run() {{
    PYTHONPATH=/triage/lib/{ZIPPED}:/triage/lib/{PYTHON}:/triage/lib/{PYTHON}/lib-dynload:/triage/site \\
        /triage/bin/{LOADER} --inhibit-cache --library-path /triage/so /triage/bin/{PYTHON} -P -m triage "$@"
}}
run scan /dev/vdb --case /tmp/case --depth quick --workers 1 --collect none --quiet --lang en; echo "SCAN $?"
busybox poweroff -f
"""


def kernel() -> Path:
    """The newest kernel of cloud machines that is installed."""
    found = sorted(Path("/boot").glob("vmlinuz-*-cloud-amd64"))
    lacking = [name for name in PROGRAMS if shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") is None]
    if lacking or not found:
        pytest.skip(f"not installed: {', '.join(lacking) or 'linux-image-cloud-amd64'}")
    return found[-1]


def initrd(folder: Path, version: str) -> Path:
    """As the live image has it, with fewer drivers."""
    live_root.lay_out(folder / "overlay")
    settings = folder / "overlay/etc/initramfs-tools"
    (settings / "conf.d").mkdir(exist_ok=True)
    (settings / "initramfs.conf").write_text("MODULES=list\nBUSYBOX=no\nCOMPRESS=zstd\nCOMPRESSLEVEL=1\nRESUME=none\n")
    (settings / "conf.d/triage").unlink()
    (settings / "modules").write_text(MODULES)
    made = folder / "initrd"
    subprocess.run(["mkinitramfs", "-d", settings, "-o", made, version], check=True, capture_output=True)
    return made


def medium(folder: Path) -> Path:
    """What is started from: an ISO 9660 image with the root in it."""
    root, tree = folder / "root", folder / "tree/live"
    for place in ("bin", "sbin", "proc", "sys", "dev", "run", "tmp", "etc"):
        (root / place).mkdir(parents=True)
    tree.mkdir(parents=True)
    shutil.copyfile(shutil.which("busybox"), root / "bin/busybox")
    (root / "bin/sh").symlink_to("busybox")
    (root / "sbin/init").write_text(INIT)
    for path in (root / "bin/busybox", root / "sbin/init"):
        path.chmod(0o755)
    _tool(root / "triage")
    image = folder / "medium.iso"
    packed = tree / "filesystem.squashfs"
    pack = ("mksquashfs", root, packed, "-comp", "zstd", "-Xcompression-level", "1", "-no-progress", "-quiet")
    subprocess.run(pack, check=True, capture_output=True)
    (tree / "build-id").write_text(BUILD)
    subprocess.run(
        ["xorriso", "-as", "mkisofs", "-quiet", "-V", VOLUME, "-R", "-o", image, tree.parent],
        check=True,
        capture_output=True,
    )
    return image


def _tool(place: Path) -> None:
    add_python(place)
    site = place / "site"
    unwanted = shutil.ignore_patterns("__pycache__", "*.pyc", "*.dist-info", "tests")
    for source in (triage, samples_fake):
        shutil.copytree(Path(source.__file__).parent, site / source.__name__, ignore=unwanted)
    shutil.copytree(rules_root(), site / "triage/yara_rules", ignore=unwanted, dirs_exist_ok=True)
    for name in _needed():
        for file in importlib.metadata.files(name) or ():
            source = Path(file.locate())
            if ".." not in file.parts and source.is_file() and "__pycache__" not in file.parts:
                (site / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, site / file)
    compile_modules(site)
    add_libraries(place)
    for path in (place / "bin").iterdir():
        path.chmod(0o755)


def _needed() -> set[str]:
    waiting, names = own_requirements(), set()
    while waiting:
        one = waiting.pop()
        if one.name in names or (one.marker and not one.marker.evaluate({"extra": ""})):
            continue
        names.add(one.name)
        waiting += [Requirement(line) for line in importlib.metadata.requires(one.name) or ()]
    return names


def version_of(image: Path) -> str:
    return re.sub("^vmlinuz-", "", image.name)
