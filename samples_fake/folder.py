"""Writes a scene as an ordinary folder: harmless fakes, names as they are, times as far as the system lets them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from samples_fake.tree import FakeFile, Scene
from triage.model import UnixNs


def build_folder(scene: Scene, path: Path) -> Path:
    """Writes every file that is not deleted; gives the path.

    A scene of several volumes gets a folder for each, named by its number. A name that the system
    cannot hold (more than 255 bytes in UTF-8, or reserved) is left out: see `holds`.

    Raises:
        FileExistsError: path is there and not empty.
    """
    path.mkdir(parents=True, exist_ok=True)
    if any(path.iterdir()):
        raise FileExistsError(f"{path} is not empty; give a new folder")
    for number, volume in scene.numbered():
        root = path / str(number) if len(scene.volumes) > 1 else path
        root.mkdir(exist_ok=True)
        write_files(volume.files, root, default=volume.made)
    return path


def write_files(files: Sequence[FakeFile], root: Path, *, default: UnixNs) -> None:
    """Writes files below a folder that is there; `default` is the time of whatever has none."""
    kept = [file for file in files if not file.deleted and holds(file)]
    for file in kept:
        _write(file, root)
    named = {file.path: file for file in kept}
    paths = set(named)
    for file in kept:
        for path in (file.path, *file.hard_links):
            while path := path.rpartition("/")[0]:
                paths.add(path)
    for path in sorted(paths, reverse=True):
        _set_times(named.get(path), _place(root, path), default)


def encoded(path: str) -> bytes:
    """The name as bytes: undecodable bytes as they were, other lone surrogates as WTF-8."""
    return b"".join(
        bytes([ord(char) - 0xDC00]) if 0xDC80 <= ord(char) <= 0xDCFF else char.encode("utf-8", "surrogatepass")
        for char in path
    )


def holds(file: FakeFile) -> bool:
    """An ordinary folder can hold the name."""
    return all(len(part) <= 255 and part not in (b".", b"..") for part in encoded(file.path).split(b"/"))


def _place(root: Path, path: str) -> Path:
    return root / os.fsdecode(encoded(path.removeprefix("/")))


def _write(file: FakeFile, root: Path) -> None:
    target = _place(root, file.path)
    if file.junction:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(_place(root, file.junction), target_is_directory=True)
        return
    if file.folder:
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as out:
        out.seek(file.hole)
        out.write(file.data)
    for link in file.hard_links:
        other = _place(root, link)
        other.parent.mkdir(parents=True, exist_ok=True)
        other.hardlink_to(target)


def _set_times(file: FakeFile | None, target: Path, default: UnixNs) -> None:
    modified = (file.times.modified or file.written) if file else None
    accessed = file.times.accessed if file else None
    link = bool(file and file.junction)
    os.utime(target, ns=(accessed or modified or default, modified or default), follow_symlinks=not link)
