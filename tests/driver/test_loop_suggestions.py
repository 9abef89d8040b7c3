"""When the loop has the next suggestion computed ahead, and when it is not used."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from jupyter_tune.core.commands import Suggest
from jupyter_tune.core.events import (
    BudgetChanged,
    HaltRequested,
    RangesNarrowed,
    StopRequested,
    StudyPaused,
    StudyResumed,
    TrialEnded,
    TrialEnqueued,
    TrialReported,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.steering import narrowed, undoing
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import RUNNING
from jupyter_tune.registry import load_sampler
from tests.driver.scripted import (
    FullMachine,
    Oracle,
    ScriptedExecutor,
    Slots,
    a_loop,
    all_suggested,
    runs,
    two_running,
)
from tests.processes import PATIENCE_S


async def test_a_free_slot_gets_what_was_computed_while_the_trials_ran(
    tmp_path: Path, oracle: Oracle
) -> None:
    slots = Slots()
    loop, listener = a_loop(tmp_path, slots)
    await two_running(loop, listener)
    assert oracle.asked == [(1, {0}, 0), (2, {0, 1}, 0)]
    # it is no fact: neither the study nor the file knows of it
    assert sorted(loop.study.trials) == [0, 1]
    assert not any(isinstance(r.event, TrialSuggested) and r.event.number > 1 for r in listener.records)
    oracle.may_answer.clear()
    slots.end(0)
    await runs(loop, listener, 2)
    assert loop.study.trials[2].params == {"x": 0.5 + 2 / 1024}
    oracle.may_answer.set()
    await all_suggested(loop)
    # asked once, and the next one knows how trial 0 has ended
    assert oracle.asked[2:] == [(3, {1, 2}, 0)]
    await loop.close()


async def test_two_slots_that_get_free_at_once_wait_for_one_suggestion_only(
    tmp_path: Path, oracle: Oracle
) -> None:
    slots = Slots()
    loop, listener = a_loop(tmp_path, slots)
    await two_running(loop, listener)
    slots.end(0)
    slots.end(1)
    await listener.until(lambda: {2, 3} == {trial.number for trial in loop.study.in_state(RUNNING)})
    await all_suggested(loop)
    assert oracle.asked[1:] == [(2, {0, 1}, 0), (3, {2}, 0), (4, {2, 3}, 0)]
    await loop.close()


async def test_beside_long_trials_nothing_is_computed_ahead_and_every_suggestion_knows_all(
    tmp_path: Path, oracle: Oracle, monkeypatch: pytest.MonkeyPatch
) -> None:
    slots = Slots()
    loop, listener = a_loop(tmp_path, slots)
    await two_running(loop, listener)
    monkeypatch.setattr("jupyter_tune.driver.lookahead.PATIENCE", 1e9)
    for number in (0, 1):
        slots.end(number)
        await runs(loop, listener, number + 2)
        await all_suggested(loop)
    # 2 was computed before the first end, when the length of a trial was not known
    assert oracle.asked[1:] == [(2, {0, 1}, 0), (3, {2}, 0)]
    await loop.close()


async def test_what_was_computed_before_the_ranges_moved_never_starts(tmp_path: Path, oracle: Oracle) -> None:
    slots = Slots()
    loop, listener = a_loop(tmp_path, slots)
    await two_running(loop, listener)
    # both in one commit: nothing can be computed between them
    loop.post(narrowed(loop.study, {"x": [0.0, 0.25]}))
    slots.end(0)
    await listener.until(lambda: 2 in loop.study.trials)
    assert oracle.asked[1:] == [(2, {0, 1}, 0), (2, {1}, 1)]
    trial = loop.study.trials[2]
    assert (trial.params, trial.revision) == ({"x": 0.125 + 2 / 1024}, 1)
    await loop.close()


async def test_ranges_may_move_while_a_slot_waits_for_what_is_being_computed(
    tmp_path: Path, oracle: Oracle
) -> None:
    slots = Slots()
    loop, listener = a_loop(tmp_path, slots)
    await two_running(loop, listener)
    oracle.may_answer.clear()
    slots.end(0)
    # 3 is in the making, held up by the oracle, when its slot gets free
    await runs(loop, listener, 2)
    slots.end(1)
    await listener.until(lambda: loop.study.counts["complete"] == 2)
    loop.post(narrowed(loop.study, {"x": [0.0, 0.25]}), at_once=True)
    oracle.may_answer.set()
    await listener.until(lambda: 3 in loop.study.trials)
    trial = loop.study.trials[3]
    assert (trial.params, trial.revision) == ({"x": 0.125 + 3 / 1024}, 1)
    await loop.close()


async def test_what_a_user_requested_goes_before_what_was_computed(tmp_path: Path, oracle: Oracle) -> None:
    slots = Slots()
    loop, listener = a_loop(tmp_path, slots)
    await two_running(loop, listener)
    loop.post(TrialEnqueued({"x": 0.25}), at_once=True)
    slots.end(0)
    await runs(loop, listener, 2)
    assert (loop.study.trials[2].params, loop.study.trials[2].source) == ({"x": 0.25}, "user")
    await all_suggested(loop)
    # computed for number 2, it is of no use to trial 3
    assert oracle.asked[1:] == [(2, {0, 1}, 0), (2, {1}, 0), (3, {1, 2}, 0)]
    await loop.close()


async def test_nothing_is_computed_beyond_the_budget(tmp_path: Path, oracle: Oracle) -> None:
    slots = Slots()
    loop, listener = a_loop(tmp_path, slots, trials=3)
    await two_running(loop, listener)
    slots.end(0)
    await runs(loop, listener, 2)
    slots.end(1)
    slots.end(2)
    await listener.until(lambda: loop.study.is_ended)
    await all_suggested(loop)
    assert [number for number, _, _ in oracle.asked] == [1, 2]
    await loop.close()


async def test_nothing_is_computed_while_the_study_pauses_or_once_it_stops(
    tmp_path: Path, oracle: Oracle
) -> None:
    slots = Slots()
    loop, listener = a_loop(tmp_path, slots)
    await two_running(loop, listener)
    loop.post(StudyPaused(), at_once=True)
    slots.end(0)
    await listener.until(lambda: loop.study.counts["complete"] == 1)
    await all_suggested(loop)
    assert [number for number, _, _ in oracle.asked] == [1, 2]
    loop.post(StudyResumed(), at_once=True)
    await runs(loop, listener, 2)
    await all_suggested(loop)
    # what was computed before the pause did not know how trial 0 would end
    assert oracle.asked[2:] == [(2, {1}, 0), (3, {1, 2}, 0)]
    loop.post(StopRequested("enough"), at_once=True)
    await listener.until(lambda: loop.study.is_ended)
    await all_suggested(loop)
    assert len(oracle.asked) == 4
    await loop.close()


async def test_a_failure_ahead_is_said_when_its_trial_is_drawn_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, oracle: Oracle
) -> None:
    def suggest(study: Study, command: Suggest, seed: int) -> tuple[Params, str]:
        raise ZeroDivisionError(f"trial {command.number}")

    monkeypatch.setattr(oracle, "suggest", suggest)
    slots = Slots()
    loop, listener = a_loop(tmp_path, slots, trials=3)
    await two_running(loop, listener)
    assert ["trial 1" in notice for notice in listener.notices] == [True]
    slots.end(0)
    await runs(loop, listener, 2)
    assert ["trial 2" in notice for notice in listener.notices] == [False, True]
    assert loop.study.trials[2].source == "random"
    await loop.close()


async def test_a_trial_that_waits_when_the_ranges_move_away_from_it_never_starts(
    tmp_path: Path, oracle: Oracle
) -> None:
    slots = Slots()
    loop, listener = a_loop(tmp_path, slots)
    await two_running(loop, listener)
    loop.post(TrialEnqueued({"x": 0.75}), at_once=True)
    slots.end(0)
    slots.end(1)
    loop.post(StudyPaused())
    # they are suggested in the pause: 2 as the user enqueued it, 3 by the sampler
    await listener.until(lambda: {2, 3} <= loop.study.trials.keys())
    loop.post(narrowed(loop.study, {"x": [0.0, 0.25]}), at_once=True)
    loop.post(StudyResumed(), at_once=True)
    await runs(loop, listener, 4)
    assert loop.study.trials[3].state == "cancelled"
    assert loop.study.trials[3].reason == "the ranges were narrowed before it started"
    # who names values means them, wherever the ranges are
    assert [(trial.number, trial.params["x"]) for trial in loop.study.in_state(RUNNING)] == [
        (2, 0.75),
        (4, 0.125 + 4 / 1024),
    ]
    assert loop.study.spent == 4
    await loop.close()


async def test_what_is_withdrawn_while_the_rest_is_filled_in_is_computed_anew(
    tmp_path: Path, oracle: Oracle
) -> None:
    slots = Slots()
    loop, listener = a_loop(tmp_path, slots)
    await two_running(loop, listener)
    loop.post(TrialEnqueued({"x": 0.875}), at_once=True)
    [entry] = loop.study.queue
    oracle.may_answer.clear()
    slots.end(0)
    await listener.until(lambda: loop.study.counts["complete"] == 1)
    loop.post(undoing(loop.study, entry.seq), at_once=True)
    oracle.may_answer.set()
    await runs(loop, listener, 2)
    assert (loop.study.trials[2].params, loop.study.trials[2].source) == ({"x": 0.5 + 2 / 1024}, "oracle")
    await loop.close()


async def test_more_workers_get_slots_at_once_and_fewer_give_them_up_as_trials_end(
    tmp_path: Path, oracle: Oracle
) -> None:
    slots = Slots()
    loop, listener = a_loop(tmp_path, slots)
    await two_running(loop, listener)
    loop.post(BudgetChanged(10, 4), at_once=True)
    await listener.until(lambda: loop.study.counts[RUNNING] == 4)
    loop.post(BudgetChanged(10, 1), at_once=True)
    for number in (0, 1, 2):
        slots.end(number)
    await listener.until(lambda: loop.study.counts["complete"] == 3)
    await all_suggested(loop)
    assert [trial.number for trial in loop.study.live] == [3]
    slots.end(3)
    await runs(loop, listener, 4)
    assert len(loop.study.live) == 1
    await loop.close()


async def test_trials_that_wait_for_a_slot_obey_what_the_user_changes_meanwhile(
    tmp_path: Path, oracle: Oracle
) -> None:
    machine = FullMachine()
    loop, listener = a_loop(tmp_path, machine)
    await loop.begin([])
    await listener.until(lambda: len(machine.waiting) == 2)
    loop.post(StudyPaused(), at_once=True)
    assert not machine.waiting, "the study takes no slot while it is paused"
    loop.post(StudyResumed(), at_once=True)
    assert list(machine.waiting) == [(0, 1), (1, 1)]
    loop.post(BudgetChanged(10, 1), at_once=True)
    assert [(key, command.workers) for key, command in machine.waiting.items()] == [((0, 1), 1)]
    loop.post(BudgetChanged(10, 2), at_once=True)
    loop.post(RangesNarrowed(1, {"x": [0.0, 0.125]}), at_once=True)
    await listener.until(lambda: loop.study.counts["cancelled"] == 1)
    assert loop.study.trials[1].reason == "the ranges were narrowed before it started"
    await listener.until(lambda: list(machine.waiting) == [(0, 1), (2, 1)])
    machine.make_room()
    await listener.until(lambda: loop.study.counts[RUNNING] == 2)
    loop.post(StudyPaused(), at_once=True)
    assert loop.study.counts[RUNNING] == 2, "what has begun goes on"
    await loop.close()


async def test_what_a_user_halts_ends_running_or_waiting(tmp_path: Path, oracle: Oracle) -> None:
    slots = Slots()
    loop, listener = a_loop(tmp_path, slots)
    await two_running(loop, listener)
    loop.post(StudyPaused(), at_once=True)
    slots._post(TrialReported(0, 1, 1, {"score": 0.25}))
    loop.post(HaltRequested(0, "pruned"))
    await listener.until(lambda: loop.study.counts["pruned"] == 1)
    pruned = loop.study.trials[0]
    assert (pruned.value, pruned.reason) == (0.25, "pruned by the user")
    # a lost attempt waits for the end of the pause
    del slots._params[1, 1]
    slots._post(TrialEnded(1, 1, "lost"))
    loop.post(HaltRequested(1, "cancelled"))
    await listener.until(lambda: loop.study.counts["cancelled"] == 1)
    assert loop.study.trials[1].reason == "cancelled by the user"
    await loop.close()


async def test_a_sampler_that_is_still_loading_holds_up_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = threading.Event()

    def slowly(name: str) -> None:
        assert loaded.wait(PATIENCE_S)
        load_sampler(name)

    monkeypatch.setattr("jupyter_tune.driver.sampler_thread.load_sampler", slowly)
    loop, listener = a_loop(tmp_path, ScriptedExecutor(), trials=3)
    warming = asyncio.create_task(loop._suggestions.thread.warm("gp"))
    await asyncio.sleep(0)
    await loop.begin([])
    await listener.until(lambda: loop.study.is_ended)
    assert not warming.done()
    loaded.set()
    await warming
    await loop.close()
