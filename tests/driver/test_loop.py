"""The loop of a study over a scripted executor: what is recorded, when, and what waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import pytest

from jupyter_tune.core.commands import Halt, Launch
from jupyter_tune.core.events import (
    AttemptsFound,
    DriverStarted,
    Event,
    HaltRequested,
    RangesNarrowed,
    Record,
    StopRequested,
    StudyPaused,
    TrialEnded,
    TrialReopened,
    TrialReported,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.ports import Key, TrialFact, Work
from jupyter_tune.core.slots import IN_A_ROW
from jupyter_tune.core.steering import narrowed
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import RUNNING
from jupyter_tune.driver.loop import StudyLoop
from jupyter_tune.driver.requests import grant
from jupyter_tune.driver.sampler_thread import SamplerThread
from jupyter_tune.errors import DriverError, JournalError, TuneError
from jupyter_tune.journal import Journal, read_records
from jupyter_tune.journal.lease import lease_path
from jupyter_tune.wire import requests
from tests.driver.scripted import (
    BrokenSlot,
    FullDisk,
    Listener,
    ScriptedExecutor,
    Slots,
    a_loop,
    two_running,
)
from tests.processes import PATIENCE_S


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


async def test_only_starts_and_reports_do_not_wait_for_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: dict[bool, set[str]] = {True: set(), False: set()}
    append = Journal.append

    def watched(self: Journal, events: Sequence[Event], at: float, *, durable: bool = True) -> list[Record]:
        waited[durable] |= {type(event).__name__ for event in events}
        return append(self, events, at, durable=durable)

    monkeypatch.setattr(Journal, "append", watched)
    loop, listener = a_loop(tmp_path, ScriptedExecutor())
    await loop.begin([])
    await listener.until(lambda: loop.study.is_ended)
    assert waited[False] <= {"TrialStarted", "TrialReported"}
    assert waited[True] >= {"TrialSuggested", "TrialEnded", "StudyEnded"}
    assert "TrialStarted" in waited[False]
    await loop.close()


async def test_nothing_is_handled_shown_or_acknowledged_while_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_tune.driver.recording.DISK_RETRY_S", 0.01)
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


async def test_a_request_on_a_full_disk_is_refused_and_never_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_tune.driver.recording.DISK_RETRY_S", 0.01)
    loop, listener = a_loop(tmp_path, ScriptedExecutor())
    await loop.begin([])
    await listener.until(lambda: len(loop.study.trials) > 2)
    monkeypatch.setattr(FullDisk, "is_full", True)
    with pytest.raises(JournalError, match="cannot be written now, so that nothing can be changed"):
        grant(loop, requests.Pause())
    monkeypatch.setattr(FullDisk, "is_full", False)
    await listener.until(lambda: loop.study.is_ended)
    assert not any(isinstance(record.event, StudyPaused) for record in listener.records)
    assert loop.study.counts["complete"] == 10, "what the trials reported meanwhile is kept"
    await loop.close()


async def test_a_request_is_checked_with_what_a_full_disk_has_kept_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # longer than the test: the loop does not try again by itself
    monkeypatch.setattr("jupyter_tune.driver.recording.DISK_RETRY_S", PATIENCE_S)
    loop, listener = a_loop(tmp_path, Slots())
    await two_running(loop, listener)
    monkeypatch.setattr(FullDisk, "is_full", True)
    loop.post(TrialEnded(0, 1, "complete", value=0.5), at_once=True)
    monkeypatch.setattr(FullDisk, "is_full", False)
    with pytest.raises(DriverError, match="trial 0 has ended already, it is complete"):
        grant(loop, requests.Halt(0, "cancelled"))
    await loop.close()


async def test_a_driver_that_loses_its_study_before_it_begins_starts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, listener = a_loop(tmp_path, ScriptedExecutor())
    lease = lease_path(loop.journal.path)
    # as another one does that takes the study over
    lease.unlink()
    lease.touch()
    await loop.begin([])
    assert listener.is_fenced
    assert listener.records == []
    assert loop.study.trials == {}
    await loop.close()


async def test_a_request_in_the_moment_of_the_end_comes_before_it(tmp_path: Path) -> None:
    class Fails(ScriptedExecutor):
        """Every attempt fails, and as the last trial does the user has all of them run again."""

        def launch(self, command: Launch) -> None:
            super().launch(command)
            self._steps = 0 if command.attempt == 1 else 3

        def acknowledge(self, fact: TrialFact) -> None:
            key = fact.number, fact.attempt
            if isinstance(fact, TrialStarted) and fact.attempt == 1:
                del self._params[key]
                self._post(TrialEnded(*key, "failed", reason=f"broke {'ab'[fact.number]}"))
                if fact.number == 1:
                    asyncio.get_running_loop().call_soon(loop.record, TrialReopened(0, 1))
            else:
                super().acknowledge(fact)

    loop, listener = a_loop(tmp_path, Fails(), trials=2, retries=0)
    await loop.begin([])
    await listener.until(lambda: loop.study.is_ended)
    events = [record.event for record in listener.records]
    closed_at = max(i for i, event in enumerate(events) if event == TrialReopened(0, 1))
    assert isinstance(events[closed_at - 1], TrialEnded)
    assert [trial.state for trial in loop.study.trials.values()] == ["complete", "failed"]
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


async def test_thousands_of_facts_of_one_trial_that_come_at_once_are_recorded_one_by_one(
    tmp_path: Path,
) -> None:
    loop, listener = a_loop(tmp_path, Slots(), batch_deterministic=True)
    await two_running(loop, listener)
    reports = [TrialReported(0, 1, step, {"score": step / 3000}) for step in range(1, 3001)]
    before = len(listener.records)
    for report in reports:
        loop.post(report)
    await listener.until(lambda: len(listener.records) == before + 3000)
    assert [record.event for record in listener.records[before:]] == reports
    assert read_records(tmp_path / "s.tune.db")[1:] == listener.records
    await loop.close()


async def test_a_closed_loop_records_nothing_as_if_killed(tmp_path: Path) -> None:
    class Posting(ScriptedExecutor):
        async def close(self, *, taken_over: bool = False) -> None:
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


@pytest.mark.parametrize("error", [TuneError("no trial can run here"), OSError(28, "no trial can run here")])
async def test_an_executor_that_cannot_run_ends_the_study_and_says_why(
    tmp_path: Path, error: Exception
) -> None:
    loop, listener = a_loop(tmp_path, ScriptedExecutor(fails_to_open=error))
    await loop.begin([])
    await listener.until(lambda: loop.study.is_ended)
    assert loop.study.end_reason == str(error)
    assert listener.notices == [str(error)]
    assert not loop.study.trials
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


async def test_a_slot_on_which_alone_trials_fail_is_left_out_and_that_is_said_once(tmp_path: Path) -> None:
    executor = BrokenSlot()
    loop, listener = a_loop(tmp_path, executor, trials=20, retries=0)
    await loop.begin([])
    await listener.until(lambda: loop.study.is_ended)
    assert executor.used.count("scripted/1") <= IN_A_ROW + 1, "one more may be under way"
    assert loop.study.counts["complete"] == 20 - executor.used.count("scripted/1")
    assert [notice[:30] for notice in listener.notices] == ["scripted/1 is no longer used: "]
    await loop.close()


class Survivors(Slots):
    """Trial 0 still runs for an earlier driver; `may_open`: the executor opens when it is set."""

    def __init__(self) -> None:
        super().__init__()
        self.may_open = asyncio.Event()
        self.adrift: dict[Key, int] = {}
        self.halted: list[Halt] = []

    async def open(
        self, work: Work, post: Callable[[TrialFact], None], adrift: Mapping[Key, int]
    ) -> Collection[Key]:
        await super().open(work, post, adrift)
        await self.may_open.wait()
        self.adrift.update(adrift)
        self._params[0, 1] = 0.5
        return [(0, 1)]

    def halt(self, command: Halt) -> None:
        self.halted.append(command)
        super().halt(command)


async def a_second_driver(folder: Path, executor: Survivors) -> tuple[StudyLoop, Listener]:
    """Goes on with a study of which the first driver has left two trials running."""
    loop, listener = a_loop(folder, Slots(), trials=2)
    await two_running(loop, listener)
    await loop.close()
    journal = FullDisk.open(folder / "s.tune.db")
    study = Study.fold([*journal.records(), *journal.append([DriverStarted("second")], 1.0)])
    listener = Listener()
    return StudyLoop(journal, study, executor, Work("", "", "score", {}), SamplerThread(), listener), listener


async def test_an_attempt_that_the_executor_still_runs_goes_on_with_the_next_driver(tmp_path: Path) -> None:
    executor = Survivors()
    executor.may_open.set()
    loop, listener = await a_second_driver(tmp_path, executor)
    await loop.begin([])
    await listener.until(lambda: len(loop.study.in_state(RUNNING)) == 2)
    assert executor.adrift == {(0, 1): 1, (1, 1): 1}
    assert [loop.study.trials[number].attempt for number in (0, 1)] == [1, 2]
    executor.end(0)
    await listener.until(lambda: loop.study.trials[0].state == "complete")
    await loop.close()


async def test_an_attempt_whose_trial_was_cancelled_before_it_was_found_is_ended(tmp_path: Path) -> None:
    executor = Survivors()
    loop, listener = await a_second_driver(tmp_path, executor)
    beginning = asyncio.create_task(loop.begin([]))
    await asyncio.sleep(0)
    loop.record(HaltRequested(0, "cancelled"))
    await listener.until(lambda: loop.study.trials[0].state == "cancelled")
    executor.may_open.set()
    await beginning
    assert [(halt.number, halt.attempt) for halt in executor.halted] == [(0, 1)]
    assert not any(isinstance(record.event, AttemptsFound) for record in listener.records)
    await loop.close()
