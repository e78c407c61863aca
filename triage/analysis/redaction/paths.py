r"""Paths, part by part: Windows' own parts stay, everything below people's folders and on data drives is a token.

Takes `/Users/…` of an entry, and what records of Windows hold: `C:\Users\…`, with back-slashes single or doubled,
`\\server\share\…`, `\Device\HarddiskVolume1\…`, `%APPDATA%\…`, short names.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final

from triage.analysis.redaction.names import DOCUMENT, FOLDER, Names, folded

_ENTRY_PARTS: Final = re.compile(r"(/)")
_TEXT_PARTS: Final = re.compile(r"([\\/]+)")
_DRIVE: Final = re.compile(r"(?i)[a-z]:|[a-z]\$|harddiskvolume\d+|harddiskvolumeshadowcopy\d+|volume\{[0-9a-f-]+\}")
_DEVICES: Final = frozenset(("?", ".", "??", "device", "dosdevices", "globalroot", "systemroot", "file:"))
_SHARES: Final = frozenset(("admin$", "ipc$", "print$", "netlogon", "sysvol"))
_SYSTEM_FOLDERS: Final = frozenset(("systemroot", "%systemroot%", "%windir%", "%programfiles%", "%programdata%"))
_HOMES: Final = re.compile(r"(?i)%(?:userprofile|appdata|localappdata|temp|tmp|home\w*|onedrive)%")
_VARIABLE: Final = re.compile(r"%[\w()]+%")
_SID_PART: Final = re.compile(r"(?i)S-1-\d+(?:-\d+)*(?:_classes)?")
_BINNED: Final = re.compile(r"(?i)\$[IR][A-Z0-9]{6}|D[a-z]\d{1,5}")
_NUMBER: Final = re.compile(r"\d{1,3}")
_MOVED: Final = re.compile(r"(?i)\d{1,6}\.wncryt")
_SHORT_ROOTS: Final = re.compile(r"(?i)progra~\d")
_EXTENSIONS_MAX: Final = 3


class Zone(Enum):
    """Where in the tree a part stands; it decides how the next one is read."""

    ROOT = auto()
    SYSTEM = auto()
    PREFETCH = auto()
    PEOPLE = auto()
    PROFILE = auto()
    BIN = auto()
    DATA = auto()
    SERVER = auto()
    SHARE = auto()


class Paths:
    """Paths of one case."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._folders: dict[str, tuple[str, Zone]] = {}

    def entry(self, path: str, *, folder: bool) -> str:
        """A path inside a volume: `/`-separated, from `/`."""
        above, slash, name = path.rpartition("/")
        shown, zone = self._above(above) if above else ("", Zone.ROOT)
        return shown + slash + (self._part(name, zone, last=not folder)[0] if name else "")

    def _above(self, path: str) -> tuple[str, Zone]:
        known = self._folders.get(path)
        if known is None:
            known = self._walk(_ENTRY_PARTS.split(path), last_is_file=False)
            if len(self._folders) >= 10_000:
                self._folders.clear()
            self._folders[path] = known
        return known

    def text(self, path: str) -> str:
        """A path as Windows writes it, whatever its form."""
        pieces = _TEXT_PARTS.split(path)
        name = pieces[-1]
        return self._walk(pieces, last_is_file="." in name or self.is_known_file(name))[0]

    def _walk(self, pieces: list[str], *, last_is_file: bool) -> tuple[str, Zone]:
        """Parts and what stands between them, in turn."""
        zone, out = Zone.ROOT, []
        unc = len(pieces) > 2 and not pieces[0] and pieces[1] in ("\\\\", "\\\\\\\\", "//")
        for place, piece in enumerate(pieces):
            if place % 2 or not piece:
                out.append(piece)
                continue
            if unc and place == 2 and folded(piece) not in _DEVICES:
                zone = Zone.SERVER
            shown, zone = self._part(piece, zone, last=last_is_file and place == len(pieces) - 1)
            out.append(shown)
        return "".join(out), zone

    def _part(self, part: str, zone: Zone, *, last: bool) -> tuple[str, Zone]:
        """One part as it may be read, and where the next one stands."""
        low = folded(part)
        match zone:
            case Zone.ROOT:
                return self._root(part, low, last=last)
            case Zone.SYSTEM | Zone.PREFETCH:
                return self._system(part, low, zone, last=last)
            case Zone.SERVER:
                return self._names.host(part), Zone.SHARE
            case Zone.SHARE if _DRIVE.fullmatch(part) or low in _SHARES:
                return part, Zone.SYSTEM if low == "admin$" else Zone.ROOT
            case Zone.SHARE:
                return self._private(part, last=last), Zone.DATA
            case Zone.PEOPLE:
                if low in self._names.public.profiles or _SID_PART.fullmatch(part):
                    return self._names.scrub(part), Zone.PROFILE
                return self._names.user(part), Zone.PROFILE
            case Zone.BIN:
                return self._binned(part, low, last=last)
            case Zone.PROFILE if low in self._names.public.folders and not last:
                return part, Zone.PROFILE
        return self._private(part, last=last), zone

    def _root(self, part: str, low: str, *, last: bool) -> tuple[str, Zone]:
        public = self._names.public
        if low in _SYSTEM_FOLDERS or low in public.system_roots or _SHORT_ROOTS.fullmatch(part):
            return part, Zone.SYSTEM
        if low == "unc":
            return part, Zone.SERVER
        if low in _DEVICES or low in public.again or _DRIVE.fullmatch(part):
            return part, Zone.ROOT
        if low in public.people:
            return part, Zone.PEOPLE
        if low in public.bins:
            return part, Zone.BIN
        if _HOMES.fullmatch(part):
            return part, Zone.PROFILE
        if _VARIABLE.fullmatch(part):
            return part, Zone.SYSTEM
        if low.partition(":")[0] in public.root_files:
            return self.name(part), Zone.DATA
        return self._private(part, last=last), Zone.DATA

    def _system(self, part: str, low: str, zone: Zone, *, last: bool) -> tuple[str, Zone]:
        """Below system folders: names in other letters than ASCII, and documents, are people's all the same."""
        names, public = self._names, self._names.public
        if low in public.people:
            return part, Zone.PEOPLE
        if low == "systemprofile":
            return part, Zone.PROFILE
        if low in ("temp", "recent"):
            return part, Zone.DATA
        if low == "prefetch":
            return part, Zone.PREFETCH
        if public.is_malware(low):
            return part, zone
        if (shown := names.exact(part)) is not None:
            return shown, zone
        ending = low.rpartition(".")[2] if "." in low else ""
        foreign = not part.isascii() or "\\" in part
        if last and (foreign or ending in public.documents or ending in public.marks or _is_spaced(part, zone)):
            return self.name(part), zone
        if foreign:
            return names.token(FOLDER, part), Zone.DATA
        return names.scrub(part), zone

    def _binned(self, part: str, low: str, *, last: bool) -> tuple[str, Zone]:
        if _SID_PART.fullmatch(part):
            return self._names.scrub(part), Zone.BIN
        if low in self._names.public.files:
            return part, Zone.BIN
        stem, endings = self.peeled(part)
        if _BINNED.fullmatch(stem):
            return stem + endings, Zone.DATA
        return self._private(part, last=last), Zone.DATA

    def _private(self, part: str, *, last: bool) -> str:
        if (shown := self._names.exact(part)) is not None:
            return shown
        if last:
            return self.name(part)
        if self._names.public.is_malware(folded(part)) or part in (".", "..", "*"):
            return part
        return self._names.token(FOLDER, part)

    # -- names of files -----------------------------------------------------------------------------------------------

    def is_known_file(self, name: str) -> bool:
        """A file that Windows or the malware calls so."""
        low = folded(name)
        return low in self._names.public.files or self._names.public.is_malware(low)

    def name(self, name: str) -> str:
        """A file's name alone: its endings stay where they are known."""
        base, colon, stream = name.partition(":")
        if colon:
            known = folded(stream) in self._names.public.streams
            return self.name(base) + colon + (stream if known else self._names.token(DOCUMENT, stream))
        low = folded(name)
        if self.is_known_file(name) or low in self._names.public.root_files or name in ("", ".", "..", "*", "*.*"):
            return name
        if low in self._names.public.hosts or _MOVED.fullmatch(name) or _BINNED.fullmatch(self.peeled(name)[0]):
            return name
        stem, endings = self.peeled(name)
        if _NUMBER.fullmatch(stem):
            return name
        if (shown := self._names.exact(stem)) is not None:
            return shown + endings
        return self._names.token(DOCUMENT, stem) + endings

    def peeled(self, name: str) -> tuple[str, str]:
        """What a file is called, and its known endings (`.pdf.WNCRY`)."""
        public, stem, endings = self._names.public, name, ""
        for _ in range(_EXTENSIONS_MAX):
            before, dot, ending = stem.rpartition(".")
            low = folded(ending)
            if not before or not dot or not (low in public.extensions or low in public.marks):
                break
            stem, endings = before, f".{ending}{endings}"
        return stem, endings

    def ending(self, text: str) -> str:
        """A file's extension, with its dot or without."""
        low = folded(text.lstrip("*."))
        known = not low or low in self._names.public.extensions or low in self._names.public.marks
        return text if known else self._names.token(DOCUMENT, text)


def _is_spaced(part: str, zone: Zone) -> bool:
    """A program's name that is a sentence: prefetch files are called by whatever people ran."""
    return zone is Zone.PREFETCH and " " in part
