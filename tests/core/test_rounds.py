"""A study in rounds: the same trials, ends and best whatever the timing, in virtual time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from jupyter_tune.core.commands import Launch
from jupyter_tune.core.events import TrialEnded, TrialReported, TrialStarted
from jupyter_tune.core.ports import TrialFact
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.trial import COMPLETE
from tests.golden.record import NETWORK, accuracy
from tests.golden.virtual import Train, VirtualStudy

SETTINGS = Settings(
    "accuracy",
    trials=22,
    workers=4,
    sampler="random",
    min_steps=1,
    max_steps=9,
    retries=0,
    batch_deterministic=True,
)


def at_any_pace(seed: int) -> Train:
    chance = random.Random(seed)

    def train(launch: Launch) -> Iterator[tuple[float, TrialFact]]:
        key = launch.number, launch.attempt
        yield chance.random(), TrialStarted(*key)
        for step in range(launch.resumed_from + 1, 10):
            # the same value for many: equals must be ordered too
            value = round(accuracy(launch, step), 2)
            yield chance.expovariate(1.0), TrialReported(*key, step, {"accuracy": value})
        yield chance.random(), TrialEnded(*key, COMPLETE, checkpoint=True)

    return train


def outcome(study: VirtualStudy) -> list[object]:
    trials = study.study.trials
    best = study.study.best_trial
    return [
        best and best.number,
        study.study.end_reason,
        study.study.finished_since_best,
        *((n, t.params, t.state, t.value, t.curve, t.reason) for n, t in sorted(trials.items())),
    ]


@pytest.mark.parametrize("pruner", ["asha", "hyperband", "median", "none"])
def test_trials_are_the_same_at_any_pace(pruner: str) -> None:
    def run(seed: int, settings: Settings) -> list[object]:
        study = VirtualStudy(NETWORK, settings, at_any_pace(seed), checkpoints=True)
        study.run()
        return outcome(study)

    settings = replace(SETTINGS, pruner=pruner)
    first, *others = (run(seed, settings) for seed in range(8))
    assert all(other == first for other in others)
    assert any("pruned" in trial for trial in first[3:]) == (pruner != "none")  # type: ignore[operator]
    free = [run(seed, replace(settings, batch_deterministic=False)) for seed in range(8)]
    assert pruner == "none" or any(other != free[0] for other in free), "without rounds timing shows"


@pytest.mark.parametrize("rule", [{"target": 0.85}, {"patience": 6}])
def test_the_study_ends_after_the_same_trial_at_any_pace(rule: dict[str, float]) -> None:
    outcomes = []
    for seed in range(6):
        settings = replace(SETTINGS, pruner="asha", trials=60, **rule)  # type: ignore[arg-type]
        study = VirtualStudy(NETWORK, settings, at_any_pace(seed), checkpoints=True)
        study.run()
        outcomes.append(outcome(study))
    assert outcomes[0][1] != "all trials done"
    assert all(other == outcomes[0] for other in outcomes)


def test_a_driver_that_dies_at_any_moment_changes_no_decision() -> None:
    settings = replace(SETTINGS, pruner="asha")

    def run(kills: list[float]) -> list[object]:
        study = VirtualStudy(NETWORK, settings, at_any_pace(5), checkpoints=True)
        for at in kills:
            study.kill_at(at)
            study.run()
            if study.study.is_ended:
                break
            study.take_over(settings)
        study.run()
        return outcome(study)

    undisturbed = run([])
    for moment in range(60):
        # the second driver dies too
        assert run([moment * 0.7, moment * 0.7 + 70]) == undisturbed, f"killed after {moment * 0.7:.1f} s"


def test_a_round_starts_when_it_is_complete() -> None:
    study = VirtualStudy(NETWORK, replace(SETTINGS, pruner="none"), at_any_pace(1))
    study.run()
    kinds = [
        (type(record.event).__name__, record.event.number)
        for record in study.records
        if isinstance(record.event, (TrialStarted, TrialEnded))
        or type(record.event).__name__ == "TrialSuggested"
    ]
    for first in range(0, 20, 4):
        mine = set(range(first, first + 4))
        places = {kind: [i for i, (k, n) in enumerate(kinds) if k == kind and n in mine] for kind, _ in kinds}
        assert max(places["TrialSuggested"]) < min(places["TrialStarted"])
        after = [i for i, (kind, n) in enumerate(kinds) if kind == "TrialSuggested" and n == first + 4]
        assert max(places["TrialEnded"]) < min(after)
