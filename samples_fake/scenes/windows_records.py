"""What Windows 7 writes of itself: hives, event logs, prefetch, a task, the Recycle Bin. Harmless fakes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from samples_fake import event_logs, prefetch, registry
from samples_fake.hive import Data
from samples_fake.recycle import build_item
from samples_fake.scenes.calendar import after, at, touched
from samples_fake.task import build_task
from samples_fake.tree import HIDDEN, SYSTEM, FakeFile
from triage.model import UnixNs
from triage.times import isoformat

CONFIG = "/Windows/System32/config"
LOGS = "/Windows/System32/winevt/Logs"
PREFETCH = "/Windows/Prefetch"
TASKS = "/Windows/System32/Tasks"
BIN = "/$Recycle.Bin/S-1-5-21-1-2-3-1000"
CLASSES = "AppData/Local/Microsoft/Windows/UsrClass.dat"
ORDINARY_DAY = at("2017-05-02T02:15:00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The attack that the records tell of.

    Attributes:
        tag: what the malware calls itself on this computer.
        arrived: the worm's service was installed.
        wallpaper: the user's wallpaper was changed.
        shadow_copies: they were deleted.
    """

    computer: str
    tag: str
    arrived: UnixNs
    wallpaper: UnixNs
    shadow_copies: UnixNs

    @property
    def shutdown(self) -> UnixNs:
        """As the hives have it."""
        return after(self.arrived, 76 * 60)


def _file(path: str, content: bytes | Callable[[], bytes], when: UnixNs) -> FakeFile:
    return FakeFile(path=path, content=content, times=touched(when, changed=when), written=when)


def hives(course: Course) -> Iterator[FakeFile]:
    """The registry of the infected machine and of its user Lan."""
    contents: Mapping[str, Callable[[], bytes]] = {
        f"{CONFIG}/SYSTEM": partial(registry.system_hive, course.computer, when=course.arrived),
        f"{CONFIG}/SOFTWARE": partial(registry.software_hive, computer=course.computer, when=course.arrived),
        f"{CONFIG}/SAM": registry.sam_hive,
        "/Users/Lan/NTUSER.DAT": partial(registry.user_hive, when=course.wallpaper),
        f"/Users/Lan/{CLASSES}": partial(registry.classes_hive, when=after(course.shutdown, -600)),
    }
    for path, content in contents.items():
        yield _file(path, content, course.shutdown)


def ordinary_hives(computer: str, smb1: Data) -> Iterator[FakeFile]:
    """The registry of a machine that nothing happened to. smb1: the server's setting."""
    contents: Mapping[str, Callable[[], bytes]] = {
        f"{CONFIG}/SYSTEM": partial(registry.system_hive, computer, infected=False, smb1=smb1),
        f"{CONFIG}/SOFTWARE": partial(
            registry.software_hive, infected=False, computer=computer, updates=("KB2999226", "KB4012215")
        ),
        f"{CONFIG}/SAM": registry.sam_hive,
        "/Users/Lan/NTUSER.DAT": partial(registry.user_hive, infected=False),
        f"/Users/Lan/{CLASSES}": partial(registry.classes_hive, infected=False, when=registry.WRITTEN),
    }
    for path, content in contents.items():
        yield _file(path, content, ORDINARY_DAY)


def logs(course: Course) -> Iterator[FakeFile]:
    """Services, programs and Sysmon's own, as of the infected machine."""
    passed = (course.shadow_copies - course.arrived) // 1_000_000_000
    contents: Mapping[str, Callable[[], bytes]] = {
        "System": partial(event_logs.system_log, course.arrived, course.computer, passed=passed),
        "Security": partial(event_logs.security_log, course.arrived, course.computer, passed=passed),
        "Microsoft-Windows-Sysmon%4Operational": partial(
            event_logs.sysmon_log, course.arrived, course.computer, files=0
        ),
    }
    for name, content in contents.items():
        yield _file(f"{LOGS}/{name}.evtx", content, course.shutdown)


def prefetched(course: Course) -> Iterator[FakeFile]:
    """The malware's programs and the tools it calls, and one that has nothing to do with it."""
    home = f"\\PROGRAMDATA\\{course.tag}\\"
    system = "\\WINDOWS\\SYSTEM32\\"
    programs: tuple[tuple[str, UnixNs, tuple[str, ...]], ...] = (
        ("mssecsvc.exe", course.arrived, ("\\WINDOWS\\MSSECSVC.EXE", "\\WINDOWS\\TASKSCHE.EXE")),
        ("tasksche.exe", after(course.arrived, 2), (f"{home}tasksche.exe", f"{home}t.wnry")),
        ("taskdl.exe", after(course.arrived, 5), (f"{home}taskdl.exe",)),
        ("vssadmin.exe", course.shadow_copies, (f"{system}VSSADMIN.EXE",)),
        ("wbadmin.exe", after(course.shadow_copies, 4), (f"{system}WBADMIN.EXE",)),
        ("notepad.exe", ORDINARY_DAY, (f"{system}NOTEPAD.EXE", f"{system}USER32.DLL")),
    )
    for name, ran, loaded in programs:
        fake = prefetch.FakePrefetch(name=name, runs=(ran,), loaded=(f"{system}NTDLL.DLL", *loaded))
        yield _file(f"{PREFETCH}/{fake.file_name}", partial(prefetch.build_prefetch, fake), after(ran, 10))


def infected_task(course: Course) -> FakeFile:
    """A task that starts the loader: what a variant might add."""
    when = after(course.arrived, 4)
    content = build_task(f"C:\\ProgramData\\{course.tag}\\tasksche.exe", registered=isoformat(when))
    return _file(f"{TASKS}/{course.tag}", content, when)


def ordinary_records() -> Iterator[FakeFile]:
    """A task and a deleted document that mean nothing."""
    defrag = build_task("%windir%\\system32\\defrag.exe", "-c", registered="2010-11-21T03:00:00Z")
    yield _file(f"{TASKS}/Microsoft/Windows/Defrag/ScheduledDefrag", defrag, ORDINARY_DAY)
    yield FakeFile(
        path=f"{BIN}/$IA1B2C3.docx",
        content=build_item("C:\\Users\\Lan\\Documents\\nháp.docx", 4096, ORDINARY_DAY, version=1),
        times=touched(ORDINARY_DAY, changed=ORDINARY_DAY),
        attributes=HIDDEN | SYSTEM,
    )
    yield _file(f"{BIN}/$RA1B2C3.docx", b"nh\xc3\xa1p\r\n", ORDINARY_DAY)
