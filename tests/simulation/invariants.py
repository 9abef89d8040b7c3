"""What must hold whatever happens: asked after every record, at every command, and at the end.

Each rule is computed here in another way than in the package: from the rows of the file, from what the
executor was told, and from the readings, each of which is remembered with the attempt that made it.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from jupyter_tune.core.commands import Command, Halt, Launch
from jupyter_tune.core.encoding import event_from_json, event_to_text, record_text
from jupyter_tune.core.engine import Engine
from jupyter_tune.core.events import (
    AttemptsFound,
    DriverStarted,
    Event,
    Record,
    RulesChanged,
    SearchEnded,
    StudyEnded,
    TrialAdded,
    TrialEnded,
    TrialReopened,
    TrialResumed,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.launches import trial_seed
from jupyter_tune.core.ports import TrialFact
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import (
    CANCELLED,
    COMPLETE,
    CONFIRM,
    ENDED,
    FAILED,
    LOST,
    PRUNED,
    RUNNING,
    WAITING,
    Trial,
)
from jupyter_tune.journal import read_facts, read_records, read_texts
from jupyter_tune.registry import first_rung, make_engine, make_pruner
from jupyter_tune.views.overview import overview
from tests.simulation.disk import Disk
from tests.simulation.made_facts import MadeFacts
from tests.simulation.scenario import MOST_RECORDS
from tests.simulation.trace import Trace
from tests.simulation.virtual_loop import Violation
from tests.simulation.whole import (
    facts_of,
    further_attempts,
    require_confirmed_end,
    require_one_fate_each,
    require_silence_after_the_end,
    require_whole,
)

if TYPE_CHECKING:
    from tests.simulation.attempt import Attempt

Key = tuple[int, int]

Answer = tuple[Record | Key | None, list[Command]]
"""What an engine was given (a record, a launch that was taken back, or nothing), and its commands."""

MOVES: dict[type[Event], set[tuple[str, str]]] = {
    TrialStarted: {(WAITING, RUNNING)},
    TrialEnded: {(before, after) for before in (WAITING, RUNNING) for after in (*ENDED, WAITING)},
    TrialResumed: {(PRUNED, WAITING)},
    TrialReopened: {(CANCELLED, WAITING), (FAILED, WAITING)},
    DriverStarted: {(RUNNING, WAITING)},
    AttemptsFound: {(WAITING, RUNNING)},
}
"""Which events may move a trial from which state to which."""


class Invariants:
    """Of one study, over the lives of all its drivers.

    `found`: which kinds of facts attempts had made without a driver, before the next one found them.

    Args: facts_come_once: whether no executor sends a fact twice.
    """

    def __init__(self, disk: Disk, trace: Trace, *, facts_come_once: bool):
        self._disk = disk
        self._facts = MadeFacts(self.require) if facts_come_once else None
        self._running: Mapping[Key, Attempt] = {}
        self.found: set[type[Event]] = set()
        self._trace = trace
        self.study: Study
        self._engine: Engine
        self._shown = 0
        self._trials: dict[int, Trial] = {}
        # trials of which an attempt has begun, or was lost before it could
        self._tried: set[int] = set()
        self._made_by: dict[float, Key] = {}
        self._launches: dict[Key, Launch] = {}
        self._ends: Counter[Key] = Counter()
        # of each driver: how many records it found, and what its engine answered to which
        self._lives: list[tuple[int, list[Answer]]] = []
        self._obeyed: set[tuple[type, int, int]] = set()
        self._searched_out = False
        # trials that confirm since, without those that were cancelled before any attempt of them
        self._again: set[int] = set()

    def violated(self, what: str) -> NoReturn:
        self._trace.note("invariant", "VIOLATED:", what)
        raise Violation(what)

    def require(self, holds: bool, what: str) -> None:
        if not holds:
            self.violated(what)

    # a driver

    def begins(self, study: Study, engine: Engine, running: Mapping[Key, Attempt]) -> None:
        """A driver has read the file, and has this study and engine. Args: running: see SimulatedExecutor."""
        self.study, self._engine, self._running = study, engine, running
        self._obeyed = set()
        for _, _, text in self._disk.rows[self._shown :]:
            # the last driver may have died before it could show them
            self._note(event_from_json(json.loads(text)), text)
        answers: list[Answer] = []
        self._lives.append((len(self._disk.rows), answers))
        self._shown = len(self._disk.rows)
        self._trials = {number: trial.copy() for number, trial in study.trials.items()}
        self._ends.clear()
        self._launches.clear()
        handle, go_on, recalled = engine.handle, engine.go_on, engine.recalled

        def watched_handle(record: Record) -> list[Command]:
            self.require(engine is self._engine, "a driver goes on that has lost its study")
            self.require(
                event_to_text(record.event) == self._disk.rows[record.seq - 1][2], "handled before committed"
            )
            engine.go_on = go_on  # type: ignore[method-assign]
            commands = handle(record)
            engine.go_on = watched_go_on  # type: ignore[method-assign]
            answers.append((record, commands))
            return commands

        def watched_go_on() -> list[Command]:
            commands = go_on()
            answers.append((None, commands))
            return commands

        def watched_recalled(number: int, attempt: int) -> None:
            recalled(number, attempt)
            self._launches.pop((number, attempt), None)
            answers.append(((number, attempt), []))

        engine.handle, engine.go_on = watched_handle, watched_go_on  # type: ignore[method-assign]
        engine.recalled = watched_recalled  # type: ignore[method-assign]

    # what the executor is told

    def begun(self, key: Key) -> None:
        if self._facts is not None:
            self._facts.begun(key)

    def made(self, fact: TrialFact) -> None:
        if self._facts is not None:
            self._facts.made(fact)

    def goes_on_with(self, key: Key, unheard: Sequence[TrialFact]) -> None:
        """A driver's executor has found this attempt, and these facts of it are not recorded."""
        self._trace.note("executor", f"finds {key[0]}.{key[1]}, with {len(unheard)} facts for the driver")
        self.found.update(map(type, unheard))

    def launched(self, launch: Launch, running: Sequence[Launch]) -> None:
        self._trace.note("executor", "launch", launch)
        study, key = self.study, (launch.number, launch.attempt)
        trial, settings = study.trials[launch.number], study.settings
        self._obeyed.add((Launch, *key))
        self.require(key not in self._launches, f"attempt {key} was launched twice")
        self._launches[key] = launch
        self.require(
            trial.state == WAITING and trial.attempt < launch.attempt, f"{key}: launched, but {trial.state}"
        )
        self.require(len(running) < settings.workers, f"more attempts than {settings.workers} workers")
        twins = [other for other in running if other.number == launch.number]
        self.require(not twins, f"{key} is launched while {twins} runs")
        alone = [other for other in running if study.trials[other.number].runs_alone]
        self.require(not alone, f"{key} runs beside a trial that ran out of memory")
        self.require(not (trial.runs_alone and running), f"{key} is to run alone, and does not")
        self.require(launch.params == trial.params, f"{key}: other params than suggested")
        self.require(launch.seed == trial_seed(settings.seed, launch.number), f"{key}: another seed")
        self.require(launch.timeout_s == settings.trial_timeout_s, f"{key}: another limit")
        self.require(launch.resumed_from == (trial.last_step if trial.resumed else 0), f"{key}: another step")
        self.require(launch.number not in study.halts, f"{key}: launched after the user halted it")
        self.require(not study.paused, f"{key}: launched in a pause")
        is_late = study.search_ended is not None and trial.source != CONFIRM
        self.require(not is_late, f"{key} searches on after the end of the search")

    def recalled(self, number: int, attempt: int) -> None:
        self._trace.note("executor", f"launch {number}.{attempt} is taken back")

    def halted(self, halt: Halt) -> None:
        self._trace.note("executor", "halt", halt)
        told = Halt, halt.number, halt.attempt
        self.require(told not in self._obeyed, f"{halt} was given twice")
        self._obeyed.add(told)

    def measured(self, value: float, launch: Launch) -> None:
        self._made_by[value] = launch.number, launch.attempt

    def acknowledged(self, fact: TrialFact) -> None:
        if event_to_text(fact) not in self._disk.texts:
            self.violated(f"acknowledged before it was committed: {fact}")

    # after a record

    def shown(self, record: Record, text: str) -> None:
        """The driver has handled the record and shows it to its clients."""
        self._trace.note("journal", "record", record)
        self.require(record.seq == self._shown + 1, f"record {record.seq} is shown after {self._shown}")
        self._shown = record.seq
        self.require(record.seq <= MOST_RECORDS, "the study goes round in circles")
        seq, at, event_text = self._disk.rows[record.seq - 1]
        self.require((seq, at) == (record.seq, record.at), f"record {seq} is another one in the file")
        self.require(text == f"[{seq}, {at!r}, {event_text}]", f"record {seq} is shown as another one")
        self._note(record.event, event_text)
        if isinstance(record.event, AttemptsFound):
            self.found.add(AttemptsFound)
            for found, _ in record.event.attempts:
                self._trial_after(record, self.study.trials[found])
        if isinstance(number := getattr(record.event, "number", None), int) and number in self.study.trials:
            self._trial_after(record, self.study.trials[number])
        require_whole(self.study, self._tried, self.require)
        # all of a batch is handled
        if record.seq == len(self._disk.rows):
            for attempt in self._running.values():
                self.require(self._is_wanted(attempt), f"attempt {attempt.key} runs, and no one wants it")

    def _is_wanted(self, attempt: Attempt) -> bool:
        trial = self.study.trials[attempt.key[0]]
        is_current = trial.state == RUNNING and trial.attempt == attempt.key[1]
        return is_current or attempt.key in self._engine.launching or bool(attempt.halted) or attempt.is_over

    def _note(self, event: Event, text: str) -> None:
        if self._facts is not None:
            self._facts.recorded(event, text)
        self._searching(event)
        if isinstance(event, TrialStarted) or (
            isinstance(event, TrialEnded) and event.state in (LOST, FAILED)
        ):
            # a trial that was cancelled before it began has not begun, though its executor says so too late
            if self._trials[event.number].is_live:
                self._tried.add(event.number)
        elif isinstance(event, TrialEnded) and event.number not in self._tried:
            self._again.discard(event.number)

    def _trial_after(self, record: Record, trial: Trial) -> None:
        event, number = record.event, trial.number
        before, self._trials[number] = self._trials.get(number), trial.copy()
        if before is None:
            self.require(isinstance(event, (TrialSuggested, TrialAdded)), f"{event} made a trial")
            is_drawn = trial.source not in ("user", "default", "added", CONFIRM)
            if trial.source == CONFIRM:
                self._measures_again(trial)
            fits = self.study.ranges.contains(trial.params)
            self.require(fits or not is_drawn, f"trial {number} was drawn from other ranges")
            return
        changed = (before.state, before.attempt) != (trial.state, trial.attempt)
        if changed:
            move = before.state, trial.state
            self.require(move in MOVES.get(type(event), ()), f"{type(event).__name__} moved {number} {move}")
        if isinstance(event, TrialStarted) and changed:
            self.require(event.attempt == before.attempt + 1, f"{number}: attempts are left out, or mix")
            self.require(trial.resumed or not trial.curve, f"{number}: began with the curve of another")
        if isinstance(event, TrialEnded) and changed:
            self._accepted(event, before, trial)
        if isinstance(event, TrialReopened) and changed:
            self._ends.pop((number, event.attempt), None)
        for step, value in trial.curve.items():
            if value != before.curve.get(step):
                self._provenance(value, trial)

    def _measures_again(self, trial: Trial) -> None:
        first = [
            other
            for other in self.study.trials.values()
            if other.params == trial.params and other.source != CONFIRM and other.state == COMPLETE
        ]
        self.require(bool(first), f"trial {trial.number} measures again what no trial has measured")
        if self._searched_out:
            self._again.add(trial.number)
        again, asked = len(self._again), self.study.settings.confirm
        self.require(again <= asked, f"{again} trials confirm after the search, not {asked}")

    def _searching(self, event: Event) -> None:
        """The search ends once, until its study has ended or its rules are others."""
        if isinstance(event, SearchEnded):
            self.require(not self._searched_out, "the search ended twice")
            self._searched_out = True
        elif isinstance(event, (StudyEnded, RulesChanged)):
            self._searched_out, self._again = False, set()

    def _accepted(self, event: TrialEnded, before: Trial, trial: Trial) -> None:
        key = event.number, event.attempt
        self._ends[key] += 1
        self.require(self._ends[key] == 1, f"attempt {key} ended twice")
        self.require(trial.attempt == event.attempt, f"{key} ended, and attempt {trial.attempt} is over")
        if event.state not in (FAILED, LOST):
            self.require(trial.state == event.state, f"{key}: {event.state}, but {trial.state}")
            return
        cause = LOST if event.state == LOST else event.cause
        allowed = further_attempts(self.study.settings.retries, cause)
        had = len(before.retried)
        self.require(
            (trial.state == WAITING) == (had < allowed),
            f"{key}: {cause} after {had} further attempts of {allowed}, and then {trial.state}",
        )
        self.require(trial.runs_alone >= (cause == "memory"), f"{key} ran out of memory, and not alone now")

    def _provenance(self, value: float, trial: Trial) -> None:
        if not math.isfinite(value):
            return
        made_by = self._made_by.get(value)
        self.require(
            made_by == (trial.number, trial.attempt),
            f"trial {trial.number}: attempt {trial.attempt} has a reading of {made_by}",
        )

    # the end

    def finds(self, path: Path) -> None:
        """The next driver will find in the file what was committed."""
        rows = [record_text(*row) for row in self._disk.rows]
        self.require(read_texts(path) == rows, "the file has not what was committed")
        kept = read_facts(path)
        if kept is not None:
            told = overview(Study.fold(read_records(path)[: kept.seq])).to_json()
            self.require(
                {**kept.facts, "ends_at": None} == json.loads(json.dumps(told)),
                f"lists say what was not so at record {kept.seq}: {kept.facts}",
            )

    def ended(self, path: Path) -> None:
        """A driver's study has ended: ask what can be asked then."""
        self.finds(path)
        records, study = read_records(path), self.study
        self.require(
            facts_of(Study.fold(records, first_rung)) == facts_of(study), "another fold, another study"
        )
        self.require(not study.live, "an ended study has live trials")
        self.require(not study.halts, "an ended study has halts")
        if study.end_reason == "all trials done":
            self.require(study.settings.trials == study.spent, "the budget is not used up")
            promising = make_pruner(study.settings.pruner).resumes(study)
            left = [n for n in promising if study.ranges.contains(study.trials[n].params)]
            self.require(not left, f"trials {left} should have gone on")
        require_one_fate_each(records, study, self.require)
        require_confirmed_end(study, self.require)
        require_silence_after_the_end(records, self.require)
        lost = [
            command
            for _, commands in self._lives[-1][1]
            for command in commands
            if isinstance(command, (Launch, Halt)) and not self._is_obeyed(command)
        ]
        self.require(not lost, f"the executor was never told: {lost[:1]}")

    def _is_obeyed(self, command: Launch | Halt) -> bool:
        if (type(command), command.number, command.attempt) in self._obeyed:
            return True
        # the driver itself ends what waits
        return isinstance(command, Halt) and self._ends[command.number, command.attempt] > 0

    def replays(self, path: Path) -> None:
        """From its records alone every driver's engine gives the same commands again."""
        records = read_records(path)
        for found, answers in self._lives:
            engine = make_engine(Study.fold(records[:found], first_rung))
            for record, commands in answers:
                if record is None:
                    again = engine.go_on()
                elif isinstance(record, tuple):
                    again = []
                    engine.recalled(*record)
                else:
                    # as the file has it
                    event = event_from_json(json.loads(self._disk.rows[record.seq - 1][2]))
                    again = engine.handle(Record(record.seq, record.at, event))
                self.require(again == commands, f"replayed, record {record}: {again} and not {commands}")
