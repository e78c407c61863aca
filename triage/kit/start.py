"""Starts triage from the stick: own paths only, the stick's files checked, then the command line.

The build copies this file to the folder of each system; until the check is over it uses nothing but Python's own
library.
"""

from __future__ import annotations

import ctypes.util
import os
import runpy
import sys
from pathlib import Path

HERE = Path(__file__).absolute().parent
ROOT = HERE.parent
CASES = ROOT / "CASES"
WRONG = 2
HANDED_OVER = 250
"""Exit code: another window goes on."""
ELEVATED = "--elevated"

_MISSING = (
    "TRIAGE: bộ công cụ trên thanh USB không đầy đủ, có lẽ phần mềm diệt virus đã cách ly một phần; "
    "hãy dùng thanh khác / "
    "the program on this stick is not whole, most likely antivirus quarantined a part; take another stick"
)
_CHANGED = "TRIAGE: thanh USB không còn như lúc làm ra / this stick is not as it was made:"
_STOPPED = (
    "Không chạy. Hãy dùng thanh khác, hoặc chép lại từ bản gốc / Not started. Take another stick, or copy it anew."
)
_OTHER = "TRIAGE: phần dành cho hệ điều hành khác đã thay đổi / the part for the other system has changed:"
_SHOWN = 10


def own_paths() -> None:
    """Modules come from the stick and nowhere else."""
    major, minor = sys.version_info[:2]
    zipped, site = f"python{major}{minor}.zip", HERE / "site"
    if sys.platform == "win32":
        places = [HERE / zipped, HERE, site]
    else:
        library = HERE / "lib"
        own = library / f"python{major}.{minor}"
        places = [library / zipped, own, own / "lib-dynload", site]
    sys.path[:] = map(str, places)


def closed() -> None:
    """Libraries and temporary files come from the stick, too."""
    # It would run ldconfig and gcc of the examined machine, or walk its PATH.
    ctypes.util.find_library = lambda name: None  # noqa: ARG005
    if sys.platform == "win32":
        ctypes.windll.kernel32.SetDllDirectoryW("")  # the working directory is no place for libraries
    else:
        _plain_accounts()
    if CASES.is_dir() and os.access(CASES, os.W_OK):
        os.environ.update(dict.fromkeys(("TMPDIR", "TEMP", "TMP", "SQLITE_TMPDIR"), str(CASES)))
    os.environ["TRIAGE_CASES"] = str(CASES)


def _plain_accounts() -> None:
    """Looking up a user's name loads no library of this machine (sss, systemd): glibc reads /etc/passwd by itself."""
    configure = "__nss_configure_lookup"
    getattr(ctypes.CDLL(None), configure)(b"passwd", b"files")


def checked() -> bool:
    """Says what of the stick changed; False where that forbids a start."""
    try:
        from triage.kit.selfcheck import changes, guard, loaded_late, read_manifest
    except ImportError as error:
        _say(f"{_MISSING} ({error})")
        return False
    try:
        manifest = read_manifest(ROOT)
    except ValueError as error:
        _say(f"{_CHANGED}\n  {error}\n{_STOPPED}")
        return False
    files, folder = manifest["files"], HERE.name
    ours = {name for name in files if name.partition("/")[0] == folder or "/" not in name}
    found = changes(ROOT, files, ours - loaded_late(files))
    fatal = [change for change in found if change.path.partition("/")[0] == folder or "/" not in change.path]
    if not fatal:
        from triage.kit.signature import wrong_signatures

        wrong = wrong_signatures(ROOT)
    else:
        wrong = [change.told() for change in fatal]
    if wrong:
        _say("\n".join([_CHANGED, *(f"  {line}" for line in _first(wrong)), _STOPPED]))
        return False
    if found:
        _say("\n".join([_OTHER, *(f"  {line}" for line in _first([change.told() for change in found]))]))
    guard(ROOT, files)
    return True


def _first(lines: list[str]) -> list[str]:
    return lines if len(lines) <= _SHOWN else [*lines[:_SHOWN], f"… +{len(lines) - _SHOWN}"]


def _say(text: str) -> None:
    encoding = sys.stderr.encoding or "ascii"
    sys.stderr.write(text.encode(encoding, "replace").decode(encoding) + "\n")


def handed_over() -> bool:
    """Double-clicked without an administrator's rights: asks for them; True where another window goes on with them."""
    if sys.platform != "win32":
        return False
    shell = ctypes.windll.shell32
    if shell.IsUserAnAdmin():
        return False
    runs = shell.ShellExecuteW(None, "runas", str(ROOT / "TRIAGE.cmd"), ELEVATED, str(ROOT), 1)
    return bool(runs > 32)  # up to 32 it is the number of an error


def main() -> int:
    """The command line of the stick."""
    asked_already = ELEVATED in sys.argv[1:2]
    if asked_already:
        del sys.argv[1]
    if not checked():
        return WRONG
    if not sys.argv[1:] and not asked_already and handed_over():
        return HANDED_OVER
    from triage.kit.selfcheck import AlteredError

    try:
        runpy.run_module("triage", run_name="__main__")  # ends by SystemExit
    except AlteredError as error:
        _say(f"{_CHANGED}\n  {error}")
    return WRONG


if __name__ in ("__main__", "__mp_main__"):  # a worker process on Windows comes in by the second name
    own_paths()
    closed()
if __name__ == "__main__":
    raise SystemExit(main())
