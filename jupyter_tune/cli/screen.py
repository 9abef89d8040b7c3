"""A study as a screen of text: how it stands, the best so far, its history, and the trials of the moment."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import RUNNING, Trial
from jupyter_tune.views.saved.text import text
from jupyter_tune.views.tables.messages import Status
from jupyter_tune.views.tables.progress import best_so_far
from jupyter_tune.views.words import (
    NOTHING,
    bounded,
    duration_in_words,
    number_in_words,
    params_on_ranges,
    results_in_words,
)

_BARS = "▁▂▃▄▅▆▇█"
_FULL, _EMPTY = "█", "░"
_MOST_OF_FRONT = 5
_NEWEST = 8
"""Ended trials that are listed."""


def screen(study: Study, status: Status, width: int, height: int) -> list[str]:
    """The lines of the screen, each at most `width` long, at most `height` of them."""
    lines = [*text(status).splitlines(), *front_lines(study), *_progress(status, width)]
    history = _history(study, width)
    if history:
        lines += ["", history]
    lines += ["", *_table(study)]
    return [bounded(line, width) for line in lines][:height]


def front_lines(study: Study) -> Iterator[str]:
    """A line for each trial on the front of several metrics, the best in the first metric before the others;
    and how many are left out."""
    if len(study.objectives) < 2:
        return
    trials = study.ranked[: len(study.best_trials)]
    for trial in trials[:_MOST_OF_FRONT]:
        yield f"  trial {trial.number}: {', '.join(results_in_words(trial, study.objectives))}"
    if len(trials) > _MOST_OF_FRONT:
        yield f"  and {len(trials) - _MOST_OF_FRONT} more on the front"


def _progress(status: Status, width: int) -> Iterator[str]:
    budget, done = status["trials"], status["done"]
    left = f", about {duration_in_words(status['eta_s'])} left" if status["eta_s"] is not None else ""
    if budget:
        said = f" {done} of {budget}{left}"
        room = max(10, min(40, width - len(said)))
        full = min(room, room * done // budget)
        yield _FULL * full + _EMPTY * (room - full) + said
    elif left:
        yield left.removeprefix(", ")


def _history(study: Study, width: int) -> str:
    """The best value after each trial, from worst (low) to best (high); "" before the second."""
    if len(study.objectives) > 1:
        return ""
    best = [value for trial, value in best_so_far(study) if value is not None and study.is_candidate(trial)]
    first, last = (best[0], best[-1]) if best else (0.0, 0.0)
    if first == last:
        return ""
    ends = f"best so far {number_in_words(first)} ", f" {number_in_words(last)}"
    room = max(8, min(60, width - len("".join(ends))))
    shown = [best[len(best) * place // min(room, len(best))] for place in range(min(room, len(best)))]
    shown[-1] = last
    bars = "".join(_BARS[round((value - first) / (last - first) * (len(_BARS) - 1))] for value in shown)
    return f"{ends[0]}{bars}{ends[1]}"


def _table(study: Study) -> Iterator[str]:
    trials = sorted(study.trials.values(), key=lambda trial: trial.number, reverse=True)
    running = [trial for trial in trials if trial.state == RUNNING]
    ended = [trial for trial in trials if not trial.is_live][:_NEWEST]
    metrics = "".join(f"  {bounded(objective.metric, 12):>12}" for objective in study.objectives)
    yield f"{'trial':>6}  {'state':<9}  {'step':>6}{metrics}  parameters"
    for trial in (*running, *ended):
        step = trial.last_step or NOTHING
        params = params_on_ranges(trial.params, study.space)
        values = "".join(f"  {value:>12}" for value in _values(study, trial))
        yield f"{trial.number:>6}  {trial.state:<9}  {step:>6}{values}  {params}"


def _values(study: Study, trial: Trial) -> Iterator[str]:
    """The final value of each metric; while there is none, the latest."""
    latest = trial.curve[trial.last_step] if trial.curve else None
    first = latest if trial.value is None else trial.value
    further = [trial.metrics.get(objective.metric) for objective in study.objectives[1:]]
    for value in (first, *(trial.further or further)):
        yield NOTHING if value is None else number_in_words(value)
