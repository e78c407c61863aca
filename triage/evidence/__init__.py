"""Where evidence lives. Read-only, in a fixed order; nothing in this room opens anything for writing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from triage.errors import EvidenceError
from triage.evidence.folder import Folder
from triage.evidence.image import Image, is_image
from triage.evidence.several import Evidence, Several

__all__ = ["Evidence", "open_evidence"]


def open_evidence(targets: Sequence[Path], *, shadow_copies: bool = False) -> Evidence:
    """The evidence at the targets: folders, images, devices; several are one machine's.

    Args:
        targets: at least one.
        shadow_copies: those of images and devices are further volumes.

    Raises:
        EvidenceError: one of them cannot be opened.
    """
    if shadow_copies and all(target.is_dir() for target in targets):
        raise EvidenceError(f"{targets[0]}: a folder does not show its shadow copies; give the device or an image")
    parts = [_open(target, shadow_copies=shadow_copies) for target in targets]
    return parts[0] if len(parts) == 1 else Several(parts)


def _open(target: Path, *, shadow_copies: bool) -> Evidence:
    if target.is_dir():
        return Folder(target)
    if is_image(target):
        return Image(target, shadow_copies=shadow_copies)
    if not target.exists():
        raise EvidenceError(f"{target}: no such file, folder or device; check the path")
    raise EvidenceError(f"{target}: neither a folder, nor a disk image, nor a block device")
