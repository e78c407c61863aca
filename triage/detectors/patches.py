"""The version of srv.sys, the SMBv1 server driver: it decides whether the worm could come in.

The one in `drivers` is in use; newer ones in WinSxS wait for a restart, or were replaced.

References:
    Microsoft KB4023262, "How to verify that MS17-010 is installed".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.formats.pe_version import file_version
from triage.model import Content, Entry, Fact, Kind

IN_USE = "srv.sys.version"
STAGED = "srv.sys.staged_version"
EARLIER = "backup.srv.sys.version"

FACTS = (IN_USE, STAGED, EARLIER)

_NAME = "/srv.sys"
_SIZE_MAX = 4 << 20
_IN_USE = re.compile(r"(?:/.*)?/(?:windows|winnt)/system32/drivers/srv\.sys")
_STAGED = re.compile(r"(?:/.*)?/windows/winsxs/[^/]+/srv\.sys")
_EARLIER = re.compile(r"/(?:windows\.old(?:\.\d+)?|\$windows\.~[a-z]+)/")


class Patches:
    """Version information of every `srv.sys`."""

    name = "patches"

    def wants(self, entry: Entry) -> bool:
        return entry.path[-8:].lower() == _NAME and entry.kind is Kind.FILE and 0 < entry.size <= _SIZE_MAX

    def detect(self, entry: Entry, content: Content) -> Iterator[Fact]:
        if content.type != "pe":
            return
        whole = content.whole
        numbers = file_version(content.file().read(_SIZE_MAX) if whole is None else bytes(whole))
        if numbers is not None:
            yield Fact(detector=self.name, entry=entry.id, name=_fact(entry), value=".".join(map(str, numbers)))


def _fact(entry: Entry) -> str:
    path = entry.path.lower()
    if not entry.allocated or _EARLIER.search(path):
        return EARLIER
    if _IN_USE.fullmatch(path):
        return IN_USE
    return STAGED if _STAGED.fullmatch(path) else EARLIER
