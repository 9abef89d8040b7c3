from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from jupyter_tune.core.commands import Close, Command, EndSearch, Halt, Launch, Suggest
from jupyter_tune.core.engine import Engine
from jupyter_tune.core.events import (
    DriverStarted,
    Record,
    SearchEnded,
    StopRequested,
    StudyEnded,
    TrialEnded,
    TrialEnqueued,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Categorical, Float, Int
from jupyter_tune.core.ports import TrialFact
from jupyter_tune.core.resuming import cancelled_by_the_end, first_facts, settings_to_go_on
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.trial import CANCELLED, COMPLETE, CONFIRM
from jupyter_tune.driver.virtual_study import VirtualStudy
from jupyter_tune.errors import OptionError
from jupyter_tune.launch.option import MAGIC
from jupyter_tune.launch.options import make_settings, read_options
from jupyter_tune.pruners.none import NoPruner
from jupyter_tune.registry import within_bound
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


def searched(desk: Desk, *scores: float) -> list[Command]:
    """Trials of the search, one after the other; the answer to the last."""
    commands: list[Command] = []
    for number, score in enumerate(scores):
        commands = desk.tell(*measured(number, 0.1 * number, score))
    return commands


def end_of(desk: Desk, reason: str) -> str:
    """Stop the study; the words of its end."""
    desk.tell(StopRequested(reason))
    study, engine = desk.engine.study, desk.engine
    for number in range(study.highest + 1, engine.next_number):
        desk.tell(TrialSuggested(number, {"x": 0.5, "y": 0.5}, "random"))
    commands: list[Command] = []
    for trial in study.live:
        attempt = max(1, trial.attempt)
        commands = desk.tell(TrialEnded(trial.number, attempt, CANCELLED, reason=reason))
    (close,) = commands
    assert isinstance(close, Close)
    return close.reason


@pytest.mark.parametrize(
    ("rule", "scores", "reason"),
    [
        ({"target": 0.85}, (0.1, 0.9), "target 0.85 reached"),
        ({"patience": 2}, (0.8, 0.9, 0.1, 0.2), "no better trial in the last 2"),
        ({"patience": 2, "patience_gain": 0.5}, (0.8, 0.81, 0.82), "the last 2 trials improved"),
    ],
)
def test_a_search_that_has_found_enough_ends_and_the_best_are_measured_again(rule, scores, reason):
    desk = Desk(trials=30, confirm=3, **rule)
    (ends,) = searched(desk, *scores)
    assert isinstance(ends, EndSearch)
    assert ends.reason.startswith(reason)
    assert desk.engine.go_on() == []
    commands = desk.tell(SearchEnded(ends.reason))
    first = len(scores)
    for number in range(first, first + 3):
        (command,) = commands
        assert isinstance(command, Suggest)
        assert command.source == CONFIRM
        assert command.given is not None
        commands = desk.tell(*measured(number, command.given["x"], 0.7, CONFIRM))
    assert commands == [Close(ends.reason)]


def test_a_search_without_a_limit_of_trials_ends_too():
    desk = Desk(target=0.85, confirm=2)
    searched(desk, 0.5, 0.9)
    again = desk.tell(SearchEnded("target 0.85 reached"))
    for number in (2, 3):
        (command,) = again
        assert isinstance(command, Suggest)
        assert command.given is not None
        again = desk.tell(*measured(number, command.given["x"], 0.7, CONFIRM))
    assert again == [Close("target 0.85 reached")]


def test_luck_that_reached_the_target_does_not_let_the_search_go_on():
    desk = Desk(trials=30, confirm=2, target=0.85)
    searched(desk, 0.5, 0.9)
    desk.tell(SearchEnded("target 0.85 reached"))
    desk.tell(*measured(2, 0.1, 0.2, CONFIRM))
    commands = desk.tell(*measured(3, 0.0, 0.7, CONFIRM))
    best = desk.engine.study.best_trial
    assert best is not None
    assert best.number == 0
    assert desk.engine.study.best_value == pytest.approx(0.6)
    assert commands == [Close("target 0.85 reached")]


def test_what_runs_of_the_search_is_cancelled_and_the_queue_waits():
    desk = Desk(trials=30, confirm=2, workers=2, target=0.85)
    desk.tell(*measured(0, 0.1, 0.5), *measured(1, 0.2, 0.9))
    desk.tell(TrialSuggested(2, {"x": 0.3, "y": 0.5}, "random"), TrialStarted(2, 1))
    desk.tell(TrialEnqueued({"x": 0.9}))
    commands = desk.tell(SearchEnded("target 0.85 reached"))
    assert Halt(2, 1, CANCELLED, "target 0.85 reached") in commands
    assert [command.source for command in commands if isinstance(command, Suggest)] == [CONFIRM]


def test_a_limit_ends_the_study_at_once_and_says_what_is_not_confirmed():
    desk = Desk(trials=30, confirm=3, target=0.85)
    searched(desk, 0.5, 0.6)
    assert end_of(desk, "stopped by the user") == (
        "stopped by the user, before the best trials were measured again"
    )


def test_a_limit_says_how_far_the_confirming_has_come():
    desk = Desk(trials=30, confirm=3, target=0.85)
    searched(desk, 0.5, 0.9)
    desk.tell(SearchEnded("target 0.85 reached"))
    desk.tell(*measured(2, 0.1, 0.8, CONFIRM))
    assert end_of(desk, "timeout of 60 s reached") == (
        "timeout of 60 s reached, after 1 of 3 measurements of the best trials"
    )


def test_an_end_with_nothing_to_confirm_says_nothing_of_it():
    desk = Desk(trials=30, confirm=3)
    assert end_of(desk, "stopped by the user") == "stopped by the user"


def test_the_last_trials_wait_for_candidates_while_the_search_runs():
    desk = Desk(trials=6, confirm=3, workers=6)
    assert [command.source for command in desk.first if isinstance(command, Suggest)] == ["default", "", ""]
    assert [type(each) for each in desk.tell(*measured(0, 0.1, 0.5))] == []
    commands = desk.tell(*measured(1, 0.2, 0.9))
    assert {c.source for c in commands if isinstance(c, Suggest)} == {CONFIRM}


def test_measuring_again_is_no_search_without_gain():
    desk = Desk(trials=30, confirm=2, patience=2, patience_gain=0.5)
    searched(desk, 0.5, 0.9)
    recent = desk.engine.study.progress.recent
    desk.tell(*measured(2, 0.1, 0.8, CONFIRM), *measured(3, 0.1, 0.8, CONFIRM))
    assert desk.engine.study.progress.recent == recent


def test_a_study_that_goes_on_after_its_end_searches_again():
    desk = Desk(trials=30, confirm=2, target=0.85)
    searched(desk, 0.5, 0.9)
    desk.tell(SearchEnded("target 0.85 reached"), *measured(2, 0.1, 0.9, CONFIRM))
    desk.tell(*measured(3, 0.0, 0.6, CONFIRM), StudyEnded("target 0.85 reached"))
    study = desk.engine.study
    study.apply(Record(study.seq + 1, 99.0, DriverStarted("another")))
    assert study.search_ended is None
    assert study.measured_again == []
    assert settings_to_go_on(study).target is None


def test_a_study_whose_driver_dies_while_it_confirms_goes_on_with_that():
    desk = Desk(trials=30, confirm=2, target=0.85)
    searched(desk, 0.5, 0.9)
    desk.tell(SearchEnded("target 0.85 reached"), *measured(2, 0.1, 0.9, CONFIRM))
    study = desk.engine.study
    settings = settings_to_go_on(study)
    assert settings.target == 0.85
    for event in first_facts(study, settings, DriverStarted("another"), all_again=True):
        study.apply(Record(study.seq + 1, 99.0, event))
    (command,) = Engine(study, NoPruner()).go_on()
    assert isinstance(command, Suggest)
    assert command.source == CONFIRM


def test_trials_that_the_end_cancelled_run_again_whatever_it_says_of_confirming():
    desk = Desk(trials=30, confirm=3, workers=2)
    searched(desk, 0.5, 0.6)
    desk.tell(TrialSuggested(2, {"x": 0.3, "y": 0.5}, "random"), TrialStarted(2, 1))
    desk.tell(StudyEnded(end_of(desk, "stopped by the user")))
    assert [trial.number for trial in cancelled_by_the_end(desk.engine.study)] == [2, 3]


def test_of_a_grid_every_point_is_tried_before_the_best_are_measured_again():
    space = Space(x=Int(1, 3), y=Categorical(["a", "b"]))
    options = read_options({"maximize": "score", "sampler": "grid", "confirm": 4}, MAGIC)
    settings, remark = within_bound(space, make_settings(options, MAGIC))
    assert settings.trials == 10
    assert remark.startswith("grid of 6 points")

    def train(launch):
        yield 1.0, TrialStarted(launch.number, 1)
        score = launch.params["x"] + launch.seed % 100 / 1000
        yield 1.0, TrialEnded(launch.number, 1, COMPLETE, score)

    virtual = VirtualStudy(space, replace(settings, workers=2, pruner="none"), train)
    virtual.run()
    trials = list(virtual.study.trials.values())
    assert [trial.source for trial in trials] == ["grid"] * 6 + [CONFIRM] * 4
    assert len({tuple(trial.params.items()) for trial in trials[:6]}) == 6
    assert all(trial.params["x"] == 3 for trial in trials[6:])


def confirmed_in_rounds(paces: tuple[float, ...]) -> tuple[list[tuple[object, ...]], str | None]:
    """What a study in rounds does whose trials take these times by turns, and why it ends."""

    def train(launch: Launch) -> Iterator[tuple[float, TrialFact]]:
        pace_s, x = paces[launch.number % len(paces)], launch.params["x"]
        assert isinstance(x, float)
        yield pace_s, TrialStarted(launch.number, 1)
        yield pace_s, TrialEnded(launch.number, 1, COMPLETE, x + launch.seed % 100 / 300)

    settings = Settings("score", workers=3, trials=40, sampler="random", pruner="none", patience=5, confirm=5)
    virtual = VirtualStudy(Space(x=Float(0, 1)), replace(settings, batch_deterministic=True), train)
    virtual.run()
    trials = virtual.study.trials.values()
    return [(t.number, t.source, t.params["x"], t.state) for t in trials], virtual.study.end_reason


def test_in_rounds_the_same_trials_confirm_whatever_the_timing():
    found, reason = confirmed_in_rounds((1, 1, 1))
    assert [source for _, source, _, _ in found].count(CONFIRM) == 5
    assert reason == "no better trial in the last 5"
    assert confirmed_in_rounds((1, 2, 3)) == confirmed_in_rounds((5, 1, 2)) == (found, reason)


def test_the_last_trials_confirm_without_a_number_of_them_where_a_rule_ends_the_search():
    options = read_options({"maximize": "score", "confirm": 3, "patience": "5"}, MAGIC)
    assert make_settings(options, MAGIC).trials is None
