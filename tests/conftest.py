"""What every room's tests share: tests that build images are skipped, and say so, where the tools are absent."""

import shutil

import pytest

IMAGE_TOOLS = (
    *("mkntfs", "faketime", "mkfs.vfat", "mkfs.exfat", "mkfs.ext4", "debugfs", "sfdisk", "qemu-img", "ewfacquire"),
)


def pytest_collection_modifyitems(items):
    missing = [tool for tool in IMAGE_TOOLS if shutil.which(tool, path="/usr/sbin:/sbin:/usr/bin:/bin") is None]
    for item in items:
        if missing and item.get_closest_marker("image"):
            item.add_marker(pytest.mark.skip(reason=f"not installed: {', '.join(missing)}"))
