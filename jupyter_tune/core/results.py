"""What a study has found: the part of the fold that compares its trials."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_tune.core.lead import Lead
from jupyter_tune.core.roster import Roster
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.trial import Trial
from jupyter_tune.core.usual import Usual
from jupyter_tune.errors import TuneError


class Results(Roster):
    """The trials, and which is the best.

    Attributes: `objective`: what better means, `added`: how many results came from elsewhere.
    """

    def __init__(self, settings: Settings):
        super().__init__()
        self.objective = settings.objective
        self.added = self._withdrawn = 0
        self._lead = Lead(self.objective)
        self._usual = Usual(self.objective)

    @property
    def best_trial(self) -> Trial | None:
        """The complete trial with the best value; the earlier one of equals."""
        return None if self._lead.best is None else self.trials[self._lead.best]

    def require_best(self) -> tuple[Trial, float]:
        """The best trial and its value. Raises TuneError while no trial is complete."""
        best = self.best_trial
        if best is None or best.value is None:
            raise TuneError("no trial has a best value yet; wait for one to complete")
        return best, best.value

    @property
    def finished_since_best(self) -> int:
        """Trials of this study that completed or were pruned since the best one, and still are."""
        return self._lead.finished_since

    @property
    def spent(self) -> int:
        """Trials that count against the budget: all but results added from elsewhere, and
        suggestions that were withdrawn before they started."""
        return len(self.trials) - self.added - self._withdrawn

    def usual_means(self, step: int) -> Sequence[float]:
        """The mean losses up to `step` of the complete trials that have reported by then, the smallest first.
        Holds until the next record."""
        return self._usual.means(step, self.trials)

    def best_loss(self, number: int) -> float:
        """The smallest loss that this live trial has reported; inf if none is a finite number."""
        return self._usual.best(self.trials[number])

    # the fold

    def _detach(self) -> None:
        super()._detach()
        self._lead, self._usual = self._lead.copy(), Usual(self.objective)
