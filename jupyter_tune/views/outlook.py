"""What is ahead of a study, in words and numbers: when it ends and by what, and what that may bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jupyter_tune.core.study import Study
from jupyter_tune.views.tables.forecast import Forecast
from jupyter_tune.views.tables.time_left import Band
from jupyter_tune.views.words import band_in_words, count_of, duration_in_words, number_in_words

MORE_WORKERS = (1, 2, 4)
_ENDS = {
    "trials": "when its trials are done",
    "timeout": "by its timeout",
    "budget": "when its budget is spent",
}


@dataclass(frozen=True, slots=True)
class Gain:
    """How much better the best value may be after `trials` more, in the metric's units: the mean, and
    the ends of an 80 % band."""

    trials: int
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class StudyForecast:
    """What is ahead of a study, at the moment of the call.

    metric:   that of the gains: what it is after, of several metrics one.
    left:     seconds until its end: `left_s`, with an 80 % band; None where nothing tells.
    ends_by:  what is expected to end it: trials, timeout or budget; "" where nothing tells.
    saved_s:  more workers -> seconds that they would save; {} where it is not the trials that end it.
    gains:    for some numbers of more trials; empty while too little is known.
    is_ended: whether the study has ended; the gains are then those of going on with it.
    """

    metric: str
    left: Band | None
    ends_by: str
    saved_s: Mapping[int, float]
    gains: Sequence[Gain]
    is_ended: bool = False

    def __repr__(self) -> str:
        time = [] if self.is_ended else [self._time(), *self._savings()]
        return "\n".join([*time, *map(self._gain, self.gains)]) or "too little is known to say what is ahead"

    def _time(self) -> str:
        if self.left is None:
            return "nothing tells when it ends"
        between = band_in_words(self.left.low_s, self.left.high_s)
        return f"ends {_ENDS[self.ends_by]}, in about {duration_in_words(self.left.left_s)}{between}"

    def _savings(self) -> list[str]:
        saved = [
            f"{count_of(more, 'more worker')} would save {duration_in_words(seconds)}"
            for more, seconds in self.saved_s.items()
        ]
        return [", ".join(saved)] if saved else []

    def _gain(self, gain: Gain) -> str:
        if gain.high <= 0:
            return f"{count_of(gain.trials, 'more trial')}: {self.metric} no better (80 % sure)"
        low, high = number_in_words(gain.low), number_in_words(gain.high)
        better = f"{self.metric} better by about {number_in_words(gain.mean)}"
        return f"{count_of(gain.trials, 'more trial')}: {better} ({low} to {high}, 80 % sure)"


def outlook(study: Study, now: float, gains: Sequence[Sequence[float]], metric: str) -> StudyForecast:
    """What is ahead of `study`. `gains`: [trials, mean, low, high] each, of `metric`, as the model estimates
    them."""
    forecast = Forecast(study)
    ends = forecast.ends(now)
    saved = {more: forecast.saved_s(more, now) for more in MORE_WORKERS}
    return StudyForecast(
        metric=metric,
        left=ends and ends[0],
        ends_by=ends[1] if ends else "",
        saved_s={more: seconds for more, seconds in saved.items() if seconds},
        gains=[Gain(int(trials), mean, low, high) for trials, mean, low, high in gains],
        is_ended=study.is_ended,
    )
