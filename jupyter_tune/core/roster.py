"""The trials of a study, by number and by state, so that no question walks over thousands of them."""

from __future__ import annotations

from jupyter_tune.core.trial import ENDED, RUNNING, STATES, WAITING, Trial


class Roster:
    """The part of the fold that knows which trials there are.

    Attributes: `trials` by number, `highest`: the largest number (-1 for none).
    """

    def __init__(self) -> None:
        self.trials: dict[int, Trial] = {}
        self.highest = -1
        self._live: dict[int, Trial] = {}
        self._counts = dict.fromkeys(STATES, 0)
        self._steps_of_ended = 0

    def in_state(self, *states: str) -> list[Trial]:
        """The trials in one of `states`, by number."""
        among = self._live if ENDED.isdisjoint(states) else self.trials
        return [trial for _, trial in sorted(among.items()) if trial.state in states]

    @property
    def live(self) -> list[Trial]:
        """Trials that have not ended: what a sampler calls pending."""
        return self.in_state(WAITING, RUNNING)

    @property
    def counts(self) -> dict[str, int]:
        """State -> how many trials are in it."""
        return dict(self._counts)

    @property
    def steps_done(self) -> int:
        """Steps that all trials have reached, added up."""
        return self._steps_of_ended + sum(trial.last_step for trial in self._live.values())

    def _enter(self, trial: Trial) -> None:
        self.trials[trial.number] = trial
        self.highest = max(self.highest, trial.number)
        self._counts[trial.state] += 1
        if trial.is_live:
            self._live[trial.number] = trial

    def _move(self, trial: Trial, state: str) -> None:
        self._counts[trial.state] -= 1
        self._counts[state] += 1
        was_live, trial.state = trial.is_live, state
        if was_live and not trial.is_live:
            del self._live[trial.number]
            self._steps_of_ended += trial.last_step
        elif trial.is_live and not was_live:
            self._live[trial.number] = trial
            self._steps_of_ended -= trial.last_step

    def _detach(self) -> None:
        """Share nothing with the roster that this one was copied from, except trials that have ended."""
        self._live = {number: trial.copy() for number, trial in self._live.items()}
        self._counts = dict(self._counts)
        self.trials = {**self.trials, **self._live}
