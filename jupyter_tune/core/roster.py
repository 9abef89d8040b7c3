"""The trials of a study, by number and by state, so that no question walks over thousands of them."""

from __future__ import annotations

from collections.abc import Mapping, Set

from jupyter_tune.core.numbered import Numbered
from jupyter_tune.core.trial import ENDED, RUNNING, STATES, WAITING, Trial


class Roster:
    """The part of the fold that knows which trials there are.

    Attributes: `highest`: the largest number (-1 for none).
    """

    def __init__(self) -> None:
        self._trials: Numbered[Trial] = Numbered()
        self.highest = -1
        self._live: dict[str, set[int]] = {WAITING: set(), RUNNING: set()}
        self._alone: set[int] = set()
        self._counts = dict.fromkeys(STATES, 0)
        self._steps_of_ended = 0
        # the trials that no snapshot has; None: there is no snapshot
        self._own: set[int] | None = None

    @property
    def trials(self) -> Mapping[int, Trial]:
        """The trials by number."""
        return self._trials

    def in_state(self, *states: str) -> list[Trial]:
        """The trials in one of `states`, by number."""
        if ENDED.isdisjoint(states):
            numbers = set[int]().union(*(self._live[state] for state in states))
            return [self._trials[number] for number in sorted(numbers)]
        return [trial for _, trial in sorted(self._trials.items()) if trial.state in states]

    @property
    def live(self) -> list[Trial]:
        """Trials that have not ended: what a sampler calls pending."""
        return self.in_state(WAITING, RUNNING)

    @property
    def waiting(self) -> Set[int]:
        """The numbers of the trials that wait for a start."""
        return self._live[WAITING]

    @property
    def alone(self) -> Set[int]:
        """The numbers of the live trials that run alone."""
        return self._alone

    @property
    def counts(self) -> dict[str, int]:
        """State -> how many trials are in it."""
        return dict(self._counts)

    @property
    def live_count(self) -> int:
        """How many trials have not ended."""
        return self._counts[WAITING] + self._counts[RUNNING]

    @property
    def ended_count(self) -> int:
        """How many trials have ended."""
        return len(self._trials) - self.live_count

    @property
    def steps_done(self) -> int:
        """Steps that all trials have reached, added up."""
        return self._steps_of_ended + sum(trial.steps for trial in self.live)

    @property
    def adrift(self) -> dict[tuple[int, int], int]:
        """(trial, attempt) of what may still run for an earlier driver, with how many facts of it are
        recorded: the start and the reports. None is of an attempt whose start may have been on its way."""
        return {
            (t.number, t.attempt if t.is_adrift else t.attempt + 1): 1 + t.reports if t.is_adrift else 0
            for t in self.in_state(WAITING)
        }

    # the fold

    def _enter(self, trial: Trial) -> None:
        self._trials[trial.number] = trial
        self.highest = max(self.highest, trial.number)
        self._counts[trial.state] += 1
        if trial.is_live:
            self._live[trial.state].add(trial.number)
        if self._own is not None:
            self._own.add(trial.number)

    def _to_change(self, number: int) -> Trial:
        """The trial of that number, which may be changed: a copy takes its place if a snapshot has it too."""
        trial = self._trials[number]
        if self._own is not None and number not in self._own:
            trial = self._trials[number] = trial.copy()
            self._own.add(number)
        return trial

    def _move(self, trial: Trial, state: str) -> None:
        number, before = trial.number, trial.state
        self._counts[before] -= 1
        self._counts[state] += 1
        was_live, trial.state = trial.is_live, state
        if was_live:
            self._live[before].discard(number)
        if trial.is_live:
            self._live[state].add(number)
            if trial.runs_alone:
                self._alone.add(number)
        else:
            self._alone.discard(number)
        if was_live != trial.is_live:
            self._steps_of_ended += trial.steps if was_live else -trial.steps

    def _find(self, number: int, attempt: int) -> None:
        trial = self.trials[number]
        if trial.state == WAITING and trial.is_adrift and trial.attempt == attempt:
            trial = self._to_change(number)
            self._move(trial, RUNNING)
            trial.is_adrift = False

    def _detach(self) -> None:
        """Share nothing that may be changed with the roster that this one was copied from."""
        self._trials = self._trials.copy()
        self._live = {state: set(numbers) for state, numbers in self._live.items()}
        self._alone = set(self._alone)
        self._counts = dict(self._counts)
        self._own = set()
