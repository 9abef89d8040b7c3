from __future__ import annotations

from jupyter_tune.core.commands import Launch
from jupyter_tune.core.events import BudgetChanged, DriverStarted, Event, TrialEnded, TrialStarted
from jupyter_tune.core.slots import IN_A_ROW, Slots
from jupyter_tune.core.trial import COMPLETE, FAILED
from tests.core.desk import Desk
from tests.core.studies import study_of, suggested

GPU, DATA = ("CUDA error: #", ""), ("FileNotFoundError: #", "<cell>:3")


def slots_after(*ends: tuple[str, tuple[str, str] | None]) -> Slots:
    slots = Slots()
    for slot, failure in ends:
        slots = slots.ended(slot, failure)
    return slots


def out_of(slots: Slots, workers: int) -> tuple[str, ...]:
    return tuple(slots.quarantined(workers))


def test_a_slot_that_fails_three_times_in_a_row_is_quarantined():
    twice = [("gpu/1", GPU)] * (IN_A_ROW - 1)
    assert out_of(slots_after(*twice), 2) == ()
    assert out_of(slots_after(*twice, ("gpu/1", DATA)), 2) == ("gpu/1",)


def test_a_success_in_between_acquits_it():
    ends = [("gpu/1", GPU), ("gpu/1", GPU), ("gpu/1", None), ("gpu/1", GPU)]
    assert out_of(slots_after(*ends), 2) == ()


def test_what_fails_elsewhere_too_is_no_fault_of_the_slot():
    row = [("gpu/1", DATA)] * IN_A_ROW
    assert out_of(slots_after(("gpu/0", DATA), *row), 2) == ()
    assert out_of(slots_after(*row), 2) == ("gpu/1",)
    assert out_of(slots_after(*row, ("gpu/0", DATA)), 2) == (), "it was seen elsewhere later"


def test_the_last_slot_is_never_quarantined():
    row = [("a", GPU)] * IN_A_ROW + [("b", DATA)] * IN_A_ROW
    assert out_of(slots_after(*row), 1) == ()
    assert out_of(slots_after(*row), 2) == ("a",)
    assert out_of(slots_after(*row), 3) == ("a", "b")


def test_the_shares_of_a_gpu_are_quarantined_together():
    slots = Slots()
    for slot in ("gpu/1/0", "gpu/1/1", "gpu/1/0"):
        slots = slots.ended(slot, GPU, place="gpu/1")
    assert slots.quarantined(4) == {"gpu/1": 2}
    assert slots.quarantined(2) == {}, "no other slot would be left"
    assert slots.ended("gpu/0/0", GPU, place="gpu/0").quarantined(4) == {}


def failing_on(slot: str, number: int) -> list[Event]:
    return [
        suggested(number),
        TrialStarted(number, 1, slot=slot),
        TrialEnded(number, 1, FAILED, reason="CUDA error: an illegal address"),
    ]


ROW = [event for number in range(IN_A_ROW) for event in failing_on("gpu/1", number)]


def test_the_engine_uses_a_quarantined_slot_no_more():
    desk = Desk(workers=2, trials=20, retries=0)
    desk.tell(suggested(9), TrialStarted(9, 1, slot="gpu/0"), *ROW)
    assert desk.engine.study.quarantined == {"gpu/1": 1}
    desk.tell(TrialEnded(9, 1, COMPLETE, 0.5))
    [launch] = desk.tell(suggested(10))
    assert isinstance(launch, Launch)
    assert launch.avoid == ("gpu/1",)
    desk.tell(TrialStarted(10, 1, slot="gpu/0"))
    assert desk.tell(suggested(11)) == [], "one slot is left"


def test_another_number_of_workers_or_another_driver_uses_all_slots_again():
    for event in (BudgetChanged(20, 3), DriverStarted("d")):
        assert study_of(*ROW, event, workers=2, retries=0).quarantined == {}


def test_studies_recorded_before_the_rule_go_on_without_it():
    assert study_of(*ROW, workers=2).quarantined == {}
