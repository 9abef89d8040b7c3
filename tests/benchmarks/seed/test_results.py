"""From studies to tables and charts, on an experiment small enough for a test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import jupyter_tune as jt
from jupyter_tune.core.parameters import Params
from tests.benchmarks.seed import charts, experiments, tables, training
from tests.benchmarks.seed.experiments import RANDOM, RANDOM_ASHA, Experiment, Goal, Method
from tests.benchmarks.seed.outcomes import (
    Outcome,
    at_least_as_good,
    difference,
    measure,
    ratio,
    reached_by,
    remember,
    share_at,
)
from tests.benchmarks.seed.run import NAMES, options
from tests.benchmarks.seed.simulation import Run
from tests.benchmarks.seed.training import Epoch


def climb(params: Params, seed: int) -> Iterator[Epoch]:
    x = training.numbers(params)["x"]
    epoch = 0
    while True:
        epoch += 1
        yield Epoch(x * (1 - 0.7**epoch), 1.0)


RACE = Experiment(
    "S0",
    "a race",
    jt.Space(x=jt.Float(0.0, 1.0)),
    climb,
    (training,),
    9,
    (
        Method(RANDOM, "random", "none", 2, 200, "614 s"),
        Method(RANDOM_ASHA, "random", "asha", 2, 200, "357 s"),
    ),
    "time to target",
    "numbers",
    target=0.85,
    the_posts_target="0.96",
    goals=(Goal(RANDOM_ASHA, RANDOM, 0.9, "0.58"),),
)
BUDGETS = replace(
    RACE,
    kind="equal budgets",
    target=None,
    methods=(Method(RANDOM, "random", "none", 8, 12), Method(experiments.BAYESIAN, "gp", "none", 2, 4)),
)


@pytest.fixture(scope="module")
def race(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return measure(RACE, 4, tmp_path_factory.mktemp("curves"))


@pytest.fixture(scope="module")
def budgets(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return measure(BUDGETS, 2, tmp_path_factory.mktemp("curves"))


def test_every_method_of_a_seed_begins_with_the_same_random_point(race: Outcome) -> None:
    first = [{name: runs[seed].improved[0] for name, runs in race.runs.items()} for seed in range(4)]
    assert all(at[RANDOM] == at[RANDOM_ASHA] for at in first)
    assert len({at[RANDOM] for at in first}) == 4


def test_the_share_is_that_of_full_random_trainings(race: Outcome) -> None:
    # 0.85 after nine epochs takes x of 0.886 or more
    assert race.share == pytest.approx(0.114, abs=0.1)


def test_a_target_can_be_what_a_share_of_random_configurations_reach() -> None:
    bests = [0.1, 0.9, 0.3, 0.7, 0.7, 0.2, 0.5, 0.4, 0.6, 0.8]
    assert reached_by(bests, 0.1) == 0.9
    assert reached_by(bests, 0.21) == 0.7
    assert share_at(bests, reached_by(bests, 0.3)) == 0.4


def test_a_race_shows_the_posts_figures_beside_ours(race: Outcome) -> None:
    text = tables.section(replace(race, runs={**race.runs}))
    assert "| random, 2 at once | 614 s |" in text
    found = ratio(race.times_s(RANDOM_ASHA), race.times_s(RANDOM))
    assert f"| random + asha / random | 0.58 | {found.of_means:.2f} [" in text
    assert "of 60 random configurations ever reach it" in text


def test_a_method_that_misses_the_target_is_said_to(race: Outcome) -> None:
    runs = {**race.runs, RANDOM_ASHA: [*race.runs[RANDOM_ASHA][:-1], Run(improved=[(1.0, 0.1)])]}
    text = tables.section(replace(race, runs=runs))
    assert "3 of 4" in text
    assert "some never reached it" in text


def test_equal_budgets_are_compared_seed_by_seed(budgets: Outcome) -> None:
    text = tables.section(budgets)
    good = at_least_as_good(budgets, experiments.BAYESIAN, RANDOM)
    assert f"are at least as good as 12 of random in {good} of 2 seeds" in text
    assert [len(run.finals) for run in budgets.runs[RANDOM]] == [12, 12]


def test_what_a_study_has_chosen_is_trained_again_and_compared_by_that(tmp_path: Path) -> None:
    confirmed = Method("random, 2 of them confirm", "random", "none", 2, 6, confirm=2)
    outcome = measure(replace(BUDGETS, judge=climb, methods=(BUDGETS.methods[0], confirmed)), 2, tmp_path)
    for name, runs in outcome.runs.items():
        chosen = [training.numbers(run.chosen)["x"] * (1 - 0.7**9) for run in runs]
        assert outcome.worth[name] == pytest.approx(chosen)
    assert [len(run.finals) for run in outcome.runs[confirmed.name]] == [6, 6]
    text = tables.section(outcome)
    assert "of what it is worth" in text
    assert "6 trainings of random, 2 of them confirm are at least as good as 12 of random in " in text
    found = difference(outcome.worth[confirmed.name], outcome.worth[RANDOM])
    assert found.low <= found.mean <= found.high
    assert f"on average by {100 * found.mean:+.2f} [" in text


def test_a_ratio_of_equal_times_is_one_with_no_doubt() -> None:
    found = ratio([1.0, 2.0, 9.0], [2.0, 4.0, 18.0])
    assert (found.of_means, found.low, found.high, found.of_medians) == (0.5, 0.5, 0.5, 0.5)
    assert ratio([1.0, 8.0], [4.0, 4.0]).low < ratio([1.0, 8.0], [4.0, 4.0]).high


def test_the_chart_of_a_race_ends_where_the_last_seed_reached_the_target(race: Outcome) -> None:
    figure = charts.chart(race)
    for trace in figure.data:
        assert sorted(race.times_s(trace.name)) == list(trace.x[1:-1])
        assert list(trace.y[1:-1]) == [0.25, 0.5, 0.75, 1.0]
    assert figure.layout.xaxis.title.text == "virtual time, s"


def test_the_chart_of_budgets_never_falls(budgets: Outcome) -> None:
    lines = [trace for trace in charts.chart(budgets).data if trace.name]
    assert [len(trace.x) for trace in lines] == [12, 4]
    assert all(list(trace.y) == sorted(trace.y) for trace in lines)


def test_the_experiments_have_the_posts_ranges() -> None:
    assert experiments.S2.space.ranges() == {
        "units": [10, 1000],
        "lr": [1e-4, 0.1],
        "l2": [1e-6, 2.0],
        "batch": [10, 200],
    }
    assert experiments.S1.space.ranges() == {
        "learning_rate": [0.001, 0.5],
        "momentum": [0.0, 0.99],
        "wd": [0.0, 0.001],
    }
    assert experiments.s3_space(512).ranges() == {
        "batch": [4, 512],
        "learning_rate": [1e-6, 0.1],
        "momentum": [0.01, 0.99],
        "wd": [1e-5, 1.0],
    }


def test_whoever_trains_alike_remembers_for_the_other(tmp_path: Path) -> None:
    params: Params = {"batch": 64, "learning_rate": 1e-3, "momentum": 0.5, "wd": 1e-4}

    def trained_for_the_first_epoch(name: str) -> int:
        memory = remember(experiments.STAND_INS[name], tmp_path)
        curve = memory.curve(params, 0)
        next(curve)
        curve.close()
        return memory.trained

    assert [trained_for_the_first_epoch(name) for name in ("S3", "S3-rare")] == [1, 0]


def test_every_stand_in_can_be_asked_for() -> None:
    assert tuple(experiments.STAND_INS) == NAMES


def test_a_stand_in_never_calls_itself_cifar() -> None:
    for name in experiments.STAND_INS.keys() - {"S2"}:
        assert experiments.STAND_INS[name].data.startswith("Stand-in, no CIFAR-10")


def test_a_number_of_seeds_below_one_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options(["--seeds", "0"])
    assert "--seeds: must be 1 or more, got 0" in capsys.readouterr().err
    assert options(["--only", "S2", "--seeds", "3"]).only == ["S2"]
