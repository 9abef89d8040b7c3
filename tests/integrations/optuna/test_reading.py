"""The space of an objective, read from its source."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import jupyter_tune as jt
from jupyter_tune.core.space import Space
from jupyter_tune.errors import SpaceError
from jupyter_tune.integrations.optuna.reading import read_objective
from jupyter_tune.integrations.optuna.trial import ObjectiveTrial

X = np.zeros((150, 4))
RANGES = {"alpha": (0.0, 1.0), "beta": (1.0, 10.0)}
MOST_LAYERS = 3


def train(*_: Any) -> float:
    raise AssertionError("nothing of the user's runs while an objective is read")


def drawn(space: Space, count: int = 200) -> list[dict[str, Any]]:
    generator = random.Random(0)
    return [space.from_unit({name: generator.random() for name in space}) for _ in range(count)]


def asked(objective: Callable[[Any], Any], params: dict[str, Any]) -> set[str]:
    """What the objective asks for when it runs with these params. Raises if it asks for anything else."""
    trial = ObjectiveTrial(params)
    objective(trial)
    return set(trial.params)


def assert_is_space_of(objective: Callable[[Any], Any], *, exact: bool = True) -> Space:
    """Every trial of the space that is read can run, and, if `exact`, uses all its params."""
    space = read_objective(objective)
    for params in drawn(space):
        if exact:
            assert asked(objective, params) == set(params), params
        else:
            assert asked(objective, params) <= set(params), params
    return space


def test_ranges_are_read_with_scale_and_step() -> None:
    def objective(trial):
        lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
        drop = trial.suggest_float("drop", 0.0, 0.5, step=0.1)
        width = trial.suggest_int(name="width", low=16, high=512, log=True)
        depth = trial.suggest_int("depth", 2, 32, step=2)
        act = trial.suggest_categorical("act", ["relu", "tanh", None])
        return lr + drop + width + depth + (act is None)

    assert assert_is_space_of(objective) == jt.Space(
        lr=jt.Float(1e-5, 1e-1, log=True),
        drop=jt.Float(0.0, 0.5, step=0.1),
        width=jt.Int(16, 512, log=True),
        depth=jt.Int(2, 32, step=2),
        act=jt.Categorical(["relu", "tanh", None]),
    )


def test_the_calls_that_optuna_deprecates_are_read() -> None:
    def objective(trial):
        a = trial.suggest_uniform("a", -1, 1)
        b = trial.suggest_loguniform("b", 1e-3, 1)
        return a + b + trial.suggest_discrete_uniform("c", 0, 1, 0.25)

    assert assert_is_space_of(objective) == jt.Space(
        a=jt.Float(-1, 1), b=jt.Float(1e-3, 1, log=True), c=jt.Float(0, 1, step=0.25)
    )


def test_an_if_makes_conditions() -> None:
    def objective(trial):
        kind = trial.suggest_categorical("kind", ["svm", "forest", "knn"])
        if kind == "svm":
            c = trial.suggest_float("c", 1e-3, 1e3, log=True)
            kernel = trial.suggest_categorical("kernel", ["linear", "rbf"])
            return trial.suggest_float("gamma", 1e-5, 1, log=True) if kernel == "rbf" else c
        if kind == "forest":
            return trial.suggest_int("trees", 10, 100)
        return trial.suggest_int("neighbours", 1, 9)

    space = assert_is_space_of(objective)
    when = {name: {c.parent: c.values for c in space.conditions(name)} for name in space}
    assert when["c"] == {"kind": ("svm",)}
    assert when["gamma"] == {"kind": ("svm",), "kernel": ("rbf",)}
    assert when["trees"] == {"kind": ("forest",)}
    assert when["neighbours"] == {"kind": ("knn",)}


def test_xgboosts_example_of_a_dict_of_params() -> None:
    def objective(trial):
        param = {
            "verbosity": 0,
            "booster": trial.suggest_categorical("booster", ["gbtree", "gblinear", "dart"]),
            "lambda": trial.suggest_float("lambda", 1e-8, 1.0, log=True),
        }
        if param["booster"] == "gbtree" or param["booster"] == "dart":
            param["max_depth"] = trial.suggest_int("max_depth", 1, 9)
            param["eta"] = trial.suggest_float("eta", 1e-8, 1.0, log=True)
        if param["booster"] == "dart":
            param["sample_type"] = trial.suggest_categorical("sample_type", ["uniform", "weighted"])
        return len(param)

    space = assert_is_space_of(objective)
    assert [c.values for c in space.conditions("eta")] == [("gbtree", "dart")]
    assert [c.values for c in space.conditions("sample_type")] == [("dart",)]


def define_model(trial: Any) -> list[Any]:
    layers: list[Any] = []
    for i in range(trial.suggest_int("n_layers", 1, MOST_LAYERS)):
        layers.append(trial.suggest_int(f"n_units_l{i}", 4, 128))
        layers.append(trial.suggest_float("dropout_l{}".format(i), 0.2, 0.5))  # noqa: UP032
    return layers


def test_pytorchs_example_of_layers_in_a_function_of_its_own() -> None:
    def objective(trial):
        model = define_model(trial)
        optimizer = getattr(np, "zeros")(trial.suggest_int("n", 1, 3))  # noqa: B009
        return len(model) + len(optimizer)

    space = assert_is_space_of(objective)
    assert [c.values for c in space.conditions("dropout_l1")] == [(2, 3)]
    assert "n_units_l2" in space
    assert "n_units_l3" not in space


def test_a_training_loop_is_passed_over() -> None:
    def objective(trial):
        lr = trial.suggest_float("lr", 0.0, 1.0)
        best = 0.0
        for epoch in range(10**9):
            best = max(best, train(lr, epoch))
            trial.report(best, epoch)
            if trial.should_prune():
                raise RuntimeError("pruned")
        while best > 0:
            best -= 1
        with open("model") as file:
            print(file.read(), best)
        trial.set_user_attr("best", best)
        return best

    assert list(read_objective(objective)) == ["lr"]


def test_comprehensions_helpers_closures_and_keywords() -> None:
    low = 0.5
    names = ["a", "b"]

    def objective(trial):
        def layer(number, *, high=8):
            return trial.suggest_int(f"layer {number}", 1, high)

        units = [layer(i) for i in range(2)] + [layer(2, high=4)]
        several = {name: trial.suggest_float(name, *ends) for name, ends in RANGES.items()}
        more = {f"x_{name}": trial.suggest_float("x_" + name, low, low * 2**3) for name in names}
        pick = lambda what: trial.suggest_categorical(what, [True, False])  # noqa: E731
        fixed = dict(several, **more)
        return sum(units) + len(fixed) + pick("bias") + trial.suggest_int("k", 1, X.shape[1])

    space = assert_is_space_of(objective)
    assert space["layer 2"] == jt.Int(1, 4)
    assert space["beta"] == jt.Float(1, 10)
    assert space["x_b"] == jt.Float(0.5, 4.0)
    assert space["k"] == jt.Int(1, 4)


class Net:
    widest = 64

    def __init__(self, trial, depth):
        self.trial = trial
        self.widths = [trial.suggest_int(f"width_{i}", 4, self.widest) for i in range(depth)]
        self.build()

    def build(self) -> None:
        self.act = self.trial.suggest_categorical("act", ["relu", "tanh"])


class Objective:
    def __init__(self, data: Any):
        self.data = data

    def __call__(self, trial):
        self.trial = trial
        net = Net(trial, depth=2)
        return len(net.widths) + self.features() + self.of(trial, self.data.shape[1])

    def features(self) -> Any:
        return self.trial.suggest_int("features", 1, self.data.shape[1])

    @staticmethod
    def of(trial, most):
        return trial.suggest_int("most", 1, most)


def test_objects_partials_methods_and_lambdas() -> None:
    expected = ["width_0", "width_1", "act", "features", "most"]
    assert list(assert_is_space_of(Objective(X))) == expected
    assert list(assert_is_space_of(Objective(X).__call__)) == expected

    def objective(trial, high, low=0.0):
        return trial.suggest_float("x", low, high)

    assert read_objective(functools.partial(objective, high=2.0)) == jt.Space(x=jt.Float(0, 2))
    assert read_objective(lambda trial: objective(trial, 3.0, low=1.0)) == jt.Space(x=jt.Float(1, 3))


def test_match_while_early_returns_and_several_parents() -> None:
    def objective(trial):
        kind = trial.suggest_categorical("kind", ["a", "b", "c", "d"])
        match kind:
            case "a" | "b":
                first = trial.suggest_float("ab", 0, 1)
            case "c":
                first = trial.suggest_float("only c", 0, 1)
            case _:
                return 0.0
        depth = trial.suggest_int("depth", 1, 4)
        while depth > 1:
            first += trial.suggest_float(f"w{depth}", 0, 1)
            depth -= 1
        if kind in ("a", "c") and trial.suggest_categorical("big", [False, True]):
            first += trial.suggest_float("bigger", 1, 2)
        return first if first > 0.5 else first + trial.suggest_int("n", 1, 2) * 0

    # `first` is known in a trial alone, so every trial has n
    space = assert_is_space_of(objective, exact=False)
    when = {name: {c.parent: c.values for c in space.conditions(name)} for name in space}
    assert when["w3"] == {"kind": ("a", "b", "c"), "depth": (3, 4)}
    assert when["bigger"] == {"kind": ("a", "c"), "big": (True,)}
    assert when["n"] == {"kind": ("a", "b", "c")}


def test_what_only_a_trial_knows_follows_both_branches() -> None:
    def objective(trial):
        x = trial.suggest_float("x", 0, 1)
        if x > 0.5:
            return trial.suggest_float("y", 0, 1)
        try:
            size = int(X.sum() + x)
        except ValueError:
            size = trial.suggest_int("size", 1, 2)
        for _ in range(size):
            trial.suggest_float("in a loop", 0, 1)
        a, b = trial.suggest_categorical("a", [1, 2]), trial.suggest_categorical("b", [1, 2])
        if a == 1 or b == 2:
            return trial.suggest_float("either", 0, 1)
        return x

    space = assert_is_space_of(objective, exact=False)
    assert set(space) == {"x", "y", "size", "in a loop", "a", "b", "either"}
    assert not any(space.conditions(name) for name in space)


def test_a_callback_that_gets_the_trial_asks_for_nothing() -> None:
    def objective(trial):
        functools.partial(print, trial)
        return trial.suggest_float("x", 0, 1)

    assert list(read_objective(objective)) == ["x"]


KNOWN_LATER = "is known only in a trial; give the ranges: jt.tune"
REFUSED = {
    "k = load()\ntrial.suggest_int('k', 1, k)": (
        rf"line 3: trial.suggest_int\('k', 1, k\): .*load\(\).* {KNOWN_LATER}"
    ),
    "for name in load():\n    trial.suggest_float(name, 0, 1)": rf"line 3: .* {KNOWN_LATER}",
    "a = trial.suggest_float('a', 0, 1)\ntrial.suggest_float('b', 0, a)": (
        r"line 3: .*high depends on a, and a range cannot.*subject_to="
    ),
    "trial.suggest_float('a', 1, 0)": r"line 2: .*low must not exceed high",
    "trial.suggest_float('a', 0)": r"line 2: .*missing a required argument: 'high'",
    "trial.suggest_int('a', 0, 1)\ntrial.suggest_int('a', 0, 2)": (
        r"line 3: a is Int\(0, 2\) here and Int\(0, 1\) in line 2; give one of them another name"
    ),
    "return load(1)": "asks for no range",
    (
        "for i in range(12):\n"
        "    if trial.suggest_categorical(f'c{i}', [True, False]):\n"
        "        trial.suggest_float(f'x{i}', 0, 1)"
    ): "more than 1000 combinations",
}


@pytest.mark.parametrize("body", REFUSED)
def test_what_the_source_does_not_tell_is_an_error_with_the_line(tmp_path, monkeypatch, body) -> None:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    (tmp_path / "written.py").write_text(f"def objective(trial):\n{lines}")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "written", raising=False)
    module = __import__("written")
    with pytest.raises(SpaceError, match=f"^objective(, |: ){REFUSED[body]}|^objective: .*{REFUSED[body]}"):
        read_objective(module.objective)


def test_a_function_without_source_is_refused_with_the_way_out() -> None:
    made: dict[str, Any] = {}
    exec("def objective(trial): return trial.suggest_float('x', 0, 1)", made)
    with pytest.raises(SpaceError, match=r"source cannot be read; .*space="):
        read_objective(made["objective"])
    with pytest.raises(SpaceError, match="no source to read its ranges from"):
        read_objective(max)
