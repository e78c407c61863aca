"""Outbreaks whose truth is known: machines with wrong clocks, who infected whom, and what of it was written down.

Records are those that the detectors make, drawn together as they do. Harmless: nothing but texts and numbers.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.attacks import SECOND, called, copied, encrypted, event, fact, new, write_case
from tests.dossiers import NO_EVIDENCE, make_dossier
from triage.analysis.dossier import Dossier, Found, VerdictLevel
from triage.analysis.inventory import Stock
from triage.case import Case
from triage.case.records import UnitResult
from triage.model import Confidence, Entry, Event, Fact, Finding, Severity, UnixNs
from triage.times import isoformat

HOUR = 3600
T0 = 1_494_810_000
"""2017-05-15T01:00:00Z, 08:00 in Vietnam: seconds since 1970, as all true times here."""
WALLET = "13AM4VW2dhxYgXeQepoHkHSQuy6NgaEb94"
WALLET_LATE = "15nzzRpAsbgd1mmoqQRtiXxN49f4LcmTh4"
BUILD = "24d004a104d4d54034dbcffc2a4b19a11f39008a575aa614ea04703480b1022c"
WORM = "C:\\WINDOWS\\mssecsvc.exe"
SYSTEM = "System"

LOGONS = "/Windows/System32/winevt/Logs/Security.evtx"
SERVICES = "/Windows/System32/winevt/Logs/System.evtx"
SYSMON = "/Windows/System32/winevt/Logs/Microsoft-Windows-Sysmon%4Operational.evtx"
SMB1 = "/Windows/System32/winevt/Logs/Microsoft-Windows-SMBServer%4Audit.evtx"
HIVE = "/Windows/System32/config/SYSTEM"


@dataclass(slots=True)
class Reached:
    """One machine reached another at a true time; what is written down where.

    named: the logon carries the name; logged: the target wrote a logon; audited: the target wrote SMB1;
    watched: the source wrote the connection (Sysmon).
    """

    when: float
    of: int
    to: int
    image: str = SYSTEM
    logged: bool = True
    audited: bool = False
    watched: bool = False
    named: bool = True
    latency: float = 0.5
    address: str = ""
    """The source's address at that time, where it is not the one it has now."""


@dataclass(slots=True)
class Patient:
    """A machine and its truth. infected: true time, None if it never was; skew: seconds its clock is ahead."""

    name: str
    address: str
    skew: float = 0
    infected: float | None = None
    source: int | None = None
    sysmon: bool = False
    leased: float | None = None
    files: int = 3
    wallet: str = WALLET
    build: str = BUILD
    kind: str = "service"
    examined: bool = True
    share_by: int | None = None
    share_from: float = 0
    shortcuts: bool = True
    synchronised: bool = False
    domain: str = ""
    rolled: float = 0
    """What its logs held before this true time is gone."""


@dataclass(slots=True)
class Plan:
    """A whole outbreak."""

    patients: list[Patient]
    reached: list[Reached] = field(default_factory=list)

    def local(self, place: int, when: float) -> UnixNs:
        return UnixNs(round((when + self.patients[place].skew) * SECOND))

    def records(self, place: int) -> tuple[list[Entry], list[Finding | Event | Fact]]:
        """What the scan of one machine left in its case."""
        return _Writer(self, place).write()

    def write(self, folder: Path) -> list[Path]:
        """Every machine's case, in a folder named after it."""
        cases = []
        for place, patient in enumerate(self.patients):
            case = folder / f"{place:04d}-{patient.name.lower()}"
            case.mkdir(parents=True)
            entries, records = self.records(place)
            write_case(case, entries, records)
            examined = [(entry.id, "full", "unknown", None) for entry in entries]
            with Case.create(case) as opened, opened.transaction():
                opened.finish_unit(UnitResult(unit=0, examined=examined, records=(), gaps=(), bytes_read=0))
            cases.append(case)
        return cases

    def dossier(self, place: int) -> Dossier:
        """The same without a disk."""
        entries, records = self.records(place)
        by_id = {entry.id: entry for entry in entries}
        found = sorted(
            (Found(finding=one, entry=by_id[one.entry], sha256=None) for one in records if isinstance(one, Finding)),
            key=lambda one: (one.entry.path, one.entry.id),
        )
        events = sorted(
            ((by_id[one.entry], one) for one in records if isinstance(one, Event)), key=lambda pair: pair[1].when
        )
        facts = {one.name: one.value for one in records if isinstance(one, Fact)}
        worst = [severity for severity in Severity if any(one.finding.severity is severity for one in found)]
        level = VerdictLevel(worst[0].value) if worst else VerdictLevel.NOTHING_FOUND
        if not entries:
            level = VerdictLevel.INCONCLUSIVE
        stock = Stock()
        for one in found:
            stock.add(one)
        return make_dossier(level, found, events=events, facts=facts, evidence=NO_EVIDENCE, inventory=stock.inventory())


class _Writer:
    def __init__(self, plan: Plan, place: int) -> None:
        self.plan, self.place, self.patient = plan, place, plan.patients[place]
        self.entries: list[Entry] = []
        self.records: list[Finding | Event | Fact] = []

    def write(self) -> tuple[list[Entry], list[Finding | Event | Fact]]:
        if not self.patient.examined:
            return [], []
        old = self.plan.local(self.place, T0 - 400 * 86400)
        self.logs = {path: self.file(path, old) for path in (LOGONS, SERVICES, SYSMON, SMB1, HIVE)}
        self.identity()
        self.contacts()
        if self.patient.infected is not None:
            self.infection(self.patient.infected)
        elif self.patient.share_by is not None:
            self.share()
        return self.entries, self.records

    def file(self, path: str, when: UnixNs) -> Entry:
        one = new(len(self.entries) + 1, path, when)
        self.entries.append(one)
        return one

    def local(self, when: float) -> UnixNs:
        return self.plan.local(self.place, when)

    def tell(self, name: str, value: str) -> None:
        self.records.append(fact(self.logs[HIVE], name, value))

    def identity(self) -> None:
        patient = self.patient
        self.tell("host.name", patient.name)
        self.tell("os.build", "7601")
        self.tell("log.System.records", "100")
        if patient.domain:
            self.tell("host.domain", patient.domain)
        how = "static" if patient.leased is None else "dhcp"
        self.tell("network.interface", f"{patient.address}, {how}, gateway 10.0.0.254")
        if patient.leased is not None:
            leased = "Network address was leased"
            when = self.local(patient.leased)
            self.records.append(event(self.logs[HIVE], when, leased, "SYSTEM", address=patient.address))

    def contacts(self) -> None:
        plan, here = self.plan, self.place
        reached = [one for one in plan.reached if one.when >= self.patient.rolled]
        out = [one for one in reached if one.of == here and one.watched]
        for image in sorted({one.image for one in out}):
            moments = [(self.local(one.when), plan.patients[one.to].address) for one in out if one.image == image]
            for first, last, count, members in stretches(moments):
                self.records.append(
                    event(
                        self.logs[SYSMON],
                        first[0],
                        "Program connected to port 445",
                        "Sysmon.evtx",
                        image=image,
                        address=first[1],
                        count=count,
                        until=isoformat(last[0]),
                        different=len(members),
                    )
                )
        for source, address in sorted({(one.of, one.address) for one in reached if one.to == here}):
            mine = [one for one in reached if one.to == here and one.of == source and one.address == address]
            other = plan.patients[source]
            address = address or other.address
            for named in (True, False):
                moments = [(self.local(x.when + x.latency), "") for x in mine if x.logged and x.named is named]
                details = {"address": address, "workstation": other.name if named else "", "account": "lan"}
                self.told(LOGONS, "Logon over the network", moments, details)
            moments = [(self.local(one.when + one.latency / 2), "") for one in mine if one.audited]
            self.told(SMB1, "SMB1 was used to reach this machine", moments, {"client": address})

    def told(self, log: str, what: str, moments: list[tuple[UnixNs, str]], details: dict[str, str]) -> None:
        for first, last, count, _ in stretches(moments):
            self.records.append(
                event(
                    self.logs[log],
                    first[0],
                    what,
                    log.rpartition("/")[2],
                    count=count,
                    until=isoformat(last[0]),
                    **details,
                )
            )

    def infection(self, when: float) -> None:
        patient, home = self.patient, f"/ProgramData/tag{self.place:03d}"
        worm = self.file("/Windows/mssecsvc.exe", self.local(when + 1))
        loader = self.file(f"{home}/tasksche.exe", self.local(when + 3))
        log = self.file(f"{home}/00000000.res", self.local(when + 3))
        if patient.kind in ("service", "drop"):
            self.records += [called(worm, "worm"), called(loader, "loader"), called(log, "progress")]
        if patient.kind == "service":
            service = "Service was installed"
            at = self.local(when)
            self.records.append(event(self.logs[SERVICES], at, service, "System.evtx", service="mssecsvc2.0"))
        begun, end = when + 60, when + 60 + 30 * patient.files
        self.records.append(fact(log, "wannacry.wallet", patient.wallet))
        self.records.append(fact(log, "wannacry.started", isoformat(self.local(begun))))
        self.records.append(fact(log, "wannacry.heartbeat", isoformat(self.local(end + 6 * HOUR))))
        self.harm(begun)
        if patient.synchronised:
            later = self.local(when + 48 * HOUR)
            right = UnixNs(later - round(patient.skew * SECOND))
            self.records.append(
                event(
                    self.logs[SERVICES],
                    right,
                    "System clock was set",
                    "System.evtx",
                    before=isoformat(later),
                    after=isoformat(right),
                    step_seconds=round((right - later) / SECOND, 3),
                    image="C:\\Windows\\System32\\svchost.exe",
                )
            )

    def harm(self, begun: float) -> None:
        for number in range(self.patient.files):
            one = copied(len(self.entries) + 1, f"/Dulieu/van ban {number}.doc.WNCRY", self.local(begun + 30 * number))
            self.entries.append(one)
            self.records.append(encrypted(one))

    def share(self) -> None:
        patient = self.patient
        assert patient.share_by is not None
        self.harm(patient.share_from)
        self.records.append(called(self.file("/Dulieu/@Please_Read_Me@.txt", self.local(patient.share_from)), "note"))
        for number in range(3 if patient.shortcuts else 0):
            when = self.local(patient.share_from + 30 * number)
            link = self.file(f"/Dulieu/a/b/c/{number}/@WanaDecryptor@.exe.lnk", when)
            self.records.append(
                Finding(
                    detector="shortcuts",
                    entry=link.id,
                    severity=Severity.SUSPICIOUS,
                    confidence=Confidence.MEDIUM,
                    title="Shortcut to a known component",
                    family="wannacry",
                    indicator="decryptor",
                    details={"machine": self.plan.patients[patient.share_by].name.lower()},
                )
            )


def stretches(
    moments: list[tuple[UnixNs, str]],
) -> Iterator[tuple[tuple[UnixNs, str], tuple[UnixNs, str], int, set[str]]]:
    """(first, last, count, members) of what falls within an hour of its first, as the detector of logs tells it."""
    held: list[tuple[UnixNs, str]] = []
    for moment in sorted(moments):
        if held and moment[0] - held[0][0] > HOUR * SECOND:
            yield held[0], held[-1], len(held), {member for _, member in held}
            held = []
        held.append(moment)
    if held:
        yield held[0], held[-1], len(held), {member for _, member in held}


def sessions(plan: Plan, of: int, to: int, chance: random.Random, count: int = 5) -> None:
    """Both machines wrote down the same sessions of the week before, at odd times."""
    for day in range(count):
        when = T0 - (count - day) * 26 * HOUR + chance.uniform(0, 3 * HOUR)
        plan.reached.append(Reached(when=when, of=of, to=to, watched=True, latency=chance.uniform(0, 2)))


def twelve() -> Plan:
    """Twelve machines, clocks from two hours slow to a day fast.

    MAY-01 brings it in; 02 to 06 by the worm, seen in part; 07 left no trace of who; the server's share is encrypted
    by MAY-02; MAY-09 has another wallet; one is clean, one was not examined; MAY-12's clock nobody knows.
    """
    chance = random.Random(12)
    skews = (0, -7200, 3600, 86400, -300, 45, -3600, 0, 600, 0, 0, 5000)
    plan = Plan([Patient(name=f"MAY-{n:02d}", address=f"10.0.0.{n}", skew=s) for n, s in enumerate(skews, 1)])
    people = plan.patients
    for place, (minutes, source) in {
        0: (0, None),
        1: (10, 0),
        2: (17, 0),
        3: (25, 1),
        4: (31, 1),
        5: (44, 2),
        6: (52, 2),
        8: (70, 3),
        11: (95, 4),
    }.items():
        people[place].infected, people[place].source = T0 + minutes * 60, source
    for place in (0, 1, 2, 3):
        people[place].sysmon = True
    people[7].name, people[7].share_by, people[7].share_from = "MAYCHU", 1, T0 + 55 * 60
    people[8].wallet, people[8].build = WALLET_LATE, "0" * 64
    people[9].name = "MAY-SACH"
    people[10].name, people[10].examined = "MAY-HONG", False
    for of in (0, 1, 2, 3):
        sessions(plan, of, 7, chance)
    for of, to in ((0, 4), (1, 5), (2, 8), (3, 9)):
        sessions(plan, of, to, chance)
    people[6].synchronised = True
    people[0].synchronised = True
    for of, to, told in ((0, 1, "watched"), (0, 2, "logged"), (1, 3, "audited"), (1, 4, "both"), (2, 5, "logged")):
        when = people[to].infected
        assert when is not None
        plan.reached.append(
            Reached(
                when=when - 40,
                of=of,
                to=to,
                image=WORM,
                logged=told in ("logged", "both"),
                audited=told == "audited",
                watched=told in ("watched", "both"),
                named=False,
            )
        )
    plan.reached.append(Reached(when=T0 + 54 * 60, of=1, to=7))
    return plan


def at_random(chance: random.Random, count: int = 12) -> Plan:
    """An outbreak of any shape, with what may mislead.

    Logons of the innocent, lent and doubled addresses, doubled names, clocks of any error, jobs that run every hour,
    logs that begin late, first signs of every kind.
    """
    plan = Plan([_anybody(chance, place) for place in range(count)])
    people = plan.patients
    spread: list[int] = []
    when = float(T0)
    for place in chance.sample(range(count), chance.randint(0, count)):
        when += chance.choice((0, 2, chance.uniform(1, 120), chance.uniform(60, 3 * HOUR)))
        people[place].infected = when
        people[place].kind = chance.choice(("service", "service", "service", "drop", "files"))
        people[place].synchronised = chance.random() < 0.2
        before = [one for one in spread if (people[one].infected or when) < when - 60]
        if before and chance.random() < 0.8:
            _brought(plan, chance, chance.choice(before), place, when)
        spread.append(place)
    for place, patient in enumerate(people):
        if patient.infected is None and spread and chance.random() < 0.3:
            by = chance.choice(spread)
            begun = people[by].infected
            assert begun is not None
            patient.share_by, patient.share_from = by, begun + 70 + chance.uniform(0, HOUR)
            patient.shortcuts = chance.random() < 0.5
            plan.reached.append(Reached(when=patient.share_from - chance.uniform(1, 9 * HOUR), of=by, to=place))
    for _ in range(chance.randint(0, 3 * count)):
        _ordinary(plan, chance)
    for _ in range(chance.randint(0, 3 * count)):
        of, to = chance.sample(range(count), 2)
        if people[of].sysmon:
            sessions(plan, of, to, chance, chance.randint(2, 6))
    for _ in range(chance.randint(0, 2)):
        _every_hour(plan, chance)
    return plan


def _anybody(chance: random.Random, place: int) -> Patient:
    doubled = chance.random() < 0.1
    return Patient(
        name="MAY-CHUNG" if chance.random() < 0.1 else f"MAY-{place:03d}",
        address=f"10.0.0.{chance.randint(1, 4) if doubled else 10 + place}",
        skew=chance.choice((0, 0, chance.uniform(-7200, 7200), chance.uniform(-200, 200), 86400, -7200)),
        sysmon=chance.random() < 0.7,
        leased=T0 + chance.uniform(-48 * HOUR, 6 * HOUR) if chance.random() < 0.3 else None,
        examined=chance.random() > 0.1,
        rolled=T0 - chance.uniform(0, 200 * HOUR) if chance.random() < 0.2 else 0,
        domain=chance.choice(("", "", "so.local", "huyen.local")),
    )


def _brought(plan: Plan, chance: random.Random, of: int, to: int, when: float) -> None:
    people = plan.patients
    people[to].source = of
    plan.reached.append(
        Reached(
            when=when - chance.uniform(3, 50),
            of=of,
            to=to,
            image=WORM,
            logged=chance.random() < 0.4,
            audited=chance.random() < 0.2,
            watched=people[of].sysmon,
            named=chance.random() < 0.3,
        )
    )


def _ordinary(plan: Plan, chance: random.Random) -> None:
    """Somebody reaches somebody, at any time; sometimes by an address that is another's today."""
    people = plan.patients
    of, to = chance.sample(range(len(people)), 2)
    when = T0 + chance.uniform(-3 * HOUR, 6 * HOUR)
    hurt = people[to].infected
    if hurt is not None and chance.random() < 0.6:
        when = hurt - chance.choice((0.5, 6, 30, 400, 3000)) + chance.uniform(0, 1)
    lent = [one for one in people if one.leased is not None and one.leased > when and one is not people[of]]
    plan.reached.append(
        Reached(
            when=when,
            of=of,
            to=to,
            image=chance.choice((SYSTEM, WORM)) if people[of].infected and people[of].infected < when else SYSTEM,
            audited=chance.random() < 0.1,
            watched=people[of].sysmon,
            named=chance.random() < 0.5,
            address=chance.choice(lent).address if lent and chance.random() < 0.5 else "",
        )
    )


def _every_hour(plan: Plan, chance: random.Random) -> None:
    """A job whose log on either side may begin later than the other's: it fits at every hour."""
    of, to = chance.sample(range(len(plan.patients)), 2)
    for hour in range(chance.randint(3, 12)):
        one = Reached(when=T0 - 40 * HOUR + hour * 3700, of=of, to=to, watched=plan.patients[of].sysmon)
        one.logged = chance.random() < 0.9
        plan.reached.append(one)


def province(count: int, seed: int = 1) -> Plan:
    """Offices of about ten machines with a server each; the worm goes from office to office."""
    chance = random.Random(seed)
    plan = Plan([])
    for place in range(count):
        office, desk = divmod(place, 10)
        plan.patients.append(
            Patient(
                name=f"MC-{office:03d}" if desk == 0 else f"PC-{office:03d}-{desk:02d}",
                address=f"10.{office // 250}.{office % 250}.{desk + 10}",
                skew=chance.choice((0, 20, -45, 300, -7200, 3600, 86400)),
                sysmon=desk < 7,
                examined=chance.random() > 0.03,
            )
        )
    infected: list[int] = []
    when = float(T0)
    for place in chance.sample(range(count), count * 7 // 10):
        patient = plan.patients[place]
        if place % 10 == 0:
            continue
        when += chance.expovariate(count / (5 * HOUR))
        patient.infected, patient.wallet = when, WALLET_LATE if chance.random() < 0.01 else WALLET
        patient.synchronised = chance.random() < 0.05
        near = [one for one in infected if when - (plan.patients[one].infected or when) > 120]
        mine = [one for one in near if one // 10 == place // 10] or near[-3:]
        if mine:
            _brought(plan, chance, chance.choice(mine), place, when)
        infected.append(place)
    for place in range(0, count, 10):
        desks = [one for one in range(place + 1, min(place + 10, count)) if plan.patients[one].sysmon]
        for desk in desks:
            sessions(plan, desk, place, chance)
        hurt = [one for one in desks if plan.patients[one].infected]
        if place >= 10 and place % 20 == 0 and count > place + 1:
            sessions(plan, place - 9, place, chance)
        if hurt and chance.random() < 0.5:
            by = chance.choice(hurt)
            begun = plan.patients[by].infected
            assert begun is not None
            plan.patients[place].share_by, plan.patients[place].share_from = by, begun + 600
    return plan
