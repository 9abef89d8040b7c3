"""What one update of the dashboard costs, in bytes to the page and in CPU of the kernel, at 100 and 2,000 trials.

In a real kernel; an update brings five records of running trials (reports, mostly). The bytes are those of
the frames on the wire, the CPU time that of the whole kernel process. Beside it, with the same learning
curves: plotly's FigureWidget, all curves in one trace or each in its own, whose new points are assigned;
and a Plotly figure displayed anew through its display id.
"""

from __future__ import annotations

from pathlib import Path

ROUNDS = 3
UPDATES = 30
SIZES = (100, 2000)

PREPARE = f"""
import sys, time
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
import anywidget, plotly.graph_objects as go
from IPython.display import display
from jupyter_tune.core.events import TrialReported, TrialSuggested
from jupyter_tune.core.study import Study
from jupyter_tune.notebook.dashboard import Dashboard
from tests.views import studies

def history(trials):
    "A study in which so many trials were suggested, and batches of five records after that."
    records = studies.records(*studies.story(trials + 120))
    begun = [i for i, record in enumerate(records) if isinstance(record.event, TrialSuggested)][trials - 1]
    later = records[begun + 1 :]
    return Study.fold(records[: begun + 1]), [later[i : i + 5] for i in range(0, 5 * {UPDATES}, 5)]

def points(records):
    return [(r.event.number, r.event.step, r.event.metrics["accuracy"]) for r in records if isinstance(r.event, TrialReported)]

class Ours:
    def __init__(self, study):
        self.dashboard = Dashboard(study, print)
        display(self.dashboard)
    def update(self, records):
        self.dashboard.update(records, time.time())

def curves(study):
    return {{t.number: (list(t.curve), list(t.curve.values())) for t in study.trials.values()}}

def merged(study):
    x, y = [], []
    for steps, values in curves(study).values():
        x += [*steps, None]
        y += [*values, None]
    return x, y

class OneTrace:
    def __init__(self, study):
        self.study = study
        self.figure = go.FigureWidget([go.Scatter(x=(xy := merged(study))[0], y=xy[1], mode="lines+markers")])
        display(self.figure)
    def update(self, records):
        for record in records:
            self.study.apply(record)
        x, y = merged(self.study)
        with self.figure.batch_update():
            self.figure.data[0].x, self.figure.data[0].y = x, y

class TraceEach:
    def __init__(self, study):
        self.study = study
        self.figure = go.FigureWidget([go.Scatter(x=x, y=y, name=str(n)) for n, (x, y) in curves(study).items()])
        self.places = {{n: place for place, n in enumerate(curves(study))}}
        display(self.figure)
    def update(self, records):
        for record in records:
            self.study.apply(record)
        changed = {{number for number, _, _ in points(records)}}
        for number in sorted(changed - self.places.keys()):
            self.places[number] = len(self.figure.data)
            self.figure.add_scatter(name=str(number))
        with self.figure.batch_update():
            for number in changed:
                trace, curve = self.figure.data[self.places[number]], self.study.trials[number].curve
                trace.x, trace.y = list(curve), list(curve.values())

class Redisplay:
    def __init__(self, study):
        self.study = study
        x, y = merged(study)
        self.figure = go.Figure([go.Scatter(x=x, y=y, mode="lines+markers")])
        self.handle = display(self.figure, display_id=True)
    def update(self, records):
        for record in records:
            self.study.apply(record)
        x, y = merged(self.study)
        self.figure.update_traces(x=x, y=y)
        self.handle.update(self.figure)
"""

MEASURE = f"""
def measure(kind, study, batches):
    "The kernel's CPU seconds for each update, in a kernel that does nothing else."
    view = kind(study)
    time.sleep(1.0)
    taken = []
    for batch in batches:
        rest = time.process_time()
        time.sleep({REST_S})
        began = time.process_time()
        view.update(batch)
        time.sleep({REST_S})  # the thread that sends has its share
        taken.append(time.process_time() - began - (began - rest))
    return taken
"""

PEERS = {
    "Ours": "ours",
    "OneTrace": "FigureWidget, one trace",
    "TraceEach": "FigureWidget, a trace for each trial",
    "Redisplay": "displayed anew",
}
