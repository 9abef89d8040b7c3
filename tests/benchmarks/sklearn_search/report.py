"""The tables of the searches: paired with RandomizedSearchCV, with 95 % intervals over the problems."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from statistics import mean, median
from typing import Any

BASE = "RandomizedSearchCV"
RESAMPLED = 5000

Row = dict[str, Any]


def report(rows: Sequence[Row]) -> str:
    """Two Markdown tables: the searches over all problems, then each problem's held-out scores."""
    by_search: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_search[row["search"]].append(row)
    base = {(row["problem"], row["seed"]): row for row in by_search[BASE]}
    lines = [
        f"{len({row['problem'] for row in rows})} data sets, {len({row['seed'] for row in rows})} seeds, "
        f"{len(base)} pairs; load average {median(row['load'] for row in rows):.1f} (median)",
        "",
        f"| Search | held-out score, points above {BASE} | in cross-validation | better / equal / worse | "
        "configurations | CPU of its fits | other CPU |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, own in by_search.items():
        cells = [
            _interval(own, base, "held_out"),
            _interval(own, base, "cv_score"),
            _counts(own, base),
            f"{mean(row['configs'] for row in own):.0f}",
            f"{mean(row['cpu_s'] / base[row['problem'], row['seed']]['cpu_s'] for row in own):.2f}",
            f"{mean(row['overhead_s'] for row in own):.1f} s",
        ]
        lines.append(f"| {name} | {' | '.join(['–'] * 3 + cells[3:] if name == BASE else cells)} |")
    lines += ["", f"| Data set | {' | '.join(by_search)} |", f"|---|{'---|' * len(by_search)}"]
    for problem in dict.fromkeys(row["problem"] for row in rows):
        scores = [
            f"{mean(row['held_out'] for row in own if row['problem'] == problem):.3f}"
            for own in by_search.values()
        ]
        lines.append(f"| {problem} | {' | '.join(scores)} |")
    return "\n".join(lines)


def _differences(own: Sequence[Row], base: dict[tuple[str, int], Row], name: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for row in own:
        # where nothing was measured in time, there is no score
        if row[name] == row[name]:
            found[row["problem"]].append(100 * (row[name] - base[row["problem"], row["seed"]][name]))
    return found


def _interval(own: Sequence[Row], base: dict[tuple[str, int], Row], name: str) -> str:
    """The mean of the problems' mean differences, with an interval from resampling problems and seeds."""
    differences = list(_differences(own, base, name).values())
    chance = random.Random(0)

    def drawn() -> float:
        problems = chance.choices(differences, k=len(differences))
        return mean(mean(chance.choices(each, k=len(each))) for each in problems)

    many = sorted(drawn() for _ in range(RESAMPLED))
    low, high = many[round(0.025 * RESAMPLED)], many[round(0.975 * RESAMPLED) - 1]
    return f"{mean(map(mean, differences)):+.2f} ({low:+.2f} to {high:+.2f})"


def _counts(own: Sequence[Row], base: dict[tuple[str, int], Row]) -> str:
    every = [each for found in _differences(own, base, "held_out").values() for each in found]
    return f"{sum(d > 0 for d in every)} / {sum(d == 0 for d in every)} / {sum(d < 0 for d in every)}"
