"""What a study has found: the part of the fold that compares its trials."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from jupyter_tune.core.constraints import Constraints
from jupyter_tune.core.events import StudyOpened
from jupyter_tune.core.front import Front
from jupyter_tune.core.incumbent import Incumbent
from jupyter_tune.core.keeping import Keeping
from jupyter_tune.core.lead import Lead
from jupyter_tune.core.measured import Measured
from jupyter_tune.core.parameters import Scalar
from jupyter_tune.core.roster import Roster
from jupyter_tune.core.settings import needed_metrics
from jupyter_tune.core.trial import COMPLETE, CONFIRM, PRUNED, Trial
from jupyter_tune.core.usual import Usual
from jupyter_tune.errors import TuneError


class Results(Roster):
    """The trials, and which is the best.

    Attributes: `objective`: what better means, `objectives`: the same of all metrics that the study is after,
    the first one first, `constraints`: what a trial has to satisfy, `added`: how many results came from
    elsewhere, `infeasible`: how many complete trials violate the constraints, `first_code`: the first version
    of the code whose trials are results (codes.py), `keeping`: which trials keep their files.
    """

    def __init__(self, opened: StudyOpened):
        super().__init__()
        settings = opened.settings
        self.objective, self.objectives = settings.objective, settings.objectives
        self.constraints = Constraints(settings.subject_to, opened.space)
        self._needed = needed_metrics(settings, opened.space)
        self.added = self._withdrawn = 0
        # trials of code that was edited since, and those of them that succeeded
        self._earlier = self._earlier_successes = self.first_code = 0
        self._by_number = settings.batch_deterministic
        self.keeping = Keeping(self.objectives, settings.keep, by_number=self._by_number)
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._usual = Usual(self.objective)
        self.infeasible = 0
        self._measured = Measured(self.objective, self.that_count, self._keeps_its_files)
        is_one = len(self.objectives) == 1
        self._lead: Lead | Front = (
            Lead(self.objective, by_number=self._by_number) if is_one else Front(self.objectives)
        )

    @property
    def needed_metrics(self) -> list[str]:
        """The metrics that a complete trial has to have: those the study is after, and its constraints'."""
        return self._needed

    @property
    def best_trials(self) -> list[Trial]:
        """The complete trials that no other beats in every metric, by number; with one metric the best trial
        alone. None of them violates a constraint."""
        best = self.best_trial
        return [best] if best else [self.trials[number] for number in self._lead.numbers]

    @property
    def best_reading(self) -> Trial | None:
        """The complete trial with the best value that violates no constraint; the earlier one of equals. None
        with several metrics: see `best_trials`."""
        return None if self._lead.best is None else self.trials[self._lead.best]

    @property
    def best_trial(self) -> Trial | None:
        """`best_reading`; where some configuration was measured more than once, the best by all measurements
        (incumbent.py)."""
        number = self._measured.best if len(self.objectives) == 1 else None
        return self.best_reading if number is None else self.trials[number]

    @property
    def best_value(self) -> float | None:
        """The value of the best trial: the mean of its measurements where it was measured again."""
        best, sure = self.best_trial, self.confirmed
        if sure is not None and sure.count > 1:
            return sure.value
        return None if best is None else best.value

    @property
    def confirmed(self) -> Incumbent | None:
        """How sure the best trial is; None with several metrics, and where nothing was measured more than
        once, as a configuration again or in folds."""
        best = self.best_trial
        return None if best is None else self._measured.sure(best.number)

    def require_best(self) -> tuple[Trial, float]:
        """The best trial and its value. Raises TuneError while no trial is complete and feasible, and with
        several metrics."""
        if len(self.objectives) > 1:
            names = ", ".join(objective.metric for objective in self.objectives)
            raise TuneError(
                f"the study is after several metrics ({names}), and which trial is best depends on what each "
                "is worth to you; best_trials has those that no other beats in all of them"
            )
        best = self.best_trial
        if best is None and self.infeasible:
            raise TuneError(f"no trial has a best value yet: {self.why_none_is_best}")
        if best is None or best.value is None:
            raise TuneError("no trial has a best value yet; wait for one to complete")
        value = self.best_value
        assert value is not None
        return best, value

    @property
    def why_none_is_best(self) -> str:
        """Which constraints none of the complete trials satisfies; "" where that is not the reason."""
        if not self.infeasible or self.best_trials:
            return ""
        return f"none of {self.infeasible} satisfies {self.constraints}"

    def violated_by(self, trial: Trial) -> list[str]:
        """The constraints that a trial violates, as texts."""
        known = self.known_of(trial)
        return [each.text for each in self.constraints.all if not each.holds(known)]

    def known_of(self, trial: Trial) -> dict[str, Scalar]:
        """What the names in a constraint stand for in an ended trial; a parameter wins over a metric."""
        own = {} if trial.value is None else {self.objective.metric: trial.value}
        # what was not measured satisfies nothing
        unknown = dict.fromkeys(self.constraints.metrics, math.nan)
        return {**unknown, **trial.metrics, **own, **trial.params}

    @property
    def finished_since_best(self) -> int:
        """Trials of this study that completed or were pruned since the best one, and still are; with several
        metrics, since `best_trials` last moved."""
        return self._lead.finished_since

    def is_earlier(self, trial: Trial) -> bool:
        """Whether what came of the trial is no result any more: the code was edited since."""
        return trial.code < self.first_code

    def is_candidate(self, trial: Trial) -> bool:
        """Whether it may be the best: complete, feasible, of code not edited since, and no second measurement
        of another. Whatever ranks trials or says what was the best so far asks here."""
        return trial.is_candidate and not self.is_earlier(trial)

    @property
    def ranked(self) -> list[Trial]:
        """The candidates with a finite value, the best first: `best_trials`, then the others by their value,
        of several metrics that of the first one."""
        best = {trial.number for trial in self.best_trials}
        found = [trial for trial in self.trials.values() if self.is_candidate(trial)]
        losses = {trial.number: self.objective.loss_or_worst(trial.value or 0.0) for trial in found}
        finite = [trial for trial in found if math.isfinite(losses[trial.number])]
        return sorted(finite, key=lambda t: (t.number not in best, losses[t.number], t.number))

    @property
    def spent(self) -> int:
        """Trials that count against the budget: all but results added from elsewhere, suggestions that
        were withdrawn before they started, and trials of code that was edited since."""
        return len(self.trials) - self.added - self._withdrawn - self._earlier

    @property
    def done(self) -> int:
        """Trials that count against the budget, and have ended."""
        return self.spent - self.live_count

    @property
    def succeeded(self) -> int:
        """Trials of this study, and of code that was not edited since, that completed or were pruned."""
        return self._successes - self._earlier_successes

    @property
    def _successes(self) -> int:
        return self.counts[COMPLETE] + self.counts[PRUNED] - self.added

    def usual_means(self, step: int) -> Sequence[float]:
        """The mean losses up to `step` of the complete trials that have reported by then, the smallest first.
        Holds until the next record."""
        return self._usual.means(step, self.that_count)

    def that_count(self) -> Iterator[Trial]:
        """The trials that are results: those of code that was not edited since."""
        return (trial for trial in self.trials.values() if not self.is_earlier(trial))

    def _keeps_its_files(self, trial: Trial) -> bool:
        # the best is never one whose model is gone (keeping.py)
        return not trial.files_removed and trial.number not in self.keeping.excess

    def best_loss(self, number: int) -> float:
        """The smallest loss that this live trial has reported; inf if none is a finite number."""
        return self._usual.best(self.trials[number])

    # the fold

    def _settle(self, trial: Trial) -> None:
        """The trial has ended: its value, whether it is feasible, and whether it leads."""
        if trial.state in (COMPLETE, PRUNED):
            if len(self.objectives) > 1:
                self._take_values(trial)
            elif trial.value is None:
                trial.value = trial.result(self.objective)
        if trial.state == COMPLETE and self.constraints:
            trial.feasible = not self.violated_by(trial)
            self.infeasible += not trial.feasible
        self._measured.note(trial)
        if trial.source != CONFIRM:
            self._lead.consider(trial)

    def _take_values(self, trial: Trial) -> None:
        # those reported last: the best of each metric, taken alone, would be those of no model that there was
        last = trial.metrics if trial.value is None else {**trial.metrics, self.objective.metric: trial.value}
        values = [last[each.metric] for each in self.objectives if each.metric in last]
        is_whole = len(values) == len(self.objectives)
        trial.value, trial.further = (values[0], tuple(values[1:])) if is_whole else (None, ())

    def _leave_behind(self, first_code: int) -> None:
        """No trial that has ended is a result any more."""
        self.first_code = first_code
        self._earlier += self.done
        self._earlier_successes = self._successes
        self.keeping.begin_anew()
        self._begin_anew()

    def _detach(self) -> None:
        super()._detach()
        self._lead, self._usual = self._lead.copy(), Usual(self.objective)
        self._measured = self._measured.copy_for(self.that_count, self._keeps_its_files)
        self.keeping = self.keeping.copy()
