"""The public names that notebooks and scripts rely on, listed. Removing or renaming one breaks users."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

import jupyter_tune as jt
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.client.study_trial import StudyTrial
from jupyter_tune.launch.option import MAGIC, RUN, TUNE, TUNER
from jupyter_tune.launch.options import options_of
from jupyter_tune.notebook.magic import _ACTIONS

STUDIES = (
    "trials workers gpus_per_trial timeout trial_timeout retries target patience budget max_failures price "
    "min_steps max_steps reduction_factor sampler pruner repeats confirm seed batch_deterministic name dir "
    "resume edited overwrite warm_start narrow transfer on stop_when_converged insecure resources log_to "
    "detach "
    "maximize minimize "
    "tag "
    "subject_to keep"
)
OPTIONS = {
    MAGIC: f"{STUDIES} command metric step_from log_file out wait dry_run autotune once help",
    TUNE: STUDIES,
    RUN: f"{STUDIES} space metric step_from log_file dry_run",
    TUNER: (
        "maximize minimize subject_to trials sampler pruner min_steps max_steps reduction_factor repeats "
        "confirm seed"
    ),
}

MEMBERS = {
    StudyHandle: (
        "name state reason notices waits_for machine trials best_trial best_trials best_params best_value "
        "trials_dataframe code_of replay reproduce what_if log wait close advice forecast "
        "to_csv report dashboard disk tag tags note notes set_user_attr user_attrs "
        "narrow enqueue prune cancel retry set_budget pause resume stop undo "
        "plot_optimization_history plot_intermediate_values plot_parallel_coordinate plot_slice plot_contour "
        "plot_param_importances plot_timeline plot_edf plot_rank plot_acquisition plot_posterior "
        "plot_posterior_slice plot_pareto_front plot_hypervolume_history __await__"
    ),
    jt.Tuner: (
        "ask report tell add_trial add_prior enqueue narrow study best_trial best_trials best_params "
        "best_value confirmed is_done"
    ),
    type(jt.trial): "number params seed metrics checkpoint_dir save_artifact set_user_attr user_attrs",
    StudyTrial: "number state value params artifacts load log checkpoint_dir user_attrs note",
}

SIGNATURES: dict[Callable[..., Any], str] = {
    jt.Float: "low high log reverse_log step default",
    jt.Int: "low high log step default",
    jt.Categorical: "choices ordered default",
    jt.Space: "parameters when named",
    jt.report: "step fold metrics",
    jt.Command: "command metrics step_from log_file",
    jt.load_study: "name dir",
    jt.read_space: "declared",
    jt.read_sweep: "declared",
    jt.compare: "studies by label dir target",
    jt.sklearn.TuneSearchCV: (
        "estimator space scoring n_trials timeout max_steps sampler pruner n_jobs refit cv verbose "
        "random_state error_score return_train_score options"
    ),
}


def test_the_package_exports_these_names() -> None:
    names = (
        "Categorical Command Float Int Space TuneError Tuner compare load_study read_space read_sweep report "
        "trial tune"
    )
    assert sorted(jt.__all__) == sorted(names.split())
    assert all(hasattr(jt, name) for name in jt.__all__)


def test_optunas_users_find_these_names() -> None:
    assert sorted(jt.optuna.__all__) == ["GpSampler", "export", "load", "objective"]
    assert all(hasattr(jt.optuna, name) for name in jt.optuna.__all__)


@pytest.mark.parametrize("place", OPTIONS)
def test_every_place_has_these_options(place: str) -> None:
    assert set(options_of(place)) == set(OPTIONS[place].split())


@pytest.mark.parametrize("kind", MEMBERS, ids=lambda kind: kind.__name__)
def test_users_find_these_members(kind: type) -> None:
    assert [name for name in MEMBERS[kind].split() if not hasattr(kind, name)] == []


@pytest.mark.parametrize("function", SIGNATURES, ids=lambda function: function.__name__)
def test_arguments_have_these_names(function: Callable[..., Any]) -> None:
    assert list(inspect.signature(function).parameters) == SIGNATURES[function].split()


def test_the_line_magic_has_these_actions() -> None:
    assert set(_ACTIONS) == {"list", "status", "log", "stop", "pause", "show", "resume", "delete", "advice"}
