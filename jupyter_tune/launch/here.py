"""Runs the trials of a study in this process, one after the other: `--workers 0`, for the debugger.

The cell runs in the notebook's own namespace, and a function as it is: `pdb.set_trace()` works, and nothing
has to be sent anywhere. An exception ends the study and is raised as it is, so that `%debug` shows the place;
the trial has failed, and `study.resume()` goes on in the background. The journal, the sampler and the pruner
are the driver's, as ever.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.core.encoding import event_from_json, event_to_json
from jupyter_tune.core.events import Event, Metrics, TrialReported
from jupyter_tune.core.folds import Label
from jupyter_tune.core.settings import needed_metrics
from jupyter_tune.core.trial import CANCELLED
from jupyter_tune.errors import DriverError
from jupyter_tune.launch.plan import Plan
from jupyter_tune.trials.channel import NOTHING, Channel, TrialHalted
from jupyter_tune.trials.environment import seed_generators
from jupyter_tune.trials.files import has_checkpoint, trial_folder
from jupyter_tune.trials.outcomes import completed, failed, is_of_this_package
from jupyter_tune.trials.repeats import run_repeats
from jupyter_tune.trials.report import RunningTrial, set_running
from jupyter_tune.trials.training import compile_cell, run_cell, run_function
from jupyter_tune.wire.requests import NextTrial, Stop, TellTrial

Job = Mapping[str, Any]


class RequestChannel(Channel):
    """Passes the reports of a trial to the driver as requests, on the connection that this process has."""

    def __init__(self, study: StudyHandle, job: Job):
        self._study = study
        self._key = job["number"], job["attempt"]
        self.last_step = job["last_step"]
        self.halt: TrialHalted | None = None

    def report(
        self,
        step: int | None,
        metrics: Metrics,
        attrs: Mapping[str, Any] = NOTHING,
        fold: Label | None = None,
        wait: bool = True,
    ) -> None:
        """Pass one report on and wait for the verdict. Raises TrialHalted if the trial is to stop.

        Args: wait: without effect here, as a request is not sent before the last one is answered.
        """
        self.last_step = self.last_step + bool(metrics) if step is None else step
        if self.halt is None:
            reported = TrialReported(*self._key, self.last_step, metrics, dict(attrs), fold)
            verdict = _tell(self._study, reported)
            if verdict is not None:
                self.halt = TrialHalted(verdict["state"], verdict["reason"])
        if self.halt is not None:
            raise TrialHalted(self.halt.state, self.halt.reason)


def run_here(study: StudyHandle, plan: Plan) -> None:
    """Run the trials of `study`, which `plan` has started, to its end. Raises what a trial raises."""
    try:
        # the driver answers when the sampler has, which may have to load torch first
        while (job := study.send(NextTrial()).result()) is not None:
            _run(study, plan, job)
    except BaseException:
        with suppress(DriverError):  # it is gone, or has ended the study
            study.ask(Stop())
        raise
    finally:
        set_running(None)
        study.wait()


def _run(study: StudyHandle, plan: Plan, job: Job) -> None:
    folder = trial_folder(job["files"], job["number"])
    channel = RequestChannel(study, job)
    params = plan.space.decode(job["params"])
    running = RunningTrial(job["number"], params, job["seed"], folder, channel, job["attempt"])
    set_running(running)

    def end(outcome: Mapping[str, Any]) -> None:
        ended = {**outcome, "kind": "TrialEnded", "number": job["number"], "attempt": job["attempt"]}
        _tell(study, event_from_json({**ended, "checkpoint": has_checkpoint(folder)}))

    try:
        value, metrics = _call(plan, running)
    except TrialHalted as halted:
        end(halted.outcome())
    except KeyboardInterrupt:
        study.ask(Stop())  # first, or another trial would follow
        end({"state": CANCELLED, "reason": "interrupted"})
        raise
    except BaseException as error:
        study.ask(Stop())
        end(failed(error))
        raise error.with_traceback(from_the_user(error)) from None
    else:
        # the code may have swallowed a halt
        end(completed(value, metrics) if channel.halt is None else channel.halt.outcome())


def _call(plan: Plan, running: RunningTrial) -> tuple[float | None, dict[str, float]]:
    metrics = running.metrics = needed_metrics(plan.settings, plan.space)

    def once() -> tuple[float | None, dict[str, float]]:
        seed_generators(running.seed)
        if "function" in plan.work:
            return run_function(plan.work["function"], metrics, running)
        return run_cell(compile_cell(plan.packed_work), metrics, running, sys.modules["__main__"])

    return run_repeats(plan.settings.repeats, running, metrics, once)


def _tell(study: StudyHandle, event: Event) -> Any:
    """Pass a fact on. Returns the driver's answer, for which it waits as long as a full disk lasts."""
    return study.send(TellTrial(event_to_json(event))).result()


def from_the_user(error: BaseException) -> Any:
    """The traceback of `error` from the first frame on that is not of this package."""
    frames = error.__traceback__
    while frames is not None and is_of_this_package(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    return frames or error.__traceback__
