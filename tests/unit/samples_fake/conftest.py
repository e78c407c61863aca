"""What the tests of images share: reading a built volume back with The Sleuth Kit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytsk3


@dataclass
class Seen:
    """Names and SHA-256 of what a volume holds; deleted names apart."""

    present: dict[str, str] = field(default_factory=dict)
    deleted: dict[str, str] = field(default_factory=dict)


def _read(fs, folder, path: str, seen: Seen) -> None:
    for entry in folder:
        name = entry.info.name.name.decode("utf-8", "surrogateescape")
        deleted = int(entry.info.name.flags) == int(pytsk3.TSK_FS_NAME_FLAG_UNALLOC)
        if name not in (".", "..") and entry.info.meta is None and entry.info.name.meta_addr:
            # a deleted NTFS record has the next sequence number, so TSK does not follow the name by itself
            entry = fs.open_meta(entry.info.name.meta_addr)
        meta = entry.info.meta
        if name in (".", "..") or meta is None:
            continue
        here = f"{path}/{name}"
        if meta.type == pytsk3.TSK_FS_META_TYPE_DIR:
            if not deleted and not name.startswith("$Orphan"):
                _read(fs, entry.as_directory(), here, seen)
            continue
        for attribute in entry:
            if attribute.info.type not in (pytsk3.TSK_FS_ATTR_TYPE_NTFS_DATA, pytsk3.TSK_FS_ATTR_TYPE_DEFAULT):
                continue
            stream = attribute.info.name
            full = f"{here}:{stream.decode()}" if stream and stream != b"$Data" else here
            size = attribute.info.size
            content = entry.read_random(0, size, attribute.info.type, attribute.info.id) if size else b""
            (seen.deleted if deleted else seen.present)[full] = hashlib.sha256(content).hexdigest()


@pytest.fixture
def read_back():
    """(image, byte offset) -> Seen."""

    def read(image: Path, offset: int = 0) -> Seen:
        fs = pytsk3.FS_Info(pytsk3.Img_Info(str(image)), offset=offset)
        seen = Seen()
        _read(fs, fs.open_dir("/"), "", seen)
        return seen

    return read


@pytest.fixture
def planned():
    """Volume -> Seen: what a reader must give, holes included."""

    def plan(volume) -> Seen:
        seen = Seen()
        for file in volume.files:
            if file.folder:
                continue
            digest = hashlib.sha256(bytes(file.hole) + file.data).hexdigest()
            (seen.deleted if file.deleted else seen.present)[file.path] = digest
            for link in file.hard_links:
                seen.present[link] = digest
            for name, content in file.streams.items():
                seen.present[f"{file.path}:{name}"] = hashlib.sha256(content).hexdigest()
        return seen

    return plan
