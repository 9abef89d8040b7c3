from __future__ import annotations

import itertools
import json
import math
import random
from typing import Any

import pytest

from jupyter_tune.core.encoding import event_from_json, event_to_json
from jupyter_tune.core.events import (
    Event,
    Record,
    StudyOpened,
    TrialAdded,
    TrialEnded,
    TrialReported,
    TrialStarted,
)
from jupyter_tune.core.front import dominates
from jupyter_tune.core.resuming import other_search
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.stopping import stop_reason
from jupyter_tune.core.trial import COMPLETE, PRUNED
from jupyter_tune.errors import TuneError
from tests.core.studies import SPACE, study_of, suggested

TWO: dict[str, Any] = {"also": (("cost", "minimize"),)}


def ended(number, score, cost, state=COMPLETE):
    metrics = {"score": score, "cost": cost}
    return [suggested(number), TrialStarted(number, 1), TrialEnded(number, 1, state, score, metrics)]


def two(*trials, **settings):
    events = [event for number, (score, cost) in enumerate(trials) for event in ended(number, score, cost)]
    return study_of(*events, **TWO, **settings)


def front_of(study):
    return [trial.number for trial in study.best_trials]


def test_the_best_trials_are_those_that_no_other_beats_in_every_metric():
    study = two((1.0, 5.0), (2.0, 5.0), (1.0, 1.0), (0.5, 2.0), (3.0, 9.0))
    assert front_of(study) == [1, 2, 4]
    assert study.trials[4].values == (3.0, 9.0)


def test_equal_trials_stand_on_the_front_together():
    assert front_of(two((1.0, 5.0), (1.0, 5.0), (1.0, 6.0))) == [0, 1]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_on_no_front(bad):
    assert front_of(two((1.0, bad), (bad, 1.0), (0.0, 9.0))) == [2]


def test_the_front_is_that_of_all_pairs_whatever_the_order():
    chance = random.Random(5)
    for _ in range(30):
        points = [(float(chance.randrange(5)), float(chance.randrange(5))) for _ in range(12)]
        losses = [(-score, cost) for score, cost in points]
        expected = [i for i, a in enumerate(losses) if not any(dominates(b, a) for b in losses)]
        assert front_of(two(*points)) == expected


def test_several_metrics_have_no_single_best_and_the_error_names_the_front():
    study = two((1.0, 5.0))
    assert study.best_trial is None
    with pytest.raises(TuneError, match=r"several metrics \(score, cost\).*best_trials"):
        study.require_best()


def test_what_was_reported_last_counts_in_each_metric():
    events: list[Event] = [suggested(0), TrialStarted(0, 1)]
    for step, (score, cost) in enumerate([(0.9, 9.0), (0.5, 3.0)], 1):
        events.append(TrialReported(0, 1, step, {"score": score, "cost": cost}))
    study = study_of(*events, TrialEnded(0, 1, COMPLETE), **TWO)
    assert study.trials[0].values == (0.5, 3.0)


def test_a_trial_without_one_of_the_metrics_has_no_values():
    study = study_of(suggested(0), TrialStarted(0, 1), TrialEnded(0, 1, COMPLETE, 0.5), **TWO)
    assert study.trials[0].values is None
    assert study.best_trials == []


def test_a_pruned_trial_is_on_no_front():
    assert front_of(study_of(*ended(0, 9.0, 0.0, PRUNED), *ended(1, 1.0, 1.0), **TWO)) == [1]


def test_results_from_elsewhere_stand_on_the_front_with_all_their_metrics():
    added = TrialAdded(0, {"x": 0.1, "y": 0.1}, 0.7, {"score": 0.7, "cost": 2.0})
    study = study_of(added, *ended(1, 0.6, 3.0), **TWO)
    assert front_of(study) == [0]
    assert event_from_json(json.loads(json.dumps(event_to_json(added)))) == added


def test_patience_counts_trials_since_the_front_last_moved():
    study = two((1.0, 5.0), (1.0, 5.0), (0.0, 6.0), patience=2)
    assert study.finished_since_best == 2
    assert stop_reason(study) == "no trial better in any metric in the last 2"
    assert stop_reason(two((1.0, 5.0), (0.0, 6.0), (0.5, 1.0), patience=2)) is None


def test_a_snapshot_keeps_the_front_of_its_moment():
    study = two((1.0, 5.0))
    before = study.snapshot()
    for event in ended(1, 2.0, 1.0):
        study.apply(Record(study.seq + 1, 99.0, event))
    assert (front_of(before), front_of(study)) == ([0], [1])


def test_an_infeasible_trial_is_never_best():
    def one(number, score, latency):
        metrics = {"score": score, "latency": latency}
        return [suggested(number), TrialStarted(number, 1), TrialEnded(number, 1, COMPLETE, score, metrics)]

    study = study_of(*one(0, 0.9, 30.0), *one(1, 0.5, 10.0), subject_to=("latency <= 20",))
    assert study.best_trial is not None
    assert study.best_trial.number == 1
    assert [trial.feasible for trial in study.trials.values()] == [False, True]
    assert study.infeasible == 1
    assert study.violated_by(study.trials[0]) == ["latency <= 20"]


def test_a_trial_whose_constrained_metric_is_unknown_is_infeasible():
    study = study_of(TrialAdded(0, {"x": 0.1, "y": 0.1}, 0.7), subject_to=("latency <= 20",))
    assert not study.trials[0].feasible


def test_where_no_trial_is_feasible_the_error_says_what_none_satisfies():
    metrics = {"score": 0.9, "latency": 30.0}
    end = TrialEnded(0, 1, COMPLETE, 0.9, metrics)
    study = study_of(suggested(0), TrialStarted(0, 1), end, subject_to=("latency <= 20",))
    assert study.best_trial is None
    with pytest.raises(TuneError, match="none of 1 satisfies latency <= 20"):
        study.require_best()


def test_a_front_holds_feasible_trials_only():
    study = two((1.0, 5.0), (2.0, 1.0), (0.5, 2.0), subject_to=("cost >= 2",))
    assert front_of(study) == [0, 2]


def test_other_metrics_or_constraints_are_another_search():
    study = two((1.0, 5.0), subject_to=("cost < 3",))
    same = Settings("score", subject_to=("cost < 3",), **TWO)
    assert other_search(study, SPACE, same) == []
    assert other_search(study, SPACE, Settings("score")) == [
        "further metrics: minimize cost in the study, none here",
        "constraints: cost < 3 in the study, none here",
    ]


def test_settings_come_back_from_a_journal_as_they_were():
    settings = Settings("score", subject_to=("cost < 3",), **TWO)
    opened = StudyOpened("one", SPACE, settings)
    assert event_from_json(json.loads(json.dumps(event_to_json(opened)))).settings == settings
    older = event_to_json(opened)
    older["settings"] = {
        key: value for key, value in older["settings"].items() if key not in ("also", "subject_to")
    }
    assert event_from_json(older).settings == Settings("score")


def test_dominance_is_a_strict_order():
    points = [(0, 1), (1, 0), (1, 1), (0, 0)]
    for one, other in itertools.product(points, points):
        assert not (dominates(one, other) and dominates(other, one))
    assert dominates((0, 1), (1, 1))
    assert not dominates((0, 1), (0, 1))
