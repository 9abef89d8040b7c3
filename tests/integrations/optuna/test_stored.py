"""Studies of Optuna as studies here, and back."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import optuna
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState

import jupyter_tune as jt
from jupyter_tune.errors import JournalError, OptionError

BEGIN = datetime.datetime(2024, 5, 1, 12, 0, 0, 250_000)
DISTRIBUTIONS: dict[str, Any] = {
    "kind": CategoricalDistribution(("svm", "forest", None)),
    "c": FloatDistribution(1e-3, 1e3, log=True),
    "trees": IntDistribution(10, 100, step=10),
    "depth": IntDistribution(1, 64, log=True),
    "drop": FloatDistribution(0.0, 0.5, step=0.125),
}
VALUES = {
    "c": st.floats(1e-3, 1e3),
    "trees": st.sampled_from(range(10, 101, 10)),
    "depth": st.integers(1, 64),
    "drop": st.sampled_from([0.0, 0.125, 0.25, 0.375, 0.5]),
}
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32)


@st.composite
def trials(draw: st.DrawFn, number: int, objectives: int) -> FrozenTrial:
    """One trial: `c` belongs to svm, `trees` to forest."""
    kind = draw(st.sampled_from(["svm", "forest", None]))
    names = {"svm": ["c", "drop"], "forest": ["trees", "depth", "drop"], None: ["drop"]}[kind]
    params = {"kind": kind, **{name: draw(VALUES[name]) for name in names}}
    state = draw(st.sampled_from(list(TrialState)))
    curve = draw(st.dictionaries(st.integers(0, 20), NUMBERS, max_size=4)) if objectives == 1 else {}
    values: list[float] | None = None
    if state == TrialState.COMPLETE:
        values = draw(st.lists(NUMBERS, min_size=objectives, max_size=objectives))
    elif state == TrialState.PRUNED and curve:
        values = [curve[max(curve)]]
    started = BEGIN + datetime.timedelta(seconds=number, microseconds=draw(st.integers(0, 10**6)))
    return FrozenTrial(
        number=number,
        trial_id=number,
        state=state,
        value=None,
        values=values,
        datetime_start=None if state == TrialState.WAITING else started,
        datetime_complete=started + datetime.timedelta(seconds=2.5) if state.is_finished() else None,
        params=params,
        distributions={name: DISTRIBUTIONS[name] for name in params},
        user_attrs=draw(
            st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=9), max_size=2)
        ),
        system_attrs={},
        intermediate_values={} if state == TrialState.WAITING else curve,
    )


@st.composite
def studies(draw: st.DrawFn) -> optuna.Study:
    ways = draw(st.lists(st.sampled_from(list(optuna.study.StudyDirection)[1:]), min_size=1, max_size=2))
    study = optuna.create_study(directions=ways, study_name="theirs")
    for number in range(draw(st.integers(1, 12))):
        study.add_trial(draw(trials(number, len(ways))))
    return study


def as_told(trial: FrozenTrial) -> dict[str, Any]:
    told = {**vars(trial)}
    del told["_trial_id"]
    return told


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(studies())
def test_a_study_comes_back_from_here_as_it_was(tmp_path_factory, study) -> None:
    folder: Path = tmp_path_factory.mktemp("studies")
    here = jt.optuna.load(study, dir=folder)
    assert here.name == "theirs"
    again = jt.optuna.export(here)
    assert again.directions == study.directions
    assert [as_told(each) for each in again.trials] == [as_told(each) for each in study.trials]
    # and once more, from the file: with the space that was found
    there = jt.optuna.load(again, name="again", dir=folder)
    assert there.declared == here.declared
    frames = [each.trials_dataframe().drop(columns="duration", errors="ignore") for each in (here, there)]
    assert frames[0].equals(frames[1])


@pytest.fixture
def theirs() -> optuna.Study:
    def objective(trial: optuna.Trial) -> float:
        kind = trial.suggest_categorical("kind", ["svm", "forest"])
        trial.set_user_attr("rows", 150)
        if kind == "svm":
            return trial.suggest_float("c", 1e-2, 1e2, log=True)
        depth = trial.suggest_int("depth", 1, 3)
        return sum(trial.suggest_float(f"w{i}", 0, 1) for i in range(depth))

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(objective, n_trials=30)
    return study


def test_conditions_are_found_and_a_warm_start_takes_all_trials(theirs, tmp_path) -> None:
    here = jt.optuna.load(theirs, name="old", dir=tmp_path)
    space = here.declared
    when = {name: {c.parent: set(c.values) for c in space.conditions(name)} for name in space}
    assert when["c"] == {"kind": {"svm"}}
    assert when["depth"] == {"kind": {"forest"}}
    assert when["w2"]["depth"] == {3}
    assert not when["kind"]
    assert (here.state, here.reason, here.best_value) == ("ended", "loaded from Optuna", theirs.best_value)
    assert jt.load_study("old", dir=tmp_path).best_params == theirs.best_params
    assert here.trials[0].user_attrs == {"rows": 150}

    def train(**params: Any) -> float:
        return params.get("c", 0.5)

    study = jt.tune(
        train,
        space,
        maximize="value",
        trials=2,
        workers=0,
        sampler="random",
        warm_start=["old"],
        dir=tmp_path,
    )
    assert len(study.trials) == 32
    assert "old" in repr(jt.compare(["old", study.name], dir=tmp_path))


def test_files_and_urls_are_read_and_what_is_missing_is_named(theirs, tmp_path) -> None:
    url = f"sqlite:///{tmp_path}/there.db"
    log = optuna.storages.JournalStorage(JournalFileBackend(str(tmp_path / "there.log")))
    for storage in (url, log):
        optuna.create_study(storage=storage, study_name="a", direction="maximize").add_trials(theirs.trials)
    for place, storage in enumerate([url, log, tmp_path / "there.db", str(tmp_path / "there.log")]):
        here = jt.optuna.load(storage, name=f"from {place}", dir=tmp_path)
        assert here.best_value == theirs.best_value
    with pytest.raises(OptionError, match=r"there is no study 'b'; it has 'a'"):
        jt.optuna.load(url, "b")
    with pytest.raises(OptionError, match=r"nowhere: No such file .*give the URL or the file"):
        jt.optuna.load(tmp_path / "nowhere")
    with pytest.raises(JournalError, match="exists"):
        jt.optuna.load(url, name="from 0", dir=tmp_path)
    jt.optuna.export("from 0", url, "b", dir=tmp_path)
    with pytest.raises(OptionError, match="b: the storage has a study of this name; give another study_name"):
        jt.optuna.export("from 0", url, "b", dir=tmp_path)
    with pytest.raises(OptionError, match="give study_name; it has 'a', 'b'"):
        jt.optuna.load(url)


def test_a_study_from_here_goes_on_in_optuna_and_comes_back_with_its_space(tmp_path) -> None:
    def train(momentum: float, **more: Any) -> dict[str, float]:
        for step in range(1, 4):
            jt.report(score=momentum * step, step=step)
        return {"score": momentum * 3, "size": 2 * momentum}

    space = jt.Space(
        {
            "opt": jt.Categorical(["sgd", "adam"]),
            "momentum": jt.Float(0, 0.99, reverse_log=True),
            "lr": jt.Float(0, 1),
        },
        when={"lr": {"opt": ["sgd"]}},
    )
    study = jt.tune(
        train, space, maximize="score", subject_to="size <= 1.5", trials=6, workers=0, sampler="random",
        name="ours", dir=tmp_path, tag={"data": "none"},
    )  # fmt: skip
    there = jt.optuna.export(study, f"sqlite:///{tmp_path}/there.db")
    assert there.user_attrs["data"] == "none"
    best = there.best_trial
    assert (best.value, best.params) == (study.best_value, study.best_params)
    asked = there.ask({"momentum": FloatDistribution(0, 0.99)})
    there.tell(asked, 2.0)
    back = jt.optuna.load(there, name="back", dir=tmp_path)
    assert back.declared == space
    assert len(back.trials) == 7
    assert back.trials[0].params == study.trials[0].params
    assert back.snapshot().settings.subject_to == ("size <= 1.5",)
    assert [t.metrics for t in back.trials[:6]] == [t.metrics for t in study.trials]
    was, now = study.snapshot().trials, back.snapshot().trials
    assert [now[n].feasible for n in range(6)] == [was[n].feasible for n in range(6)]
    assert {was[n].feasible for n in range(6)} == {True, False}
