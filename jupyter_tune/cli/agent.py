"""What another program, such as an AI agent, may do with the studies of a folder: the tools of `mcp`.

Laws:
- It sees the studies of one folder, by name, and no other file.
- It changes nothing but by `enqueue` and `narrow`, only in studies that run, and at most `budget` times while
  it runs. A request that was refused costs nothing.
- What it gets is bounded: at most MOST_TRIALS trials, the last MOST_OF_LOG characters of a log.

The first line of each docstring is what the program reads about the tool, and so are the names.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

from jupyter_tune import journal
from jupyter_tune.cli.arguments import running_study
from jupyter_tune.cli.following import status_of
from jupyter_tune.cli.output import plain, status_as_json
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.client.listing import listing
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import Trial
from jupyter_tune.errors import OptionError, TuneError
from jupyter_tune.launch.launcher import load_study
from jupyter_tune.views.tables.export import rows

Chart = Literal[
    "optimization_history",
    "intermediate_values",
    "parallel_coordinate",
    "slice",
    "timeline",
    "edf",
    "pareto_front",
    "param_importances",
    "contour",
    "posterior",
    "acquisition",
]
"""The charts by the names of `study.plot_...()`."""

Order = Literal["best", "newest"]

MOST_TRIALS = 100
MOST_OF_LOG = 20_000
RECORD_S = 5.0
"""Seconds after which an answer goes out without the record that belongs to it."""

_SERIES = ("x", "y", "z", "text")


class Agent:
    """The tools.

    Args:
        folder: where its studies are.
        budget: how many changes it may make; none by default.
    """

    def __init__(self, folder: Path, budget: int = 0):
        self._folder = folder
        self._left = budget
        self._budget = budget
        self._lock = threading.Lock()

    @property
    def reading(self) -> list[Callable[..., Any]]:
        """The tools that change nothing."""
        return [
            self.list_studies,
            self.study_status,
            self.study_trials,
            self.study_chart,
            self.study_advice,
            self.trial_log,
        ]

    @property
    def changing(self) -> list[Callable[..., Any]]:
        """The tools that cost of the budget; none without one."""
        return [self.enqueue_trial, self.narrow_ranges] if self._budget else []

    def list_studies(self) -> list[dict[str, Any]]:
        """The studies: name, state, number of trials, metric and best value of each."""
        return [row.to_json() for row in listing(self._folder).here]

    def study_status(self, study: str) -> dict[str, Any]:
        """How a study stands: state, counts, best trial, time left, declared and present ranges, settings."""
        with self._opened(study) as handle:
            return self._status(handle)

    def study_trials(
        self, study: str, order: Order = "best", limit: int = 20, states: list[str] | None = None
    ) -> list[dict[str, Any]]:
        """Trials of a study with parameters, value, state and learning curve: the best or newest first."""
        if not 1 <= limit <= MOST_TRIALS:
            raise OptionError(f"limit: must be 1 to {MOST_TRIALS}, got {limit}")
        with self._opened(study) as handle:
            found = handle.snapshot()
            trials = _ranked(found) if order == "best" else _newest(found)
            return rows(found, [t for t in trials if states is None or t.state in states][:limit])

    def study_chart(self, study: str, chart: Chart) -> dict[str, Any]:
        """The data of a chart of a study: its titles, and the series that are drawn.

        param_importances, contour, posterior and acquisition show what the sampler's model believes.
        """
        with self._opened(study) as handle:
            figure = getattr(handle, f"plot_{chart}")()
            series = [
                {"name": trace.name, "type": trace.type, **{key: _cells(trace, key) for key in _SERIES}}
                for trace in figure.data
            ]
            titles = {axis: figure.layout[f"{axis}axis"].title.text for axis in ("x", "y")}
            told: dict[str, Any] = plain(
                {
                    "titles": titles,
                    "series": [{k: v for k, v in each.items() if v is not None} for each in series],
                }
            )
            return told

    def study_advice(self, study: str) -> dict[str, Any]:
        """What a study's results say about its ranges, its noise and its pruning, and what to do."""
        with self._opened(study) as handle:
            found = handle.advice()
            told: dict[str, Any] = plain({"findings": [f.to_json() for f in found], "note": found.note})
            return told

    def trial_log(self, study: str, trial: int) -> dict[str, str]:
        """What a trial has printed (its end, where it is long), and its traceback if it failed."""
        with self._opened(study) as handle:
            log, error = handle.read_log(trial)
            return {"log": log[-MOST_OF_LOG:], "error": error}

    def enqueue_trial(self, study: str, params: dict[str, Any]) -> dict[str, Any]:
        """Have a running study try these values next; what is left out, the sampler fills in."""
        return self._change(study, lambda handle: handle.enqueue(params))

    def narrow_ranges(self, study: str, ranges: dict[str, list[Any]]) -> dict[str, Any]:
        """Have a running study draw from these ranges from now on: [low, high], or the choices to keep."""

        def narrow(handle: StudyHandle) -> None:
            revision = handle.narrow(ranges)
            # the answer overtakes the record of it
            _wait_until(handle, lambda: handle.snapshot().revision >= revision)

        return self._change(study, narrow)

    # how they reach studies

    def _path(self, study: str) -> str:
        names = [journal.stem(path) for path in self._folder.glob(f"*{journal.SUFFIX}")]
        if study not in names:
            known = ", ".join(sorted(names)) or "none"
            raise TuneError(f"study: there is no {study!r} in {self._folder}; there is: {known}")
        return study

    def _opened(self, study: str) -> closing[StudyHandle]:
        return closing(load_study(self._path(study), dir=str(self._folder)))

    def _change(self, study: str, act: Callable[[StudyHandle], Any]) -> dict[str, Any]:
        """The running study after one change of the budget."""
        handle = running_study(self._path(study), str(self._folder))
        with closing(handle):
            with self._lock:
                if not self._left:
                    raise OptionError(
                        f"the budget of {self._budget} changes is spent; the user may start jupyter-tune mcp "
                        "with a larger --budget"
                    )
                act(handle)
                self._left -= 1
            return self._status(handle)

    def _status(self, handle: StudyHandle) -> dict[str, Any]:
        found = handle.snapshot()
        told: dict[str, Any] = plain(
            {
                **status_as_json(handle),
                "declared": found.space.to_json(),
                "ranges": found.ranges.ranges(),
                "queue": [queued["params"] for queued in status_of(handle)["queue"]],
                "changes_left": self._left,
            }
        )
        return told


def _wait_until(handle: StudyHandle, is_so: Callable[[], bool]) -> None:
    """Wait for records of a running study, at most RECORD_S."""
    changed = threading.Event()
    unwatch = handle.watch(changed.set)
    give_up_at = time.monotonic() + RECORD_S
    while not is_so() and changed.wait(give_up_at - time.monotonic()):
        changed.clear()
    unwatch()


def _ranked(study: Study) -> list[Trial]:
    """The best first, then those without a value."""
    ranked = list(study.ranked)
    known = {trial.number for trial in ranked}
    return [*ranked, *(trial for trial in _newest(study) if trial.number not in known)]


def _newest(study: Study) -> list[Trial]:
    return [trial for _, trial in sorted(study.trials.items(), reverse=True)]


def _cells(trace: Any, key: str) -> Any:
    """A series of a trace, as plain data; None if it has none."""
    cells: Any = getattr(trace, key, None)
    return cells.tolist() if hasattr(cells, "tolist") else cells
