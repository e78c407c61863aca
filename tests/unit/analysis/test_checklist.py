"""The right items, in the right order, for every kind of machine; never a list that contradicts itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import product

import pytest

from tests.dossiers import NO_EVIDENCE, OUTBREAK, SECOND, make_dossier, make_encrypted, make_entry, make_found
from triage.analysis.checklist import choose, conflicts
from triage.analysis.dossier import Dossier, Found, VerdictLevel, VolumeInfo
from triage.analysis.machine import RESTARTED, Answers, machine_of
from triage.intel.checklists import TRAITS, load_checklist
from triage.intel.roots import rules_root
from triage.model import Confidence, EntryId, Event, Gap, GapReason, Kind, Macb, Severity

CHECKLIST = load_checklist(rules_root())
YES = Answers(running="yes", rebooted="no", network="yes", backup="yes", backup_date=date(2017, 5, 1))
OFF = Answers(running="no", network="no", backup="no")


def windows(version: str, product: str, **more: str) -> dict[str, str]:
    return {"os.version": version, "os.product": product, "drive.letter": "C: disk 0a offset 1048576", **more}


SEVEN = windows("6.1", "Windows 7 Professional", **{"patch.ms17_010": "vulnerable", "smb1.server": "enabled"})
XP = windows("5.1", "Microsoft Windows XP", **{"patch.ms17_010": "vulnerable", "smb1.server": "enabled"})
TEN = windows("10.0", "Windows 10 Pro", **{"patch.ms17_010": "patched", "smb1.server": "disabled"})
SERVER = windows("6.1", "Windows Server 2008 R2 Standard", **{"patch.ms17_010": "vulnerable"})
BEGUN = {"wannacry.started": "2017-05-12T07:34:00Z"}
DONE = {**BEGUN, "wannacry.pass_finished": "2017-05-12T08:34:00Z"}


def encrypted(files: int = 3, state: str = "valid") -> list[Found]:
    """Encrypted files whose time is known: `$FILE_NAME` keeps it."""
    found = []
    for number in range(1, files + 1):
        one = make_encrypted(number, f"/Users/an/Documents/{number}.docx.WNCRY", state=state)
        times = Macb(modified=OUTBREAK, born=OUTBREAK, changed=OUTBREAK)
        found.append(replace(one, entry=replace(one.entry, times=times, name_times=times)))
    return found


def loader(number: int = 90) -> list[Found]:
    path = "/ProgramData/abcdefgh123/tasksche.exe"
    details = {"component": "loader"}
    return [
        make_found(number, path, Severity.SUSPICIOUS, "Name of a known component", indicator="loader"),
        make_found(
            number + 1,
            "/Windows/System32/config/SYSTEM",
            Severity.INFECTED,
            "Service of a known family",
            detector="registry",
            confidence=Confidence.HIGH,
            indicator="service-loader",
            details=details,
        ),
    ]


def pending() -> list[Found]:
    hive = "/Windows/System32/config/SYSTEM"
    title = "Temporary files of the encryption await deletion at the next start"
    return [make_found(95, hive, Severity.INFECTED, title, detector="registry", indicator="registry-pending")]


def asked() -> list[tuple[object, Event]]:
    log = make_entry(96, "/Windows/System32/winevt/Logs/Microsoft-Windows-Sysmon%4Operational.evtx")
    what = "Kill-switch address was looked up"
    return [(log, Event(detector="event_logs", entry=EntryId(96), when=OUTBREAK, what=what, source="Sysmon"))]


def locked() -> dict[str, object]:
    entry = make_entry(97, "/", kind=Kind.VOLUME, volume=1)
    gap = Gap(entry=EntryId(97), stage="walk", reason=GapReason.ENCRYPTED_VOLUME, detail="BitLocker")
    return {"gaps": [(entry, gap)], "volumes": (volume(0), volume(1, "bitlocker"))}


def volume(index: int, filesystem: str = "ntfs") -> VolumeInfo:
    return VolumeInfo(index=index, offset=0, size=1, filesystem=filesystem, label="", serial="", entries=1, opened=True)


@dataclass(frozen=True)
class Scene:
    """A machine, what is answered about it, and the items it must get in order; `?` marks what is still open."""

    level: VerdictLevel
    answers: Answers
    expected: str
    facts: dict[str, str] = field(default_factory=dict)
    found: list[Found] = field(default_factory=list)
    more: dict[str, object] = field(default_factory=dict)

    def dossier(self) -> Dossier:
        more = {"entries": 500, **self.more}
        return make_dossier(self.level, self.found, facts=self.facts, **more)  # type: ignore[arg-type]


REPAIR = "rebuild patch-7 smb1 backup-before reconnect close"
SCENES = {
    "windows 7, running since the infection, encryption interrupted": Scene(
        VerdictLevel.ENCRYPTED,
        YES,
        "note-time stay-on cut-network unplug-drives backup-apart suspend save-memory save-key-files find-keys"
        " power-off no-ransom"
        " split-segment neighbours kill-switch tor network-logs"
        " no-cleaning clock seal image report personal-data"
        f" shadow-interrupted recover keep-encrypted {REPAIR}",
        SEVEN | BEGUN,
        encrypted(),
    ),
    "windows xp, running since the infection, encryption finished": Scene(
        VerdictLevel.ENCRYPTED,
        YES,
        "note-time stay-on cut-network unplug-drives backup-apart save-memory save-key-files find-keys power-off"
        " no-ransom split-segment neighbours kill-switch tor network-logs no-cleaning clock seal image"
        " report personal-data shadow-finished recover keep-encrypted rebuild patch-old smb1 backup-before"
        " reconnect close",
        XP | DONE,
        encrypted(),
    ),
    "windows 10, running, encryption interrupted: the keys are wiped, the power goes at once": Scene(
        VerdictLevel.ENCRYPTED,
        YES,
        "note-time no-restart cut-network unplug-drives backup-apart stop-encryption memory-if-possible power-off"
        " no-ransom split-segment neighbours kill-switch tor network-logs no-cleaning clock seal image"
        " report personal-data shadow-interrupted recover keep-encrypted rebuild backup-before reconnect close",
        TEN | BEGUN,
        encrypted(state="partial"),
    ),
    "windows 7, running, but restarted since: the keys are gone": Scene(
        VerdictLevel.ENCRYPTED,
        replace(YES, rebooted="yes"),
        "note-time no-restart cut-network unplug-drives backup-apart memory-if-possible power-off no-ransom"
        " split-segment neighbours kill-switch tor network-logs no-cleaning clock seal image report personal-data"
        f" shadow-finished recover keep-encrypted {REPAIR}",
        SEVEN | DONE,
        encrypted(),
    ),
    "windows 7, switched off, set to start again, originals await deletion": Scene(
        VerdictLevel.ENCRYPTED,
        OFF,
        "note-time stay-off resumes pending stay-cut unplug-drives no-ransom"
        " split-segment neighbours kill-switch tor network-logs no-cleaning seal image report personal-data"
        " shadow-finished recover keep-encrypted rebuild patch-7 smb1 backup-none reconnect close",
        SEVEN | DONE | {"os.build": "7601"},
        encrypted() + loader() + pending(),
    ),
    "server 2008 r2, switched off, two disks, backup from after the attack": Scene(
        VerdictLevel.ENCRYPTED,
        replace(OFF, backup="yes", backup_date=date(2017, 5, 12)),
        "note-time stay-off stay-cut unplug-drives backup-apart server-users no-ransom"
        " split-segment neighbours kill-switch tor network-logs no-cleaning seal image second-disk"
        " report personal-data shadow-finished recover keep-encrypted databases rebuild patch-7 smb1 backup-after"
        " reconnect close",
        SERVER | DONE | {"os.build": "7601", "drive.letter": "letter=C:; disk=0a; offset=1 | letter=D:; disk=0b"},
        encrypted(),
    ),
    "windows 10 with bitlocker, running: the key is fetched before the power goes": Scene(
        VerdictLevel.ENCRYPTED,
        YES,
        "note-time no-restart cut-network unplug-drives backup-apart bitlocker-running memory-if-possible power-off"
        " no-ransom split-segment neighbours kill-switch tor network-logs no-cleaning clock seal image second-disk"
        " examine-rest report personal-data shadow-finished recover keep-encrypted rebuild backup-before"
        " reconnect close",
        TEN | DONE,
        encrypted(),
        locked(),
    ),
    "infected, nothing encrypted, kill switch asked, off": Scene(
        VerdictLevel.INFECTED,
        replace(OFF, backup="unknown"),
        "note-time stay-off resumes stay-cut unplug-drives backup-apart? no-ransom"
        " split-segment neighbours kill-switch kill-switch-asked tor network-logs no-cleaning seal image usb report"
        " rebuild patch-7 smb1 backup-before? backup-after? reconnect close",
        SEVEN | {"os.build": "7601", "usb.device": "Fake Stick 0001"},
        loader(),
        {"events": asked()},
    ),
    "another family, off": Scene(
        VerdictLevel.ENCRYPTED,
        OFF,
        "note-time stay-off stay-cut unplug-drives no-ransom split-segment neighbours network-logs no-cleaning seal"
        " image report personal-data other-family rebuild backup-none reconnect close",
        TEN | {"os.build": "19045"},
        [make_found(1, "/a.lockbit", Severity.ENCRYPTED, "File encrypted", family="lockbit", detector="encrypted")],
    ),
    "suspicious signs only, running": Scene(
        VerdictLevel.SUSPICIOUS,
        replace(YES, rebooted="unknown"),
        "note-time no-restart cut-network unplug-drives backup-apart neighbours network-logs no-cleaning clock image"
        " analyst report-doubt patch-7 smb1 reconnect",
        SEVEN,
        [make_found(1, "/t.exe", Severity.SUSPICIOUS, "Program with strange traits", family=None)],
    ),
    "inconclusive, nobody knows anything": Scene(
        VerdictLevel.INCONCLUSIVE,
        Answers(),
        "note-time stay-on? stay-off? cut-network? stay-cut? find-keys? bitlocker-running? no-cleaning bitlocker-off?"
        " examine-rest report-doubt patch-old? patch-7? patch-8? patch-10? smb1 reconnect",
        {},
        [],
        locked(),
    ),
    "nothing found, patched": Scene(VerdictLevel.NOTHING_FOUND, YES, "stay-cut reconnect", TEN),
    "the private key lies in clear": Scene(
        VerdictLevel.ENCRYPTED,
        OFF,
        "note-time stay-off stay-cut unplug-drives no-ransom split-segment neighbours kill-switch tor network-logs"
        " no-cleaning seal image report personal-data key-clear shadow-finished recover keep-encrypted rebuild"
        " backup-none reconnect close",
        TEN | DONE | {"wannacry.private_key": "valid", "os.build": "15063"},
        encrypted(),
    ),
}


def listed(dossier: Dossier, answers: Answers) -> list[str]:
    lines = choose(CHECKLIST, machine_of(dossier, answers).traits, dossier.facts)
    assert conflicts(lines) == []
    return [line.item.id + ("" if line.certain else "?") for line in lines]


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
def test_a_machine_gets_its_items_in_order(scene: Scene) -> None:
    assert listed(scene.dossier(), scene.answers) == scene.expected.split()


def test_every_item_is_for_some_machine() -> None:
    met = {one.rstrip("?") for scene in SCENES.values() for one in scene.expected.split()}
    assert {item.id for item in CHECKLIST.items} == met


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
def test_not_knowing_leaves_out_nothing_but_what_might_do_harm(scene: Scene) -> None:
    harmful = {item.id for item in CHECKLIST.items if item.sure}
    known = {one.rstrip("?") for one in listed(scene.dossier(), scene.answers)}
    unknown = {one.rstrip("?") for one in listed(scene.dossier(), Answers())}
    assert known - unknown <= harmful
    assert not unknown & harmful


def every_kind_of_machine() -> Iterator[dict[str, frozenset[str]]]:
    """All values, and both at once, of every trait that decides about power, starting and erasing."""
    fixed = {trait: frozenset(values[:1]) for trait, values in TRAITS.items()}
    varied = ("verdict", "encryption", "running", "live_keys", "resumes", "pending")
    choices = []
    for trait in varied:
        values = [frozenset((value,)) for value in TRAITS[trait]]
        choices.append([*values, frozenset(TRAITS[trait])] if len(values) == 2 else values)
    for combination in product(*choices):
        yield fixed | dict(zip(varied, combination, strict=True))


def test_no_list_orders_what_it_forbids() -> None:
    number = 0
    for traits in every_kind_of_machine():
        number += 1
        assert conflicts(choose(CHECKLIST, traits, {})) == []
    assert number == 5 * 4 * 3 * 3 * 3 * 3


def test_a_list_that_contradicts_itself_would_be_noticed() -> None:
    lines = choose(
        CHECKLIST,
        machine_of(SCENES["windows 7, running since the infection, encryption interrupted"].dossier(), YES).traits,
        {},
    )
    at = next(number for number, line in enumerate(lines) if line.item.id == "power-off")
    assert ("stay-on", "power-off", "power-off") in conflicts((lines[at], *lines[:at], *lines[at + 1 :]))


# -- what the disk knows better ---------------------------------------------------------------------------------------


def keys(facts: dict[str, str], answers: Answers) -> frozenset[str]:
    return machine_of(make_dossier(VerdictLevel.ENCRYPTED, encrypted(), facts=facts), answers).traits["live_keys"]


def test_keys_live_only_while_the_process_that_made_them_runs() -> None:
    assert keys(SEVEN | DONE, YES) == {"possible"}
    assert keys(TEN | DONE, YES) == {"no"}
    assert keys(SEVEN | DONE, OFF) == {"no"}
    assert keys(SEVEN | DONE, replace(YES, rebooted="yes")) == {"no"}
    assert keys(SEVEN | DONE, replace(YES, rebooted="unknown")) == {"possible", "no"}
    assert keys(DONE, YES) == {"possible", "no"}


@pytest.mark.parametrize("fact", ["last.shutdown", "log.System.last_boot"])
def test_a_start_after_the_encryption_is_read_from_the_disk(fact: str) -> None:
    assert keys(SEVEN | DONE | {fact: "2017-05-12T09:00:00Z"}, replace(YES, rebooted="unknown")) == {"no"}
    assert keys(SEVEN | DONE | {fact: "2017-05-12T07:00:00Z"}, YES) == {"possible"}


def test_where_answer_and_disk_differ_the_careful_items_stay() -> None:
    facts = SEVEN | DONE | {"last.shutdown": "2017-05-12T09:00:00Z"}
    machine = machine_of(make_dossier(VerdictLevel.ENCRYPTED, encrypted(), facts=facts), YES)
    assert machine.remarks == (RESTARTED,)
    assert machine.traits["live_keys"] == {"possible", "no"}


def test_a_backup_of_the_day_of_the_attack_is_not_trusted() -> None:
    dossier = make_dossier(VerdictLevel.ENCRYPTED, encrypted(), facts=SEVEN | DONE)
    made = {
        day: machine_of(dossier, replace(YES, backup_date=date(2017, 5, day))).traits["backup_made"]
        for day in (11, 12, 13)
    }
    assert made == {11: {"before"}, 12: {"after"}, 13: {"after"}}


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("C: disk efbeadde offset 1048576 | E: _??_USBSTOR#Disk", {"one"}),
        ("letter=C:; disk=0a; offset=1 | letter=D:; partition=0b", {"several"}),
        ("", {"one", "several"}),
    ],
)
def test_a_second_disk_is_told_by_its_letter(letters: str, expected: set[str]) -> None:
    dossier = make_dossier(facts={"drive.letter": letters} if letters else {}, evidence=NO_EVIDENCE, entries=1)
    assert machine_of(dossier, Answers()).traits["drives"] == expected


def test_of_several_windows_on_one_disk_the_worst_decides() -> None:
    dossier = make_dossier(facts={"smb1.server": "disabled | enabled"}, entries=1)
    assert machine_of(dossier, Answers()).traits["smb1"] == {"enabled"}


def test_the_times_of_the_fakes_are_those_of_the_outbreak() -> None:
    assert OUTBREAK // SECOND == 1_494_574_440
