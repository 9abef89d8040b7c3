"""What a reader sees of an experiment: tables in markdown, the post's figures beside ours."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from tests.benchmarks.markdown import table
from tests.benchmarks.seed.experiments import Experiment, Goal
from tests.benchmarks.seed.outcomes import Outcome, at_least_as_good, difference, ratio


def section(outcome: Outcome) -> str:
    """The experiment's heading, what was trained, and its tables."""
    experiment = outcome.experiment
    parts = [f"## {experiment.name}: {experiment.title}", about(outcome)]
    if experiment.kind == "equal budgets":
        parts += [_budgets(outcome), _budgets_in_words(outcome)]
    else:
        parts += [_race(outcome), _ratios(outcome)]
    return "\n\n".join([*parts, _costs(outcome)]) + "\n"


def about(outcome: Outcome) -> str:
    """The data, the ranges and, where there is one, the target and how hard it is."""
    experiment = outcome.experiment
    ranges = ", ".join(f"{name} {_range(experiment, name)}" for name in experiment.space)
    text = f"{experiment.data}. {ranges}; at most {experiment.epochs} epochs; {outcome.seeds} seeds."
    if experiment.target is not None:
        text += f" Target: accuracy {experiment.target:.4g} (the post's: {experiment.the_posts_target})"
        if outcome.share is not None:
            text += f"; {outcome.share:.1%} of {experiment.sample} random configurations ever reach it"
        text += "."
    return text


def _range(experiment: Experiment, name: str) -> str:
    parameter = experiment.space[name]
    low, high = parameter.range
    return f"{low:g}–{high:g}" + (" (log)" if getattr(parameter, "log", False) else "")


def _race(outcome: Outcome) -> str:
    head = (
        "method",
        "the post",
        "ours: median, virtual s",
        "mean",
        "range",
        "at the target",
        "trials",
        "epochs",
    )
    rows = []
    for method in outcome.experiment.methods:
        times, runs = outcome.times_s(method.name), outcome.runs[method.name]
        rows.append(
            (
                f"{method.name}, {method.workers} at once",
                method.the_post or "–",
                _seconds(statistics.median(times)),
                _seconds(statistics.fmean(times)),
                f"{_seconds(min(times))} … {_seconds(max(times))}",
                f"{sum(map(math.isfinite, times))} of {len(times)}",
                f"{statistics.fmean(run.started for run in runs):.0f}",
                f"{statistics.fmean(run.epochs for run in runs):.0f}",
            )
        )
    return table(head, rows)


def _ratios(outcome: Outcome) -> str:
    head = ("time to the target", "the post", "ours: of means [95 %]", "of medians", "goal", "")
    rows = []
    names = {method.name for method in outcome.experiment.methods}
    for goal in outcome.experiment.goals:
        for name in (goal.method, goal.method.replace("asha", "hyperband")):
            if name in names:
                rows.append(_ratio_row(outcome, goal, name))
    return table(head, rows)


def _ratio_row(outcome: Outcome, goal: Goal, name: str) -> Sequence[str]:
    times, beside = outcome.times_s(name), outcome.times_s(goal.beside)
    label = f"{name} / {goal.beside}"
    if not all(map(math.isfinite, [*times, *beside])):
        return (label, goal.the_post, "some never reached it", "–", f"≤ {goal.at_most:.2f}", "missed")
    found = ratio(times, beside)
    return (
        label,
        goal.the_post,
        f"{found.of_means:.2f} [{found.low:.2f}, {found.high:.2f}]",
        f"{found.of_medians:.2f}",
        f"≤ {goal.at_most:.2f}",
        "met" if found.of_means <= goal.at_most else "missed",
    )


def _budgets(outcome: Outcome) -> str:
    worth = outcome.worth
    best_of = ["of what it is worth", "range of that"] if worth else ["range"]
    head = ("method", "the post", "ours: median of the best", *best_of, "virtual s", "at once")
    rows = []
    for method in outcome.experiment.methods:
        runs = outcome.runs[method.name]
        best = [run.best for run in runs]
        shown = worth.get(method.name, best)
        rows.append(
            (
                f"{method.name}, {method.trials} trainings",
                method.the_post or "–",
                f"{statistics.median(best):.2%}",
                *([f"{statistics.median(shown):.2%}"] if worth else []),
                f"{min(shown):.2%} … {max(shown):.2%}",
                _seconds(statistics.fmean(run.ended_s for run in runs)),
                str(method.workers),
            )
        )
    return table(head, rows)


def _budgets_in_words(outcome: Outcome) -> str:
    """Each method beside the first one, which has the most trainings."""
    beside, *methods = outcome.experiment.methods
    lines = []
    for method in methods:
        good = at_least_as_good(outcome, method.name, beside.name)
        line = (
            f"{method.trials} trainings of {method.name} are at least as good as {beside.trials} of "
            f"{beside.name} in {good} of {outcome.seeds} seeds ({good / outcome.seeds:.0%}; goal 80 %: "
            f"{'met' if good >= 0.8 * outcome.seeds else 'missed'})"
        )
        if outcome.worth:
            found = difference(outcome.worth[method.name], outcome.worth[beside.name])
            mean, low, high = (f"{100 * value:+.2f}" for value in (found.mean, found.low, found.high))
            line += f"; on average by {mean} [{low}, {high}] points"
        lines.append(f"- {line}.")
    return "\n".join(lines)


def _costs(outcome: Outcome) -> str:
    memory = outcome.memory
    text = "Every training was remembered from an earlier run."
    if memory.trained:
        text = (
            f"{memory.trained:,} epochs were trained now, the others remembered: {memory.cpu_s:,.0f} s of "
            f"processor time here, {memory.virtual_s:,.0f} s on the virtual clock."
        )
    by_gp = [method.name for method in outcome.experiment.methods if method.sampler == "gp"]
    studies = [run.suggesting_s for name in by_gp for run in outcome.runs[name]]
    if studies:
        total = sum(map(sum, studies))
        text += (
            f" A suggestion of gp took {1000 * total / sum(map(len, studies)):.0f} ms of processor time, "
            f"{total / len(studies):.1f} s a study; the virtual clock leaves them out."
        )
    return text


def _seconds(value: float) -> str:
    return f"{value:,.0f}" if math.isfinite(value) and value >= 100 else f"{value:.1f}"
