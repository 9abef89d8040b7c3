"""`study.what_if(...)`: what a study would have cost with other settings, by its recorded curves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_tune.client.driver_process import ask_alone
from jupyter_tune.core.readers import Reader
from jupyter_tune.core.readers.names import choice
from jupyter_tune.core.readers.numbers import real, whole
from jupyter_tune.errors import OptionError
from jupyter_tune.views.words import duration_in_words
from jupyter_tune.wire import requests

READERS: Mapping[str, Reader] = {
    "sampler": lambda value, name: str(value),
    "pruner": lambda value, name: str(value),
    "workers": whole(1),
    "trials": whole(1),
    "min_steps": whole(1),
    "max_steps": whole(1),
    "reduction_factor": whole(2),
    "patience": whole(1),
    "target": real,
    "seed": whole(0),
}
"""The settings that may be others."""


@dataclass(frozen=True)
class Cost:
    """What a study took and found. `best`: the number of the recorded trial; `pruned`: how many trials were;
    `censored`: recorded trials that were pruned and go on here: their further time is an estimate, their
    value what they had reached."""

    time_s: float
    steps: int
    trials: int
    pruned: int
    best: int | None
    best_value: float | None
    reason: str
    censored: tuple[int, ...] = ()

    @property
    def is_bound(self) -> bool:
        """Whether the best value is that of a censored trial: it might have become another one."""
        return self.best in self.censored


@dataclass(frozen=True)
class WhatIf:
    """`recorded`: what the study took, with all waiting; `as_recorded`: its own settings in virtual time, to
    compare with; `changed`: the other settings; `stopped_winners`: complete trials that they would have
    pruned, and that were better than their best one; `candidates`: recorded trials that
    there are."""

    name: str
    changes: Mapping[str, Any]
    metric: str
    recorded: Cost
    as_recorded: Cost
    changed: Cost
    candidates: int
    stopped_winners: tuple[int, ...]

    def __repr__(self) -> str:
        asked = ", ".join(f"{name}={value!r}" for name, value in self.changes.items())
        lines = [
            f"{self.name} with {asked or 'its own settings'}, on its {self.candidates} recorded trials:",
            f"  changed      {_told(self.metric, self.changed)}",
            f"  its own      {_told(self.metric, self.as_recorded)}",
            f"  as it ran    {_told(self.metric, self.recorded)}",
        ]
        if "sampler" in self.changes:
            lines.append(
                "Another sampler gets, for what it suggests, the nearest recorded trial that is left."
            )
        if self.stopped_winners:
            lines.append(f"It would have stopped better trials: {', '.join(map(str, self.stopped_winners))}.")
        if self.changed.censored:
            lines.append(
                f"{len(self.changed.censored)} trials were pruned when recorded and go on here: their time "
                "is estimated from their own pace, their value is the one they had reached."
            )
        if self.changed.is_bound:
            lines.append("The best one is among them: its value is not known beyond that.")
        return "\n".join(lines)


def _told(metric: str, cost: Cost) -> str:
    best = (
        "no result" if cost.best_value is None else f"best {metric} {cost.best_value:.6g} (trial {cost.best})"
    )
    pruned = f", {cost.pruned} pruned" if cost.pruned else ""
    return f"{duration_in_words(cost.time_s)}, {cost.steps} steps, {cost.trials} trials{pruned}; {best}"


def what_if(path: Path, name: str, changes: Mapping[str, Any]) -> WhatIf:
    """Run the study in `path` again on its curves. Raises OptionError for what cannot be another."""
    for option in changes:
        if option not in READERS:
            raise OptionError(f"what_if: {option} cannot be another; {choice(tuple(READERS))}")
    checked = {option: READERS[option](value, option) for option, value in changes.items()}
    found: dict[str, Any] = ask_alone(requests.WhatIf(str(path), checked))
    costs = {
        key: Cost(**{**found[key], "censored": tuple(found[key].get("censored", ()))})
        for key in ("recorded", "as_recorded", "changed")
    }
    winners = tuple(found["stopped_winners"])
    return WhatIf(
        name, checked, found["metric"], **costs, candidates=found["candidates"], stopped_winners=winners
    )
