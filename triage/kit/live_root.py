"""The root file system of the live image: Debian's packages, our files in their places, the tool itself.

What is not there cannot touch the evidence: no network, no drivers of network, graphics, RAID or device mapper, no
drivers of file systems but those of the stick itself, no program that sets the machine's clock.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import samples_fake
import triage
from triage.errors import TriageError
from triage.intel.roots import rules_root
from triage.kit.wheels import System, fetch, unpack

SUITE = "bookworm"
PYTHON = "3.11"
"""Of that suite."""

PACKAGES = (
    *("linux-image-amd64", "initramfs-tools", "systemd-sysv", "udev", "kmod", "python3"),
    *("kbd", "console-setup-linux", "less"),
)
"""Nothing of mdadm or lvm2, which would assemble what they find; no ntfs-3g or the like, which mounts it."""

LIVE = Path(__file__).parent / "live"

FILES: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "readonly.rules": ("etc/udev/rules.d/00-triage-readonly.rules", 0o644),
        "initramfs-hook": ("etc/initramfs-tools/hooks/triage", 0o755),
        "initramfs-boot": ("etc/initramfs-tools/scripts/triage", 0o644),
        "start": ("usr/lib/triage/start", 0o755),
        "triage": ("usr/local/bin/triage", 0o755),
        "triage@.service": ("etc/systemd/system/triage@.service", 0o644),
        "serial.conf": ("etc/systemd/system/triage@ttyS0.service.d/serial.conf", 0o644),
        "shell.conf": ("etc/systemd/system/getty@tty2.service.d/autologin.conf", 0o644),
    }
)
"""Files of `live/`, where they go and their modes."""

TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "etc/hostname": "triage\n",
        "etc/hosts": "127.0.0.1 localhost triage\n",
        "etc/fstab": "# nothing is mounted but by the boot script and triage.kit.results\n",
        "etc/adjtime": "0.0 0 0.0\n0\nUTC\n",
        "etc/initramfs-tools/conf.d/triage": "RESUME=none\nCOMPRESS=zstd\nMODULES=most\n",
        "etc/default/console-setup": 'CHARMAP="UTF-8"\nCODESET="Vietnamese"\nFONTFACE="Fixed"\nFONTSIZE="8x16"\n',
    }
)

_FIXED = {"PATH": "/usr/bin:/usr/sbin", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
"""The order of sets in bytecode is that of their hashes."""

UNITS = "etc/systemd/system"
WANTED = ("triage@tty1.service", "triage@ttyS0.service", "getty@tty2.service")
MASKED = (
    *("getty@tty1.service", "serial-getty@ttyS0.service", "systemd-networkd.service", "systemd-timesyncd.service"),
    *("systemd-pstore.service", "fstrim.timer", "fstrim.service", "e2scrub_all.timer", "e2scrub_reap.service"),
    *("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "hwclock.service"),
    *("systemd-hibernate.service", "systemd-gpt-auto-generator.service", "swap.target", "console-setup.service"),
    *(
        "keyboard-setup.service",
        "systemd-rfkill.service",
        "systemd-rfkill.socket",
        "modprobe@efi_pstore.service",
        "getty-static.service",
    ),
)

LEFT_OUT = (
    *(
        "/usr/share/man/*",
        "/usr/share/doc/*",
        "/usr/share/info/*",
        "/usr/share/locale/*",
        "/usr/share/bash-completion/*",
    ),
    *(
        "/sbin/hwclock",
        "/usr/sbin/hwclock",
        "/sbin/mkswap",
        "/sbin/swapon",
        "/sbin/fstrim",
        "/usr/share/consolefonts/*",
    ),
    *(
        "/lib/modules/*/kernel/drivers/block/floppy.ko",
        "/lib/modules/*/kernel/net/*",
        "/lib/modules/*/kernel/sound/*",
        "/lib/modules/*/kernel/fs/*",
    ),
    *(
        f"/lib/modules/*/kernel/drivers/{kind}/*"
        for kind in (
            *("net", "gpu", "media", "infiniband", "staging", "md", "iio", "isdn", "bluetooth", "target", "vhost"),
            *("firewire", "mtd", "nfc", "comedi", "accel", "rtc", "usb/gadget", "nvme/target", "hwmon", "video"),
        )
    ),
)
KEPT = (
    *("/usr/share/doc/*/copyright", "/usr/share/consolefonts/Vietnamese-*"),
    *(f"/lib/modules/*/kernel/fs/{kind}/*" for kind in ("exfat", "fat", "isofs", "nls", "overlayfs", "squashfs")),
)
"""Of what is left out; later patterns win."""

_BUILT_FOR = ("manylinux1", "manylinux2010", "manylinux2014", *(f"manylinux_2_{minor}" for minor in range(5, 37)))
SYSTEM = System(name="the live system", tags=tuple(f"{name}_x86_64" for name in _BUILT_FOR))
"""Wheels that run on the suite's C library, 2.36."""


def lay_out(root: Path) -> None:
    """Puts our own files where they go, in a folder that is empty as yet."""
    for name, (place, mode) in FILES.items():
        _put(root / place, (LIVE / name).read_bytes(), mode)
    for place, text in TEXTS.items():
        _put(root / place, text.encode(), 0o644)
    wants = root / UNITS / "multi-user.target.wants"
    wants.mkdir(parents=True)
    for unit in WANTED:
        template = f"{unit.partition('@')[0]}@.service"
        home = "/etc/systemd/system" if template == "triage@.service" else "/lib/systemd/system"
        (wants / unit).symlink_to(f"{home}/{template}")
    for unit in MASKED:
        (root / UNITS / unit).symlink_to("/dev/null")
    (root / UNITS / "default.target").symlink_to("/lib/systemd/system/multi-user.target")
    (root / "results").mkdir()


def _put(path: Path, data: bytes, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(mode)


def debootstrap_command(root: Path, overlay: Path, mirrors: Sequence[str]) -> list[str]:
    """The command that makes the root from packages; our files are there before the first of them is set up."""
    options = [f"path-exclude={pattern}" for pattern in LEFT_OUT] + [f"path-include={pattern}" for pattern in KEPT]
    return [
        *("mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory", "--components=main", "--quiet"),
        f"--include={','.join(PACKAGES)}",
        *(f"--dpkgopt={option}" for option in options),
        "--aptopt=APT::Install-Recommends false",
        f'--setup-hook=cp -a {overlay}/. "$1"',
        *(SUITE, str(root), *mirrors),
    ]


def install_tool(root: Path, wheels: Path, wheelhouse: Path | None) -> None:
    """Puts the tool as it is installed here, and the wheels that it needs, into the root, and compiles all Python.

    Args:
        root: with Python in it.
        wheels: an empty folder for what is fetched.
        wheelhouse: where to take them from instead of a registry.

    Raises:
        TriageError: a wheel is not to be had, or the root's own Python failed.
    """
    target = root / f"usr/local/lib/python{PYTHON}/dist-packages"
    target.mkdir(parents=True, exist_ok=True)
    for wheel in fetch(SYSTEM, wheels, wheelhouse):
        unpack(wheel.path, target)
    unwanted = shutil.ignore_patterns("__pycache__", "*.pyc")
    parts = (Path(triage.__path__[0]), "triage"), (Path(samples_fake.__path__[0]), "samples_fake")
    for folder, name in (*parts, (rules_root(), "triage/yara_rules")):
        shutil.copytree(folder, target / name, ignore=unwanted, dirs_exist_ok=True)
    shutil.rmtree(target / "triage/kit/live", ignore_errors=True)
    compile_all = (
        *("-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"),
        f"/usr/lib/python{PYTHON}",
    )
    run(
        ["chroot", str(root), f"/usr/bin/python{PYTHON}", *compile_all, f"/usr/local/lib/python{PYTHON}/dist-packages"],
        _FIXED,
    )
    run(["chroot", str(root), "/usr/local/bin/triage", "--version"], _FIXED)  # everything it imports is there


def tidy(root: Path) -> None:
    """Takes away what differs from build to build, and what only an installation needs."""
    for folder in ("var/log", "var/cache", "var/lib/apt/lists", "tmp", "var/tmp", "run"):
        for path in (root / folder).iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for name in ("etc/resolv.conf", "var/lib/systemd/random-seed", "var/lib/systemd/catalog/database", "etc/.pwd.lock"):
        (root / name).unlink(missing_ok=True)
    for name in ("etc/passwd-", "etc/group-", "etc/shadow-", "etc/gshadow-", "etc/udev/hwdb.bin"):
        (root / name).unlink(missing_ok=True)
    (root / "etc/machine-id").write_bytes(b"")


def package_list(root: Path) -> str:
    """Debian's packages in the root with their versions, and Python's, a line each."""
    told = subprocess.run(  # noqa: S603 - of this machine
        ["dpkg-query", f"--admindir={root}/var/lib/dpkg", "-W", "-f", "${Package} ${Version}\n"],  # noqa: S607
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return "".join(sorted(told.splitlines(keepends=True))) + "".join(sorted(_wheels(root)))


def _wheels(root: Path) -> Iterator[str]:
    for info in (root / f"usr/local/lib/python{PYTHON}/dist-packages").glob("*.dist-info"):
        name, _, version = info.name.removesuffix(".dist-info").partition("-")
        yield f"python:{name} {version}\n"


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
    """Runs a program of the build.

    Raises:
        TriageError: it failed; the message has its name and its last lines.
    """
    done = subprocess.run(  # noqa: S603 - the programs of the build
        command, check=False, capture_output=True, text=True, errors="replace", env=environment
    )
    if done.returncode:
        said = " | ".join((done.stderr or done.stdout).strip().splitlines()[-4:])
        raise TriageError(f"{command[0]} failed with exit code {done.returncode}: {said}")
