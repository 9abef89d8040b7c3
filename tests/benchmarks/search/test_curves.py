"""The tasks: their curves, their variants, the unit cube."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks.search import curves
from tests.benchmarks.search.curves import Task, task
from tests.benchmarks.search.spaces import choice, draw, from_unit, real, to_unit, whole

PLAIN = [name for name in curves.names() if "+" not in name]


def drawn(of: Task, count: int) -> list[dict[str, object]]:
    random = np.random.default_rng(7)
    return [draw(of.space, random) for _ in range(count)]


def test_there_are_tasks_of_every_kind() -> None:
    kinds = [curves.kind(name) for name in curves.names()]
    assert len(PLAIN) >= 12
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "lcbench": 4,
        "taskset": 5,
        "table": 4,
        "noisy": 4,
        "slow": 4,
    }


# one network serves all of LCBench: one task of it stands for the others
@pytest.mark.parametrize("name", [name for name in PLAIN if "lcbench" not in name] + ["lcbench_167168"])
def test_a_curve_has_a_finite_loss_and_a_later_time_at_every_step(name: str) -> None:
    known = task(name)
    for params in drawn(known, 20):
        curve = known.curve(params)
        assert curve.losses.shape == curve.seconds.shape == (known.max_steps,)
        assert np.isfinite(curve.losses).all()
        assert curve.seconds[0] > 0
        assert (np.diff(curve.seconds) >= 0).all()
        assert curve.shown is curve.losses


@pytest.mark.parametrize("name", [name for name in PLAIN if "lcbench" not in name])
def test_regret_is_0_at_the_best_row_and_1_at_the_median_one(name: str) -> None:
    known = task(name)
    assert known.regret(known.reference.best) == 0
    assert known.regret(known.reference.median) == 1
    assert known.regret(known.reference.best - 1) == 0


def test_the_references_of_lcbench_are_those_of_random_configurations() -> None:
    known = task("lcbench_167168")
    reference = known.reference
    random = np.random.default_rng(11)
    losses, seconds = known.answer(random.random((200, len(known.space))))
    # shares of 200 draws: two standard errors are 0.07 for the half and 0.04 for the tenth
    assert (losses[:, -1] < reference.median).mean() == pytest.approx(0.5, abs=0.1)
    assert (losses[:, -1] < reference.good).mean() == pytest.approx(0.1, abs=0.06)
    assert losses[:, -1].min() > reference.best
    assert seconds[:, -1].mean() == pytest.approx(reference.full_seconds, rel=0.2)
    assert np.median(losses, axis=0) == pytest.approx(reference.median_curve, rel=0.2)


def test_a_table_answers_with_its_nearest_row() -> None:
    with np.load(curves.DATA / "table_digits_mlp.npz") as file:
        unit, losses = file["unit"], file["losses"]
    known = task("digits_mlp")
    # the batch (index 3) and others are whole numbers, whose rounding a row has gone through already
    for row in (0, 17, 599):
        curve = known.curve(from_unit(known.space, unit[row]))
        assert curve.losses == pytest.approx(losses[row])


def test_a_row_of_another_category_is_as_far_as_a_whole_range() -> None:
    space = (choice("kind", "a", "b", "c"), real("x", 0, 1))
    rows = np.array([to_unit(space, {"kind": "b", "x": 0.5}), to_unit(space, {"kind": "c", "x": 0.9})])
    answer = curves._nearest(space, rows, np.array([[1.0], [2.0]]), np.ones((2, 1)))
    asked = np.array([to_unit(space, {"kind": "a", "x": 0.6}), to_unit(space, {"kind": "c", "x": 0.0})])
    assert answer(asked)[0].tolist() == [[1.0], [2.0]]


def test_the_unit_cube_gives_back_every_value() -> None:
    space = (
        whole("n", 1, 5),
        whole("w", 16, 512, log=True),
        real("x", 1e-4, 1, log=True),
        choice("c", "a", "b"),
    )
    for values in ((1, 16, 1e-4, "a"), (3, 100, 0.3, "b"), (5, 512, 1.0, "b")):
        params = dict(zip("nwxc", values, strict=True))
        back = from_unit(space, to_unit(space, params))
        assert back == params | {"x": pytest.approx(params["x"])}
        assert type(back["n"]) is int


def test_noise_is_that_of_the_configuration_the_step_and_the_seed() -> None:
    clean, noisy = task("digits_mlp"), task("digits_mlp+noisy")
    params = drawn(clean, 40)
    assert (noisy.curve(params[0], 1).shown == noisy.curve(params[0], 1).shown).all()
    assert (noisy.curve(params[0], 1).shown != noisy.curve(params[0], 2).shown).all()
    assert (noisy.curve(params[0], 1).losses == clean.curve(params[0]).losses).all()
    noise = np.concatenate([noisy.curve(p).shown - noisy.curve(p).losses for p in params])
    scale = noisy.reference.median - noisy.reference.best
    # 2,000 draws: the deviation is known to about 1.6 %
    assert noise.std() == pytest.approx(0.1 * scale, rel=0.07)
    assert abs(noise.mean()) < 0.01 * scale


def test_slow_starters_begin_like_the_median_and_end_as_they_are() -> None:
    clean, slow = task("digits_mlp"), task("digits_mlp+slow")
    reference = clean.reference
    both = [(clean.curve(p).losses, slow.curve(p).losses) for p in drawn(clean, 100)]
    good = [pair for pair in both if pair[0][-1] <= reference.good]
    assert 3 <= len(good) <= 25
    for was, now in good:
        assert now[0] >= reference.median_curve[0]
        assert (now >= was).all()
        assert (now[10:] == was[10:]).all()
    assert all((was == now).all() for was, now in both if was[-1] > reference.good)


def test_an_unknown_task_is_named() -> None:
    with pytest.raises(KeyError, match="no task cifar; there are lcbench_3945"):
        task("cifar")
