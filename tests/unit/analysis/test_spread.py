"""An outbreak compared: order, sources, shares and odd machines, against outbreaks whose truth is known."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from types import SimpleNamespace

import pytest

from tests.outbreaks import HOUR, T0, WALLET, WALLET_LATE, WORM, Patient, Plan, Reached, at_random, sessions, twelve
from triage.analysis import spread_replug
from triage.analysis.spread import Outbreak, compare
from triage.analysis.spread_clocks import TRUTH
from triage.analysis.spread_edges import Why
from triage.analysis.spread_owners import Doubt
from triage.analysis.spread_records import Machine, Sign, State
from triage.analysis.spread_witness import witness
from triage.model import Confidence

WALLETS = {WALLET: "may", WALLET_LATE: "late"}


def machines(plan: Plan) -> list[Machine]:
    return [witness(plan.dossier(place), f"{place:04d}") for place in range(len(plan.patients))]


def compared(plan: Plan, within: int | None = None) -> Outbreak:
    return compare(machines(plan), WALLETS, within)


def place_of(outbreak: Outbreak, name: str) -> int:
    return next(place for place, one in enumerate(outbreak.machines) if one.name == name)


def sources(outbreak: Outbreak) -> dict[str, tuple[str, str]]:
    """Machine to (source, confidence)."""
    names = [one.name for one in outbreak.machines]
    return {names[edge.to]: (names[edge.of], edge.confidence.value) for edge in outbreak.edges}


@pytest.fixture(scope="module")
def known() -> Outbreak:
    return compared(twelve())


def test_twelve_machines_stand_in_the_order_in_which_they_fell(known: Outbreak) -> None:
    names = [known.machines[place].name for place in known.order]
    assert names[:9] == [*(f"MAY-{n:02d}" for n in range(1, 8)), "MAYCHU", "MAY-09"]
    assert names[9] == "MAY-12"  # nobody knows its clock: it may be any of them
    assert known.starts[place_of(known, "MAY-12")].rank == (1, 10)


def test_every_skew_that_is_told_holds_the_truth(known: Outbreak) -> None:
    plan = twelve()
    told = 0
    for place, machine in enumerate(known.machines):
        if known.shown.tied(place):
            assert known.shown.group(place) == TRUTH
            ahead, skew = known.shown.ahead(place), plan.patients[int(machine.case)].skew * 10**9
            assert ahead.low <= skew <= ahead.high
            assert ahead.high - ahead.low <= 120 * 10**9
            told += 1
    assert told == 10


def test_sources_are_named_as_surely_as_the_logs_allow(known: Outbreak) -> None:
    assert sources(known) == {
        "MAY-02": ("MAY-01", "high"),  # Sysmon saw the worm reach it
        "MAY-03": ("MAY-01", "medium"),  # a logon alone
        "MAY-04": ("MAY-02", "medium"),  # SMBv1 alone
        "MAY-05": ("MAY-02", "high"),  # both sides
        "MAY-06": ("MAY-03", "medium"),
        "MAYCHU": ("MAY-02", "medium"),  # its malware's shortcuts, which tell a name
    }


def test_what_became_of_each_machine(known: Outbreak) -> None:
    counts = known.counts()
    assert (counts[State.ENCRYPTED], counts[State.REMOTE], counts[State.NOTHING_FOUND], counts[State.NOT_EXAMINED]) == (
        *(9, 1, 1, 1),
    )


def test_the_machine_with_another_wallet_is_odd(known: Outbreak) -> None:
    assert {known.machines[place].name: kinds for place, kinds in known.odd.items()} == {"MAY-09": ("wallet",)}


def test_nobody_is_said_to_be_fit_for_the_network_without_having_been_examined(known: Outbreak) -> None:
    assert {one.replug.answer for one in known.machines} <= {"not-examined", "no", "undetermined"}


def two(**of_source: object) -> Plan:
    """One infected an hour before the other, clocks known to agree; the first reached the second just before."""
    plan = Plan(
        [
            Patient(name="NGUON", address="10.0.0.1", infected=T0, synchronised=True, **of_source),  # type: ignore[arg-type]
            Patient(name="DICH", address="10.0.0.2", infected=T0 + HOUR, synchronised=True),
        ]
    )
    plan.reached.append(Reached(when=T0 + HOUR - 30, of=0, to=1, named=False))
    return plan


def test_a_logon_by_an_address_of_its_own_names_the_source() -> None:
    assert sources(compared(two())) == {"DICH": ("NGUON", "medium")}


def test_the_worm_alone_names_nobody() -> None:
    plan = two()
    plan.reached[0].logged = False
    outbreak = compared(plan)
    assert outbreak.edges == ()
    assert outbreak.undecided == ()


def changed(change: Callable[[Plan], None]) -> Outbreak:
    plan = two()
    change(plan)
    return compared(plan)


def _lent(plan: Plan) -> None:
    plan.patients[0].leased = T0 + 3 * HOUR  # after the contact


def _doubled(plan: Plan) -> None:
    plan.patients.append(Patient(name="TRUNG", address="10.0.0.1"))


def _named_otherwise(plan: Plan) -> None:
    plan.patients.append(Patient(name="KHAC", address="10.0.0.9", infected=T0 + 60))
    plan.reached[0].of, plan.reached[0].address, plan.reached[0].named = 2, "10.0.0.1", True


def _other_domain(plan: Plan) -> None:
    plan.patients[0].domain, plan.patients[1].domain = "so.local", "huyen.local"


@pytest.mark.parametrize(
    ("change", "doubt"),
    [
        (_lent, Doubt.LEASED),
        (_doubled, Doubt.SHARED),
        (_named_otherwise, Doubt.OTHER_NAME),
        (_other_domain, Doubt.OTHER_DOMAIN),
    ],
)
def test_an_address_that_may_be_anothers_accuses_nobody(change: Callable[[Plan], None], doubt: Doubt) -> None:
    outbreak = changed(change)
    assert outbreak.edges == ()
    assert [(one.why, one.doubt) for one in outbreak.undecided] == [(Why.WHOSE, doubt)]


def test_a_leased_address_counts_from_its_lease_on() -> None:
    assert sources(compared(two(leased=T0 - HOUR))) == {"DICH": ("NGUON", "medium")}


def test_an_unknown_clock_accuses_nobody_until_the_analyst_answers_for_it() -> None:
    plan = two()
    plan.patients[0].synchronised = False
    assert [one.why for one in compared(plan).undecided] == [Why.ORDER]
    assert compared(plan).edges == ()
    assert sources(compared(plan, within=300 * 10**9)) == {"DICH": ("NGUON", "medium")}


def test_who_was_infected_later_is_no_source() -> None:
    plan = two()
    plan.patients[0].infected = T0 + 2 * HOUR
    outbreak = compared(plan)
    assert outbreak.edges == ()
    assert outbreak.undecided == ()


def test_who_shows_no_sign_is_no_source() -> None:
    plan = two()
    plan.patients[0].infected = None
    assert compared(plan).edges == ()


def test_an_address_of_no_machine_compared_is_named_as_such() -> None:
    plan = two()
    plan.reached[0].address = "10.9.9.9"
    (stranger,) = compared(plan).outsiders
    assert (stranger.address, len(stranger.reached)) == ("10.9.9.9", 1)


def test_two_that_reached_it_alike_are_alternatives_of_low_confidence() -> None:
    plan = two()
    plan.patients.append(Patient(name="CUNG", address="10.0.0.3", infected=T0 + 60, synchronised=True))
    plan.reached.append(Reached(when=T0 + HOUR - 40, of=2, to=1, named=False))
    (edge,) = compared(plan).edges
    assert edge.confidence is Confidence.LOW
    assert len(edge.alternatives) == 1


def test_a_first_sign_that_only_tells_of_encryption_accuses_nobody() -> None:
    plan = two()
    plan.patients[1].kind = "files"
    outbreak = compared(plan)
    # nothing of the malware was found there: its files may as well have been written from elsewhere
    assert outbreak.machines[place_of(outbreak, "DICH")].state is State.REMOTE
    assert [edge.way.value for edge in outbreak.edges] == ["share"]


def share(**more: object) -> Plan:
    plan = Plan(
        [
            Patient(name="NGUON", address="10.0.0.1", infected=T0, synchronised=True, skew=-7200),
            Patient(name="MAYCHU", address="10.0.0.2", share_by=0, share_from=T0 + 600, **more),  # type: ignore[arg-type]
        ]
    )
    plan.reached.append(Reached(when=T0 + 300, of=0, to=1))
    return plan


def test_a_share_points_to_the_machine_its_shortcuts_were_made_on() -> None:
    outbreak = compared(share())
    (found,) = outbreak.shares
    assert found.certain is Confidence.HIGH  # registry and logs were read, and nothing is missing
    assert sources(outbreak) == {"MAYCHU": ("NGUON", "medium")}
    assert outbreak.machines[found.machine].first is not None
    assert outbreak.machines[found.machine].first.kind is Sign.ENCRYPTED


def test_a_share_without_shortcuts_points_to_who_was_logged_on_where_the_clocks_tell_it() -> None:
    plan = share(shortcuts=False)
    assert compared(plan).edges == ()
    chance = random.Random(5)
    plan.patients[0].sysmon = True
    sessions(plan, 0, 1, chance)
    assert sources(compared(plan)) == {"MAYCHU": ("NGUON", "low")}  # it may only have worked there


def test_a_share_that_nothing_points_to_names_nobody() -> None:
    plan = share(shortcuts=False)
    plan.reached.clear()
    outbreak = compared(plan)
    assert outbreak.edges == ()
    assert [one.source for one in outbreak.shares] == [None]


def test_shortcuts_of_a_machine_that_was_not_compared_are_named() -> None:
    plan = share()
    outbreak = compare(machines(plan)[1:], WALLETS)
    assert outbreak.edges == ()
    assert outbreak.shares[0].outside == ("NGUON",)


def test_wallets_of_one_variant_are_not_odd() -> None:
    plan = two()
    plan.patients[1].wallet = "115p7UMMngoj1pMvkpHijcRdfJNXj6LrLn"
    both = {WALLET: "wannacry", plan.patients[1].wallet: "wannacry"}
    assert compare(machines(plan), both).odd == {}
    assert next(trait.odd for trait in compare(machines(plan), {}).traits if trait.kind == "wallet") != ()


def test_one_key_on_two_machines_is_odd() -> None:
    every = [replace(one, traits={"key": ("ab" * 32,)}) for one in machines(two())]
    assert set(compare(every, {}).odd.values()) == {("key",)}


def test_the_same_evidence_given_twice_is_one_machine() -> None:
    one = replace(machines(two())[0], fingerprint="ab")
    outbreak = compare([one, replace(one, case="zzz")], {})
    assert len(outbreak.machines) == 1
    assert outbreak.twins == ((0, "zzz"),)


def test_machines_of_one_name_are_told_apart_by_their_cases() -> None:
    plan = two()
    plan.patients[1].name = "NGUON"
    assert [one.name for one in compared(plan).machines] == ["NGUON (0000)", "NGUON (0001)"]


def test_nothing_at_all_can_be_compared() -> None:
    outbreak = compare([], {})
    assert (outbreak.machines, outbreak.edges, outbreak.firsts) == ((), (), ())


def test_a_connection_by_the_worm_itself_within_the_clocks_error_is_left_open() -> None:
    plan = two(sysmon=True)
    plan.reached[0] = Reached(when=T0 + HOUR - 3, of=0, to=1, image=WORM, logged=False, watched=True)
    outbreak = compared(plan)
    assert outbreak.edges == ()
    assert [one.why for one in outbreak.undecided] == [Why.CLOSE]


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_cases_makes_no_difference(seed: int) -> None:
    every = machines(at_random(random.Random(seed)))
    shuffled = [*every]
    random.Random(9).shuffle(shuffled)
    one, other = compare(every, {}), compare(shuffled, {})
    assert one.machines == other.machines
    assert (one.edges, one.undecided, one.starts, one.order) == (
        other.edges,
        other.undecided,
        other.starts,
        other.order,
    )


class _Told(Enum):
    MET = "met"
    NOT_MET = "not-met"
    NOT_EXAMINED = "not-examined"
    NO = "no"


def test_who_may_be_plugged_in_again_is_asked_of_the_judgement_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    criteria = [SimpleNamespace(id=one.value, state=one) for one in (_Told.MET, _Told.NOT_MET, _Told.NOT_EXAMINED)]
    judgement = SimpleNamespace(
        may_reconnect=lambda dossier: SimpleNamespace(answer=_Told.NO, criteria=criteria),
    )
    monkeypatch.setattr(spread_replug, "find_spec", lambda name: name)
    monkeypatch.setattr(spread_replug, "import_module", lambda name: judgement)
    told = machines(two())[0].replug
    assert (told.answer, told.not_met, told.not_examined) == ("no", ("not-met",), ("not-examined",))


def test_nothing_is_said_of_plugging_in_where_there_is_no_judgement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread_replug, "find_spec", lambda name: None)
    assert machines(two())[0].replug.answer == "not-examined"
