"""Views of one study, to be updated in a kernel: the dashboard and its peers (see updates.py).

Imported into a real kernel, where `prepare` shows a view in the current cell and `measure` updates it.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, ClassVar, cast

import plotly.graph_objects as go
from IPython.display import DisplayHandle, display

from jupyter_tune.client.connection import Connection
from jupyter_tune.client.fold import Fold
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.core.encoding import event_to_json
from jupyter_tune.core.events import Record, TrialSuggested
from jupyter_tune.core.study import Study
from jupyter_tune.notebook.dashboard import Dashboard
from jupyter_tune.notebook.live import show
from jupyter_tune.wire.requests import Request
from tests.views import studies

RECORDS_A_TIME = 5
STEPS = 30
"""Of a trial that is not pruned."""


@functools.cache
def history(trials: int, updates: int) -> tuple[list[Record], list[list[Record]]]:
    """The records of a study in which so many trials were suggested, and the later ones in batches."""
    records = studies.records(*studies.story(trials + updates, steps=STEPS))
    suggested = (place for place, record in enumerate(records, 1) if isinstance(record.event, TrialSuggested))
    end = list(suggested)[trials - 1]
    starts = range(end, end + updates * RECORDS_A_TIME, RECORDS_A_TIME)
    return records[:end], [records[start : start + RECORDS_A_TIME] for start in starts]


class View:
    """Something that shows `study`, and is told what happens in it."""

    rest_s: ClassVar[float] = 0.03
    """After an update, until the kernel's other threads have done their part."""

    def __init__(self, study: Study):
        self.study = study

    def arriving(self, records: Sequence[Record]) -> Any:
        """The records in the form in which they come."""
        return records

    def update(self, arrived: Any) -> None:
        raise NotImplementedError


class DashboardAlone(View):
    def __init__(self, study: Study):
        super().__init__(study)
        self._fold = Fold(study)
        self._dashboard = Dashboard(self._fold, print)
        display(self._dashboard)

    def update(self, arrived: Any) -> None:
        self._fold.apply(arrived)
        self._dashboard.update(time.time())


class SilentDriver:
    """A connection to a driver that never answers."""

    def send(self, request: Request) -> Future[Any]:
        return Future()


class WholeKernelSide(View):
    rest_s = 0.15  # the view's thread looks every 0.1 s

    def __init__(self, study: Study):
        super().__init__(study)
        self._handle = StudyHandle(Path("none.tune.db"))
        self._handle.use(cast(Connection, SilentDriver()))
        self._handle.begin(study)
        show(self._handle)

    def arriving(self, records: Sequence[Record]) -> Any:
        return {
            "type": "records",
            "records": [[record.seq, record.at, event_to_json(record.event)] for record in records],
        }

    def update(self, arrived: Any) -> None:
        self._handle._receive(self._handle.connection, arrived)


class PlotlyView(View):
    """The learning curves, by Plotly's own ways to change a figure."""

    def update(self, arrived: Any) -> None:
        for record in arrived:
            self.study.apply(record)
        self.redraw({record.event.number for record in arrived})

    def redraw(self, changed: set[int]) -> None:
        """The curves of these trials have changed."""
        raise NotImplementedError

    def merged(self) -> dict[str, Any]:
        x: list[float | None] = []
        y: list[float | None] = []
        for trial in self.study.trials.values():
            x += [*trial.curve, None]
            y += [*trial.curve.values(), None]
        return {"x": x, "y": y}

    def curve(self, number: int) -> dict[str, Any]:
        curve = self.study.trials[number].curve
        return {"x": list(curve), "y": list(curve.values())}


class OneTrace(PlotlyView):
    def __init__(self, study: Study):
        super().__init__(study)
        self._figure = go.FigureWidget([go.Scatter(**self.merged())])
        display(self._figure)

    def redraw(self, changed: set[int]) -> None:
        with self._figure.batch_update():
            self._figure.data[0].update(self.merged())


class TraceEach(PlotlyView):
    def __init__(self, study: Study):
        super().__init__(study)
        # the numbers of the trials have no gaps: a trial's number is its trace's place
        self._figure = go.FigureWidget([go.Scatter(**self.curve(number)) for number in sorted(study.trials)])
        display(self._figure)

    def redraw(self, changed: set[int]) -> None:
        missing = len(self.study.trials) - len(self._figure.data)
        if missing:
            self._figure.add_traces([go.Scatter() for _ in range(missing)])
        with self._figure.batch_update():
            for number in changed:
                self._figure.data[number].update(self.curve(number))


class DisplayedAnew(PlotlyView):
    def __init__(self, study: Study):
        super().__init__(study)
        self._figure = go.Figure([go.Scatter(**self.merged())])
        self._display = cast(DisplayHandle, display(self._figure, display_id=True))

    def redraw(self, changed: set[int]) -> None:
        self._figure.data[0].update(self.merged())
        self._display.update(self._figure)


_view: View
_batches: list[Any]


def prepare(kind: str, trials: int, updates: int) -> None:
    """Show the view of that class, of a study of so many trials."""
    global _view, _batches
    known, later = history(trials, updates)
    _view = globals()[kind](Study.fold(known))
    _batches = [_view.arriving(records) for records in later]


def measure(pause_s: float = 0.0) -> list[float]:
    """The kernel's CPU milliseconds for each update, less those of the same time at rest.

    `pause_s`: between two updates, for who watches a page.
    """
    taken = []
    for batch in _batches:
        started = time.process_time()
        time.sleep(_view.rest_s)
        began = time.process_time()
        _view.update(batch)
        time.sleep(_view.rest_s)
        taken.append(1000 * (time.process_time() - began - (began - started)))
        time.sleep(pause_s)
    return taken
