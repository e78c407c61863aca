"""What the benchmark disk holds: published Windows packages, each release named, and where Windows would keep them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SITE = "/Program Files/Python311/Lib/site-packages"
SYSTEM = "/Windows/System32"


@dataclass(frozen=True, slots=True)
class Package:
    """One release.

    Attributes:
        name, version: as pip takes them.
        folder: where its files lie on the disk.
        system: its programs and libraries lie in `System32` instead, as those of Windows do.
    """

    name: str
    version: str
    folder: str = SITE
    system: bool = False


PACKAGES = (
    Package("ansible", "12.3.0", "/ProgramData/ansible"),
    Package("botocore", "1.44.5", "/ProgramData/cloud"),
    Package("cmake", "4.4.4", "/Program Files/CMake"),
    Package("debugpy", "1.8.22"),
    Package("django", "5.2.19", "/inetpub/wwwroot"),
    Package("duckdb", "2.0.0"),
    Package("grpcio", "1.85.1"),
    Package("h5py", "3.16.0"),
    Package("jupyterlab", "4.6.6", "/Program Files (x86)/Notebook"),
    Package("llvmlite", "0.50.0", system=True),
    Package("lxml", "6.1.3"),
    Package("matplotlib", "3.11.2"),
    Package("numpy", "2.4.6"),
    Package("oci", "2.189.0", "/ProgramData/cloud"),
    Package("onnxruntime", "1.32.0", "/Program Files/Scan"),
    Package("opencv-python-headless", "5.0.0.93", system=True),
    Package("panda3d", "1.10.16", system=True),
    Package("pandas", "3.1.1"),
    Package("playwright", "1.65.2", "/Program Files (x86)/Browser"),
    Package("pyarrow", "26.0.1"),
    Package("pymupdf", "2.0", "/Program Files (x86)/Reader"),
    Package("PySide6-Addons", "6.12.0", system=True),
    Package("PySide6-Essentials", "6.12.0", system=True),
    Package("pywin32", "312"),
    Package("ruff", "0.17.6", "/Program Files/Tools"),
    Package("scikit-learn", "1.9.1"),
    Package("scipy", "1.17.1"),
    Package("shapely", "2.2.0"),
    Package("sympy", "1.14.0"),
    Package("wxPython", "4.3.2", "/Program Files (x86)/Forms"),
)
"""In the order they are installed."""


def download(folder: Path) -> dict[Package, Path]:
    """The wheel of each package; those that are not there yet are downloaded with pip.

    Raises:
        subprocess.CalledProcessError: pip failed, and has said why.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [package for package in PACKAGES if not _found(package, folder)]
    if missing:
        target = ["--only-binary=:all:", "--platform", "win_amd64", "--python-version", "3.11"]
        names = [f"{package.name}=={package.version}" for package in missing]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *target, "-d", str(folder), *names]
        subprocess.run(command, check=True)
    return {package: _found(package, folder)[0] for package in PACKAGES}


def _found(package: Package, folder: Path) -> list[Path]:
    stem = package.name.replace("-", "_").lower()
    return [path for path in folder.glob("*.whl") if path.name.lower().startswith(f"{stem}-{package.version}-")]
