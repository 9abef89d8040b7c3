"""The contract of the callbacks: what a study finds of a training that it runs in processes of its own.

A study of three trials, one after the other: one that learns, one that crashes in its third epoch and is
started again, and one that cannot learn and is pruned.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import jupyter_tune as jt
from jupyter_tune.core.events import TrialReported
from jupyter_tune.errors import OptionError
from jupyter_tune.journal import read_records
from jupyter_tune.launch import warm
from tests.bare import take_over_nothing
from tests.integrations.callbacks.training import Training
from tests.processes import tune_processes, wait_until

TRAININGS = "tests.integrations.callbacks.trainings"
EPOCHS = 4
GOOD, CRASHES, BAD = range(3)
TRIALS = 3
OPTIONS: dict[str, Any] = {
    "trials": TRIALS,
    "workers": 1,
    "sampler": "random",
    "max_steps": EPOCHS,
    "min_steps": 1,
    "retries": 1,
}


@dataclass
class Library:
    """A library whose training has run as three trials of a study.

    reports: of each trial: (attempt, step, metrics) in their order.
    metrics: names of those that the library measures in validation, the study's first.
    error:   as which an error of its callback comes out of it.
    """

    states: list[str]
    reports: list[list[tuple[int, int, dict[str, float]]]]
    trainings: list[Training]
    logs: list[str]
    metrics: list[str]
    train: Callable[[Training], None]
    error: type[Exception]


def training_of(number: int, folder: Path) -> Training:
    return Training(EPOCHS, number != BAD, 3 if number == CRASHES else 0, folder / f"{number}.diary")


def objective(code: str, folder: Path) -> Callable[..., None]:
    """The function of the study: it trains as its trial's number tells."""

    def train(x: jt.Float(0.0, 1.0) = 0.5) -> None:  # type: ignore[valid-type]
        importlib.import_module(code).train(training_of(jt.trial.number, folder))

    return train


@contextmanager
def study_of(name: str, folder: Path) -> Iterator[Library]:
    """Run the study of the library whose training is the module `name`. No process is left."""
    code = f"{TRAININGS}.{name}"
    module = importlib.import_module(code)
    metric: str = module.METRICS[0]
    direction: dict[str, Any] = {"maximize" if "acc" in metric else "minimize": metric}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_TUNE_DIR", str(folder))
        take_over_nothing(patch)
        with closing(jt.tune(objective(code, folder), name=name, **OPTIONS, **direction)) as study:
            study.wait()
            states = [trial.state for trial in study.trials]
            logs = [f"{trial.error}\n{trial.log}" for trial in study.trials]
        events = [record.event for record in read_records(study.path)]
        reports = [
            [(e.attempt, e.step, e.metrics) for e in events if isinstance(e, TrialReported) and e.number == n]
            for n in range(TRIALS)
        ]
        trainings = [training_of(number, folder) for number in range(TRIALS)]
        # CatBoost wraps what a callback raises
        error = getattr(module, "ERROR", OptionError)
        yield Library(states, reports, trainings, logs, module.METRICS, module.train, error)
        warm.cool_down()
        wait_until(lambda: not tune_processes(folder), "every process of the study to end")


# warnings of the libraries are theirs
@pytest.mark.filterwarnings("ignore")
class Contract:
    """What holds for the fixture `library`, whatever it is."""

    def test_the_trials_of_its_study_end_as_they_should(self, library: Library) -> None:
        assert library.states == ["complete", "complete", "pruned"], "\n".join(library.logs)

    def test_each_epoch_is_reported_with_the_values_that_the_library_has(self, library: Library) -> None:
        reported = [(step, metrics) for _, step, metrics in library.reports[GOOD]]
        assert reported == [tuple(line) for line in library.trainings[GOOD].lines("measured")]
        assert [step for step, _ in reported] == list(range(1, EPOCHS + 1))
        assert all(sorted(metrics) == sorted(library.metrics) for _, metrics in reported)
        assert library.trainings[GOOD].lines("returned") == [False]

    def test_a_pruned_training_is_ended_by_its_library_and_begins_no_further_epoch(
        self, library: Library
    ) -> None:
        pruned = library.trainings[BAD]
        assert pruned.lines("begins") == [1]
        assert len(pruned.lines("end")) == 1
        assert pruned.lines("returned") == [True]
        assert [step for _, step, _ in library.reports[BAD]] == [1]

    def test_a_crashed_training_goes_on_where_it_was_saved_as_if_nothing_had_been(
        self, library: Library
    ) -> None:
        again = library.trainings[CRASHES]
        assert again.lines("begins") == [1, 2, 3, 3, 4]
        assert again.lines("crashes") == [3]
        assert [(a, s) for a, s, _ in library.reports[CRASHES]] == [(1, 1), (1, 2), (2, 3), (2, 4)]
        straight = library.reports[GOOD][-1][2]
        assert library.reports[CRASHES][-1][2] == pytest.approx(straight, rel=1e-5)

    def test_outside_a_study_it_trains_and_its_callback_prints_what_was_chosen(
        self, library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        training = Training(EPOCHS, True, 0, tmp_path / "diary", metrics={"score": library.metrics[0]})
        library.train(training)
        assert training.lines("begins") == list(range(1, EPOCHS + 1))
        assert len(training.lines("end")) == 1
        printed = [line for line in capsys.readouterr().out.splitlines() if "score=" in line]
        assert [line.partition(",")[0] for line in printed] == [
            f"step {epoch}: score={metrics[library.metrics[0]]:g}"
            for epoch, metrics in training.lines("measured")
        ]

    def test_a_metric_that_the_library_has_not_measured_is_an_error_that_names_those_it_has(
        self, library: Library, tmp_path: Path
    ) -> None:
        training = Training(EPOCHS, True, 0, tmp_path / "diary", metrics=["nonsense"])
        with pytest.raises(library.error, match="has not measured 'nonsense', but .*" + library.metrics[0]):
            library.train(training)
