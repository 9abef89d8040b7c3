"""Studies of several metrics and with constraints, run as users run them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

import jupyter_tune as jt
from jupyter_tune.errors import OptionError, TuneError

pytestmark = pytest.mark.usefixtures("nothing_stays")

SPACE = {"width": jt.Int(1, 32, default=32), "depth": jt.Int(1, 4)}


def measured(width: int, depth: int) -> dict[str, float]:
    return {"accuracy": 1 - 1 / (1 + width * depth), "latency": 0.5 * width * depth}


def reports(width: int, depth: int) -> None:
    for step in range(1, 4):
        jt.report(accuracy=step / (1 + width * depth), step=step)
    jt.report(latency=0.5 * width * depth, step=3)


def without_latency(width: int, depth: int) -> float:
    return 0.5


def tuned(function: Any, **options: Any) -> Any:
    given = {"maximize": "accuracy", "minimize": "latency", "sampler": "random", "trials": 8, "workers": 2}
    study = jt.tune(function, SPACE, **{**given, **options})
    study.wait()
    return study


def test_a_study_of_two_metrics_has_a_front_and_no_single_best() -> None:
    study = tuned(measured, name="two")
    values = [trial.values for trial in study.best_trials]
    assert values
    assert not any(a[0] >= b[0] and a[1] < b[1] for a in (t.values for t in study.trials) for b in values)
    with pytest.raises(TuneError, match="best_trials"):
        study.best_trial  # noqa: B018  # the property raises
    assert f"{len(values)} trials on the front of accuracy and latency" in repr(study)


def test_the_last_reports_of_each_metric_are_its_values() -> None:
    study = tuned(reports, name="reported", trials=2)
    for trial in study.trials:
        area = trial.params["width"] * trial.params["depth"]
        assert trial.values == (3 / (1 + area), 0.5 * area)


def test_a_trial_that_lacks_one_of_the_metrics_has_failed_and_says_which() -> None:
    study = tuned(without_latency, name="lacks", trials=2)
    assert [trial.state for trial in study.trials] == ["failed", "failed"]
    assert "no metric: latency was never reported" in study.trials[0].error
    assert "return {'accuracy': ..., 'latency': ...}" in study.trials[0].error


@pytest.mark.parametrize("sampler", ["random", "sobol", "grid", "gp"])
def test_every_trial_satisfies_the_constraints_on_parameters(sampler: str) -> None:
    study = tuned(
        measured, name=f"by-{sampler}", sampler=sampler, subject_to=["width * depth <= 40", "depth > 1"]
    )
    assert len(study.trials) == 8
    assert all(trial.params["width"] * trial.params["depth"] <= 40 for trial in study.trials)
    assert all(trial.params["depth"] > 1 for trial in study.trials)


def test_what_violates_a_constraint_is_refused_when_it_is_enqueued() -> None:
    study: Any = jt.tune(
        measured, SPACE, name="asked", maximize="accuracy", sampler="random", subject_to="width * depth <= 40"
    )
    with pytest.raises(OptionError, match=r"enqueue: these values violate width \* depth <= 40"):
        study.enqueue(width=32, depth=4)
    with pytest.raises(OptionError, match=r"narrow: no values in these ranges were found"):
        study.narrow(width=(20, 32), depth=(3, 4))
    study.enqueue(depth=4)
    study.stop()
    study.wait()
    assert all(trial.params["width"] * trial.params["depth"] <= 40 for trial in study.trials)


def test_ranges_in_which_nothing_satisfies_the_constraints_start_no_study() -> None:
    with pytest.raises(OptionError, match=r"no values in these ranges were found that satisfy width > 40"):
        tuned(measured, name="empty", subject_to="width > 40")
    with pytest.raises(TuneError, match="empty"):
        jt.load_study("empty")


def test_the_best_is_the_best_among_those_that_satisfy_the_constraints() -> None:
    study = tuned(measured, name="bounded", minimize=None, subject_to="latency <= 10", seed=2)
    feasible = [trial for trial in study.trials if trial.metrics["latency"] <= 10]
    assert study.best_value == max(trial.value for trial in feasible)
    assert [trial.feasible for trial in study.trials] == [trial in feasible for trial in study.trials]


def test_where_nothing_is_feasible_the_study_says_so() -> None:
    study = tuned(measured, name="hopeless", minimize=None, trials=2, subject_to="latency < 0")
    assert "none of 2 satisfies latency < 0" in repr(study)
    with pytest.raises(TuneError, match="none of 2 satisfies latency < 0"):
        study.best_params  # noqa: B018  # the property raises


def test_a_pruner_that_was_asked_for_is_said_to_be_off(capsys: pytest.CaptureFixture[str]) -> None:
    tuned(measured, name="pruned", trials=1, pruner="median")
    assert "Trials are not pruned: median compares them by one metric" in capsys.readouterr().out


def test_a_warm_start_spans_the_front_of_the_parents(capsys: pytest.CaptureFixture[str]) -> None:
    parent = tuned(measured, name="parent", trials=12)
    study = tuned(measured, name="warm", trials=1, warm_start=["parent"])
    assert len(study.trials) == 13
    of_both = [trial.values for trial in (*parent.trials, study.trials[-1])]
    assert {trial.values for trial in study.best_trials} == {
        (a, b) for a, b in of_both if not any(x >= a and y <= b and (x, y) != (a, b) for x, y in of_both)
    }
    # also under a constraint on what the parent measured, and not where it measured something else
    limited = tuned(measured, name="limited", trials=1, subject_to=["latency < 8"], warm_start=["parent"])
    assert all(trial.values[1] < 8 for trial in limited.best_trials)
    jt.tune(
        lambda width, depth: 0.5, SPACE, maximize="accuracy", trials=1, name="one", sampler="random"
    ).wait()
    with pytest.raises(OptionError, match="no complete trial of one has measured all of accuracy, latency"):
        tuned(measured, name="refused", warm_start=["one"])
    tuned(measured, name="some", trials=1, warm_start=["parent"])
    assert "are used" not in capsys.readouterr().out


def test_a_command_is_tuned_for_two_metrics(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text("import sys\nw = int(sys.argv[1])\nprint(f'acc={w / 9} lat={w}')\n")
    command = jt.Command(
        f"{sys.executable} {script} {{width}}", metrics={"acc": "acc=(.*) ", "lat": "lat=(.*)"}
    )
    options: dict[str, Any] = {"maximize": "acc", "sampler": "random", "trials": 3}
    with pytest.raises(OptionError, match="metric latency: no regular expression finds it"):
        jt.tune(command, {"width": jt.Int(1, 9)}, minimize="latency", name="misnamed", **options)
    study = jt.tune(
        command, {"width": jt.Int(1, 9)}, minimize="lat", subject_to="lat < 7", name="right", **options
    )
    study.wait()
    assert all(trial.feasible == (trial.metrics["lat"] < 7) for trial in study.trials)
    assert {trial.state for trial in study.trials} == {"complete"}


def test_a_study_of_two_metrics_goes_on_as_it_was_and_not_with_others() -> None:
    study = tuned(measured, name="again", trials=3)
    study.resume(trials=2)
    study.wait()
    assert len(study.trials) == 5
    assert all(len(trial.values or ()) == 2 for trial in study.trials)
    with pytest.raises(OptionError, match="further metrics: minimize latency in the study, none here"):
        tuned(measured, name="again", minimize=None, resume=True)
