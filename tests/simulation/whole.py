"""What must hold of a study by itself: of its counts and indices, and of the records in its file."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence, Set

from jupyter_tune.core.events import (
    DriverStarted,
    EnqueueWithdrawn,
    Record,
    StudyEnded,
    TrialEnqueued,
    TrialSuggested,
)
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import CANCELLED, COMPLETE, STATES, Trial

Require = Callable[[bool, str], None]
"""Ends the run with the text unless it holds."""


def require_whole(study: Study, tried: Set[int], require: Require) -> None:
    """Every count and index of the study is what its trials say. `tried`: the trials of which an attempt has
    begun, or was lost before it could."""
    trials = list(study.trials.values())
    states = Counter(trial.state for trial in trials)
    require(study.counts == {state: states[state] for state in STATES}, "counts are not the states'")
    require({t.number for t in study.live} == {t.number for t in trials if t.is_live}, "who is live")
    require(study.steps_done == sum(trial.last_step for trial in trials), "steps are lost")
    _require_best(study, trials, require)
    budget = study.settings.trials
    spent = sum(t.source != "added" and (t.state != CANCELLED or t.number in tried) for t in trials)
    require(study.spent == spent, f"spent {study.spent}, but {spent} trials count")
    require(budget is None or spent <= budget, f"{spent} trials of a budget of {budget}")
    require(all(study.trials[number].is_live for number in study.halts), "a halt outlived its trial")
    require(
        sum(study.quarantined.values()) < max(1, study.settings.workers),
        f"all slots are quarantined: {study.quarantined}",
    )
    for level, rung in study.rungs.items():
        there = {trial.number for trial in trials if trial.last_step >= level}
        require(rung.keys() == there, f"rung {level} has {sorted(rung)}, reached by {sorted(there)}")


def _require_best(study: Study, trials: list[Trial], require: Require) -> None:
    values = [t.value for t in trials if t.state == COMPLETE and t.value is not None]
    finite = [value for value in values if math.isfinite(value)]
    best = study.best_trial
    if best is None:
        require(not finite, "there is a best value, and no best trial")
        return
    require(study.trials[best.number] is best, "the best trial is not one of the study's")
    # the infinity that everything beats is still better than nothing
    wanted = max(finite, default=-math.inf) if study.settings.maximize else min(finite, default=math.inf)
    require(best.value == wanted, f"the best value is {best.value}, not {wanted}")
    require(best.state == COMPLETE, f"the best trial is {best.state}")


def require_one_fate_each(records: Sequence[Record], study: Study, require: Require) -> None:
    """Every request for a trial was withdrawn, waits still, or is one trial."""
    asked = [record.seq for record in records if isinstance(record.event, TrialEnqueued)]
    fates = [
        *(r.event.enqueued for r in records if isinstance(r.event, (EnqueueWithdrawn, TrialSuggested))),
        *(entry.seq for entry in study.queue),
    ]
    require(
        Counter(asked) == Counter(seq for seq in fates if seq is not None),
        f"enqueued were {asked}, and of these came {fates}",
    )


def require_silence_after_the_end(records: Sequence[Record], require: Require) -> None:
    """No driver records anything after its study's end."""
    is_ended = False
    for record in records:
        if isinstance(record.event, DriverStarted):
            is_ended = False
        require(not is_ended, f"record {record.seq} after the end")
        is_ended = is_ended or isinstance(record.event, StudyEnded)


def further_attempts(retries: int | None, cause: str) -> int:
    """How many an attempt that ended of `cause` may be followed by."""
    if retries is None:  # a study from before there were any
        return 2 if cause == "lost" else 0
    return max(retries, 1) if cause in ("lost", "crash", "memory") else retries


def facts_of(study: Study) -> str:
    """All of a study as text, in which NaN equals itself."""
    return repr(
        (
            study.trials,
            study.rungs,
            study.queue,
            study.counts,
            study.spent,
            study.best_trial,
            study.end_reason,
            study.resumable,
            study.halts,
            study.acts,
            study.settings,
            study.ranges.ranges(),
            study.finished_since_best,
            study.quarantined,
            study.clock(1e10),
        )
    )
