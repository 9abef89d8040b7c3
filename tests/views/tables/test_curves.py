from __future__ import annotations

from itertools import pairwise

import pytest

from jupyter_tune.core.events import Event, TrialEnded, TrialReported, TrialStarted, TrialSuggested
from jupyter_tune.core.study import Study
from jupyter_tune.views.tables.curves import CurveBounds, Curves
from tests.views import studies


def followed(*events: Event, bounds: CurveBounds | None = None) -> tuple[Study, Curves]:
    """The curves of a study that were told of it record by record."""
    study, recorded = studies.began(*events)
    curves = Curves(study, bounds or CurveBounds())
    for record in recorded:
        study.apply(record)
        tell(curves, record.event)
    curves.refresh()
    return study, curves


def tell(curves: Curves, event: Event) -> None:
    if isinstance(event, TrialReported):
        curves.note(event.number, event.step)
    elif isinstance(event, (TrialSuggested, TrialStarted, TrialEnded)):
        curves.note(event.number)


def one_curve(*steps: int) -> list[Event]:
    reports = (TrialReported(0, 1, step, {"accuracy": step / 1000}) for step in steps)
    return [*studies.started(), *reports]


def steps_shown(curves: Curves) -> list[int]:
    return [step for _, step, _ in curves.rows]


def test_up_to_the_bound_all_curves_are_shown() -> None:
    study, curves = followed(*studies.story(200))
    assert {number for number, _, _ in curves.rows} == {n for n, trial in study.trials.items() if trial.curve}


def test_beyond_it_the_best_the_newest_and_a_sample_are() -> None:
    study, curves = followed(*studies.story(1000))
    shown = {number for number, _, _ in curves.rows}
    assert len(shown) <= 250
    with_curves = sorted(n for n, trial in study.trials.items() if trial.curve)
    assert set(with_curves[-100:]) <= shown
    with_value = [trial for trial in study.trials.values() if trial.curve and trial.value]
    best = sorted(with_value, key=lambda trial: (trial.state != "complete", -(trial.value or 0)))
    assert {trial.number for trial in best[:50]} <= shown
    old = [number for number in sorted(shown) if number % 32 == 0 and number < 900]
    assert old == [n for n in range(0, 900, 32) if study.trials[n].curve]


def test_live_curves_are_always_shown() -> None:
    bounds = CurveBounds(all=2, best=0, newest=1, sample=1, points=10)
    events: list[Event] = [
        event
        for n in range(9)
        for event in (
            *studies.started(n),
            TrialReported(n, 1, 1, {"accuracy": 0.5}),
            TrialEnded(n, 1, "complete"),
        )
    ]
    events.remove(TrialEnded(3, 1, "complete"))
    _, curves = followed(*events, bounds=bounds)
    assert [number for number, _, _ in curves.rows] == [0, 3, 8]


@pytest.mark.parametrize("count", [0, 1, 199, 200, 1000, 1001])
def test_a_long_curve_is_thinned_evenly_and_ends_with_its_last_report(count: int) -> None:
    _, curves = followed(*one_curve(*range(1, count + 1)), TrialEnded(0, 1, "complete"))
    steps = steps_shown(curves)
    assert len(steps) <= 200
    assert steps[-1:] == ([count] if count else [])
    assert len({b - a for a, b in pairwise(steps[:-1])}) <= 1


def test_a_report_of_a_known_step_replaces_it() -> None:
    _, curves = followed(*one_curve(1, 2), TrialReported(0, 1, 1, {"accuracy": 0.9}))
    assert curves.rows == [(0, 1, 0.9), (0, 2, 0.002)]


def test_points_that_nobody_was_told_of_are_not_told_once_they_are_gone() -> None:
    study, curves = followed(*one_curve(1, 2))
    restart = studies.records(*one_curve(1, 2), TrialStarted(0, 2))[-1]
    study.apply(restart)
    tell(curves, restart.event)
    curves.refresh()
    assert curves.take() == ([0], [])
    assert curves.take() == ([], [])


def test_only_what_is_new_is_told() -> None:
    study, curves = followed(*one_curve(1, 2))
    assert curves.take() == ([], [(0, 1, 0.001), (0, 2, 0.002)])
    third = studies.records(*one_curve(1, 2, 3))[-1]
    study.apply(third)
    tell(curves, third.event)
    curves.refresh()
    assert curves.take() == ([], [(0, 3, 0.003)])
