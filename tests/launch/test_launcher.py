"""What a study is started with: what this process has on its path, and results of earlier studies."""

from __future__ import annotations

import enum
import importlib
import math
import pickle
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import jupyter_tune as jt
from jupyter_tune.errors import JournalError, OptionError, PayloadError
from jupyter_tune.launch import plan

pytestmark = pytest.mark.usefixtures("nothing_stays")


def overflows(x: jt.Float(0.0, 1.0) = 0.5) -> float:  # type: ignore[valid-type]
    return math.inf if x == 0.5 else float(x)


def test_a_path_object_on_the_import_path_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, Path("somewhere")])
    study = jt.tune(overflows, name="paths", minimize="score", sampler="random", trials=1)
    study.wait()
    assert [trial.state for trial in study.trials] == ["complete"]


def test_a_warm_start_leaves_out_infinite_values() -> None:
    first = jt.tune(overflows, name="first", minimize="score", sampler="random", trials=2)
    first.wait()
    assert [math.isfinite(trial.value or 0.0) for trial in first.trials] == [False, True]
    second = jt.tune(
        overflows, name="second", minimize="score", sampler="random", trials=1, warm_start=["first"]
    )
    second.wait()
    assert [trial.value for trial in second.trials if trial.source == "added"] == [first.best_value]


def momentum_of(opt: str, momentum: float = -1.0) -> float:
    assert (momentum >= 0) == (opt == "sgd")
    return momentum


def test_conditional_parameters_exist_only_for_the_values_in_when() -> None:
    space = {"opt": jt.Categorical(["sgd", "adam"]), "momentum": jt.Float(0.0, 0.99)}
    when = {"momentum": {"opt": ["sgd"]}}
    study = jt.tune(momentum_of, space, when=when, minimize="score", sampler="random", trials=6, seed=1)
    study.wait()
    assert {trial.state for trial in study.trials} == {"complete"}
    assert {"momentum" in trial.params for trial in study.trials} == {True, False}


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalError, match="file"):
        jt.tune(overflows, minimize="score", sampler="random", trials=1, dir=str(tmp_path / "file"))


def test_a_folder_may_begin_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    jt.tune(overflows, minimize="score", sampler="random", trials=1, name="there", dir="~/deep/x").wait()
    assert (tmp_path / "deep" / "x" / "there.tune.db").exists()
    assert jt.load_study("there", dir="~/deep/x").name == "there"
    assert jt.load_study("~/deep/x/there.tune.db").name == "there"


def test_a_study_is_found_by_its_name_whatever_it_ends_in() -> None:
    for name in ("caf\u00e9.tune.db", "my study"):
        jt.tune(overflows, minimize="score", sampler="random", trials=1, name=name).wait()
        assert jt.load_study(name).name == name
        assert jt.load_study(f"{name}.tune.db").name == name
        assert jt.load_study(jt.load_study(name).path).name == name
    assert jt.load_study("cafe\u0301.tune.db").name == "caf\u00e9.tune.db"


def test_a_warm_start_from_one_study_needs_no_list() -> None:
    first = jt.tune(overflows, name="first", minimize="score", sampler="random", trials=2)
    first.wait()
    options: dict[str, Any] = {"minimize": "score", "sampler": "random", "trials": 1}
    for number, earlier in enumerate(("first", first.path, first)):
        study = jt.tune(overflows, name=f"warm {number}", warm_start=earlier, **options)
        study.wait()
        assert [trial.value for trial in study.trials if trial.source == "added"] == [first.best_value]
    with pytest.raises(JournalError, match="earlier"):
        jt.tune(overflows, warm_start="earlier", **options)


def test_studies_without_a_name_started_in_one_second_get_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "strftime", lambda form: "study-now")
    names = []
    for _ in range(3):
        names.append(plan.fresh_name(tmp_path))
        (tmp_path / f"{names[-1]}.tune.db").touch()
    assert names == ["study-now", "study-now-2", "study-now-3"]


def test_a_made_up_name_that_another_process_takes_first_is_replaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = plan.fresh_name
    racing = iter(["taken"])
    jt.tune(overflows, minimize="score", sampler="random", trials=1, name="taken").wait()
    monkeypatch.setattr(plan, "fresh_name", lambda folder: next(racing, None) or real(folder))
    study = jt.tune(overflows, minimize="score", sampler="random", trials=1)
    study.wait()
    assert study.name.startswith("study-")


def test_a_name_too_long_for_a_file_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"name: .* takes 297 bytes"):
        jt.tune(overflows, minimize="score", name="学" * 99)
    jt.tune(overflows, minimize="score", sampler="random", trials=1, name="学" * 66).wait()
    assert [path.name for path in tmp_path.glob("*.tune.db")] == ["学" * 66 + ".tune.db"]


class Act(str, enum.Enum):  # noqa: UP042 as people write it; StrEnum has another str()
    RELU = "relu"
    TANH = "tanh"


OBJECTS: dict[str, Any] = {
    "act": jt.Categorical(Act),
    "size": jt.Categorical([(64, 64), (128,)]),
    "flag": jt.Categorical([0, False, 1, True, None]),
    "made": jt.Categorical([dict, list]),
}


def of_objects(act: Any, size: Any, flag: Any, made: Any) -> float:
    """23 for the best of them; less than 0 for anything that only looks like one of them."""
    if not (isinstance(act, Act) and isinstance(size, tuple) and made in (dict, list)):
        return -1.0
    return (act is Act.TANH) + len(size) + 20.0 * (flag is True)


def test_trials_and_the_handle_have_the_same_objects_as_the_declaration() -> None:
    options: dict[str, Any] = {"maximize": "score", "sampler": "random"}
    study = jt.tune(of_objects, OBJECTS, name="objects", trials=6, **options)
    study.enqueue(act=Act.TANH, size=(64, 64), flag=True, made=list)
    study.wait()
    assert study.best_value == 23
    best = study.best_params
    assert best == {"act": Act.TANH, "size": (64, 64), "flag": True, "made": list}
    assert best["act"] is Act.TANH
    assert best["flag"] is True
    assert of_objects(**best) == 23
    assert all(isinstance(trial.params["act"], Act) for trial in study.trials)
    assert pickle.loads(pickle.dumps(study)).best_params == best
    from_file = jt.load_study("objects").best_params
    assert from_file == {"act": "Act.TANH", "size": "(64, 64)", "flag": "True", "made": "list"}
    again = jt.tune(of_objects, OBJECTS, name="again", trials=1, warm_start="objects", **options)
    again.wait()
    assert again.best_params == best
    resumed = jt.tune(of_objects, OBJECTS, name="objects", trials=7, resume=True, **options)
    resumed.narrow(act=[Act.TANH])
    resumed.wait()
    assert resumed.best_params == best


def test_an_object_that_cannot_travel_is_named_before_anything_starts(tmp_path: Path) -> None:
    space = {"lock": jt.Categorical([None, threading.Lock()])}
    with pytest.raises(PayloadError, match=r"lock=<unlocked _thread.lock object>: cannot travel"):
        jt.tune(lambda lock: 0.0, space, minimize="score", name="never")
    assert list(tmp_path.glob("never*")) == []


def test_a_notice_names_a_function_that_has_changed_since_its_study_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    text = "import jupyter_tune as jt\ndef score(x: jt.Float(0, 1) = 0.5):\n    return x + {}\n"
    said = "The code has changed"

    def tuned(added: int, **options: Any) -> jt.Study:
        (tmp_path / "changing.py").write_text(text.format(added))
        sys.modules.pop("changing", None)
        importlib.invalidate_caches()
        score = importlib.import_module("changing").score
        study = jt.tune(score, minimize="score", sampler="random", name="changing", **options)
        study.wait()
        return study

    tuned(10, trials=1)
    tuned(10, trials=2, resume=True)
    assert said not in capsys.readouterr().out
    study = tuned(2000, trials=3, resume=True)
    assert f"{said} (the function itself): further trials run version 1 of it" in capsys.readouterr().out
    assert (study.trials[-1].value or 0) > 2000
