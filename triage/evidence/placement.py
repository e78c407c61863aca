"""Where on its volume a content begins: what lets a scan read in on-disk order."""

from __future__ import annotations

import pytsk3

NON_RESIDENT = int(pytsk3.TSK_FS_ATTR_NONRES)
NOT_STORED = int(pytsk3.TSK_FS_ATTR_RUN_FLAG_SPARSE) | int(pytsk3.TSK_FS_ATTR_RUN_FLAG_FILLER)


def first_byte(attribute: pytsk3.Attribute, flags: int, block_size: int) -> tuple[int | None, int]:
    """(byte offset on the volume of the first stored byte, bytes stored in one piece from there).

    0, 0 where resident; None, 0 where nothing is stored.

    Args:
        attribute: not empty.
        flags: of the attribute.
        block_size: bytes.
    """
    if not flags & NON_RESIDENT:
        return 0, 0
    for run in attribute:
        if not run.flags & NOT_STORED:
            return run.addr * block_size, 0 if run.offset else run.len * block_size
    return None, 0
