from __future__ import annotations

import pytest

from jupyter_tune.core.events import Settings
from jupyter_tune.core.settings import OPTIONS, PRUNERS, SAMPLERS, make_settings
from jupyter_tune.errors import OptionError
from jupyter_tune.implementations import make_pruner, make_sampler


def test_a_metric_is_all_that_must_be_given():
    assert make_settings(maximize="accuracy") == Settings("accuracy", "maximize")
    assert make_settings(minimize="loss") == Settings("loss", "minimize")


def test_none_means_not_given():
    nothing = dict.fromkeys(OPTIONS)
    assert make_settings(**{**nothing, "minimize": "loss"}) == Settings("loss", "minimize")


def test_everything_at_once():
    settings = make_settings(
        maximize="accuracy",
        trials=60,
        workers=4,
        timeout="2h",
        target=0.99,
        patience=10,
        sampler="sobol",
        pruner="none",
        min_steps=2,
        max_steps=27,
        reduction_factor=4,
        seed=7,
    )
    assert settings == Settings("accuracy", "maximize", 60, 4, 7200.0, 0.99, 10, "sobol", "none", 2, 27, 4, 7)


def test_numbers_may_come_as_text():
    settings = make_settings(maximize="a", trials="60", target="0.9", seed="3")
    assert (settings.trials, settings.target, settings.seed) == (60, 0.9, 3)


@pytest.mark.parametrize(
    ("given", "seconds"), [(30, 30), (0.5, 0.5), ("45", 45), ("90s", 90), ("10m", 600), ("1.5h", 5400)]
)
def test_durations(given, seconds):
    assert make_settings(maximize="a", timeout=given).timeout_s == seconds


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "no metric: say which one counts, with maximize or minimize"),
        ({"maximize": "a", "minimize": "b"}, "maximize a and minimize b exclude each other; keep one"),
        ({"maximize": 3}, "maximize: a metric is a name, got 3"),
        ({"maximize": " "}, "maximize: a metric is a name, got ' '"),
        ({"maximize": "step"}, "step counts the reports"),
        ({"trials": 0}, "trials: must be 1 or more, got 0"),
        ({"trials": 2.5}, "trials: must be a whole number, got 2.5"),
        ({"trials": True}, "trials: must be a number, got True"),
        ({"trials": float("nan")}, "trials: must be a whole number, got nan"),
        ({"workers": 0}, "workers: must be 1 or more, got 0"),
        ({"workers": "many"}, "workers: must be a number, got 'many'"),
        ({"patience": 0}, "patience: must be 1 or more, got 0"),
        ({"reduction_factor": 1}, "reduction_factor: must be 2 or more, got 1"),
        ({"min_steps": 0}, "min_steps: must be 1 or more"),
        ({"min_steps": 9, "max_steps": 3}, "min_steps: 9 is more than max_steps, 3; use 3 at most"),
        ({"target": "inf"}, "target: must be finite, got 'inf'"),
        ({"timeout": "2 fortnights"}, "timeout: '2 fortnights' is no duration; use seconds, or 90s, 10m, 2h"),
        ({"timeout": 0}, "timeout: must be more than 0 seconds, got 0"),
        ({"timeout": float("nan")}, "timeout: must be more than 0 seconds"),
        ({"sampler": "sobel"}, "sampler: no sampler 'sobel'; did you mean sobol?; there are gp, random"),
        (
            {"pruner": "asher"},
            "no pruner 'asher'; did you mean asha?; there are asha, hyperband, median or none",
        ),
        ({"pruner": "Hyper-band"}, "pruner: no pruner 'Hyper-band'; did you mean hyperband?"),
        ({"trails": 3}, "trails: no such option; did you mean trials?"),
    ],
)
def test_what_is_refused_and_how(options, message):
    if not {"maximize", "minimize"} & set(options) and options:
        options = {"maximize": "a", **options}
    with pytest.raises(OptionError) as caught:
        make_settings(**options)
    assert message in str(caught.value)


@pytest.mark.parametrize("pruner", PRUNERS)
def test_every_pruner_can_be_made_and_needs_no_max_steps(pruner):
    settings = make_settings(maximize="a", pruner=pruner)
    assert (settings.pruner, settings.max_steps) == (pruner, None)
    make_pruner(settings.pruner)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_sampler_can_be_made(sampler):
    make_sampler(make_settings(maximize="a", sampler=sampler).sampler)
