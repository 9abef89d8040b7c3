"""Virtual time: what a run costs, who is asked when, and what is scored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.benchmarks.search.curves import Array, Reference, Task, task
from tests.benchmarks.search.peers.ours import Ours
from tests.benchmarks.search.peers.served import Setup, Suggestion
from tests.benchmarks.search.spaces import real
from tests.benchmarks.search.workers import MOMENTS, Outcome, simulate

STEPS = 4


def line(x: Array) -> tuple[Array, Array]:
    """The loss falls from x + 4 to x; a step takes x seconds."""
    return x[:, :1] + np.arange(STEPS, 0, -1.0), x[:, :1] * np.arange(1, STEPS + 1)


def made(full_seconds: float = 4.0, noise: float = 0.0) -> Task:
    reference = Reference(0.0, 1.0, 0.1, np.zeros(STEPS), full_seconds)
    return Task("line", "table", (real("x", 0.0, 10.0),), STEPS, lambda u: line(10 * u), reference, noise)


class Script:
    """Asks for the values in turn, the last one over and over; writes down all that it hears."""

    def __init__(self, *asks: Any, goes_on: Callable[[int, int], bool] = lambda id, step: True):
        self.asks = [ask if isinstance(ask, tuple) else (ask, None) for ask in asks]
        self.goes_on = goes_on
        self.heard: list[tuple[Any, ...]] = []
        self.asked = 0

    def ask(self) -> Suggestion:
        x, until = self.asks[min(self.asked, len(self.asks) - 1)]
        self.asked += 1
        self.heard.append(("ask", self.asked - 1))
        return Suggestion(self.asked - 1, {"x": x}, until)

    def report(self, id: Any, step: int, loss: float) -> bool:
        self.heard.append(("report", id, step, pytest.approx(loss)))
        return self.goes_on(id, step)

    def tell(self, id: Any, loss: float | None, state: str) -> None:
        self.heard.append((state, id, pytest.approx(loss)))


def test_reports_come_in_the_order_of_their_times() -> None:
    script = Script(1.0, 1.5)
    simulate(script, made(), workers=2, seed=0, horizon=1.5)
    # the pool's unit is 4 s / 2 workers: the horizon is at 3 s
    assert script.heard == [
        ("ask", 0),
        ("ask", 1),
        ("report", 0, 1, 5.0),
        ("report", 1, 1, 5.5),
        ("report", 0, 2, 4.0),
        ("report", 0, 3, 3.0),
        ("report", 1, 2, 4.5),
    ]


def test_a_worker_that_is_free_asks_at_once() -> None:
    script = Script(1.0, goes_on=lambda id, step: id != 0)
    outcome = simulate(script, made(), workers=1, seed=0, horizon=1.25)
    assert script.heard == [
        ("ask", 0),
        ("report", 0, 1, 5.0),
        ("pruned", 0, 5.0),
        ("ask", 1),
        *(("report", 1, step, 6.0 - step) for step in (1, 2, 3, 4)),
        ("complete", 1, 2.0),
        ("ask", 2),
    ]
    assert (outcome.asked, outcome.reports) == (3, 5)
    assert outcome.improvements == [(0.25, pytest.approx(5)), (0.75, 4), (1.0, 3), (1.25, 2)]
    assert outcome.last_regret == pytest.approx(2)


def test_a_configuration_that_is_asked_for_again_is_charged_from_its_first_step() -> None:
    script = Script((1.0, 2), (1.0, 4))
    outcome = simulate(script, made(), workers=1, seed=0, horizon=1.5)
    assert script.heard[:11] == [
        ("ask", 0),
        ("report", 0, 1, 5.0),
        ("report", 0, 2, 4.0),
        ("complete", 0, 4.0),
        ("ask", 1),
        ("report", 1, 1, 5.0),
        ("report", 1, 2, 4.0),
        ("report", 1, 3, 3.0),
        ("report", 1, 4, 2.0),
        ("complete", 1, 2.0),
        ("ask", 2),
    ]
    assert outcome.improvements[-1] == (1.5, 2)


def test_the_incumbent_is_chosen_by_what_is_shown_and_scored_by_what_is_true() -> None:
    noisy = made(noise=3.0)
    outcome = simulate(Script(1.0), noisy, workers=1, seed=0, horizon=1.0)
    curve = noisy.curve({"x": 1.0}, 0)
    lowest = curve.shown.argmin()
    assert outcome.regret(1.0) == pytest.approx(curve.losses[lowest])
    assert not np.allclose(curve.shown, curve.losses)


def test_regret_is_1_until_something_is_known() -> None:
    outcome = Outcome(improvements=[(2.0, 0.7), (4.0, 0.2)])
    assert [outcome.regret(moment) for moment in (1.9, 2.0, 3.9, 5.0)] == [1.0, 0.7, 0.7, 0.2]


def test_eight_workers_and_one_do_the_same_work_in_the_same_units() -> None:
    reports = [simulate(Script(1.0), made(), workers, 0, horizon=10).reports for workers in (1, 8)]
    assert reports == [40, 40]


def test_a_run_of_ours_is_determined_by_its_seed() -> None:
    known = task("digits_mlp+noisy")
    first, again, other = (
        simulate(
            Ours(Setup(list(known.space), seed, known.max_steps, 4, "random+asha")), known, 4, seed, horizon=5
        )
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other
    assert 0 <= first.regret(MOMENTS[0]) <= 1


def test_a_value_outside_the_space_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"x: 11.0 is outside"):
        simulate(Script(11.0), made(), workers=1, seed=0)
