"""What stop rules leave and save, and how often the truth came inside the bands of the forecast.

A rule is asked after every tenth trial of each history (histories.py). Regret left: how much better the best
value of the whole history is than that where the rule ends it, where 1 is the distance from the first ten
trials' best to the end's. Trials saved: of the whole. Intervals are from resampling problems.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from jupyter_tune.core.stopping.gain import BEHIND, LEAST_KNOWN, what_matters
from jupyter_tune.views.words import count_of
from tests.benchmarks.markdown import table
from tests.benchmarks.stopping.histories import FIRST, History
from tests.benchmarks.stopping.times import Told

Stops = Callable[[History], int | None]


def converged(history: History) -> int | None:
    """As --stop-when-converged."""
    best = np.minimum.accumulate(history.told)
    for known, noise, spread, gains, _ in history.estimates:
        matters = what_matters(noise, spread)
        lately = best[known - BEHIND - 1] - best[known - 1] if known > BEHIND else np.inf
        if known >= LEAST_KNOWN and gains[-1][3] < matters and lately < matters:
            return int(known)
    return None


def patience(trials: int, share: float = 0.0) -> Stops:
    def stops(history: History) -> int | None:
        best = np.minimum.accumulate(history.told)
        for at in range(2 * FIRST, len(best) + 1, FIRST):
            if at > trials and best[at - trials - 1] - best[at - 1] <= share * abs(best[at - trials - 1]):
                return at
        return None

    return stops


def left_and_saved(history: History, stop: int | None) -> tuple[float, float]:
    """Regret left (0 to 1), and the share of trials saved."""
    best = np.minimum.accumulate(history.losses)
    at = len(best) if stop is None else stop
    whole = best[FIRST - 1] - best[-1]
    return (float((best[at - 1] - best[-1]) / whole) if whole > 0 else 0.0), 1 - at / len(best)


def rules(histories: Sequence[History], peers: Mapping[str, Mapping[tuple[str, int], int | None]]) -> str:
    """The table of the rules. `peers`: name -> (problem, seed) -> where it stops."""
    ours: dict[str, Stops] = {
        "`--stop-when-converged`": converged,
        "`--patience 20`": patience(20),
        "`--patience 20,1%`": patience(20, 0.01),
    }
    rows = [_row(name, histories, [stops(each) for each in histories]) for name, stops in ours.items()]
    for name, where in peers.items():
        rows.append(
            _row(f"Optuna, {name}", histories, [where[each.problem, each.seed] for each in histories])
        )
    return table(["rule", "regret left, mean", "median", "trials saved", "ended early"], rows)


def _row(name: str, histories: Sequence[History], stops: Sequence[int | None]) -> list[str]:
    both = [left_and_saved(history, stop) for history, stop in zip(histories, stops, strict=True)]
    problems = [history.problem for history in histories]
    left, saved = [each[0] for each in both], [each[1] for each in both]
    early = sum(stop is not None and stop < len(h.told) for h, stop in zip(histories, stops, strict=True))
    return [
        name,
        _with_interval(problems, left),
        f"{statistics.median(left):.3f}",
        _with_interval(problems, saved),
        f"{early} of {len(stops)}",
    ]


def coverage(histories: Sequence[History]) -> str:
    """How often the gain came inside its band, by the number of coming trials."""
    rows = []
    for place, ahead in enumerate(h[0] for h in histories[0].estimates[0][3]):
        problems, inside, below, above = [], [], [], []
        for history in histories:
            best = np.minimum.accumulate(history.told)
            for known, _, _, gains, _ in history.estimates:
                if known + int(ahead) <= len(best):
                    came, (_, _, low, high) = best[known - 1] - best[known + int(ahead) - 1], gains[place]
                    # what differs by a rounding is the same
                    slack = 1e-9 * abs(best[known - 1])
                    problems.append(history.problem)
                    below.append(float(came < low - slack))
                    above.append(float(came > high + slack))
                    inside.append(1 - below[-1] - above[-1])
        rows.append(
            _coverage_row(f"gain of {count_of(int(ahead), 'more trial')}", problems, inside, below, above)
        )
    return table(["forecast", "inside its 80 % band", "below", "above", "forecasts"], rows)


def coverage_of_times(told: Sequence[Told]) -> str:
    """How often the end came inside its band."""
    rows = []
    for workers in (None, *sorted({each.workers for each in told})):
        some = [each for each in told if workers in (None, each.workers)]
        below = [float(each.came_s < each.low_s) for each in some]
        above = [float(each.came_s > each.high_s) for each in some]
        inside = [float(each.is_inside) for each in some]
        name = "time left" if workers is None else f"time left, {workers} workers"
        rows.append(_coverage_row(name, [each.task for each in some], inside, below, above))
    return table(["forecast", "inside its 80 % band", "below", "above", "forecasts"], rows)


def _coverage_row(
    name: str, problems: Sequence[str], inside: list[float], below: list[float], above: list[float]
) -> list[str]:
    shares = [f"{100 * statistics.fmean(each):.0f} %" for each in (below, above)]
    return [name, _with_interval(problems, inside), *shares, str(len(inside))]


def _with_interval(problems: Sequence[str], values: Iterable[float]) -> str:
    """The mean and its 95 % interval, by resampling problems."""
    of: dict[str, list[float]] = {}
    for problem, value in zip(problems, values, strict=True):
        of.setdefault(problem, []).append(value)
    means = np.array([statistics.fmean(each) for each in of.values()])
    drawn = np.random.default_rng(0).choice(means, (2000, len(means))).mean(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return f"{100 * means.mean():.0f} % ({100 * low:.0f} to {100 * high:.0f})"
