"""Warm start: collects the results of earlier studies for a new one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_tune import journal
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE
from jupyter_tune.errors import JournalError, OptionError

_OPTION = "--warm-start"


@dataclass(frozen=True)
class WarmStart:
    """`results`: (params, value) of earlier trials. `notices`: which trials were left out, and why."""

    results: list[tuple[Params, float]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def add(self, name: str, path: Path, space: Space, settings: Settings) -> None:
        """Add the complete trials of the study in `path` that lie in `space` and have a finite value.

        Of a damaged file, the trials before the damage are used.

        Raises: JournalError if the file is missing or cannot be read; OptionError if the study has another
            metric or no usable trial.
        """
        damage: list[str] = []
        try:
            study = Study.fold(journal.read_records(path, notices=damage))
        except JournalError as error:
            raise JournalError(f"{_OPTION}: {error}") from None
        if study.settings.metric != settings.metric:
            raise OptionError(
                f"{_OPTION}: {name} measured {study.settings.metric!r}, not {settings.metric!r}"
            )
        complete = study.in_state(COMPLETE)
        finite = [(t.params, t.value) for t in complete if t.value is not None and math.isfinite(t.value)]
        fitting = [(params, value) for params, value in finite if space.encoded.contains(params)]
        broken = "".join(f"; {text}" for text in damage)
        if not finite:
            raise OptionError(f"{_OPTION}: {name} has no complete trial with a finite value{broken}")
        if not fitting:
            raise OptionError(
                f"{_OPTION}: no complete trial of {name} lies in these ranges; widen them{broken}"
            )
        self.results.extend(fitting)
        self.notices.extend(f"{_OPTION}: {text}" for text in damage)
        reasons = {
            "outside these ranges": len(finite) - len(fitting),
            "without a finite value": len(complete) - len(finite),
        }
        left_out = ", ".join(f"{count} {reason}" for reason, count in reasons.items() if count)
        if damage or left_out:
            said = f"{_OPTION}: {len(fitting)} of {len(complete)} complete trials of {name} are used"
            self.notices.append(f"{said} (not {left_out})." if left_out else f"{said}.")


def results_of(names: Sequence[str], folder: Path, space: Space, settings: Settings) -> WarmStart:
    """The results of the studies with these names or files. Raises as `WarmStart.add`."""
    found = WarmStart()
    for name in names:
        found.add(str(name), journal.study_path(name, folder), space, settings)
    return found
