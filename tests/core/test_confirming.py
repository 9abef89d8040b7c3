from __future__ import annotations

import random

import pytest

from jupyter_tune.core.commands import Suggest
from jupyter_tune.core.confirming import CONFIRM
from jupyter_tune.core.events import TrialEnded, TrialStarted, TrialSuggested
from jupyter_tune.core.trial import COMPLETE
from jupyter_tune.errors import OptionError
from jupyter_tune.launch.option import MAGIC
from jupyter_tune.launch.options import make_settings, read_options
from tests.core.desk import Desk
from tests.core.studies import study_of


def measured(number, x, score, source="random"):
    yield TrialSuggested(number, {"x": x, "y": 0.5}, source)
    yield TrialStarted(number, 1)
    yield TrialEnded(number, 1, COMPLETE, score)


def test_the_last_trials_have_the_params_of_the_best_ones():
    desk = Desk(trials=8, confirm=4)
    for number, score in enumerate((0.1, 0.9, 0.5, 0.8)):
        commands = desk.tell(*measured(number, 0.1 * number, score))
    asked = []
    for number in range(4, 8):
        (command,) = commands
        assert isinstance(command, Suggest)
        assert command.source == CONFIRM
        assert command.given is not None
        asked.append(command.given["x"])
        commands = desk.tell(*measured(number, command.given["x"], 0.85, CONFIRM))
    assert asked == pytest.approx([0.1, 0.3, 0.1, 0.3])
    assert desk.engine.is_closing


def test_a_lucky_value_does_not_stay_the_best():
    events = [*measured(0, 0.1, 0.95), *measured(1, 0.2, 0.90), *measured(2, 0.1, 0.80, CONFIRM)]
    study = study_of(*events, *measured(3, 0.2, 0.90, CONFIRM), trials=4, confirm=2)
    assert study.best_trial is not None
    assert study.best_trial.number == 1
    assert study.best_value == pytest.approx(0.9)
    assert study.require_best()[1] == pytest.approx(0.9)


def test_no_trial_that_confirms_is_best_by_itself():
    study = study_of(*measured(0, 0.1, 0.5), *measured(1, 0.2, 0.9), *measured(2, 0.2, 0.99, CONFIRM))
    assert [trial.number for trial in study.best_trials] == [1]


def test_the_chance_is_how_often_the_best_is_the_best():
    chance, said, true = random.Random(0), 0.0, 0
    for _ in range(300):
        levels = [chance.gauss(0, 0.1) for _ in range(3)]
        events, number = [], 0
        for source in ("random", *[CONFIRM] * 5):
            for place, level in enumerate(levels):
                events += measured(number, 0.1 * place, level + chance.gauss(0, 0.1), source)
                number += 1
        study = study_of(*events)
        assert study.confirmed is not None
        said += study.confirmed.chance
        true += levels[study.confirmed.number] == max(levels)
    assert abs(said - true) / 300 < 0.07


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"confirm": 3}, "say how many in all"),
        ({"confirm": 3, "trials": 3}, "leave none to search with"),
        ({"confirm": 3, "trials": 9, "minimize": "loss"}, "several metrics"),
        ({"confirm": 1, "trials": 9}, "--confirm"),
    ],
)
def test_what_cannot_be_confirmed_is_refused(options, error):
    with pytest.raises(OptionError, match=error):
        make_settings(read_options({"maximize": "score", **options}, MAGIC), MAGIC)
