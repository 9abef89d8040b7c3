"""TensorBoard: the study's folder has a folder `tensorboard`, with a folder for each run.

    tensorboard/                    the study: best value and counts over ended trials, the HParams experiment
    tensorboard/trial-7             a trial: its curves, its HParams session, its text
    tensorboard/trial-7-attempt-2   the same trial, started again

It is written by TensorBoard's own writer of event files. What a run has again, after a crash or because it
goes on from a checkpoint, begins with a SessionLog START, by which TensorBoard drops the earlier points from
that step on. HParams knows success, failure and nothing else: pruned, cancelled and interrupted trials have
no status there; the text of a run says its state.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from google.protobuf.struct_pb2 import Value
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.hparams import api_pb2, plugin_data_pb2
from tensorboard.plugins.hparams import metadata as hparams
from tensorboard.plugins.text import metadata as texts
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util import tensor_util

from jupyter_tune.core.parameters import Categorical, Parameter, Scalar
from jupyter_tune.integrations.loggers.tracker import Point, StudyRun, TrialRun

FOLDER = "tensorboard"

_STATUS = {
    "running": api_pb2.STATUS_RUNNING,
    "complete": api_pb2.STATUS_SUCCESS,
    "failed": api_pb2.STATUS_FAILURE,
    "lost": api_pb2.STATUS_FAILURE,
}

BEST = "best"
"""The metric that is 1 in the best runs."""


class TensorBoardTracker:
    """Event files; see above."""

    def __init__(self, files: Path) -> None:
        self._folder = files / FOLDER
        self.place = str(self._folder)
        self._writers: dict[str, Events] = {}
        self._live = {""}
        self._space: Mapping[str, Parameter] = {}

    def open(self, study: StudyRun) -> None:
        self._space = study.space
        self._folder.mkdir(parents=True, exist_ok=True)
        self._study.hparams(hparams.EXPERIMENT_TAG, study.began_at, experiment=_experiment(study))

    @property
    def _study(self) -> Events:
        return self._events("")

    def _events(self, name: str) -> Events:
        if name not in self._writers:
            self._writers[name] = Events(self._folder / name)
        return self._writers[name]

    def begin(self, run: TrialRun) -> None:
        values = {name: _value(self._space[name], value) for name, value in run.params.items()}
        start = plugin_data_pb2.SessionStartInfo(hparams=values, start_time_secs=run.began_at)
        self._live.add(_folder_of(run))
        events = self._events(_folder_of(run))
        events.goes_on = False
        events.hparams(hparams.SESSION_START_INFO_TAG, run.began_at, session_start_info=start)

    def log(self, run: TrialRun, points: Sequence[Point]) -> None:
        events = self._events(_folder_of(run))
        for point in points:
            events.scalars(point.step, point.at, point.metrics)

    def describe(self, run: TrialRun) -> None:
        self._events(_folder_of(run)).text("trial", _about(run), run.ended_at or run.began_at)

    def end(self, run: TrialRun) -> None:
        events, at = self._events(_folder_of(run)), run.ended_at or run.began_at
        results = {f"result/{name}": value for name, value in run.results.items()}
        if results:
            events.scalars(run.last_step, at, {**results, BEST: 0.0})
        end = plugin_data_pb2.SessionEndInfo(
            status=_STATUS.get(run.state, api_pb2.STATUS_UNKNOWN), end_time_secs=at
        )
        events.hparams(hparams.SESSION_END_INFO_TAG, at, session_end_info=end)
        self.describe(run)
        self._live.discard(_folder_of(run))

    def keep(self, run: TrialRun, artifacts: Mapping[str, Path]) -> None:
        rows = "\n".join(f"- `{path}`" for path in artifacts.values())
        self._events(_folder_of(run)).text("artifacts", rows, run.ended_at or run.began_at)

    def update(self, study: StudyRun) -> None:
        self._study.scalars(study.done, study.at, study.summary)

    def flush(self) -> None:
        for name, events in list(self._writers.items()):
            events.flush()
            if name not in self._live:
                # one that is open has a thread and a file
                self._writers.pop(name).close()

    def mark(self, best: Mapping[str, TrialRun], others: Mapping[str, TrialRun]) -> None:
        for run in (*best.values(), *others.values()):
            events = self._events(_folder_of(run))
            events.scalars(0, run.ended_at or run.began_at, {BEST: float(run.id in best)}, again=False)

    def close(self, study: StudyRun) -> None:
        best = ", ".join(run.name for run in study.best.values()) or "none"
        rows = {"state": study.state, "reason": study.reason, "best": best, **study.asked, **study.tags}
        self._study.text("study", _table(rows, study.note), study.ended_at or study.at)
        for events in self._writers.values():
            events.close()
        self._writers.clear()


class Events:
    """A file of events in `folder`, beside those that are there."""

    def __init__(self, folder: Path):
        self._writer = EventFileWriter(str(folder))
        self.goes_on = False

    def scalars(self, step: int, at: float, values: Mapping[str, float], *, again: bool = True) -> None:
        """Add a point to the curve of each value. `again`: unless the run `goes_on`, it takes the place of
        those from its step on."""
        if again and not self.goes_on:
            start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
            self._writer.add_event(event_pb2.Event(wall_time=at, step=step, session_log=start))
            self.goes_on = True
        found = [summary_pb2.Summary.Value(tag=tag, simple_value=_single(v)) for tag, v in values.items()]
        self._add(at, summary_pb2.Summary(value=found), step)

    def text(self, tag: str, markdown: str, at: float) -> None:
        metadata = texts.create_summary_metadata(display_name=tag, description="")
        tensor = tensor_util.make_tensor_proto(markdown)
        self._add(at, summary_pb2.Summary(value=[{"tag": tag, "metadata": metadata, "tensor": tensor}]))

    def hparams(self, tag: str, at: float, **data: Any) -> None:
        metadata = hparams.create_summary_metadata(plugin_data_pb2.HParamsPluginData(**data))
        value = {"tag": tag, "metadata": metadata, "tensor": hparams.NULL_TENSOR}
        self._add(at, summary_pb2.Summary(value=[value]))

    def _add(self, at: float, summary: summary_pb2.Summary, step: int = 0) -> None:
        self._writer.add_event(event_pb2.Event(wall_time=at, step=step, summary=summary))

    def flush(self) -> None:
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()


def _folder_of(run: TrialRun) -> str:
    return f"trial-{run.number}" + (f"-attempt-{run.attempt}" if run.attempt > 1 else "")


def _experiment(study: StudyRun) -> api_pb2.Experiment:
    return api_pb2.Experiment(
        name=study.name,
        time_created_secs=study.began_at,
        hparam_infos=[_info(name, parameter) for name, parameter in study.space.items()],
        metric_infos=[
            *(
                api_pb2.MetricInfo(name=api_pb2.MetricName(tag=f"result/{name}"), display_name=name)
                for name in study.objectives
            ),
            api_pb2.MetricInfo(name=api_pb2.MetricName(tag=BEST), display_name=BEST),
        ],
    )


def _info(name: str, parameter: Parameter) -> api_pb2.HParamInfo:
    if not isinstance(parameter, Categorical):
        interval = api_pb2.Interval(min_value=parameter.low, max_value=parameter.high)
        return api_pb2.HParamInfo(name=name, type=api_pb2.DATA_TYPE_FLOAT64, domain_interval=interval)
    info = api_pb2.HParamInfo(name=name, type=_type(parameter))
    for choice in parameter.choices:
        info.domain_discrete.values.add().CopyFrom(_value(parameter, choice))
    return info


def _type(parameter: Parameter) -> int:
    """The one type that HParams has for all values of a parameter."""
    if not isinstance(parameter, Categorical):
        return int(api_pb2.DATA_TYPE_FLOAT64)
    kinds = {type(choice) for choice in parameter.choices}
    if kinds == {bool}:
        return int(api_pb2.DATA_TYPE_BOOL)
    return int(api_pb2.DATA_TYPE_FLOAT64 if kinds <= {int, float} else api_pb2.DATA_TYPE_STRING)


def _value(parameter: Parameter, value: Scalar) -> Value:
    """The value of a parameter as protobuf has it."""
    kind = _type(parameter)
    if kind == api_pb2.DATA_TYPE_BOOL:
        return Value(bool_value=bool(value))
    if kind == api_pb2.DATA_TYPE_STRING:
        return Value(string_value=str(value))
    return Value(number_value=float(value or 0))


_LARGEST = 3.4028234663852886e38


def _single(value: float) -> float:
    """As event files have it, in single precision: protobuf refuses finite values beyond."""
    return value if not math.isfinite(value) else min(max(value, -_LARGEST), _LARGEST)


def _about(run: TrialRun) -> str:
    rows = {"state": run.state, "reason": run.reason, "source": run.source, **run.attrs}
    error = f"\n\n```\n{run.error}\n```" if run.error else ""
    return _table(rows, run.note) + error


def _table(rows: Mapping[str, Any], note: str) -> str:
    """Markdown."""
    lines = [f"| {_cell(name)} | {_cell(value)} |" for name, value in rows.items() if value not in ("", None)]
    return "\n".join([*([note, ""] if note else []), "| | |", "|---|---|", *lines])


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
