"""The benchmark's report: what was measured, on what, with which versions; losses as visible as wins.

It reads the caches only, so it can be written at any time, also of a part. A tuner that has not met all
that ours has met is compared on what both have met, and the table says how much that is.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from tests.benchmarks.markdown import table
from tests.benchmarks.search import cpu, multi
from tests.benchmarks.search.problems import named, problems
from tests.benchmarks.search.results import FOLDER, Run
from tests.benchmarks.search.statistics import Duel, Estimate, Scores, common, duel, ranks_by_problem

OURS = "jupyter_tune"
_WHOLE = 0.9


@dataclass(frozen=True)
class Setting:
    """What a figure is about: the best loss after so many trials of a mode's runs."""

    title: str
    mode: str
    trials: int


SETTINGS = (
    Setting("30 trials", "sequential", 30),
    Setting("100 trials", "sequential", 100),
    Setting("40 trials, 4 pending", "pending4", 40),
)


class Results:
    """The runs that count: of the present problems, and of one version for each tuner.

    That is the present version if any run of it is there, otherwise the newest that is.
    """

    def __init__(self, runs: Iterable[Run], versions: Mapping[str, str]):
        current = [run for run in runs if _is_current(run)]
        self.versions = {name: _version(name, present, current) for name, present in versions.items()}
        self.present = versions
        self.runs = [run for run in current if run.peer_version == self.versions.get(run.peer)]
        losses: dict[str, list[float]] = {}
        for run in self.runs:
            losses.setdefault(run.problem, []).extend(loss for loss in run.losses if loss is not None)
        self._worst = {name: max(met) for name, met in losses.items()}
        self._best = {name: _optimum(name, met) for name, met in losses.items()}
        self._median = {name: self._median_of_random(name, met) for name, met in losses.items()}

    def scores(self, setting: Setting) -> dict[str, Scores]:
        """Best loss by tuner and (problem, seed), for tuners that have any, in the roster's order."""
        found: dict[str, dict[tuple[str, int], float]] = {name: {} for name in self.versions}
        for run in self.runs:
            if run.mode == setting.mode and len(run.losses) >= setting.trials:
                best = run.best(setting.trials, self._worst[run.problem])
                found[run.peer][run.problem, run.seed] = best
        return {name: of for name, of in found.items() if of}

    def regret(self, problem: str, loss: float) -> float:
        """0: the optimum, or the lowest loss that any tuner has met; 1: a random configuration's median."""
        scale = self._median[problem] - self._best[problem]
        return (loss - self._best[problem]) / scale if scale > 0 else 0.0

    def _median_of_random(self, problem: str, met: Sequence[float]) -> float:
        of_random = [
            loss
            for run in self.runs
            if run.peer == "random" and run.problem == problem
            for loss in run.losses
            if loss is not None
        ]
        return median(of_random or met)


def write(
    runs: Iterable[Run], versions: Mapping[str, str], wrong: Mapping[str, str], folder: Path = FOLDER
) -> Path:
    """Writes the report and gives its path. `versions`: tuner -> present version; `wrong`: what failed."""
    results = Results(runs, versions)
    prices = json.loads(cpu.PATH.read_text()) if cpu.PATH.exists() else None
    sections = [
        _head(results),
        _compact(results, prices),
        *(_setting(results, setting) for setting in SETTINGS),
        _prices(prices),
        _fidelities(multi.tables()),
        _wrong(wrong),
    ]
    path = folder / f"{datetime.datetime.now():%Y-%m-%d-%H%M%S}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(section.strip() for section in sections if section) + "\n")
    return path


def _head(results: Results) -> str:
    kinds: dict[str, int] = {}
    for problem in problems().values():
        kinds[problem.kind] = kinds.get(problem.kind, 0) + 1
    stale = [name for name, version in results.versions.items() if version != results.present[name]]
    return "\n".join(
        [
            "# The search beside its peers",
            "",
            f"{datetime.datetime.now():%Y-%m-%d %H:%M}, {platform.system()} {platform.machine()}, "
            f"{os.cpu_count()} cores, Python {platform.python_version()}",
            "",
            "Versions: " + ", ".join(f"{name} ({version})" for name, version in results.versions.items()),
            *([f"\nMeasured on older source than the present: {', '.join(stale)}."] if stale else []),
            "",
            f"{len(problems())} problems: "
            + ", ".join(f"{count} {kind}" for kind, count in kinds.items())
            + ". "
            "All tuners at their defaults, on the same problems and seeds. Ranks: 1 is the best; a negative "
            "difference is in our favour. Intervals: bootstrap over problems, 95 %. Wins and losses count "
            "problems, by mean loss over seeds. jupyter_tune and Ax begin in the middle of the space; no "
            "formula has its optimum there.",
        ]
    )


def _compact(results: Results, prices: Mapping[str, dict[str, dict[str, dict[str, float]]]] | None) -> str:
    """The short table: wins, losses and ties, and the share of pairs won, in each setting."""
    duels = {setting: _duels(results.scores(setting)) for setting in SETTINGS}
    names = [name for name in results.versions if any(name in of for of in duels.values())]
    rows = []
    for name in names:
        cells = [_short(duels[setting].get(name)) for setting in SETTINGS]
        rows.append([name, *cells, _times(prices, name)])
    head = ["against", *(f"{setting.title}: won–lost–tied (pairs won)" for setting in SETTINGS), "CPU at 100"]
    return "## In short\n\n" + (table(head, rows) if rows else "Nothing to compare yet.")


def _short(found: Duel | None) -> str:
    if found is None:
        return ""
    share = found.share
    percent = f"{100 * share.value:.0f} % [{100 * share.low:.0f}, {100 * share.high:.0f}]"
    return f"{found.outcome} ({percent})"


def _times(prices: Mapping[str, dict[str, dict[str, dict[str, float]]]] | None, name: str) -> str:
    at = prices["cpu_ms"]["one thread"].get("100", {}) if prices else {}
    return f"× {at[name] / at[OURS]:.1f} ours" if name in at and OURS in at else ""


def _duels(scores: Mapping[str, Scores]) -> dict[str, Duel]:
    ours = scores.get(OURS)
    if not ours:
        return {}
    return {
        name: duel(ours, theirs)
        for name, theirs in scores.items()
        if name != OURS and common({OURS: ours, name: theirs})
    }


def _setting(results: Results, setting: Setting) -> str:
    scores = results.scores(setting)
    most = max((len(of) for of in scores.values()), default=0)
    whole = {name: of for name, of in scores.items() if len(of) >= _WHOLE * most}
    parts = [f"## {setting.title}", _ranks(whole)]
    if len(whole) < len(scores) and common(scores):
        parts += ["With those that have met fewer, on what all have met:", _ranks(scores)]
    if most:
        parts += [_by_kind(results, scores), _by_problem(scores)]
    return "\n\n".join(parts)


def _ranks(scores: Mapping[str, Scores]) -> str:
    pairs = common(scores)
    if not pairs:
        return "Not measured yet."
    ranks, duels = ranks_by_problem(scores), _duels({name: _only(of, pairs) for name, of in scores.items()})
    rows = []
    for name, of in sorted(ranks.items(), key=lambda item: float(item[1].mean())):
        cells = [name, str(Estimate.of(of))]
        if name in duels:
            difference, against = Estimate.of(ranks[OURS] - of), duels[name]
            cells += [
                f"{difference}{' *' if difference.is_clear else ''}",
                against.outcome,
                f"{against.p:.3g}",
                str(against.share),
            ]
        rows.append(cells)
    count = len({problem for problem, _ in pairs})
    head = ["tuner", "mean rank", "ours − it (* clear of 0)", "won–lost–tied", "sign test p", "pairs won"]
    return f"{count} problems, {len(pairs)} pairs of problem and seed.\n\n{table(head, rows)}"


def _only(scores: Scores, pairs: Sequence[tuple[str, int]]) -> Scores:
    return {pair: scores[pair] for pair in pairs}


def _by_kind(results: Results, scores: Mapping[str, Scores]) -> str:
    kinds = sorted({problem.kind for problem in problems().values()})
    rows = []
    for name, of in scores.items():
        regrets: dict[str, list[float]] = {kind: [] for kind in kinds}
        for (problem, _), loss in of.items():
            regrets[problems()[problem].kind].append(results.regret(problem, loss))
        rows.append([name, *(f"{median(met):.3g}" if met else "" for met in regrets.values())])
    return "Median regret; 0 is the best known, 1 a random configuration's median:\n\n" + table(
        ["tuner", *kinds], rows
    )


def _by_problem(scores: Mapping[str, Scores]) -> str:
    rows = []
    for problem in problems():
        means = {
            name: fmean(losses)
            for name, of in scores.items()
            if (losses := [loss for (on, _), loss in of.items() if on == problem])
        }
        if means:
            best = min(means.values())
            rows.append([problem, *(_mean(means.get(name), best) for name in scores)])
    return "Mean loss over the seeds that each has met; the lowest in bold:\n\n" + table(
        ["problem", *scores], rows
    )


def _mean(value: float | None, best: float) -> str:
    if value is None:
        return ""
    return f"**{value:.4g}**" if value <= best else f"{value:.4g}"


def _prices(prices: Mapping[str, dict[str, dict[str, dict[str, float]]]] | None) -> str:
    if prices is None:
        return "## CPU per suggestion\n\nNot measured yet."
    parts = [
        "## CPU per suggestion",
        (cpu.__doc__ or "").strip(),
        f"Measured {prices['at']}, {prices['cores']} cores, load average before: {prices['load']}. "
        "Milliseconds; in brackets how many times ours.",
    ]
    for label, sizes in prices["cpu_ms"].items():
        names = list(dict.fromkeys(name for of in sizes.values() for name in of))
        rows = [[name, *(_price(of, name) for of in sizes.values())] for name in names]
        parts.append(
            f"{label.capitalize()}:\n\n" + table(["tuner", *(f"{size} results" for size in sizes)], rows)
        )
    parts += [f"{name} was not measured: {why}" for name, why in prices["missing"].items()]
    return "\n\n".join(parts)


def _price(of: Mapping[str, float], name: str) -> str:
    if name not in of:
        return ""
    ratio = f" (× {of[name] / of[OURS]:.1f})" if name != OURS and OURS in of else ""
    return f"{of[name]:.0f}{ratio}"


def _fidelities(tables: Sequence[str]) -> str:
    return "\n\n".join(["## Several fidelities", *(tables or ["Not measured yet."])])


def _wrong(wrong: Mapping[str, str]) -> str:
    if not wrong:
        return ""
    shown = "\n".join(f"- {job}: {why.splitlines()[0]}" for job, why in wrong.items())
    return f"## Could not be measured\n\n{shown}"


def _is_current(run: Run) -> bool:
    try:
        return named(run.problem).version == run.problem_version
    except KeyError:
        return False


def _version(name: str, present: str, runs: Sequence[Run]) -> str:
    versions = [run.peer_version for run in runs if run.peer == name]
    return present if present in versions or not versions else versions[-1]


def _optimum(name: str, met: Sequence[float]) -> float:
    known = named(name).optimum
    return min(met) if known is None else known
