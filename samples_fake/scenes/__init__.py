"""Scenes: disks in small, each with the right answer about it. Everything in them is a harmless fake.

A new scene is a function that gives a `Scene` and a line in the tuple.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from samples_fake.scenes import (
    benign,
    dropped,
    hostile_names,
    infected_office,
    infected_windows,
    mixed_partitions,
    other_families,
    patched_windows,
    recoverable,
)
from samples_fake.tree import Scene

SCENES: Mapping[str, Scene] = MappingProxyType(
    {
        scene.name: scene
        for scene in (
            infected_office.scene(),
            infected_windows.scene(),
            patched_windows.scene(),
            recoverable.scene(),
            dropped.dropped_not_run(),
            dropped.smb_tools(),
            benign.dormant_name_only(),
            benign.benign_office(),
            benign.decoys(),
            other_families.unknown_ransomware(),
            other_families.gandcrab(),
            other_families.lockbit(),
            mixed_partitions.scene(),
            hostile_names.scene(),
        )
    }
)
