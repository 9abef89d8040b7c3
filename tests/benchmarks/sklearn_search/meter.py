"""What a search measures, in order: each fold's score, its params, and the CPU time of its fit and score.

A Meter is given to a search as `scoring`, and its estimator is a MeteredPipeline. Each call appends a line to
a file, from whatever process.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from sklearn.metrics import check_scoring
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler


class MeteredPipeline(Pipeline):  # type: ignore[misc]  # scikit-learn ships no types
    """A pipeline that keeps the CPU time of its fit as `cpu_s_`."""

    def fit(self, X: Any, y: Any = None, **params: Any) -> MeteredPipeline:  # noqa: N803
        # scikit-learn looks for plugins at the first fit of a process, which is not this fit's
        StandardScaler().fit([[0.0], [1.0]])
        since = time.process_time()
        super().fit(X, y, **params)
        self.cpu_s_ = time.process_time() - since
        return self


@dataclass(frozen=True)
class Meter:
    """`names`: of the parameters that tell one configuration from another."""

    file: Path
    names: tuple[str, ...]

    def __call__(self, estimator: Any, x: Any, y: Any) -> float:
        since = time.process_time()
        score = float(check_scoring(estimator)(estimator, x, y))
        cpu_s = estimator.cpu_s_ + time.process_time() - since
        params = estimator.get_params()
        line = {"config": {name: params[name] for name in self.names}, "score": score, "cpu_s": cpu_s}
        with self.file.open("a") as file:
            file.write(f"{json.dumps(line)}\n")
        return score

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.file.read_text().splitlines()] if self.file.exists() else []

    def cpu_s(self) -> float:
        """Of all folds so far."""
        return sum(line["cpu_s"] for line in self.lines())

    def best_within(self, cpu_s: float, folds: int) -> tuple[dict[str, Any] | None, float]:
        """The best configuration that was measured in all folds by then, or None, and its mean."""
        scores: dict[str, list[float]] = defaultdict(list)
        spent = 0.0
        for line in self.lines():
            spent += line["cpu_s"]
            if spent > cpu_s * 1.001:
                break
            scores[json.dumps(line["config"])].append(line["score"])
        whole = {config: mean(each) for config, each in scores.items() if len(each) >= folds}
        if not whole:
            return None, float("nan")
        best = max(whole, key=lambda config: whole[config])
        return json.loads(best), whole[best]
