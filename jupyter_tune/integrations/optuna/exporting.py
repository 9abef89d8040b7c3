"""A study here as a study of Optuna.

What Optuna has no place for is kept for `load`: in an attribute of the study the space with its conditions
and scales, and the constraints; in a system attribute of each trial its metrics beside the objectives. Optuna
has no cancelled trials: they are failed there, as is a result that is not a number.
"""

from __future__ import annotations

import datetime
import math
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import BaseStorage
from optuna.study import Study as OptunaStudy
from optuna.trial import FrozenTrial, TrialState

from jupyter_tune import journal
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.core.constraints import Constraints
from jupyter_tune.core.encoding import metrics_to_json
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, PRUNED, RUNNING, WAITING, Trial
from jupyter_tune.errors import OptionError
from jupyter_tune.integrations.optuna.distributions import distribution_of
from jupyter_tune.integrations.optuna.loading import storage_of
from jupyter_tune.integrations.optuna.records import KEPT

_STATES = {
    COMPLETE: TrialState.COMPLETE,
    PRUNED: TrialState.PRUNED,
    RUNNING: TrialState.RUNNING,
    WAITING: TrialState.WAITING,
}


def export(
    study: StudyHandle | str | Path,
    storage: BaseStorage | str | Path | None = None,
    study_name: str | None = None,
    *,
    dir: str | Path | None = None,
) -> OptunaStudy:
    """Write a study to a storage of Optuna, and return it there.

    Args:
        study:      a study, its name or its file.
        storage:    a storage, its URL, or the file of one; default: in memory.
        study_name: default: the study's name.
        dir:        the folder of the studies, where `study` is a name.
    Raises: OptionError if the storage has a study of that name; JournalError if there is none here.
    """
    if not isinstance(study, StudyHandle):
        study = StudyHandle.read(journal.study_path(study, journal.study_folder(dir)))
    here = study.snapshot()
    settings = here.settings
    try:
        there = optuna.create_study(
            storage=None if storage is None else storage_of(storage),
            study_name=study_name or here.name,
            directions=[settings.direction, *(way for _, way in settings.also)],  # type: ignore[list-item]
        )
    except optuna.exceptions.DuplicatedStudyError:
        raise OptionError(
            f"{study_name or here.name}: the storage has a study of this name; give another study_name"
        ) from None
    metrics = [each.metric for each in here.objectives]
    with warnings.catch_warnings():
        # names of metrics are an experimental feature of Optuna
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        there.set_metric_names(metrics)
    there.set_user_attr(
        KEPT, {"space": here.space.to_json(), "metrics": metrics, "subject_to": settings.subject_to}
    )
    for key, value in here.tags.get(None, {}).items():
        there.set_user_attr(key, value)
    for number in sorted(here.trials):
        there.add_trial(_frozen(here, here.trials[number], metrics))
    return there


def _frozen(study: Study, trial: Trial, metrics: Sequence[str]) -> FrozenTrial:
    state = _STATES.get(trial.state, TrialState.FAIL)
    values = list(trial.values) if trial.values is not None and state == TrialState.COMPLETE else None
    if state == TrialState.COMPLETE and (values is None or any(map(math.isnan, values))):
        state, values = TrialState.FAIL, None
    if state == TrialState.PRUNED and trial.curve:
        # as Optuna has it
        values = [trial.curve[max(trial.curve)]]
    beside = {name: value for name, value in trial.metrics.items() if name not in metrics}
    system: dict[str, Any] = {KEPT: {"metrics": metrics_to_json(beside)}} if beside else {}
    if state == TrialState.COMPLETE and study.settings.subject_to:
        known = {**trial.params, **trial.metrics}
        constraints = Constraints(study.settings.subject_to, study.space)
        system["constraints"] = [float(each.excess(known)) for each in constraints.all]
    started = trial.suggested_at if trial.started_at is None else trial.started_at
    ended = trial.ended_at if trial.ended_at is not None else started
    return FrozenTrial(
        number=trial.number,
        trial_id=-1,
        state=state,
        value=None,
        values=values,
        datetime_start=None if state == TrialState.WAITING else datetime.datetime.fromtimestamp(started),
        datetime_complete=datetime.datetime.fromtimestamp(ended) if state.is_finished() else None,
        params=dict(trial.params),
        distributions={name: distribution_of(study.space[name]) for name in trial.params},
        user_attrs=dict(study.user_attrs(trial)),
        system_attrs=system,
        intermediate_values=dict(trial.curve),
    )
