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
from jupyter_tune.core.trial import CANCELLED, COMPLETE, CONFIRM, STATES, Trial

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
    measured: dict[str, list[Trial]] = {}
    for trial in trials:
        if trial.state == COMPLETE and trial.value is not None:
            measured.setdefault(_params_text(trial), []).append(trial)
    finite = [each for each in measured.values() if all(math.isfinite(t.value or 0.0) for t in each)]
    if any(len(each) > 1 for each in measured.values()) and any(map(_may_lead, finite)):
        _require_incumbent(study, finite, require)
        return
    # what measures again is no result by itself
    values = [t.value or 0.0 for each in measured.values() for t in each if t.source != CONFIRM]
    best = study.best_trial
    if best is None:
        require(not any(map(math.isfinite, values)), "there is a best value, and no best trial")
        return
    require(study.trials[best.number] is best, "the best trial is not one of the study's")
    # the infinity that everything beats is still better than nothing
    kept = [value for value in values if math.isfinite(value)]
    wanted = max(kept, default=-math.inf) if study.settings.maximize else min(kept, default=math.inf)
    require(best.value == wanted, f"the best value is {best.value}, not {wanted}")
    require(best.state == COMPLETE, f"the best trial is {best.state}")


def _require_incumbent(study: Study, measured: list[list[Trial]], require: Require) -> None:
    """The best value is the mean of all measurements of the best trial's params, and no params that were
    measured as often have a better one."""
    best, value = study.best_trial, study.best_value
    if best is None or value is None:
        require(False, "there are measurements, and no best trial")
        return
    (its,) = (each for each in measured if best in each)
    require(math.isclose(value, _mean(its)), f"the mean of the best is {_mean(its)}, and not {value}")
    for others in measured:
        if _may_lead(others) and _readings(others) >= _readings(its):
            is_better = study.objective.is_better(_mean(others), value)
            require(
                not is_better or math.isclose(_mean(others), value),
                f"trial {others[0].number} has {_mean(others)}, measured as often as the best, {value}",
            )


def _may_lead(trials: list[Trial]) -> bool:
    return any(trial.is_candidate and not trial.files_removed for trial in trials)


def _readings(trials: list[Trial]) -> int:
    return sum(max(1, len(trial.folds)) for trial in trials)


def _mean(trials: list[Trial]) -> float:
    weighed = (max(1, len(trial.folds)) * (trial.value or 0.0) for trial in trials)
    return sum(weighed) / _readings(trials)


def _params_text(trial: Trial) -> str:
    return repr(sorted(trial.params.items()))


def require_confirmed_end(study: Study, require: Require) -> None:
    """An ended search was followed by as many measurements of the best as asked for, or as there was room
    for; and a limit that came before says so."""
    asked, reason = study.settings.confirm, study.end_reason or ""
    again = [
        t
        for t in study.trials.values()
        if t.source == CONFIRM and t.number > study.reopened_after and not t.is_withdrawn
    ]
    candidates = [
        t
        for t in study.trials.values()
        if t.source != CONFIRM and t.state == COMPLETE and math.isfinite(t.value or math.nan)
    ]
    is_full = study.settings.trials is not None and study.spent >= study.settings.trials
    if study.search_ended is not None and reason == study.search_ended:
        require(
            len(again) >= asked or is_full or not candidates, f"{len(again)} of {asked} confirmed: {reason}"
        )
    done = sum(t.state == COMPLETE for t in again)
    if asked and candidates and done < asked and reason.startswith("stopped by the user"):
        require("the best trials" in reason, f"{done} of {asked} confirmed, and the end says: {reason}")


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
            study.search_ended,
            study.confirmed,
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
