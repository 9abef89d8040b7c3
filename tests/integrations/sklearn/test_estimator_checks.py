"""Those of scikit-learn's checks that fit no search or one; estimator_checks.py has them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integrations.sklearn.estimator_checks import SEARCHES, checks

QUICK = {
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_dont_overwrite_parameters",
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_estimators_fit_returns_self",
    "check_estimators_unfitted",
    "check_fit2d_1sample",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_set_params",
    "check_supervised_y_no_nan",
    "check_valid_tag_types",
}


@pytest.mark.filterwarnings("ignore")  # the checks provoke them, and look at those that matter
def test_quick_checks_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_TUNE_DIR", str(tmp_path))
    done = set()
    for name, check in checks(SEARCHES[0]):
        if name in QUICK:
            check()
            done.add(name)
    assert done == QUICK
