"""The handle that users hold: copied, pickled, and found again by name or file."""

from __future__ import annotations

import copy
import pickle
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest

import jupyter_tune as jt
from jupyter_tune.client.connection import ANSWER_S, Connection
from jupyter_tune.client.handle import LANDSCAPE_S, StudyHandle
from jupyter_tune.core.events import StudyOpened
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.errors import JournalError, OptionError, SpaceError
from jupyter_tune.wire.requests import Request, name_of
from tests.endless import a_study, endless
from tests.processes import wait_until

pytestmark = pytest.mark.usefixtures("nothing_stays")


def half(x: float) -> float:
    return x / 2


def a_finished_study(name: str) -> StudyHandle:
    study = jt.tune(half, {"x": jt.Float(0, 1)}, minimize="loss", sampler="random", trials=2, name=name)
    study.wait()
    return study


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda study: pickle.loads(pickle.dumps(study))]
)
def test_a_copy_of_a_running_study_follows_it_by_itself(duplicate: Any) -> None:
    study = a_study("running")
    with closing(duplicate(study)) as twin:
        assert (twin.path, twin.state) == (study.path, "running")
        study.pause()
        wait_until(lambda: study.state == twin.state == "paused", "both to hear of it, in whichever order")


def test_a_copy_of_an_ended_study_reads_its_file() -> None:
    study = a_finished_study("ended")
    data = pickle.dumps(study)
    assert len(data) < 1000
    assert pickle.loads(data).best_params == study.best_params
    study.path.rename(study.path.with_name("elsewhere.tune.db"))
    with pytest.raises(JournalError, match=r"ended\.tune\.db does not exist"):
        pickle.loads(data)


@pytest.mark.parametrize("name", ["plain", "q.tune.db", "a.b", "ünï çode"])
def test_a_study_is_found_by_its_name_its_file_and_its_files_name(name: str) -> None:
    study = a_finished_study(name)
    for way in (name, study.path, str(study.path)):
        assert jt.load_study(way).best_value == study.best_value
    assert jt.load_study(name, dir=str(study.path.parent)).name == name
    again = jt.tune(half, {"x": jt.Float(0, 1)}, minimize="loss", trials=1, warm_start=[name])
    again.wait()
    assert again.snapshot().added == 2


def test_a_warm_start_says_which_study_ran_its_best_trial() -> None:
    first = a_finished_study("first")
    second = jt.tune(
        half, {"x": jt.Float(0, 1)}, minimize="loss", sampler="random", trials=1, warm_start=first
    )
    second.wait()
    best = first.best_trial.number
    assert second.best_trial.ran_as == f"first, trial {best}"
    assert f"(trial {second.best_trial.number}, from first, trial {best})" in repr(second)


def test_a_second_round_begins_around_the_best_trials_and_can_be_undone() -> None:
    options: dict[str, Any] = {"minimize": "loss", "sampler": "random", "workers": 1}
    space = {"x": jt.Float(0, 1)}
    with pytest.raises(OptionError, match="--narrow: needs trials to narrow the ranges around"):
        jt.tune(half, space, narrow=True, **options)
    jt.tune(half, space, trials=15, name="round one", **options).wait()
    second = jt.tune(half, space, trials=3, warm_start="round one", narrow=True, **options)
    second.wait()
    low, high = second.snapshot().ranges.ranges()["x"]
    assert isinstance(high, float)
    assert isinstance(low, float)
    assert low < second.best_params["x"] <= high < 0.7
    drawn = [trial for trial in second.trials if trial.source != "added"]
    assert all(second.snapshot().ranges.contains(trial.params) for trial in drawn)


def test_a_running_study_is_narrowed_around_its_best_trials() -> None:
    study = a_study("endless")
    with pytest.raises(SpaceError, match="needs 3 complete trials"):
        study.narrow_around_best()
    study.stop()
    options: dict[str, Any] = {"maximize": "score", "sampler": "random"}
    jt.tune(half, {"x": jt.Float(0, 1)}, trials=15, name="known", **options).wait()
    warm = jt.tune(endless, {"x": jt.Float(0, 1)}, workers=1, warm_start="known", **options)
    ranges = warm.narrow_around_best()
    wait_until(lambda: warm.snapshot().ranges.ranges() == ranges, "the ranges to arrive")
    assert 0.3 < ranges["x"][0] < warm.best_params["x"] <= ranges["x"][1]
    warm.undo()
    wait_until(lambda: warm.snapshot().ranges.ranges() == {"x": [0.0, 1.0]}, "the declared ranges again")
    warm.stop()


def test_a_transfer_guides_and_is_never_best(capsys: pytest.CaptureFixture[str]) -> None:
    options: dict[str, Any] = {"minimize": "loss", "workers": 1}
    jt.tune(half, {"x": jt.Float(0, 1)}, sampler="random", trials=5, name="small", **options).wait()

    def other(x: float, y: float) -> float:
        return 1000 + x + y

    space = {"x": jt.Float(0.1, 3), "y": jt.Int(1, 9)}
    study = jt.tune(other, space, trials=3, name="other", transfer="small", **options)
    study.wait()
    assert "--transfer: 5 of 5 trials of small guide the search by x; it knows nothing of y." in (
        capsys.readouterr().out
    )
    assert [trial.source for trial in study.trials] == ["default", "gp", "sobol"]
    assert study.best_value > 1000
    assert list(study.snapshot().priors) == ["small"]
    # a study that goes on is guided by the same
    study.resume(trials=1)
    study.wait()
    assert (len(study.trials), len(study.snapshot().priors["small"])) == (4, 5)
    with pytest.raises(OptionError, match="only the sampler gp learns from other tasks, and random does not"):
        jt.tune(other, space, sampler="random", transfer="small", **options)


def test_a_name_that_no_study_has_is_said() -> None:
    for way in ("none", "none.tune.db", Path("none.tune.db")):
        with pytest.raises(JournalError, match=r"none\.tune\.db does not exist"):
            jt.load_study(way)


def test_a_landscape_is_given_the_time_to_import_torch() -> None:
    waits: dict[str, float] = {}

    class Driver:
        def request(self, request: Request, *, timeout: float) -> dict[str, Any]:
            waits[name_of(type(request))] = timeout
            return {}

    study = StudyHandle(Path("busy.tune.db"))
    study.begin(Study(StudyOpened("busy", jt.Space(x=jt.Float(0.0, 1.0)), Settings("score"))))
    study.use(cast(Connection, Driver()))
    study.landscape()
    study.pause()
    assert waits == {"landscape": LANDSCAPE_S, "pause": ANSWER_S}
    assert LANDSCAPE_S > ANSWER_S
