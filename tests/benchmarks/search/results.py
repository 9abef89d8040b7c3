"""What has been measured: one JSON line for each run, so that runs can be stopped, continued and added to.

A line counts only for what it was measured with: the key holds the peer's version and the problem's.
A costly loss is kept by its params too (`Evaluations`), because tuners start alike and repeats are common.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.benchmarks.search.lines import append, lines_of
from tests.benchmarks.search.problems import Problem
from tests.benchmarks.search.spaces import Params

FOLDER = Path(__file__).parents[3] / "out" / "bench-search"
WAIT_S = 60


@dataclass(frozen=True)
class Run:
    """One tuner on one problem from one seed.

    `mode`: sequential, or pending4; `losses`: of each trial in the order of the asks, without noise, None
    where it failed; `told`: what the tuner was told; `cpu_s`: of each trial's ask and tell together.
    """

    peer: str
    peer_version: str
    problem: str
    problem_version: int
    seed: int
    mode: str
    losses: list[float | None]
    told: list[float | None]
    cpu_s: list[float]

    @property
    def key(self) -> tuple[str, str, str, int, int, str]:
        return (self.peer, self.peer_version, self.problem, self.problem_version, self.seed, self.mode)

    def best(self, trials: int, worst: float) -> float:
        """The loss of the trial that looked best among the first `trials`; `worst` if all have failed.

        With noise that is not the lowest loss met: nobody can pick what nobody has seen.
        """
        seen = [(told, at) for at, told in enumerate(self.told[:trials]) if told is not None]
        loss = self.losses[min(seen)[1]] if seen else None
        return worst if loss is None else loss


class Runs:
    """The file of runs."""

    def __init__(self, path: Path = FOLDER / "single.jsonl"):
        self._path = path

    def __iter__(self) -> Iterator[Run]:
        """Each key's longest run."""
        longest: dict[tuple[object, ...], Run] = {}
        for run in (Run(**line) for line in lines_of(self._path)):
            known = longest.get(run.key)
            if known is None or len(run.losses) > len(known.losses):
                longest[run.key] = run
        return iter(longest.values())

    def add(self, run: Run) -> None:
        append(self._path, asdict(run))


class Evaluations:
    """Losses by params: computed once if costly, always otherwise."""

    def __init__(self, path: Path = FOLDER / "evaluations.sqlite"):
        path.parent.mkdir(parents=True, exist_ok=True)
        self._known = sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)
        self._known.execute("PRAGMA journal_mode=WAL")
        self._known.execute("CREATE TABLE IF NOT EXISTS evaluations (key TEXT PRIMARY KEY, loss REAL)")

    def loss(self, problem: Problem, params: Params) -> float | None:
        """`params` in the space's order: they are the key."""
        if not problem.costly:
            return problem.loss(params)
        key = json.dumps([problem.name, problem.version, params])
        row = self._known.execute("SELECT loss FROM evaluations WHERE key = ?", (key,)).fetchone()
        if row is None:
            row = (problem.loss(params),)
            self._known.execute("INSERT OR REPLACE INTO evaluations VALUES (?, ?)", (key, *row))
        loss: float | None = row[0]
        return loss
