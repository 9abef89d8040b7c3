"""Virtual workers and remembered curves: what happens when, and what is trained twice."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from itertools import islice
from pathlib import Path
from types import ModuleType, SimpleNamespace

import jupyter_tune as jt
from jupyter_tune.core.parameters import Params
from tests.benchmarks.seed.memory import Memory, digest_of
from tests.benchmarks.seed.simulation import simulate
from tests.benchmarks.seed.training import Epoch

SPACE = jt.Space(x=jt.Float(0.0, 1.0))


def tuner(pruner: str = "none", *, first: tuple[float, ...] = ()) -> jt.Tuner:
    space = jt.Space(x=jt.Float(0.0, 1.0, default=first[0])) if first else SPACE
    made = jt.Tuner(space, maximize="accuracy", sampler="random", pruner=pruner, max_steps=9, min_steps=1)
    # not enqueued: what the user asks for is not pruned
    drawn = iter(first[1:])
    sampler = made._sampler
    made._sampler = SimpleNamespace(
        suggest=lambda study, command, seed: (
            ({"x": x}, "drawn")
            if (x := next(drawn, None)) is not None
            else sampler.suggest(study, command, seed)
        )
    )
    return made


def climbs_to(params: Params, again: int = 0) -> Generator[Epoch]:
    """An epoch lasts 1 + x seconds; the accuracy grows to x, less a tenth each time it is trained again."""
    x = float(params["x"] or 0.0)
    epoch = 0
    while True:
        epoch += 1
        yield Epoch((x - 0.1 * again) * (1 - 0.5**epoch), 1 + x)


def test_workers_report_in_the_order_of_their_clocks() -> None:
    run = simulate(tuner(first=(0.0, 0.5, 1.0)), climbs_to, workers=2, epochs=2, trials=3)
    # the first worker: epochs of 1 s until 2 s, then of 2 s; the second: epochs of 1.5 s until 3 s
    assert run.improved == [(1.0, 0.0), (1.5, 0.25), (3.0, 0.375), (4.0, 0.5), (6.0, 0.75)]
    assert run.finals == [0.0, 0.375, 0.75]
    assert (run.started, run.epochs, run.ended_s) == (3, 6, 6.0)
    assert run.reached_s(0.4) == 4.0
    assert math.isinf(run.reached_s(0.8))


def test_what_is_measured_again_is_trained_another_time() -> None:
    made = jt.Tuner(SPACE, maximize="accuracy", sampler="random", pruner="none", trials=6, confirm=2)
    run = simulate(made, climbs_to, workers=1, epochs=1, trials=6)
    again = [trial for trial in made.study.trials.values() if trial.source == "confirm"]
    assert [trial.value for trial in again] == [0.5 * (float(t.params["x"] or 0) - 0.1) for t in again]
    assert run.chosen == made.best_params


def test_a_study_ends_when_the_target_is_reached() -> None:
    run = simulate(tuner(first=(0.5, 1.0)), climbs_to, workers=1, epochs=4, trials=9, target=0.7)
    assert run.ended_s == run.reached_s(0.7) == 4 * 1.5 + 2 * 2
    assert run.started == 2


def test_a_pruned_trial_frees_its_worker_at_once_and_trains_no_further() -> None:
    trained: list[float] = []

    def counted(params: Params, again: int) -> Generator[Epoch]:
        for epoch in climbs_to(params):
            trained.append(float(params["x"] or 0.0))
            yield epoch

    first = (0.9, 0.8, 0.1, 0.2)
    run = simulate(tuner("asha", first=first), counted, workers=1, epochs=9, trials=4)
    # from the third on a rung has rivals enough
    assert [trained.count(x) for x in first] == [9, 9, 1, 1]
    assert run.epochs == 20
    assert math.isclose(run.ended_s, 9 * 1.9 + 9 * 1.8 + 1.1 + 1.2)
    assert len(run.finals) == 2


def test_what_was_trained_is_read_and_only_what_goes_beyond_is_trained(tmp_path: Path) -> None:
    began: list[int] = []

    def train(params: Params, seed: int) -> Iterator[Epoch]:
        began.append(seed)
        return climbs_to(params)

    def epochs(memory: Memory, count: int) -> list[Epoch]:
        curve = memory.curve({"x": 0.5}, 3)
        found = list(islice(curve, count))
        curve.close()
        return found

    path = tmp_path / "new" / "curves.jsonl"
    memory = Memory(path, train)
    two = epochs(memory, 2)
    assert (began, memory.trained, memory.virtual_s) == ([3], 2, 3.0)
    again = Memory(path, train)
    assert epochs(again, 2) == two
    assert (began, again.trained) == ([3], 0)
    four = epochs(again, 4)
    assert four[:2] == two
    assert again.trained == 4
    assert epochs(Memory(path, train), 4) == four
    assert began == [3, 3]


def test_another_seed_is_another_training(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "curves.jsonl", lambda params, seed: iter([Epoch(seed / 10, 1.0)]))
    assert [next(memory.curve({"x": 0.5}, seed)).accuracy for seed in (1, 2)] == [0.1, 0.2]


def test_the_digest_is_of_the_code_alone(tmp_path: Path) -> None:
    def digest(source: str) -> str:
        module = ModuleType("module")
        module.__file__ = str(tmp_path / "module.py")
        (tmp_path / "module.py").write_text(source)
        return digest_of([module])

    known = digest('"""A doubler."""\ndef twice(x):\n    return 2 * x\n')
    assert digest('def twice(x):\n    """Two."""\n    return 2 * x  # doubled\n') == known
    assert digest("def twice(x):\n    return 3 * x\n") != known
