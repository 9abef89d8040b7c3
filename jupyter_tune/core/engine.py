"""The engine: records in, commands out.

`handle(record)` folds the record into the study and returns the commands that follow from it. The engine
keeps the commands in flight (issued, their events not seen yet), so that none is issued twice. To resume a
study, fold its journal, make a new engine and call `go_on`.

    a free slot, a pruned trial among the best     Resume  -> TrialResumed
    a free slot, budget left                       Suggest -> TrialSuggested
    a trial waits, a free slot                     Launch  -> TrialStarted
    a report, and the pruner has a reason          Halt    -> TrialEnded(pruned)
    the user ends a trial                          Halt    -> TrialEnded(pruned or cancelled)
    a stop rule holds                              Halt    -> TrialEnded(cancelled)
    enough is found, the best are to be confirmed  EndSearch -> SearchEnded
    nothing runs, nothing is left to do            Close   -> StudyEnded

What is suggested is in suggesting.py, the stop rules are in stopping/. Close may lose a race too: until
StudyEnded is recorded, a request may give more to do, and then `is_closing` holds no longer.
"""

from __future__ import annotations

from jupyter_tune.core.commands import Close, Command, EndSearch, Halt, Launch, Resume, Suggest
from jupyter_tune.core.confirming import what_is_missing
from jupyter_tune.core.events import (
    AttemptsFound,
    BudgetChanged,
    EnqueueWithdrawn,
    Event,
    RangesNarrowed,
    Record,
    SearchEnded,
    TrialEnded,
    TrialReopened,
    TrialReported,
    TrialResumed,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.launches import launch_of, that_start
from jupyter_tune.core.ports import Pruner
from jupyter_tune.core.rounds import room
from jupyter_tune.core.stopping import search_end, stop_reason
from jupyter_tune.core.study import Study
from jupyter_tune.core.suggesting import Suggesting
from jupyter_tune.core.trial import CANCELLED, CONFIRM, PRUNED, RUNNING, WAITING, Trial


class Engine(Suggesting):
    """Decides for one study. `is_closing`: its last command was to end the study.

    Args: defaults_first: whether trial 0 has the defaults of the ranges.
    """

    def __init__(self, study: Study, pruner: Pruner, *, defaults_first: bool = True):
        super().__init__(study, defaults_first=defaults_first)
        self._pruner = pruner
        self._resuming: set[int] = set()
        # number -> attempt
        self._launching: dict[int, int] = {}
        self._halting: dict[int, int] = {}
        self._is_ending_search = False
        self.is_closing = False

    def handle(self, record: Record) -> list[Command]:
        """Fold `record`, and return what should happen next."""
        reached = self._reached(record.event)
        self.study.apply(record)
        commands: list[Command] = []
        match record.event:
            case BudgetChanged() | TrialReopened() | RangesNarrowed():
                self.is_closing = False
            case SearchEnded():
                self._is_ending_search = False
            case TrialSuggested(number=number):
                self._suggesting.pop(number, None)
            case EnqueueWithdrawn(enqueued=enqueued):
                self._forget(enqueued)
            case AttemptsFound(attempts=attempts):
                waiting = self.study.waiting
                self._launching |= {number: attempt for number, attempt in attempts if number in waiting}
            case TrialResumed(number=number):
                self._resuming.discard(number)
            case TrialStarted(number=number, attempt=attempt):
                self._launch_over(number, attempt)
            case TrialEnded(number=number, attempt=attempt):
                self._launch_over(number, attempt)
                if self._halting.get(number) == attempt:
                    del self._halting[number]
            # the pruner is not asked again for a second report of a step, an older step or another metric
            case TrialReported(number=number, attempt=attempt, fold=fold) if (
                fold is not None or reached < self._reached(record.event)
            ):
                commands += self._judge(number, attempt)
        return commands + self.go_on()

    def go_on(self) -> list[Command]:
        """What should happen next, without a new record: how a new or resumed study begins."""
        if self.study.is_ended or self.is_closing:
            return []
        reason = stop_reason(self.study)
        if reason is not None:
            return self._wind_down(reason)
        if self._is_ending_search:
            return self._asked_halts()
        if (enough := self._search_end()) is not None:
            self._is_ending_search = True
            return [EndSearch(enough), *self._asked_halts()]
        return self._asked_halts() + self._halts_of_the_search() + self._fill()

    def upcoming(self) -> Suggest | None:
        """What a slot that gets free would ask of the sampler now; None if it would ask nothing of it."""
        study = self.study
        # in rounds a suggestion waits for all ends
        if (
            study.rounds is not None
            or study.is_ended
            or study.paused
            or self._is_spent()
            or self._awaits_the_best()
            or self._is_ending_search
            or stop_reason(study) is not None
        ):
            return None
        command = self.next_suggest()
        return None if command.source else command

    def next_trial(self) -> Suggest | Resume | None:
        """What a free slot would do: for those who ask by themselves, and record what comes of it."""
        return self._first(None if self._is_spent() else self.next_suggest(), self._promising())

    @property
    def is_starting_trials(self) -> bool:
        """Whether a trial is being suggested, or waits for its start."""
        return bool(self._suggesting or self.study.waiting)

    @property
    def launching(self) -> list[tuple[int, int]]:
        """(number, attempt) of the launches in flight."""
        return sorted(self._launching.items())

    def recalled(self, number: int, attempt: int) -> None:
        """This launch was taken back: the trial waits as if it had not been given."""
        self._launch_over(number, attempt)

    def is_launching(self, number: int) -> bool:
        return number in self._launching

    def _launch_over(self, number: int, attempt: int) -> None:
        if self._launching.get(number) == attempt:
            del self._launching[number]

    def _reached(self, event: Event) -> int:
        trial = self.study.trials.get(event.number) if isinstance(event, TrialReported) else None
        return trial.last_step if trial else 0

    def _judge(self, number: int, attempt: int) -> list[Command]:
        trial = self.study.trials[number]
        if trial.state != RUNNING or trial.attempt != attempt or self._halting.get(number) == attempt:
            return []
        # the user wants the result of an enqueued trial; the others are still compared with it
        if trial.source in ("user", CONFIRM):
            return []
        reason = self._prune_reason(number)
        return self._halt(trial, PRUNED, reason) if reason else []

    def _prune_reason(self, number: int) -> str:
        study = self.study if self.study.rounds is None else self.study.rounds.alone(number)
        return self._pruner.prune_reason(study, number)

    def _halt(self, trial: Trial, state: str, reason: str) -> list[Command]:
        """The command to end a live trial, unless it is in flight already."""
        # a waiting trial has no attempt yet: the one it would get is ended
        attempt = trial.attempt + (trial.state == WAITING)
        if self._halting.get(trial.number) == attempt:
            return []
        self._halting[trial.number] = attempt
        return [Halt(trial.number, attempt, state, reason)]

    def _search_end(self) -> str | None:
        """Why the search ends now, and the best trials are measured again."""
        return None if self.is_confirming else search_end(self.study)

    def _halts_of_the_search(self) -> list[Command]:
        """What ends the trials that the search has left; nothing while it goes on."""
        commands: list[Command] = []
        if self.study.search_ended is not None:
            for trial in self.study.live:
                if trial.source != CONFIRM:
                    commands += self._halt(trial, CANCELLED, self.study.search_ended)
        return commands

    def _wind_down(self, reason: str) -> list[Command]:
        commands: list[Command] = []
        for trial in self.study.live:
            commands += self._halt(trial, CANCELLED, reason)
        if not self._occupied:
            self.is_closing = True
            study = self.study
            missing = what_is_missing(
                study.settings, study.objective, study.that_count(), study.measured_again
            )
            commands.append(Close(reason + missing))
        return commands

    def _fill(self) -> list[Command]:
        study = self.study
        # one that ran out of memory waits until all others have ended, and runs alone
        free = 0 if study.alone else room(study) - self._in_flight
        again = self._promising() if free > 0 else []
        if not self._occupied and not again and self._is_spent():
            self.is_closing = True
            return [Close(study.search_ended or "all trials done")]
        if study.paused:
            return []
        if study.rounds is None:
            return self._launch_waiting() + self._fill_slots(free, again)
        # a round starts when it is complete
        commands = [] if self._resuming else self._fill_slots(free, again)
        return commands if commands or self._in_flight else self._launch_waiting()

    @property
    def _in_flight(self) -> int:
        return len(self._suggesting) + len(self._resuming)

    @property
    def _occupied(self) -> int:
        return self.study.live_count + self._in_flight

    def _fill_slots(self, free: int, again: list[Trial]) -> list[Command]:
        commands: list[Command] = []
        for _ in range(free):
            is_over = self._is_spent() or self._awaits_the_best()
            command = self._first(None if is_over else self.next_suggest(), again)
            if command is None:
                break
            commands.append(command)
            if isinstance(command, Resume):
                del again[0]
                self._resuming.add(command.number)
            else:
                self._begin_suggesting(command)
            # in rounds those that are resumed are so before another is suggested
            if self.study.rounds is not None and again == [] and self._resuming:
                break
        return commands

    def _first(self, command: Suggest | None, again: list[Trial]) -> Suggest | Resume | None:
        """Enqueued values and the defaults first, then a trial of `again`, then a new suggestion."""
        if again and not (command and command.source):
            trial = again[0]
            return Resume(trial.number, trial.attempt, trial.number not in self.study.resumable)
        return command

    def _asked_halts(self) -> list[Command]:
        commands: list[Command] = []
        for number, state in self.study.halts.items():
            trial = self.study.trials[number]
            # a pruned trial needs a reading, which a new attempt may not have
            state = state if trial.curve else CANCELLED
            commands += self._halt(trial, state, f"{state} by the user")
        return commands

    def _promising(self) -> list[Trial]:
        """Pruned trials that should go on, the most promising first."""
        if self.study.search_ended is not None:
            return []
        trials = [self.study.trials[number] for number in self._pruner.resumes(self.study)]
        # nothing runs outside the present ranges
        return [t for t in trials if t.number not in self._resuming and self.study.ranges.contains(t.params)]

    def _launch_waiting(self) -> list[Command]:
        idle = self.study.waiting - self._launching.keys() - self._halting.keys()
        if not idle:
            return []
        waiting = [self.study.trials[number] for number in sorted(idle)]
        commands: list[Command] = []
        for trial in [t for t in waiting if self.study.is_outdated(t)]:
            waiting.remove(trial)
            commands += self._halt(trial, CANCELLED, "the ranges were narrowed before it started")
        for trial in [t for t in waiting if t.is_adrift and t.resumed and self.study.rounds is not None]:
            # the driver may have died between its last report and the halt
            if reason := self._prune_reason(trial.number):
                waiting.remove(trial)
                commands += self._halt(trial, PRUNED, reason)
        return commands + [self._launch(trial) for trial in that_start(self.study, waiting, self._launching)]

    def _launch(self, trial: Trial) -> Launch:
        command = launch_of(self.study, trial)
        self._launching[trial.number] = command.attempt
        return command
