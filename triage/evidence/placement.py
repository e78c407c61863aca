"""Where on its volume a content begins: what lets a scan read in on-disk order."""

from __future__ import annotations

import pytsk3

NON_RESIDENT = int(pytsk3.TSK_FS_ATTR_NONRES)
NOT_STORED = int(pytsk3.TSK_FS_ATTR_RUN_FLAG_SPARSE) | int(pytsk3.TSK_FS_ATTR_RUN_FLAG_FILLER)


def stored(attribute: pytsk3.Attribute, block_size: int) -> tuple[bool, int]:
    """(are any bytes stored at all, byte offset of the first on the volume; 0 where resident)."""
    info = attribute.info
    if not info.size:
        return False, 0
    if not info.flags & NON_RESIDENT:
        return True, 0
    for run in attribute:
        if not run.flags & NOT_STORED:
            return True, run.addr * block_size
    return False, 0
