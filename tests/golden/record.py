"""Records the golden journals that are missing.

    python -m tests.golden.record

What is there stays: a release keeps its journals, and later versions take the same decisions. To accept
another decision, delete NAME.commands and run this; the diff then shows what users will notice. Another
journal is another function in JOURNALS.
"""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from jupyter_tune.core.commands import Launch
from jupyter_tune.core.events import (
    BudgetChanged,
    FilesRemoved,
    GainEstimated,
    HaltRequested,
    NoteWritten,
    PriorAdded,
    Record,
    StopRequested,
    StudyOpened,
    StudyPaused,
    StudyResumed,
    StudyTagged,
    TrialEnded,
    TrialEnqueued,
    TrialReported,
    TrialStarted,
)
from jupyter_tune.core.parameters import Categorical, Float, Int, Params
from jupyter_tune.core.ports import TrialFact
from jupyter_tune.core.resuming import settings_to_go_on
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.steering import narrowed, undoing
from jupyter_tune.core.trial import CANCELLED, COMPLETE, FAILED, LOST, PRUNED
from jupyter_tune.journal import Journal
from tests.golden.replay import FOLDER, commands_text, read_golden, text_of_record
from tests.golden.virtual import VirtualStudy

NETWORK = Space(lr=Float(1e-4, 1.0, log=True), width=Int(8, 64, step=8), act=Categorical(["relu", "tanh"]))
OPTIMIZER = Space(
    {
        "optimizer": Categorical(["adam", "sgd"]),
        "momentum": Float(0.0, 0.99),
        "nesterov": Categorical([False, True]),
        "lr": Float(0.001, 0.1, log=True),
    },
    when={"momentum": {"optimizer": ["sgd"]}, "nesterov": {"optimizer": ["sgd"]}},
)
GRID = Space(
    {"depth": Int(1, 3), "act": Categorical(["relu", "prelu"]), "slope": Float(0.0, 0.5, step=0.25)},
    when={"slope": {"act": ["prelu"]}},
)


def trains(
    metric: str, steps: int, value: Callable[[Launch, int], float], *, every: int = 1
) -> Callable[[Launch], Iterator[tuple[float, TrialFact]]]:
    """An attempt that reports `value` after each `every` steps; each trial at its own pace."""

    def train(launch: Launch) -> Iterator[tuple[float, TrialFact]]:
        key = launch.number, launch.attempt
        yield 0.25, TrialStarted(*key, f"slot/{launch.number % launch.workers}", 1000 + launch.number)
        for step in range(launch.resumed_from + every, steps + 1, every):
            pace_s = 1.0 + launch.number % 5 / 4
            yield pace_s, TrialReported(*key, step, {metric: value(launch, step)})
        yield 0.5, TrialEnded(*key, COMPLETE, checkpoint=True)

    return train


def accuracy(launch: Launch, step: int) -> float:
    """Best near lr 0.02 and width 40; learns slowly where lr is small."""
    lr, width = launch.params["lr"], launch.params["width"]
    assert isinstance(lr, float)
    assert isinstance(width, int)
    best = 0.95 - abs(width - 40) / 200 - (lr - 0.02) ** 2 - 0.02 * (launch.params["act"] == "tanh")
    return round(best * step / (step + 0.05 / (lr + 0.01)), 6)


def asha() -> VirtualStudy:
    """Halts, readings that are NaN or infinite, and trials resumed from their checkpoints."""

    def value(launch: Launch, step: int) -> float:
        odd = {(2, 5): math.nan, (6, 1): math.nan, (9, 1): math.inf, (14, 1): -math.inf}
        return odd.get((launch.number, step), accuracy(launch, step))

    settings = Settings(
        "accuracy", trials=26, workers=4, sampler="random", pruner="asha", min_steps=1, max_steps=9, seed=3
    )
    study = VirtualStudy(NETWORK, settings, trains("accuracy", 9, value), checkpoints=True)
    study.run()
    return study


def few() -> VirtualStudy:
    """One trial at a time: the first ones wait for rivals, and the best of them starts again."""
    settings = Settings(
        "accuracy", trials=30, workers=1, sampler="random", pruner="asha", max_steps=27, seed=2
    )
    study = VirtualStudy(NETWORK, settings, trains("accuracy", 27, accuracy))
    study.run()
    return study


def folds() -> VirtualStudy:
    """Trials that are stopped between folds, one with NaN in a fold, and the best ones measured again."""

    def train(launch: Launch) -> Iterator[tuple[float, TrialFact]]:
        key = launch.number, launch.attempt
        yield 0.25, TrialStarted(*key, f"slot/{launch.number % launch.workers}", 1000 + launch.number)
        for fold in range(5):
            luck = (launch.seed >> 3 * fold) % 8 / 400
            value = math.nan if (launch.number, fold) == (9, 1) else accuracy(launch, 9) - 0.03 * fold + luck
            yield 1.0 + launch.number % 5 / 4, TrialReported(*key, fold + 1, {"accuracy": value}, fold=fold)
        yield 0.5, TrialEnded(*key, COMPLETE)

    settings = Settings(
        "accuracy", trials=24, workers=3, sampler="random", pruner="asha", repeats=5, confirm=6, seed=8
    )
    study = VirtualStudy(NETWORK, settings, train)
    study.run()
    return study


def confirming() -> VirtualStudy:
    """A search that ends at its target by luck, and by patience: each time the best are measured again, once
    by two drivers. Then the user stops the study before all of them are."""

    def noisy(launch: Launch, step: int) -> float:
        return round(accuracy(launch, 9) + (launch.seed % 64 - 32) / 300, 6)

    settings = Settings(
        "accuracy", trials=60, workers=3, sampler="random", pruner="none", target=0.85, confirm=5, seed=2
    )
    study = VirtualStudy(NETWORK, settings, trains("accuracy", 2, noisy))
    study.run()
    ended = study.now_s
    study.take_over(replace(settings, target=None, patience=6))
    study.kill_at(ended + 73.0)
    study.run()
    study.take_over(study.study.settings)
    study.run()
    study.take_over(replace(settings, target=None, patience=3))
    study.at(study.now_s + 10.5, lambda: StopRequested("stopped by the user"))
    study.run()
    return study


def hyperband() -> VirtualStudy:
    """Brackets that judge at other steps, a metric to minimise, first steps by the rule for hyperband."""
    settings = Settings(
        "loss",
        "minimize",
        trials=30,
        workers=3,
        sampler="sobol",
        pruner="hyperband",
        max_steps=40,
        reduction_factor=2,
        seed=11,
    )
    loss = trains("loss", 40, lambda launch, step: round(1 - accuracy(launch, step), 6), every=4)
    study = VirtualStudy(NETWORK, settings, loss, checkpoints=True)
    study.run()
    return study


def steered() -> VirtualStudy:
    """A user who enqueues, withdraws, narrows, undoes, halts, pauses, changes the budget, and stops it."""

    def loss(launch: Launch, step: int) -> float:
        lr, momentum = launch.params["lr"], launch.params.get("momentum", 0.9)
        assert isinstance(lr, float)
        assert isinstance(momentum, float)
        return round((lr - 0.03) ** 2 * 100 + (momentum - 0.8) ** 2 + launch.number % 4 / 50 + 1 / step, 6)

    settings = Settings("loss", "minimize", trials=40, workers=3, sampler="random", pruner="median", seed=1)
    study = VirtualStudy(OPTIMIZER, settings, trains("loss", 6, loss))
    study.at(3.0, lambda: TrialEnqueued({"optimizer": "sgd", "lr": 0.05}))
    study.at(4.0, lambda: TrialEnqueued({"momentum": 0.5}))
    study.at(5.0, lambda: undoing(study.study))
    study.at(8.0, lambda: narrowed(study.study, {"lr": [0.01, 0.1]}))
    # outside of the ranges that hold now
    study.at(9.0, lambda: TrialEnqueued({"lr": 0.002}))
    study.at(12.0, lambda: HaltRequested(study.study.live[0].number, PRUNED))
    study.at(12.0625, lambda: HaltRequested(study.study.live[-1].number, CANCELLED))
    # the second is withdrawn while it is being suggested; then the ranges move while both trials wait
    study.at(12.125, lambda: TrialEnqueued({"lr": 0.004}))
    study.at(12.15625, lambda: TrialEnqueued({"lr": 0.05}))
    study.at(12.25, lambda: undoing(study.study))
    study.at(12.3125, StudyPaused)
    study.at(12.75, lambda: narrowed(study.study, {"momentum": [0.7, 0.99], "lr": [0.03, 0.06]}))
    study.at(13.0, StudyResumed)
    study.at(20.0, StudyPaused)
    study.at(21.0, lambda: TrialEnqueued({"optimizer": "adam"}))
    study.at(30.0, StudyResumed)
    study.at(30.125, lambda: narrowed(study.study, {"optimizer": ["adam"], "lr": [0.02, 0.05]}))
    study.at(40.0, lambda: BudgetChanged(30, 5))
    # worse than what the rule prunes, but asked for
    study.at(45.0, lambda: TrialEnqueued({"optimizer": "adam", "lr": 0.1}))
    study.at(50.0, lambda: undoing(study.study))
    study.at(51.0, lambda: undoing(study.study))
    study.at(60.0, lambda: BudgetChanged(36, 2))
    study.at(75.0, lambda: StopRequested("stopped by the user"))
    study.run()
    return study


def restarted() -> VirtualStudy:
    """Workers and a driver that die; a study that goes on after its target, and ends by patience."""

    def train(launch: Launch) -> Iterator[tuple[float, TrialFact]]:
        dies = (launch.number == 2 and launch.attempt == 1) or launch.number == 4
        facts = trains("accuracy", 4, accuracy)(launch)
        for delay_s, fact in facts:
            if dies and isinstance(fact, TrialReported) and fact.step == 2:
                yield delay_s, TrialEnded(launch.number, launch.attempt, LOST, reason="the worker died")
                return
            yield delay_s, fact

    settings = Settings(
        "accuracy", trials=30, workers=3, sampler="random", max_steps=4, min_steps=2, target=0.8, seed=8
    )
    study = VirtualStudy(NETWORK, settings, train, checkpoints=True)
    study.at(8.5, StudyPaused)
    study.kill_at(9.0)
    study.run()
    study.take_over(replace(study.study.settings, trials=25, workers=4))
    study.run()
    study.take_over(replace(settings_to_go_on(study.study, 20), patience=5))
    study.run()
    return study


def reattached() -> VirtualStudy:
    """A driver that dies while its trials go on, one of which it has just launched."""
    settings = Settings(
        "accuracy",
        trials=14,
        workers=3,
        sampler="random",
        pruner="asha",
        max_steps=9,
        min_steps=1,
        seed=11,
        retries=0,
    )
    study = VirtualStudy(NETWORK, settings, trains("accuracy", 9, accuracy), checkpoints=True)
    study.kill_at(6.4)
    study.run()
    study.take_over(study.study.settings, finds=True)
    study.run()
    return study


def failing() -> VirtualStudy:
    """Code that fails alike in every trial until the study gives up; mended, it runs through a grid."""

    def breaks(launch: Launch) -> Iterator[tuple[float, TrialFact]]:
        key = launch.number, launch.attempt
        yield 0.25, TrialStarted(*key)
        text = f'Traceback\n  File "<cell>", line 3\nValueError: depth {launch.params["depth"]} is not enough'
        yield 0.5, TrialEnded(*key, FAILED, error=text)

    def loss(launch: Launch, step: int) -> float:
        depth, slope = launch.params["depth"], launch.params.get("slope", 0.1)
        assert isinstance(depth, int)
        assert isinstance(slope, float)
        return round((depth - 2) ** 2 / 3 + slope / step, 6)

    settings = Settings("loss", "minimize", trials=11, workers=2, sampler="grid", pruner="none")
    added: list[tuple[Params, float]] = [({"depth": 3, "act": "relu"}, 0.5)]
    study = VirtualStudy(GRID, settings, breaks, added=added)
    study.run()
    study.take_over(study.study.settings, trains("loss", 2, loss))
    study.run()
    return study


def edited() -> VirtualStudy:
    """Code that changes when the study is resumed, comes back, and is edited while trials run."""

    def other(launch: Launch, step: int) -> float:
        return round(1.1 * accuracy(launch, step), 6)

    settings = Settings(
        "accuracy",
        trials=24,
        workers=3,
        sampler="random",
        pruner="asha",
        min_steps=1,
        max_steps=9,
        seed=4,
        retries=0,
    )
    first, second = trains("accuracy", 9, accuracy), trains("accuracy", 9, other)
    study = VirtualStudy(NETWORK, settings, first, checkpoints=True, origin={"source": "train()"})
    study.kill_at(12.0)
    study.run()
    study.take_over(settings, second, code="train(2)")
    study.kill_at(80.0)
    study.run()
    study.take_over(settings, first, code="train()")
    study.kill_at(152.0)
    study.run()
    study.take_over(replace(settings, trials=10), second, code="train(2)", edited=True)
    study.run()
    return study


def rounds() -> VirtualStudy:
    """Decisions in rounds, trials of very different paces, and a driver that dies within a round."""

    def train(launch: Launch) -> Iterator[tuple[float, TrialFact]]:
        for delay_s, fact in trains("accuracy", 9, accuracy)(launch):
            yield delay_s * (1 + launch.number % 3), fact

    settings = Settings(
        "accuracy",
        trials=20,
        workers=4,
        sampler="random",
        pruner="asha",
        min_steps=1,
        max_steps=9,
        seed=6,
        retries=0,
        batch_deterministic=True,
    )
    study = VirtualStudy(NETWORK, settings, train, checkpoints=True)
    study.kill_at(52.0)
    study.run()
    study.take_over(settings)
    study.run()
    return study


def gp() -> VirtualStudy:
    """The model's suggestions beside results from elsewhere, until the target is reached."""
    settings = Settings("accuracy", trials=20, workers=2, max_steps=9, target=0.93, patience=12, seed=5)
    added: list[tuple[Params, float]] = [
        ({"lr": 0.3, "width": 16, "act": "tanh"}, 0.61),
        ({"lr": 0.05, "width": 24, "act": "relu"}, 0.8),
    ]
    study = VirtualStudy(NETWORK, settings, trains("accuracy", 9, accuracy), added=added)
    study.run()
    return study


def rules() -> VirtualStudy:
    """Each time another rule ends the study, after which it goes on: patience with a share, a budget of steps
    and one of hours, failures, a price, and nothing left to gain."""

    def train(launch: Launch) -> Iterator[tuple[float, TrialFact]]:
        facts = trains("accuracy", 3, accuracy)(launch)
        for delay_s, fact in facts:
            if launch.number % 7 == 6 and isinstance(fact, TrialReported):
                yield delay_s, TrialEnded(launch.number, launch.attempt, FAILED, error="OSError: no data")
                return
            yield delay_s, fact

    def gain_is(after_s: float, known: int, gain: float) -> None:
        rows = [[1, gain / 9, 0.0, gain / 3], [20, gain, gain / 2, 2 * gain]]
        event = GainEstimated(len(study.study.trials) + known, 0.004, 0.2, rows)
        study.at(study.study.last_at - study.study.opened_at + after_s, lambda: event)

    settings = Settings("accuracy", trials=200, workers=2, sampler="random", pruner="none", seed=4)
    study = VirtualStudy(NETWORK, replace(settings, patience=12, patience_gain=0.3), train)
    study.run()
    rules: tuple[dict[str, Any], ...] = (
        {"budget": "40 steps"},
        {"budget": "0.02 core-hours"},
        {"max_failures": 2},
    )
    for rule in rules:
        study.take_over(replace(settings, **rule, devices_per_trial=0.5))
        study.run()
    study.take_over(replace(settings, price="1%/h"))
    gain_is(10.0, 4, 0.0)
    gain_is(20.0, 20, 0.1)
    gain_is(30.0, 30, 1e-6)
    study.run()
    study.take_over(replace(settings, stop_when_converged=True))
    gain_is(10.0, 20, 0.0)
    gain_is(60.0, 25, 0.01)
    gain_is(75.0, 30, 0.001)
    study.run()
    return study


def transferred() -> VirtualStudy:
    """Trials of an earlier study, whose best is never beaten, and results of two other tasks."""
    settings = Settings("accuracy", trials=12, workers=2, sampler="random", pruner="none", seed=7)
    added: list[tuple[Any, ...]] = [
        ({"lr": 0.03, "width": 40, "act": "relu"}, 0.99, {}, "earlier", 12),
        ({"lr": 0.5, "width": 8, "act": "tanh"}, 0.4, {}, "earliest", 3),
    ]
    priors = [
        PriorAdded({"lr": 3.0, "width": 41}, 71.5, "other data"),
        PriorAdded({"lr": 0.001, "width": 8}, 62.0, "other data"),
        PriorAdded({"act": "gelu", "lr": 0.02}, -0.3, "other metric"),
    ]
    study = VirtualStudy(NETWORK, settings, trains("accuracy", 3, accuracy), added=added, priors=priors)
    study.run()
    return study


def annotated() -> VirtualStudy:
    """Tags and notes on the study and on trials, and trials that write on themselves; a retry begins anew."""

    def train(launch: Launch) -> Iterator[tuple[float, TrialFact]]:
        key = launch.number, launch.attempt
        yield 0.25, TrialStarted(*key)
        yield 0.25, TrialReported(*key, 0, {}, {"size": 10 * launch.number, "attempt": launch.attempt})
        if key == (2, 1):
            yield 0.25, TrialEnded(*key, FAILED, error="ValueError: once", cause="error")
            return
        yield 0.5, TrialReported(*key, 1, {"accuracy": accuracy(launch, 1)}, {"seen": [1, "epoch"]})
        yield 0.5, TrialEnded(*key, COMPLETE)

    settings = Settings("accuracy", trials=12, workers=2, sampler="random", pruner="none", seed=3, retries=1)
    study = VirtualStudy(NETWORK, settings, train)
    study.at(0.5, lambda: StudyTagged({"data": "digits", "draft": True}))
    study.at(2.0, lambda: NoteWritten("first try"))
    study.at(2.5, lambda: NoteWritten("looks odd", 1))
    study.at(3.0, lambda: StudyTagged({"draft": None, "size": 3}))
    study.at(3.5, lambda: StudyTagged({"good": True}, 0))
    study.at(4.0, lambda: NoteWritten("", 1))
    study.run()
    return study


def keeping() -> VirtualStudy:
    """The best three trials of each kind alone keep their files; pruned ones without are not resumed. The
    study goes on with more of them kept, and with all."""
    settings = Settings(
        "accuracy",
        trials=30,
        workers=4,
        sampler="random",
        pruner="asha",
        min_steps=1,
        max_steps=9,
        seed=0,
        retries=0,
        keep=3,
    )
    study = VirtualStudy(NETWORK, settings, trains("accuracy", 9, accuracy), checkpoints=True)

    def removes(*after_s: float) -> None:
        for seconds in after_s:
            study.at(seconds, lambda: FilesRemoved(sorted(study.study.keeping.excess), 1000))

    removes(12.0, 24.0, 30.0)
    study.kill_at(32.0)
    study.run()
    study.take_over(replace(settings, keep=5, trials=40))
    removes(105.0)
    study.kill_at(114.0)
    study.run()
    study.take_over(replace(settings, keep=None, trials=46))
    study.run()
    return study


JOURNALS: tuple[Callable[[], VirtualStudy], ...] = (
    asha,
    few,
    folds,
    confirming,
    hyperband,
    steered,
    restarted,
    reattached,
    failing,
    edited,
    rounds,
    gp,
    rules,
    transferred,
    annotated,
    keeping,
)


def journal_file(records: list[Record], path: Path) -> None:
    """The file that a driver would have written."""
    first, *others = records
    assert isinstance(first.event, StudyOpened)
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal.create(Path(folder, path.name), first.event, first.at)
        for record in others:
            journal.append([record.event], record.at, durable=False)
        journal.close()
        shutil.copy(journal.path, path)


def main() -> None:
    for play in JOURNALS:
        records_file = FOLDER / f"{play.__name__}.records"
        if not records_file.exists():
            records_file.write_text("".join(f"{text_of_record(each)}\n" for each in play().records))
            print(f"recorded {records_file.name}")
        records = read_golden(play.__name__)
        commands_file = FOLDER / f"{play.__name__}.commands"
        if not commands_file.exists():
            commands_file.write_text(commands_text(records))
            print(f"recorded {commands_file.name}")
        if play is failing and not (file := FOLDER / "failing.tune.db").exists():
            journal_file(records, file)
            print(f"recorded {file.name}")


if __name__ == "__main__":
    main()
