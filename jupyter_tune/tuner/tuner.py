"""Tuner: ask, report, tell. The engine without processes, files or a clock.

It is the same engine, sampler and pruner that a background study runs on, with time counted
in records; the same calls give the same answers, so what they promise can be measured here.

    a trial            one ask, any reports, one tell
    with `repeats`     an ask and a tell for each run, one after the other: a trial whose run is told is given
                       again before another; it is over with the last run, or when it is pruned
    with `trials`      no more than these; the last ones measure the best again with `confirm`

One lock orders the calls: threads may share a Tuner, and each `ask` knows all results so far.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from jupyter_tune.core.commands import Command, Halt, Resume, Suggest
from jupyter_tune.core.conditions import When
from jupyter_tune.core.events import (
    Event,
    PriorAdded,
    Record,
    StudyOpened,
    TrialAdded,
    TrialEnded,
    TrialEnqueued,
    TrialReported,
    TrialResumed,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.launches import trial_seed
from jupyter_tune.core.measurements import as_fold, as_metric, as_step
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.readers.names import meant_or
from jupyter_tune.core.space import Space, space_with
from jupyter_tune.core.steering import narrowed, wanted_ranges
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, FAILED, PRUNED, RUNNING, Trial
from jupyter_tune.errors import OptionError, TuneError
from jupyter_tune.launch.option import TUNER
from jupyter_tune.launch.options import describe, make_settings, read_options
from jupyter_tune.registry import first_rung, make_engine, make_sampler, within_bound
from jupyter_tune.samplers.completion import space_for
from jupyter_tune.samplers.feasible import require_feasible
from jupyter_tune.tuner.found import AskedTrial, Found, in_turn
from jupyter_tune.tuner.runs import Runs


class Tuner(Found):
    """Proposes params, and learns from what came of them. Safe to share between threads.

    Args:
        space:   a Space, or a mapping of names to ranges.
        when:    which parameters of the mapping exist only beside which values of others (see Space).
        options: `maximize` or `minimize`, the metric's name or a list of names; `subject_to`, constraints;
                 `sampler`, `pruner`, `max_steps`, `min_steps`, `reduction_factor`, `repeats`, `trials`,
                 `confirm` and `seed`, as of a study. `seed` is the only source of chance.

    Raises: OptionError, SpaceError.
    """

    def __init__(self, space: Space | Mapping[str, Any], when: When | None = None, **options: Any):
        settings = make_settings(read_options(options, TUNER), TUNER)
        # no slots: only `ask` starts trials
        settings = replace(settings, workers=0)
        self._space = space_with(space, when)
        self._shown: dict[int, AskedTrial] = {}
        self._runs = Runs(settings.repeats)
        self._lock = threading.RLock()
        self._sampler = make_sampler(settings.sampler)
        if settings.confirm:
            settings, _ = within_bound(self._space.encoded, settings)
        opened = StudyOpened("tuner", self._space.encoded, settings)
        self._engine = make_engine(Study(opened, first_rung=first_rung))
        require_feasible(self.study, self.study.space, {}, "subject_to")

    def __getstate__(self) -> dict[str, Any]:
        with self._lock:
            return {name: value for name, value in vars(self).items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _lock=threading.RLock())

    @in_turn
    def ask(self) -> AskedTrial:
        """The next trial to run: `.number`, `.params`, and the `.seed` of this run. May be called again
        before a tell. With `repeats` it is the same trial until all its runs, `.repeat`, are told. A trial
        that was pruned for want of rivals may come again, to be run from its first step (pruners/rivals.py).

        Raises: TuneError once all `trials` were asked for.
        """
        if self._runs.due:
            return self._show(self.study.trials[self._runs.due.pop(0)])
        command = self._engine.next_trial()
        if command is None:
            budget = self.study.settings.trials
            raise TuneError(f"ask: all, trials={budget}, were asked for; tuner.is_done tells when they end")
        number, attempt = command.number, 1
        if isinstance(command, Resume):
            attempt += command.attempt
            self._runs.begin(number)
            self._record(TrialResumed(number, command.attempt, command.afresh))
        else:
            params, source = self._suggested(command)
            event = TrialSuggested(number, params, source, self.study.revision, command.enqueued)
            self._record(event)
        self._record(TrialStarted(number, attempt))
        return self._show(self.study.trials[number])

    def _suggested(self, command: Suggest) -> tuple[Params, str]:
        """Params, and where they come from."""
        if command.source == "default" and command.given is not None:
            return command.given, command.source
        seed = trial_seed(self.study.settings.seed, command.number)
        params, source = self._sampler.suggest(self.study, command, seed)
        return params, command.source or source

    @in_turn
    def report(
        self, trial: Trial, *, step: int | None = None, fold: int | str | None = None, **metrics: float
    ) -> bool:
        """Record a measurement underway. True: go on. False: it is pruned, nothing more to tell.

        Args: step: default: the last step plus 1; fold: the part that was measured, as in `report` of a cell;
        with `repeats` of the present run.
        Raises: OptionError if the trial does not run or the study's metric is missing, ReportError
        for a step or a metric that is not a number.
        """
        known = self._running(trial)
        names = [objective.metric for objective in self.study.objectives]
        if metrics.keys().isdisjoint(names):
            missing = " or ".join(map(repr, names))
            raise OptionError(f"report: {missing} is missing; got {', '.join(metrics) or 'no metric'}")
        values = _as_metrics(metrics)
        at = known.last_step + 1 if step is None else as_step(step)
        return self._reported(known, at, values, None if fold is None else as_fold(fold))

    def _reported(self, known: Trial, step: int, values: dict[str, float], fold: int | str | None) -> bool:
        number = known.number
        if self.study.settings.metric in values:
            self._runs.measured(number)
        label = self._runs.label(number, fold)
        commands = self._record(TrialReported(number, known.attempt, step, values, fold=label))
        halts = [c for c in commands if isinstance(c, Halt) and c.number == known.number]
        for halt in halts:
            self._record(TrialEnded(number, known.attempt, halt.state, reason=halt.reason))
        self._show(known)
        return not halts

    @in_turn
    def tell(self, trial: Trial, *, state: str = COMPLETE, **metrics: float) -> None:
        """End a trial with its final value; without one, the best reported counts. With several metrics the
        last reported of each counts where none is given; so it does for the metrics of constraints. With
        `repeats`, end one of its runs, and the trial after the last one; a failed run ends it too.

        Args: state: complete, failed or pruned.
        Raises: OptionError for another metric or state, or if the trial has ended; ReportError for a
        metric that is not a number.
        """
        known = self._running(trial)
        metric = self.study.settings.metric
        if state not in (COMPLETE, FAILED, PRUNED):
            raise OptionError(f"tell: state {state!r} is not an outcome; use complete, failed or pruned")
        has_reported = self._runs.has_measured(known.number)
        if metrics and metric not in metrics and not has_reported:
            raise OptionError(f"tell: {metric!r} is missing; got {', '.join(metrics)}")
        if state == COMPLETE and not metrics and not has_reported:
            raise OptionError(f"tell: trial {known.number} has no value; give {metric}=..., or report first")
        if state == COMPLETE:
            self._require_all("tell", {**known.metrics, **metrics})
        values = _as_metrics(metrics)
        if state == COMPLETE and self._runs.count > 1:
            self._tell_run(known, values)
            return
        value = None if state == FAILED else values.get(metric)
        self._record(TrialEnded(known.number, known.attempt, state, value, values))
        self._show(known)

    def _tell_run(self, known: Trial, values: dict[str, float]) -> None:
        """One of the runs is over."""
        number = known.number
        # a final value corrects the last report of its run
        step = known.last_step + (not self._runs.has_measured(number))
        if values and not self._reported(known, step, values, None):
            return
        if not self._runs.over(number):
            self._record(TrialEnded(number, known.attempt, COMPLETE))
        self._show(known)

    @in_turn
    def add_trial(self, params: Mapping[str, Any], **metrics: float) -> Trial:
        """A result from elsewhere, to learn from.

        Raises: SpaceError if it is not in the space, OptionError without a value of the study's metric.
        """
        metric = self.study.settings.metric
        value = as_metric(metric, metrics[metric]) if metric in metrics else math.nan
        if math.isnan(value):
            raise OptionError(f"add_trial: needs a value for {metric!r}, got {metrics or 'none'}")
        self._require_all("add_trial", metrics)
        number = self._engine.next_number
        checked = self.study.space.check(self._space.encode(params))
        self._record(TrialAdded(number, checked, value, _as_metrics(metrics)))
        return self._show(self.study.trials[number])

    @in_turn
    def add_prior(self, task: str, params: Mapping[str, Any], **metrics: float) -> None:
        """A result of another task, such as the same training on other data: the sampler gp finds out how
        much of it holds here.

        Args:
            task:   names it; give all results of a task under one name.
            params: some of the space's parameters or all, also outside their ranges.
        Raises: OptionError without a finite value of the study's metric.
        """
        metric = self.study.settings.metric
        value = as_metric(metric, metrics[metric]) if metric in metrics else math.nan
        if not math.isfinite(value):
            raise OptionError(f"add_prior: needs a finite value for {metric!r}, got {metrics or 'none'}")
        self._record(PriorAdded(dict(params), value, task))

    @in_turn
    def enqueue(self, params: Mapping[str, Any]) -> None:
        """Try these values next; the rest is filled in. Raises SpaceError; OptionError if they violate a
        constraint."""
        given = self.study.space.given(self._space.encode(params))
        require_feasible(self.study, space_for(self.study, given), given, "enqueue")
        self._record(TrialEnqueued(given))

    @in_turn
    def narrow(self, ranges: Mapping[str, Sequence[Any]] | None = None, **named: Sequence[Any]) -> None:
        """Draw from these parts of the declared ranges from now on: `narrow(lr=(1e-3, 1e-2))`.

        Raises: SpaceError; OptionError if nothing there satisfies the constraints.
        """
        event = narrowed(self.study, self._space.encode_ranges(wanted_ranges(ranges, named)))
        require_feasible(self.study, self.study.space.narrow(event.ranges), {}, "narrow")
        self._record(event)

    def _require_all(self, request: str, metrics: Mapping[str, float]) -> None:
        """Raises OptionError unless `metrics` has all that objectives and constraints are about."""
        for name in self.study.needed_metrics:
            if name not in metrics:
                near = meant_or(name, [*self.study.space, *metrics], f"give {name}=...")
                raise OptionError(f"{request}: {name!r} is missing; got {', '.join(metrics)}; {near}")

    def _record(self, event: Event) -> list[Command]:
        # time is counted in records: nothing here reads a clock
        seq = self.study.seq + 1
        return self._engine.handle(Record(seq, float(seq), event))

    def _running(self, trial: Trial) -> Trial:
        """The running trial that this one, or a copy of it from another process, is."""
        if not isinstance(trial, Trial):
            raise OptionError(f"{trial!r} is not a trial; give the one that ask() returned")
        known = self.study.trials.get(trial.number)
        if known is None or known.state != RUNNING:
            state = "unknown" if known is None else known.state
            raise OptionError(f"trial {trial.number} is {state}; only running trials take results")
        if self._space.encode(trial.params) != known.params:
            raise OptionError(
                f"trial {trial.number} has other params here ({known.params}) than given ({trial.params}); "
                "give each trial to the Tuner that suggested it, with its params unchanged"
            )
        return known


def _as_metrics(metrics: Mapping[str, object]) -> dict[str, float]:
    return {name: as_metric(name, value) for name, value in metrics.items()}


describe(Tuner.__init__, TUNER)
