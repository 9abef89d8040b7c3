"""CARP-S: our side of its interface, and what is made of its logs. The interface itself is in its environment
alone; here it has the parts that the adapter uses."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from ConfigSpace import Categorical, Configuration, ConfigurationSpace, EqualsCondition, Float

from tests.benchmarks.search.carps import run
from tests.benchmarks.search.carps.report import log_of, report


class Optimizer:
    def __init__(self, task: Any, loggers: Any, *expects: bool):
        self.task = task
        self.solver: Any = None


@dataclass(frozen=True)
class TrialInfo:
    config: Configuration
    name: str | None = None
    budget: float | None = None


@dataclass(frozen=True)
class TrialValue:
    cost: Any
    status: int = 1


class StatusType(IntEnum):
    SUCCESS = 1
    CRASHED = 2


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    modules: dict[str, dict[str, Any]] = {
        "carps": {},
        "carps.optimizers": {},
        "carps.optimizers.optimizer": {"Optimizer": Optimizer},
        "carps.utils": {},
        "carps.utils.trials": {"TrialInfo": TrialInfo, "TrialValue": TrialValue, "StatusType": StatusType},
    }
    for name, parts in modules.items():
        module = ModuleType(name)
        vars(module).update(parts)
        monkeypatch.setitem(sys.modules, name, module)
    name = "tests.benchmarks.search.carps.jupyter_tune_optimizer"
    yield importlib.import_module(name).JupyterTuneOptimizer
    sys.modules.pop(name)


def task(*objectives: str, max_fidelity: float | None = None) -> Any:
    space = ConfigurationSpace(seed=0)
    kind, x = Categorical("kind", ["a", "b"], default="b"), Float("x", (0, 1))
    space.add(kind, x)
    space.add(EqualsCondition(x, kind, "a"))
    fidelity = SimpleNamespace(max_fidelity=max_fidelity)
    return SimpleNamespace(
        input_space=SimpleNamespace(configuration_space=space, fidelity_space=fidelity),
        output_space=SimpleNamespace(objectives=list(objectives)),
    )


def optimizer(adapter: Any, of: Any) -> Any:
    made = adapter(of, seed=0)
    made.solver = made._setup_optimizer()
    return made


def test_trials_have_what_exists_in_them_and_the_best_is_the_incumbent(adapter: Any) -> None:
    ours = optimizer(adapter, task("quality", max_fidelity=9.0))
    assert ours.get_current_incumbent() is None
    costs: dict[str, float] = {}
    for _ in range(8):
        info = ours.ask()
        values = dict(info.config)
        assert info.budget == 9.0
        assert ("x" in values) == (values["kind"] == "a")
        costs[info.name] = float(values.get("x", 2.0))
        ours.tell(info, TrialValue(costs[info.name]))
    best, value = ours.get_current_incumbent()
    assert value.cost == costs[best.name] == min(costs.values()) < 2.0


def test_a_crash_is_a_failed_trial_and_never_the_incumbent(adapter: Any) -> None:
    ours = optimizer(adapter, task("quality"))
    ours.tell(ours.ask(), TrialValue(0.0, StatusType.CRASHED))
    assert ours.solver.study.trials[0].state == "failed"
    assert ours.get_current_incumbent() is None


def test_several_objectives_have_a_front(adapter: Any) -> None:
    ours = optimizer(adapter, task("mmce", "nf"))
    for cost in ([1.0, 3.0], [2.0, 1.0], [2.0, 4.0]):
        ours.tell(ours.ask(), TrialValue(cost))
    assert [value.cost for _, value in ours.get_current_incumbent()] == [[1.0, 3.0], [2.0, 1.0]]


def log(folder: Path, *costs: float) -> None:
    folder.mkdir(parents=True)
    lines = [json.dumps({"trial_value": {"cost": cost}}) for cost in costs]
    (folder / "trial_logs.jsonl").write_text("\n".join(lines))


def test_a_run_goes_on_where_logs_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "RUNS", tmp_path)
    found = [run.Task("dev", "subset_bbob_2_12_0"), run.Task("test", "subset_bbob_2_6_1")]
    log(tmp_path / "random" / "subset_bbob_2_12_0" / "1", 3.0, 2.0)
    log(tmp_path / "random" / "subset_bbob_2_6_1" / "1", 3.0)
    (left,) = run.missing(found, ["random"], seeds=1, trials=2)
    assert "+task/subselection/blackbox/test=subset_bbob_2_6_1" in left
    assert {"+optimizer/randomsearch=config", "seed=1"} <= set(left)


def test_a_task_says_which_data_it_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "DATA", tmp_path)
    svm = run.Task("test", "subset_yahpo_rbv2_svm_1493_None")
    assert svm.lacks == "YAHPO's rbv2_svm"
    (tmp_path / "yahpo_data" / "rbv2_svm").mkdir(parents=True)
    (tmp_path / "yahpo_data" / "rbv2_svm" / "model.onnx").touch()
    assert svm.lacks == run.Task("dev", "subset_bbob_2_12_0").lacks == ""
    assert "hpobench" in run.Task("test", "subset_hpobench_blackbox_tabular_ml_svm_12").lacks


def test_the_report_counts_what_both_have_run_and_names_what_was_lost(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        log(tmp_path / "jupyter_tune" / "subset_one" / seed, 5.0, 1.0)
        log(tmp_path / "jupyter_tune" / "subset_two_None" / seed, 5.0, 3.0)
        log(tmp_path / "random" / "subset_one" / seed, 5.0, 4.0)
        log(tmp_path / "random" / "subset_two_None" / seed, 2.0, 9.0)
    log(tmp_path / "few" / "subset_one" / "1", 0.0, 0.0)
    assert log_of(tmp_path / "random" / "subset_one" / "3") == []
    text = report(tmp_path, ["jupyter_tune", "random", "few"], ["subset_one", "subset_two_None"], 2, 2)
    half, whole = text.split("After 2 trials")
    # a tie on the one, lost on the other; then one each
    assert "| 0–1–1 |" in half
    assert "| 1–1–0 |" in whole
    assert whole.startswith(", 2 tasks, 4 runs each")
    rows = {line.split(" | ")[0].strip("| *"): line for line in whole.splitlines() if line.startswith("|")}
    assert rows["random"].endswith("| two |")
    assert rows["few"].startswith("| few |  |  | 0–1–0 |")
