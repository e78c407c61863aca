"""What the traces part reads: event logs by repetition, hives, and an NTFS disk with Windows' own records.

Real samples where the corpus lies beside the project (TRIAGE_CORPUS), else harmless fakes in the same amount.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import shutil
from collections.abc import Iterator
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from benchmarks.disk import is_whole, say, write_image
from samples_fake import event_logs, registry
from samples_fake.evtx import event_log, process_started, service_installed, service_state
from samples_fake.lnk import FakeShortcut, build_shortcut
from samples_fake.prefetch import EIGHT, SEVEN, TEN, FakePrefetch, build_prefetch
from samples_fake.recycle import build_item
from samples_fake.scenes import infected_windows as infected
from samples_fake.task import build_task
from samples_fake.tree import FakeFile
from samples_fake.usn import CLOSE, DATA_EXTEND, FILE_CREATE, FakeChange, build_journal
from triage.model import UnixNs

FILES = 60_000
LOGS_SIZE = 128 << 20
"""Bytes of event logs, at least."""
_DISK_LOGS = 96 << 20
_JOURNAL = 250_000
"""Records: about 30 MB, what Windows keeps."""
_VOLUME = 700 << 20
_DAY = 86_400 * 10**9
_CORPUS = Path(os.environ.get("TRIAGE_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
_LOGS = ("plaso/test_data/evtx/System.evtx", "evtx/samples/system.evtx", "evtx/samples/2-vss_7-System.evtx")
_HIVES = (
    "regipy/regipy_tests/data/SYSTEM.xz",
    "regipy/regipy_tests/data/ntuser_software_partial.xz",
    "plaso/test_data/NTUSER-WIN7.DAT",
    "plaso/test_data/winreg/Amcache.hve",
)


def event_log_set(data: Path) -> list[Path]:
    """At least LOGS_SIZE bytes of logs, the same few over and over."""
    folder = data / "logs" / "Windows" / "System32" / "winevt" / "Logs"
    return _written(folder, _repeated(LOGS_SIZE))


def hive_set(data: Path) -> list[Path]:
    """One hive of each sort."""
    return _written(data / "hives", iter(_hives().items()))


def traces_image(data: Path) -> Path:
    """The raw image of the disk."""
    image = data / f"traces-{_recipe()}.raw"
    if not is_whole(image):
        for old in data.glob("traces-*.raw*"):
            old.unlink()
        write_image(tuple(_disk()), image, _VOLUME)
    return image


def _recipe() -> str:
    """Stands for how all this is built: what is of another recipe is built anew."""
    sources = (Path(__file__), Path(infected.__file__))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:8]


def _written(folder: Path, files: Iterator[tuple[str, bytes]]) -> list[Path]:
    mark = folder.parent / f"{folder.name}.ok"
    if not (mark.exists() and mark.read_text("utf-8") == _recipe()):
        say(f"{folder.name}: writing …")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, content in files:
            (folder / name).write_bytes(content)
        mark.write_text(_recipe(), "utf-8")
    return sorted(path for path in folder.iterdir() if path.is_file())


def _sample(name: str) -> bytes | None:
    path = _CORPUS / name
    if not path.is_file():
        return None
    return lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()


def _logs() -> list[bytes]:
    real = [data for data in map(_sample, _LOGS) if data is not None]
    return real or [_made_log(), event_logs.system_log(infected.ARRIVED, infected.COMPUTER, clean=4000)]


def _made_log() -> bytes:
    """A few thousand ordinary records."""
    make = (service_installed, process_started)
    return event_log(
        event
        for n in range(2000)
        for event in (
            service_state(_when(n), "PC", f"Dịch vụ {n % 90}"),
            make[n % 2](_when(n), "PC", f"C:\\Windows\\a{n % 50}.exe", f"a{n % 50}.exe -k {n}"),
        )
    )


def _when(number: int) -> UnixNs:
    return UnixNs(infected.ARRIVED - 90 * _DAY + number * 60 * 10**9)


def _hives() -> dict[str, bytes]:
    real = {Path(name).name.removesuffix(".xz"): _sample(name) for name in _HIVES}
    found = {name: data for name, data in real.items() if data is not None}
    return found or {"SYSTEM": registry.system_hive(), "SOFTWARE": registry.software_hive()}


def _repeated(size: int) -> Iterator[tuple[str, bytes]]:
    written = 0
    for number, data in enumerate(cycle(_logs())):
        if written >= size:
            return
        written += len(data)
        yield f"Microsoft-Windows-Trace{number:03}%4Operational.evtx", data


def _disk() -> Iterator[FakeFile]:
    count = 0
    for file in _records():
        count += 1
        yield file
    for number in range(FILES - count):
        path = f"/Data/{number // 10_000:03}/{number // 200 % 50:02}/Văn bản {number:06}.txt"
        yield FakeFile(path=path, content=b"%d\r\n" % number * 40)


def _records() -> Iterator[FakeFile]:
    """The infected machine's own, then as many of each sort as a machine in use has."""
    for file in infected.scene().volumes[0].files:
        yield _longer_journal(file) if file.path == infected.JOURNAL else file
    for name, data in _repeated(_DISK_LOGS):
        yield FakeFile(path=f"/Windows/System32/winevt/Logs/{name}", content=data)
    for number, (name, data) in enumerate(islice(cycle(_hives().items()), 16)):
        role = "RegBack/SYSTEM" if name.startswith("SYSTEM") else "RegBack/SOFTWARE"
        top = f"/Windows.old/{number}/Windows/System32/config/{role}"
        yield FakeFile(path=top if name.startswith("S") else f"/Users/U{number}/NTUSER.DAT", content=data)
    yield from _small_records()


def _small_records() -> Iterator[FakeFile]:
    versions = (SEVEN, EIGHT, TEN)
    for number in range(256):
        loaded = tuple(f"\\WINDOWS\\SYSTEM32\\MODULE{number * 7 % 400 + part}.DLL" for part in range(60))
        fake = FakePrefetch(
            name=f"program{number}.exe", runs=(_when(number),), loaded=loaded, version=versions[number % 3]
        )
        yield FakeFile(path=f"/Windows/Prefetch/{fake.file_name}", content=partial(build_prefetch, fake))
    for number in range(400):
        link = FakeShortcut(target=f"C:\\Data\\Văn bản {number}.txt", machine="pc", born=_when(number))
        yield FakeFile(path=f"/Users/Lan/Recent/Văn bản {number}.lnk", content=partial(build_shortcut, link))
    for number in range(150):
        task = build_task(f"%windir%\\system32\\task{number}.exe", "/quiet")
        yield FakeFile(path=f"/Windows/System32/Tasks/Microsoft/Task{number}", content=task)
    for number in range(200):
        item = build_item(f"C:\\Data\\{number}.txt", number, _when(number), 2)
        yield FakeFile(path=f"/$Recycle.Bin/S-1-5-21-1-2-3-1000/$I{number:06}.txt", content=item)


def _longer_journal(file: FakeFile) -> FakeFile:
    reasons = (FILE_CREATE, FILE_CREATE | DATA_EXTEND | CLOSE)
    changes = (
        FakeChange(
            when=_when(number // 5), name=f"Văn bản {number:06}.tmp", file=9000 + number, reason=reasons[number % 2]
        )
        for number in range(_JOURNAL)
    )
    return FakeFile(path=file.path, streams={**file.streams, "$J": build_journal(changes) + file.streams["$J"]})
