"""What-if: a study is run again on its recorded curves, with other settings and in virtual time.

Which trials there are   those that were recorded, in their order; with another sampler, those among them that
                         lie nearest to what it suggests and have not run yet
How long they take       as recorded, report by report; suggestions take no time
A trial that was pruned  its curve ends there. Where the other settings let it go on, it goes on at its own
                         pace with its last value: its time is an estimate, and its value what it had reached.
                         Such trials are `censored`, and a result that is one of them is marked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jupyter_tune import journal as journals
from jupyter_tune.core.commands import Launch, Suggest
from jupyter_tune.core.events import Record, TrialEnded, TrialReported, TrialStarted
from jupyter_tune.core.parameters import Params, Scalar
from jupyter_tune.core.ports import Sampler, TrialFact
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, FAILED, PRUNED, Trial
from jupyter_tune.driver.virtual_study import VirtualStudy
from jupyter_tune.errors import TuneError
from jupyter_tune.registry import first_rung, make_pruner, make_sampler


@dataclass
class _Curve:
    """`readings`: (seconds after the one before, step, metrics); `end_s`: from the last one to the end."""

    trial: Trial
    readings: list[tuple[float, int, dict[str, float]]] = field(default_factory=list)
    end_s: float = 0.0


def what_if_of(path: Path, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What the study in `path` would have cost with `changes` of its settings, as client/what_if.py has it.

    Raises: JournalError; OptionError for an unknown sampler or pruner; TuneError without recorded trials.
    """
    records = journals.read_records(path)
    study = Study.fold(records, first_rung)
    curves = _curves(study, records)
    if not any(curve.trial.value is not None for curve in curves.values()):
        raise TuneError("what_if: no trial of this study has a value yet")
    settings = replace(study.settings, **changes)
    make_pruner(settings.pruner)
    other = make_sampler(settings.sampler) if settings.sampler != study.settings.sampler else None
    again = _Again(study, study.settings, curves, None)
    changed = _Again(study, settings, curves, other)
    ended_at = study.ended_at or max(record.at for record in records)
    return {
        "metric": study.settings.metric,
        "recorded": _cost(study, study.clock(ended_at), lambda number: number),
        "as_recorded": again.run(),
        "changed": changed.run(),
        "candidates": len(curves),
        "stopped_winners": changed.stopped_winners(),
    }


def _curves(study: Study, records: Sequence[Record]) -> dict[int, _Curve]:
    """The trials that ran, by number, each with the curve of its last attempts."""
    curves: dict[int, _Curve] = {}
    last: dict[int, float] = {}
    for record in records:
        match record.event:
            case TrialStarted(number=number):
                if not study.trials[number].resumed or number not in curves:
                    curves[number] = _Curve(study.trials[number])
                last[number] = record.at
            case TrialReported(number=number, step=step, metrics=metrics) if number in curves:
                curves[number].readings.append((record.at - last[number], step, metrics))
                last[number] = record.at
            case TrialEnded(number=number) if number in curves:
                curves[number].end_s = record.at - last[number]
                last[number] = record.at
    ran = (COMPLETE, PRUNED, FAILED)
    return {n: c for n, c in sorted(curves.items()) if c.trial.state in ran and not study.is_earlier(c.trial)}


class _Recorded:
    """Suggests recorded trials: the next one, or the nearest to what `other` suggests.

    `of`: the number of each trial -> that of the recorded one.
    """

    def __init__(self, space: Space, curves: Mapping[int, _Curve], other: Sampler | None):
        self._space, self._curves, self._other = space, curves, other
        self.of: dict[int, int] = {}

    def suggest(self, study: Study, command: Suggest, seed: int) -> tuple[Params, str]:
        taken = set(self.of.values())
        free = [number for number in self._curves if number not in taken]
        chosen = free[0]
        if self._other is not None:
            wanted, _ = self._other.suggest(study, replace(command, given=None), seed)
            chosen = min(free, key=lambda number: self._distance(wanted, self._curves[number].trial.params))
        self.of[command.number] = chosen
        return self._curves[chosen].trial.params, "recorded"

    def _distance(self, one: Params, other: Params) -> float:
        return sum(self._apart(name, one.get(name), other.get(name)) ** 2 for name in self._space)

    def _apart(self, name: str, one: Scalar, other: Scalar) -> float:
        parameter = self._space[name]
        if one == other:
            return 0.0
        if one is None or other is None or parameter.kind == "categorical":
            return 1.0
        return abs(parameter.to_unit(one) - parameter.to_unit(other))


class _Again(VirtualStudy):
    """The study in virtual time."""

    suggest_s = halt_s = 0.0

    def __init__(self, study: Study, settings: Settings, curves: Mapping[int, _Curve], other: Sampler | None):
        self._curves = curves
        self._chosen = _Recorded(study.space, curves, other)
        self.censored: set[int] = set()
        trials = min(settings.trials or len(curves), len(curves))
        steps = [step for curve in curves.values() for _, step, _ in curve.readings]
        self._full = settings.max_steps or max(steps, default=0)
        bounded = replace(settings, trials=trials, timeout_s=None, trial_timeout_s=None, retries=0, first=0)
        super().__init__(
            study.space,
            bounded,
            self._train_again,
            # where none was left, a pruned trial begins anew, if at all
            checkpoints=any(trial.checkpoint for trial in study.in_state(PRUNED)),
            sampler=self._chosen,
            asks_for_all=True,
        )

    def run(self) -> dict[str, Any]:  # type: ignore[override]
        super().run()
        return _cost(self.study, self.now_s, self._chosen.of.__getitem__) | {
            "censored": sorted(self.censored)
        }

    def stopped_winners(self) -> list[int]:
        """Recorded complete trials that are pruned here, and better than the best one here."""
        best = self.study.best_trial
        value = None if best is None else best.value
        pruned = [self._chosen.of[trial.number] for trial in self.study.in_state(PRUNED)]
        recorded = [self._curves[number].trial for number in pruned]
        return [
            trial.number
            for trial in recorded
            if trial.is_candidate
            and trial.value is not None
            and self.study.objective.is_better(trial.value, value)
        ]

    def _train_again(self, launch: Launch) -> Iterator[tuple[float, TrialFact]]:
        key, number = (launch.number, launch.attempt), self._chosen.of[launch.number]
        curve = self._curves[number]
        yield 0.0, TrialStarted(*key)
        for took_s, step, metrics in curve.readings:
            if step > launch.resumed_from:
                yield took_s, TrialReported(*key, step, metrics)
        trial = curve.trial
        if trial.state == PRUNED and trial.last_step < self._full and key not in self._halted:
            self.censored.add(number)
            pace_s = sum(took_s for took_s, _, _ in curve.readings) / max(1, trial.last_step)
            held = {self.study.settings.metric: trial.curve.get(trial.last_step, math.nan)}
            for step in range(max(trial.last_step, launch.resumed_from) + 1, self._full + 1):
                yield pace_s, TrialReported(*key, step, held)
        if trial.state == FAILED:
            yield curve.end_s, TrialEnded(*key, FAILED, reason=trial.reason, error=trial.error, cause="error")
        else:
            yield curve.end_s, TrialEnded(*key, COMPLETE, trial.value, dict(trial.metrics), checkpoint=True)


def _cost(study: Study, time_s: float, number_of: Callable[[int], int]) -> dict[str, Any]:
    counts, best = study.counts, study.best_trial
    return {
        "time_s": time_s,
        "steps": study.steps_done,
        "trials": study.spent,
        "pruned": counts[PRUNED],
        "best": None if best is None else number_of(best.number),
        "best_value": study.best_value,
        "reason": study.end_reason or "",
    }
