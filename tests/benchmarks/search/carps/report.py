"""What CARP-S' logs say: ranks of all optimizers, and our search against each of them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.benchmarks.markdown import table
from tests.benchmarks.search.statistics import Estimate, Scores, common, duel, ranks_by_problem

OURS = "jupyter_tune"


def log_of(folder: Path) -> list[float]:
    """The costs of the trials of a run, in their order; none while there is no log."""
    path = folder / "trial_logs.jsonl"
    if not path.exists():
        return []
    return [float(json.loads(line)["trial_value"]["cost"]) for line in path.read_text().splitlines()]


def scores(runs: Path, name: str, tasks: Sequence[str], seeds: int, trials: int) -> Scores:
    """The lowest cost after `trials` trials, by task and seed, of the runs that have as many."""
    logs = {
        (task, seed): log_of(runs / name / task / str(seed)) for task in tasks for seed in range(1, seeds + 1)
    }
    return {key: min(costs[:trials], default=math.inf) for key, costs in logs.items() if len(costs) >= trials}


def report(runs: Path, names: Sequence[str], tasks: Sequence[str], seeds: int, trials: int) -> str:
    """Tables in Markdown at half of the trials and at all of them, and the tasks on which ours is behind."""
    lines = []
    for after in sorted({max(1, trials // 2), trials}):
        everything = {name: scores(runs, name, tasks, seeds, after) for name in names}
        ours = everything[OURS]
        if not ours:
            continue
        # ranks are of those that have made all of our runs
        met = {name: found for name, found in everything.items() if found.keys() >= ours.keys()}
        ranks = ranks_by_problem(met)
        rows = []
        for name in sorted(met, key=lambda name: float(ranks[name].mean())):
            worse = "" if name == OURS else str(Estimate.of(ranks[name] - ranks[OURS]))
            rows.append([name, str(Estimate.of(ranks[name])), worse, *_duelled(everything, name)])
        for name, found in everything.items():
            if name not in met and common({OURS: ours, name: found}):
                rows.append([name, "", "", *_duelled(everything, name)])
        pairs = common(met)
        lines.append(
            f"After {after} trials, {len({task for task, _ in pairs})} tasks, {len(pairs)} runs each:\n"
        )
        heads = ["", "mean rank", "its rank less ours", "ours won–lost–tied", "pairs won, of", "ours lost on"]
        lines.append(table(heads, rows) + "\n")
    return "\n".join(lines)


def _duelled(met: Mapping[str, Scores], name: str) -> list[str]:
    """Ours against `name`: the outcome, the pairs won, and the tasks on which ours is behind."""
    if name == OURS:
        return ["", "", ""]
    ours, theirs = met[OURS], met[name]
    found = duel(ours, theirs)
    pairs = common({"ours": ours, "theirs": theirs})
    lost = []
    for task in sorted({task for task, _ in pairs}):
        of_task = [pair for pair in pairs if pair[0] == task]
        if duel({pair: ours[pair] for pair in of_task}, {pair: theirs[pair] for pair in of_task}).losses:
            lost.append(task.removeprefix("subset_").removesuffix("_None"))
    return [found.outcome, f"{found.share}, {found.pairs}", ", ".join(lost)]
