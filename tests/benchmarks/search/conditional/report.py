"""Tables of the conditional benchmark: duels after 20 and 40 trials, on all problems and on held-out ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import fmean

import numpy as np

from tests.benchmarks.markdown import table
from tests.benchmarks.search.conditional.problems import HELD_OUT, conditional
from tests.benchmarks.search.report import OURS, Results, Setting
from tests.benchmarks.search.results import Run
from tests.benchmarks.search.statistics import Estimate, Scores, common, duel

SETTINGS = (Setting("20 trials", "sequential", 20), Setting("40 trials", "sequential", 40))


def tables(runs: Iterable[Run], versions: Mapping[str, str]) -> str:
    results = Results(runs, versions)
    used = ", ".join(f"{name} ({version})" for name, version in results.versions.items())
    parts = [f"Versions: {used}", _duels(results)]
    for setting in SETTINGS:
        parts.append(f"Regret after {setting.title}, mean over seeds; the lowest in bold:\n\n")
        parts[-1] += _by_problem(results, results.scores(setting))
    return "\n\n".join(parts)


def _duels(results: Results) -> str:
    head, rows = ["against"], []
    for setting in SETTINGS:
        head += [setting.title, f"{setting.title}, held out", f"{setting.title}: regret, ours less its"]
    scores = [results.scores(setting) for setting in SETTINGS]
    for name in results.versions:
        if name != OURS and all(OURS in of and name in of for of in scores):
            cells = [name]
            for of in scores:
                ours, theirs = of[OURS], of[name]
                cells += [_duel(ours, theirs), _duel(_held_out(ours), theirs)]
                cells.append(_difference(results, ours, theirs))
            rows.append(cells)
    return table(head, rows) if rows else "Nothing to compare yet."


def _held_out(scores: Scores) -> Scores:
    return {pair: loss for pair, loss in scores.items() if pair[0] in HELD_OUT}


def _duel(ours: Scores, theirs: Scores) -> str:
    if not common({"ours": ours, "theirs": theirs}):
        return ""
    found = duel(ours, theirs)
    share = found.share
    percent = f"{100 * share.value:.0f} % [{100 * share.low:.0f}, {100 * share.high:.0f}]"
    return f"{found.outcome}, {percent}"


def _difference(results: Results, ours: Scores, theirs: Scores) -> str:
    """Mean difference of regrets over problems; negative is in our favour."""
    gaps: dict[str, list[float]] = {}
    for problem, seed in common({"ours": ours, "theirs": theirs}):
        mine, other = (results.regret(problem, of[problem, seed]) for of in (ours, theirs))
        gaps.setdefault(problem, []).append(mine - other)
    estimate = Estimate.of([float(np.mean(each)) for each in gaps.values()])
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def _by_problem(results: Results, scores: Mapping[str, Scores]) -> str:
    rows = []
    for problem in conditional():
        means = {
            name: fmean(met)
            for name, of in scores.items()
            if (met := [results.regret(problem, loss) for (on, _), loss in of.items() if on == problem])
        }
        if means:
            best = min(means.values())
            mark = " (held out)" if problem in HELD_OUT else ""
            rows.append([problem + mark, *(_cell(means.get(name), best) for name in scores)])
    return table(["problem", *scores], rows)


def _cell(value: float | None, best: float) -> str:
    if value is None:
        return ""
    return f"**{value:.3f}**" if value <= best else f"{value:.3f}"
