"""The loop of a study over a scripted executor: what is recorded, when, and what waits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from jupyter_tune.core.commands import Halt, Launch, Suggest
from jupyter_tune.core.events import (
    BudgetChanged,
    Event,
    HaltRequested,
    RangesNarrowed,
    Record,
    StopRequested,
    StudyOpened,
    StudyPaused,
    StudyResumed,
    TrialAdded,
    TrialEnded,
    TrialEnqueued,
    TrialReported,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Float, Params
from jupyter_tune.core.ports import Sampler, TrialFact, Work
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.steering import narrowed, undoing
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import RUNNING
from jupyter_tune.driver.loop import StudyLoop
from jupyter_tune.driver.sampler_thread import SamplerThread
from jupyter_tune.errors import JournalError, TuneError
from jupyter_tune.journal import Journal, read_records
from jupyter_tune.registry import make_sampler
from tests.processes import PATIENCE_S


class ScriptedExecutor:
    """Runs nothing: every launch starts, reports `x` at each step as it is acknowledged, and ends."""

    def __init__(self, steps: int = 3, fails_to_open: bool = False):
        self._steps = steps
        self._fails_to_open = fails_to_open
        self._post: Callable[[TrialFact], None] = lambda fact: None
        self._params: dict[tuple[int, int], float] = {}
        self.acknowledged: list[TrialFact] = []
        self.closed = 0

    async def open(self, work: Work, post: Callable[[TrialFact], None]) -> None:
        self._post = post
        if self._fails_to_open:
            raise TuneError("no trial can run here")

    def launch(self, command: Launch) -> None:
        x = command.params["x"]
        assert isinstance(x, float)
        self._params[command.number, command.attempt] = x
        self._post(TrialStarted(command.number, command.attempt, "scripted/0"))

    def acknowledge(self, fact: TrialFact) -> None:
        self.acknowledged.append(fact)
        key = (fact.number, fact.attempt)
        if key not in self._params or isinstance(fact, TrialEnded):
            return
        step = fact.step if isinstance(fact, TrialReported) else 0
        if step < self._steps:
            self._post(TrialReported(*key, step + 1, {"score": self._params[key]}))
        else:
            del self._params[key]
            self._post(TrialEnded(*key, "complete"))

    def halt(self, command: Halt) -> None:
        if self._params.pop((command.number, command.attempt), None) is not None:
            self._post(TrialEnded(command.number, command.attempt, command.state, reason=command.reason))

    async def close(self) -> None:
        self.closed += 1


class Slots(ScriptedExecutor):
    """Trials that run until the test ends them."""

    def acknowledge(self, fact: TrialFact) -> None:
        self.acknowledged.append(fact)

    def end(self, number: int) -> None:
        x = self._params.pop((number, 1))
        self._post(TrialEnded(number, 1, "complete", value=x))


class Oracle:
    """A sampler that draws from the middle of the ranges and keeps what it was asked; `pause` holds it."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, set[int], int]] = []
        """Of every suggestion: the trial's number, the pending ones, the revision of the ranges."""
        self.may_answer = threading.Event()
        self.may_answer.set()

    def suggest(self, study: Study, command: Suggest, seed: int) -> tuple[Params, str]:
        self.asked.append((command.number, {trial.number for trial in study.live}, study.revision))
        assert self.may_answer.wait(PATIENCE_S)
        x = study.ranges["x"]
        assert isinstance(x, Float)
        return {"x": (x.low + x.high) / 2 + command.number / 1024, **(command.given or {})}, "oracle"


@pytest.fixture
def oracle(monkeypatch: pytest.MonkeyPatch) -> Oracle:
    """The sampler of the test's study; it counts as slow beside the test's trials."""
    oracle = Oracle()
    monkeypatch.setattr("jupyter_tune.driver.sampler_thread.make_sampler", lambda name: oracle)
    monkeypatch.setattr("jupyter_tune.driver.lookahead.PATIENCE", 0.0)
    return oracle


class Listener:
    def __init__(self) -> None:
        self.records: list[Record] = []
        self.notices: list[str] = []
        self.changed = asyncio.Event()

    def publish(self, record: Record, text: str) -> None:
        self.records.append(record)
        self.changed.set()

    def notice(self, text: str, level: str) -> None:
        self.notices.append(text)
        self.changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


class FullDisk(Journal):
    """A journal on a disk that is full while `is_full`."""

    is_full = False
    refused = 0

    def append(self, events: Sequence[Event], at: float, *, durable: bool = True) -> list[Record]:
        if FullDisk.is_full:
            FullDisk.refused += 1
            raise JournalError("database or disk is full")
        return super().append(events, at, durable=durable)


def a_loop(
    folder: Path, executor: ScriptedExecutor, *, trials: int = 10, timeout_s: float | None = None
) -> tuple[StudyLoop, Listener]:
    settings = Settings(
        "score", trials=trials, workers=2, sampler="random", pruner="none", timeout_s=timeout_s
    )
    opened = StudyOpened("s", Space(x=Float(0.0, 1.0)), settings)
    journal = FullDisk.create(folder / "s.tune.db", opened, 0.0)
    listener = Listener()
    study, work = Study.fold(journal.records()), Work("", "", "score", {})
    return StudyLoop(journal, study, executor, work, SamplerThread(), listener), listener


async def test_a_study_runs_to_its_end_and_lets_go_of_its_file(tmp_path: Path) -> None:
    executor = ScriptedExecutor()
    loop, listener = a_loop(tmp_path, executor)
    await loop.begin([])
    await listener.until(lambda: loop.study.is_ended)
    assert loop.study.counts["complete"] == 10
    records = read_records(tmp_path / "s.tune.db")
    assert records[1:] == listener.records
    # another driver may go on with it while this one still answers questions
    Journal.open(tmp_path / "s.tune.db").close()
    await loop.close()
    assert executor.closed


async def test_nothing_is_handled_shown_or_acknowledged_while_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_tune.driver.loop.DISK_RETRY_S", 0.01)
    executor = ScriptedExecutor()
    loop, listener = a_loop(tmp_path, executor, trials=30)
    await loop.begin([])
    await listener.until(lambda: len(loop.study.trials) > 5)
    monkeypatch.setattr(FullDisk, "is_full", True)
    before = len(listener.records), len(executor.acknowledged)
    async with asyncio.timeout(PATIENCE_S):
        while FullDisk.refused <= 3:
            await asyncio.sleep(0.01)
    assert (len(listener.records), len(executor.acknowledged)) == before
    # said once, however often it is tried
    assert ["disk is full" in notice for notice in listener.notices] == [True]
    monkeypatch.setattr(FullDisk, "is_full", False)
    await listener.until(lambda: loop.study.is_ended)
    assert listener.notices[1:] == ["the journal can be written again; the study goes on"]
    assert loop.study.counts["complete"] == 30
    assert [r.event for r in read_records(tmp_path / "s.tune.db")[1:]] == [r.event for r in listener.records]
    await loop.close()


async def test_an_acknowledged_fact_is_in_the_file(tmp_path: Path) -> None:
    seen_too_early: list[TrialFact] = []

    class Checking(ScriptedExecutor):
        def acknowledge(self, fact: TrialFact) -> None:
            if fact not in [record.event for record in read_records(tmp_path / "s.tune.db")]:
                seen_too_early.append(fact)
            super().acknowledge(fact)

    loop, listener = a_loop(tmp_path, Checking(), trials=4)
    await loop.begin([])
    await listener.until(lambda: loop.study.is_ended)
    assert seen_too_early == []
    await loop.close()


async def test_a_closed_loop_records_nothing_as_if_killed(tmp_path: Path) -> None:
    class Posting(ScriptedExecutor):
        async def close(self) -> None:
            for key in list(self._params):
                self._post(TrialEnded(*key, "lost"))
            await super().close()

    executor = Posting(steps=10**9)
    loop, listener = a_loop(tmp_path, executor)
    await loop.begin([])
    await listener.until(lambda: len(listener.records) > 20)
    await loop.close()
    assert not any(isinstance(r.event, TrialEnded) for r in read_records(tmp_path / "s.tune.db"))


async def test_a_suggestion_in_the_making_is_made_again_when_the_ranges_move(tmp_path: Path) -> None:
    loop, listener = a_loop(tmp_path, ScriptedExecutor(), trials=200)
    await loop.begin([])
    await listener.until(lambda: len(loop.study.trials) > 10)
    loop.post(narrowed(loop.study, {"x": [0.4, 0.5]}), at_once=True)
    await listener.until(lambda: loop.study.is_ended)
    events = [record.event for record in listener.records]
    moved = next(i for i, event in enumerate(events) if isinstance(event, RangesNarrowed))
    later = [event for event in events[moved:] if isinstance(event, TrialSuggested)]
    assert len(later) > 100
    for event in later:
        x = event.params["x"]
        assert isinstance(x, float)
        assert 0.4 <= x <= 0.5
        assert event.revision == 1
    await loop.close()


async def test_a_timeout_is_a_fact_and_ends_the_study(tmp_path: Path) -> None:
    loop, listener = a_loop(tmp_path, ScriptedExecutor(steps=10**9), timeout_s=1.0)
    await loop.begin([])
    await listener.until(lambda: loop.study.is_ended)
    assert loop.study.end_reason == "timeout of 1 s reached"
    assert any(isinstance(r.event, StopRequested) for r in listener.records)
    assert loop.study.counts["cancelled"] == 2
    await loop.close()


async def test_an_executor_that_cannot_run_ends_the_study_and_says_why(tmp_path: Path) -> None:
    loop, listener = a_loop(tmp_path, ScriptedExecutor(fails_to_open=True))
    await loop.begin([])
    await listener.until(lambda: loop.study.is_ended)
    assert loop.study.end_reason == "no trial can run here"
    assert listener.notices == ["no trial can run here"]
    assert not loop.study.trials
    await loop.close()


async def test_results_from_elsewhere_come_first_and_cost_no_budget(tmp_path: Path) -> None:
    loop, listener = a_loop(tmp_path, ScriptedExecutor(), trials=3)
    await loop.begin([TrialAdded(-1, {"x": 0.9}, 5.0), TrialAdded(-1, {"x": 0.8}, 4.0)])
    await listener.until(lambda: loop.study.is_ended)
    assert sorted(loop.study.trials) == [0, 1, 2, 3, 4]
    best = loop.study.best_trial
    assert best is not None
    assert best.source == "added"
    await loop.close()


async def test_a_sampler_that_breaks_is_said_and_does_not_end_the_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def suggest(self, study: object, command: object, seed: int) -> None:
            raise ZeroDivisionError("singular matrix")

    monkeypatch.setattr("jupyter_tune.driver.sampler_thread.make_sampler", lambda name: Broken())
    loop, listener = a_loop(tmp_path, ScriptedExecutor(), trials=3)
    await loop.begin([])
    await listener.until(lambda: loop.study.is_ended)
    assert loop.study.counts["complete"] == 3
    assert any("singular matrix" in notice and "at random" in notice for notice in listener.notices)
    await loop.close()


async def two_running(loop: StudyLoop, listener: Listener) -> None:
    """Trials 0 and 1 run, and the thread has nothing left to do."""
    await loop.begin([])
    await listener.until(lambda: len(loop.study.in_state(RUNNING)) == 2)
    await all_suggested(loop)


async def runs(loop: StudyLoop, listener: Listener, number: int) -> None:
    await listener.until(lambda: number in {trial.number for trial in loop.study.in_state(RUNNING)})


async def all_suggested(loop: StudyLoop) -> None:
    """The thread works in order: what was requested before this is done."""
    await loop._sampler_thread.run(lambda: None)


async def test_a_free_slot_gets_what_was_thought_of_while_the_trials_ran(
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


async def test_beside_long_trials_nothing_is_thought_of_ahead_and_every_suggestion_knows_all(
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
    # 2 was thought of when nobody knew yet how long a trial is
    assert oracle.asked[1:] == [(2, {0, 1}, 0), (3, {2}, 0)]
    await loop.close()


async def test_what_was_thought_of_before_the_ranges_moved_never_starts(
    tmp_path: Path, oracle: Oracle
) -> None:
    slots = Slots()
    loop, listener = a_loop(tmp_path, slots)
    await two_running(loop, listener)
    # both in one commit: nothing can be thought of between them
    loop.post(narrowed(loop.study, {"x": [0.0, 0.25]}))
    slots.end(0)
    await listener.until(lambda: 2 in loop.study.trials)
    assert oracle.asked[1:] == [(2, {0, 1}, 0), (2, {1}, 1)]
    trial = loop.study.trials[2]
    assert (trial.params, trial.revision) == ({"x": 0.125 + 2 / 1024}, 1)
    await loop.close()


async def test_ranges_may_move_while_a_slot_waits_for_what_is_being_thought_of(
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


async def test_what_somebody_asked_for_goes_before_what_was_thought_of(
    tmp_path: Path, oracle: Oracle
) -> None:
    slots = Slots()
    loop, listener = a_loop(tmp_path, slots)
    await two_running(loop, listener)
    loop.post(TrialEnqueued({"x": 0.25}), at_once=True)
    slots.end(0)
    await runs(loop, listener, 2)
    assert (loop.study.trials[2].params, loop.study.trials[2].source) == ({"x": 0.25}, "user")
    await all_suggested(loop)
    # thought of for number 2, it is of no use to trial 3
    assert oracle.asked[1:] == [(2, {0, 1}, 0), (2, {1}, 0), (3, {1, 2}, 0)]
    await loop.close()


async def test_nothing_is_thought_of_beyond_the_budget(tmp_path: Path, oracle: Oracle) -> None:
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


async def test_nothing_is_thought_of_while_the_study_pauses_or_once_it_stops(
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
    # what was thought of before the pause did not know how trial 0 would end
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
    # they are suggested in the pause: 2 as somebody asked, 3 by the sampler
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


async def test_what_is_withdrawn_while_the_rest_is_filled_in_is_thought_of_anew(
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


async def test_what_somebody_wants_ended_ends_running_or_waiting(tmp_path: Path, oracle: Oracle) -> None:
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

    def slowly(name: str) -> Sampler:
        assert name != "gp" or loaded.wait(PATIENCE_S)
        return make_sampler(name)

    monkeypatch.setattr("jupyter_tune.driver.sampler_thread.make_sampler", slowly)
    loop, listener = a_loop(tmp_path, ScriptedExecutor(), trials=3)
    warming = asyncio.create_task(loop._sampler_thread.warm("gp"))
    await asyncio.sleep(0)
    await loop.begin([])
    await listener.until(lambda: loop.study.is_ended)
    assert not warming.done()
    loaded.set()
    await warming
    await loop.close()
