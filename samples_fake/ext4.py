"""ext4 volumes of harmless fakes: `mkfs.ext4 -d` copies a folder in, `debugfs` sets times and deletes."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from samples_fake.clock import run
from samples_fake.folder import write_files
from samples_fake.tree import Volume
from triage.model import UnixNs


def write_ext4(volume: Volume, path: Path) -> None:
    """Makes the volume as a sparse file; times to a second, attributes and streams left out.

    Args:
        volume: whose content is put in; names without quotes or control characters.
        path: a new file, of the volume's size afterwards.

    Raises:
        ToolError: e2fsprogs or faketime is missing or failed.
    """
    identity = uuid.uuid5(uuid.NAMESPACE_OID, volume.label)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_files([replace(file, deleted=False) for file in volume.files], root, default=volume.made)
        with path.open("xb") as out:
            out.truncate(volume.size)
        run(
            "mkfs.ext4",
            "-q",
            "-F",
            "-L",
            volume.label,
            "-U",
            str(identity),
            "-b",
            "1024",
            "-O",
            "^has_journal",
            "-E",
            f"hash_seed={identity},root_owner=0:0,lazy_itable_init=0",
            "-d",
            root,
            path,
            when=volume.made,
            E2FSPROGS_FAKE_TIME=str(volume.made // 1_000_000_000),
        )
    script = "\n".join(_commands(volume)) + "\n"
    run("debugfs", "-w", "-f", "-", path, when=volume.made, data=script.encode())


def _commands(volume: Volume) -> Iterator[str]:
    for name in ("", "/lost+found"):
        for field in ("crtime", "ctime", "atime", "mtime"):
            yield _set(name, field, volume.made)
    named = {file.path: file for file in volume.files}
    for below in volume.children().values():
        for path in below:
            file = named.get(path)
            default = (file.times.born or file.written or volume.made) if file else volume.made
            times = file.times if file else None
            yield _set(path, "crtime", default)
            yield _set(path, "ctime", (times.changed if times else None) or default)
            # mkfs has already copied these two; deletes and links below would have moved a folder's
            yield _set(path, "atime", (times.accessed or times.modified if times else None) or default)
            yield _set(path, "mtime", (times.modified if times else None) or default)
    for file in volume.files:
        if file.deleted:
            yield f'{"rmdir" if file.folder else "rm"} "{file.path}"'


def _set(path: str, field: str, when: UnixNs) -> str:
    # a leading @ is seconds since 1970
    return f'set_inode_field "{path or "/"}" {field} @{when // 1_000_000_000}'
