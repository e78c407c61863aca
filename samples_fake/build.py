"""A scene as a disk image in any of the containers a disk arrives in. Harmless fakes inside.

Limits:
    Ex01 is not written: ewfacquire 20140814 offers `encase7-v2`, but says "unsupported" and writes E01 instead.
    E01 carries a random set id, VHD, VHDX and VMDK random ids of their own: the disk inside is the same, not the file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from samples_fake.clock import run
from samples_fake.disk import write_disk
from samples_fake.tree import Scene
from triage.model import UnixNs

SPLIT_PART = 16 << 20
"""Bytes of a part of a split raw image."""


def build_image(scene: Scene, path: Path, *, table: str = "mbr", fmt: str = "raw") -> Path:
    """Builds the scene as an image and gives the file to open: the first one where there are several.

    Args:
        scene: what is on the disk.
        path: the image, `demo.img`; split raw and E01 put their own endings behind it (`demo.img.001`, `demo.img.E01`).
        table: `mbr`, `gpt` or `none`.
        fmt: one of FORMATS.

    Raises:
        ToolError: a tool is missing or failed.
        ValueError: an unknown table or format, or several volumes without a table.
        FileExistsError: the image is already there.
    """
    if fmt not in FORMATS:
        raise ValueError(f"format {fmt!r} is not one of {', '.join(FORMATS)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    if fmt == "raw":
        write_disk(scene, path, table)
        return path
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        raw = Path(folder, "disk.raw")
        write_disk(scene, raw, table)
        return FORMATS[fmt](raw, path, scene.volumes[0].made)


def _raw(raw: Path, path: Path, _made: UnixNs) -> Path:
    return raw.rename(path)


def _split(raw: Path, path: Path, _made: UnixNs) -> Path:
    with raw.open("rb") as source:
        number = 1
        while block := source.read(SPLIT_PART):
            _part(path, number).write_bytes(block)
            number += 1
    return _part(path, 1)


def _part(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number:03d}")


def _ewf(kind: str, ending: str) -> Callable[[Path, Path, UnixNs], Path]:
    def convert(raw: Path, path: Path, made: UnixNs) -> Path:
        run(
            "ewfacquire",
            "-u",
            "-q",
            "-t",
            path,
            "-C",
            "harmless-fake",
            "-D",
            "harmless fake",
            "-e",
            "samples_fake",
            "-E",
            "1",
            "-N",
            "harmless fake",
            "-m",
            "fixed",
            "-M",
            "physical",
            "-f",
            kind,
            "-c",
            "deflate:best",
            "-S",
            "1.4GiB",
            "-d",
            "sha1",
            raw,
            when=made,
        )
        return path.with_name(path.name + ending)

    return convert


def _qemu(kind: str, options: str = "") -> Callable[[Path, Path, UnixNs], Path]:
    def convert(raw: Path, path: Path, made: UnixNs) -> Path:
        if path.exists():
            raise FileExistsError(f"{path} is already there")
        more = ("-o", options) if options else ()
        run("qemu-img", "convert", "-f", "raw", "-O", kind, *more, raw, path, when=made)
        return path

    return convert


FORMATS: Mapping[str, Callable[[Path, Path, UnixNs], Path]] = MappingProxyType(
    {
        "raw": _raw,
        "split": _split,
        "e01": _ewf("encase6", ".E01"),
        "vmdk": _qemu("vmdk"),
        "vmdk-stream": _qemu("vmdk", "subformat=streamOptimized"),
        "vhd": _qemu("vpc", "force_size=on"),
        "vhd-fixed": _qemu("vpc", "subformat=fixed,force_size=on"),
        "vhdx": _qemu("vhdx"),
        "qcow2": _qemu("qcow2"),
    }
)
