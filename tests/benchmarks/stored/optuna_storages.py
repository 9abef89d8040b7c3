"""A study of Optuna's: FORM `sqlite` in its RDBStorage, `log` in its JournalStorage with a file.

The log is written by the storage's own operations, one for each param and report, as by trials that run; only
the lock and the wait for the disk are left out. The database gets the rows that such trials would leave,
through Optuna's own models in one transaction: by `add_trial` it would take half an hour.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import optuna
import pandas  # noqa: F401
from optuna.distributions import FloatDistribution, distribution_to_json
from optuna.storages import BaseStorage, JournalStorage, RDBStorage
from optuna.storages._rdb import models
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from tests.benchmarks.stored.trials import BEGAN, NAME, STEP_S, STEPS, Timed, arguments, trained

SPACE = {
    "x": FloatDistribution(0.0, 1.0),
    "lr": FloatDistribution(1e-5, 1.0, log=True),
    "width": FloatDistribution(8.0, 1024.0),
}


class Unsynced(JournalFileBackend):  # type: ignore[misc, unused-ignore]  # optuna may not be there
    """The log's file without its lock and fsync, for the one process that fills it."""

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        with open(self._file_path, "a") as file:
            file.writelines(json.dumps(log, separators=(",", ":")) + "\n" for log in logs)


def fill_log(file: Path, trials: int) -> None:
    storage = JournalStorage(Unsynced(str(file)))
    study_id = optuna.create_study(study_name=NAME, storage=storage)._study_id
    for together in trained(trials):
        for each in together:
            trial_id = storage.create_new_trial(study_id)
            for name, value in each.params.items():
                storage.set_trial_param(trial_id, name, SPACE[name].to_internal_repr(value), SPACE[name])
            for step, value in enumerate(each.curve, 1):
                storage.set_trial_intermediate_value(trial_id, step, value)
            storage.set_trial_state_values(trial_id, TrialState.COMPLETE, [each.curve[-1]])


def fill_sqlite(file: Path, trials: int) -> None:
    storage = RDBStorage(f"sqlite:///{file}")
    study_id = optuna.create_study(study_name=NAME, storage=storage)._study_id
    began, lasts = datetime.fromtimestamp(BEGAN), STEPS * timedelta(seconds=STEP_S)
    to_text = {name: distribution_to_json(distribution) for name, distribution in SPACE.items()}
    value_kind = models.TrialValueModel.TrialValueType.FINITE
    reading_kind = models.TrialIntermediateValueModel.TrialIntermediateValueType.FINITE
    with storage.engine.begin() as connection:

        def insert(model: Any, rows: list[dict[str, Any]]) -> None:
            connection.execute(model.__table__.insert(), rows)

        for place, together in enumerate(trained(trials)):
            times = {
                "datetime_start": began + place * lasts,
                "datetime_complete": began + (place + 1) * lasts,
            }
            common = {"study_id": study_id, "state": TrialState.COMPLETE, **times}
            ids = [each.number + 1 for each in together]
            insert(models.TrialModel, [{"trial_id": id, "number": id - 1, **common} for id in ids])
            insert(
                models.TrialParamModel,
                [
                    {
                        "trial_id": id,
                        "param_name": name,
                        "param_value": SPACE[name].to_internal_repr(value),
                        "distribution_json": to_text[name],
                    }
                    for id, each in zip(ids, together, strict=True)
                    for name, value in each.params.items()
                ],
            )
            insert(
                models.TrialValueModel,
                [
                    {"trial_id": id, "objective": 0, "value": each.curve[-1], "value_type": value_kind}
                    for id, each in zip(ids, together, strict=True)
                ],
            )
            insert(
                models.TrialIntermediateValueModel,
                [
                    {
                        "trial_id": id,
                        "step": step,
                        "intermediate_value": each.curve[step - 1],
                        "intermediate_value_type": reading_kind,
                    }
                    # in the order in which trials that run side by side report
                    for step in range(1, STEPS + 1)
                    for id, each in zip(ids, together, strict=True)
                ],
            )


def sqlite(file: Path) -> BaseStorage:
    return RDBStorage(f"sqlite:///{file}")


def log(file: Path) -> BaseStorage:
    return JournalStorage(JournalFileBackend(str(file)))


def read(storage: Callable[[Path], BaseStorage], file: Path, trials: int) -> None:
    timed = Timed()
    rows = timed("list", lambda: optuna.get_all_study_summaries(storage(file)))
    assert [row.n_trials for row in rows] == [trials], rows
    study = timed("open", lambda: optuna.load_study(study_name=NAME, storage=storage(file)))
    found = timed("trials", lambda: study.trials)
    assert len(found) == trials
    assert all(len(trial.intermediate_values) == STEPS for trial in found)
    frame = timed("frame", study.trials_dataframe)
    assert len(frame) == trials
    timed.say()


if __name__ == "__main__":
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    what, form, file, trials = arguments()
    if what == "fill":
        {"sqlite": fill_sqlite, "log": fill_log}[form](file, trials)
    else:
        read({"sqlite": sqlite, "log": log}[form], file, trials)
