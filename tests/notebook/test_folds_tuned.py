"""Cross-validation and repeats, tuned in a kernel with real training."""

from __future__ import annotations

import pytest

from tests.real_kernel import Kernel

DATA = """
from sklearn.datasets import load_digits
from sklearn.linear_model import RidgeClassifier, SGDClassifier
from sklearn.model_selection import StratifiedKFold
digits = load_digits()
X, y = digits.data[:400], digits.target[:400]
folds = list(StratifiedKFold(4, shuffle=True, random_state=0).split(X, y))
"""


@pytest.fixture
def kernel(shared_kernel: Kernel) -> Kernel:
    shared_kernel.run(DATA)
    return shared_kernel


def test_bad_trials_of_a_cross_validation_cost_a_fold_and_the_best_says_how_sure_it_is(
    kernel: Kernel,
) -> None:
    kernel.run(
        "%%tune --maximize accuracy --trials 12 --workers 1 --sampler random --wait\n"
        "width: Int(1, 64, log=True) = 64\n"
        "for k, (train, test) in enumerate(folds):\n"
        "    model = RidgeClassifier().fit(X[train][:, :width], y[train])\n"
        "    report(accuracy=model.score(X[test][:, :width], y[test]), fold=k)\n"
    )
    assert kernel.ask("study.best_trial.fold_values.keys() == {0, 1, 2, 3}") == "True"
    assert kernel.ask("0 < study.best_trial.standard_error < 0.05") == "True"
    assert ", 4 folds, best of " in kernel.ask("repr(study)")
    pruned = "[t for t in study.trials if t.state == 'pruned']"
    assert kernel.ask(f"any(len(t.folds) < 4 and t.reason.startswith('paired') for t in {pruned})") == "True"
    columns = "{'system_attrs_folds', 'system_attrs_standard_error', 'system_attrs_fold_3'}"
    assert kernel.ask(f"{columns} <= set(study.trials_dataframe().columns)") == "True"


def test_repeats_have_seeds_of_their_own_and_begin_with_the_notebooks_objects(kernel: Kernel) -> None:
    kernel.run("seen = []")
    kernel.run(
        "%%tune --maximize accuracy --trials 3 --repeats 3 --pruner none --wait\n"
        "alpha: Float(1e-5, 1e-1, log=True) = 1e-3\n"
        "seen.append(trial.seed)\n"
        "assert len(seen) == 1 and not list(trial.checkpoint_dir.iterdir())\n"
        "(trial.checkpoint_dir / 'state').write_text(str(trial.repeat))\n"
        "print('repeat', trial.repeat, 'seed', trial.seed)\n"
        "model = SGDClassifier(alpha=alpha, random_state=trial.seed, max_iter=5, tol=None)\n"
        "model.fit(X[:300], y[:300])\n"
        "accuracy = model.score(X[300:], y[300:])\n"
    )
    assert kernel.ask("[t.state for t in study.trials]") == "['complete', 'complete', 'complete']"
    assert kernel.ask("[list(t.fold_values) for t in study.trials]") == str([[0, 1, 2]] * 3)
    log = kernel.ask("sorted({line for line in study.log(0).splitlines() if line.startswith('repeat')})")
    assert log.count("seed") == 3
    means = "[abs(t.value - sum(t.fold_values.values()) / 3) < 1e-9 for t in study.trials]"
    assert kernel.ask(means) == "[True, True, True]"
    assert ", 3 repeats, 95 % " in kernel.ask("repr(study)")


def test_the_best_trials_are_measured_again_and_best_params_says_how_sure_it_is(kernel: Kernel) -> None:
    kernel.run(
        "%%tune --maximize accuracy --trials 9 --confirm 4 --sampler random --wait\n"
        "alpha: Float(1e-5, 1e-1, log=True) = 1e-3\n"
        "model = SGDClassifier(alpha=alpha, random_state=trial.seed, max_iter=5, tol=None)\n"
        "model.fit(X[:300], y[:300])\n"
        "accuracy = model.score(X[300:], y[300:])\n"
    )
    assert kernel.ask("[t.source for t in study.trials].count('confirm')") == "4"
    assert kernel.ask("study.confirmed.number == study.best_trial.number") == "True"
    assert kernel.ask("study.best_params == study.best_trial.params") == "True"
    assert ", 95 % " in kernel.ask("study.best_params.certainty")
