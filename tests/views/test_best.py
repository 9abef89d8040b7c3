"""Every view names the same best trial: the one that `study.best_trial` is."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator

import pytest

from jupyter_tune.cli.following import _line
from jupyter_tune.cli.screen import screen
from jupyter_tune.client.comparison import Comparison
from jupyter_tune.core.advice import advice
from jupyter_tune.core.events import (
    CodeChanged,
    Event,
    Record,
    TrialEnded,
    TrialReported,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import CANCELLED, COMPLETE, CONFIRM, PRUNED
from jupyter_tune.views.charts import figure
from jupyter_tune.views.overview import overview
from jupyter_tune.views.report.facts import facts_of
from jupyter_tune.views.saved.bundle import bundle
from jupyter_tune.views.tables.export import as_csv
from jupyter_tune.views.tables.frame import trials_frame
from jupyter_tune.views.tables.shown_trials import ShownTrials
from jupyter_tune.views.tables.tables import Tables, last_heard
from jupyter_tune.views.words import number_in_words
from tests.views import studies

BEST, VALUE = 33, 0.75
"""The number and value of the best trial of each study here."""


def ran(
    number: int, value: float, *, cost: float = 1.0, lr: float | None = None, state: str = COMPLETE
) -> Iterator[Event]:
    source = "random" if lr is None else CONFIRM
    params = {**studies.SPACE.defaults(), "lr": 0.05 + number / 1000 if lr is None else lr}
    yield TrialSuggested(number, params, source)
    yield TrialStarted(number, 1)
    yield TrialReported(number, 1, 3, {"accuracy": value, "cost": cost})
    yield TrialEnded(number, 1, state, value if state == COMPLETE else None)


def decoys() -> Iterator[Event]:
    """Trials that are never the best of anything, though their values are better than all others."""
    yield from ran(0, 0.99, state=PRUNED)
    yield from ran(1, 0.98, state=CANCELLED)
    yield from ran(2, float("inf"))
    yield from ran(3, float("nan"))


def sound() -> Iterator[Event]:
    """Trials 10 to 39 of which BEST is the best; lr is at the upper end of its range for the best of them."""
    for number in range(10, 40):
        yield from ran(number, VALUE if number == BEST else 0.3 + number / 1000)


def constrained() -> Study:
    better = [event for number in range(4, 10) for event in ran(number, 0.9, cost=50.0)]
    settings = Settings("accuracy", trials=60, max_steps=3, subject_to=("cost <= 20",))
    return studies.study(*decoys(), *better, *sound(), settings=settings)


def edited() -> Study:
    better = [event for number in range(4, 10) for event in ran(number, 0.9)]
    edit = CodeChanged(1, {"source": "new"}, ["train"], edited=True)
    settings = Settings("accuracy", trials=60, max_steps=3)
    return studies.study(*decoys(), *better, edit, *sound(), settings=settings)


def minimized() -> Study:
    """The same with the other sign; values that are too good to be true are the small ones."""
    opened, *rest = studies.records(*decoys(), *sound(), settings=Settings("accuracy", "minimize", trials=60))
    turned = [
        Record(record.seq, record.at, TrialEnded(event.number, 1, event.state, -event.value))
        if isinstance(event := record.event, TrialEnded) and event.value is not None
        else record
        for record in rest
        if not (isinstance(record.event, TrialReported) and record.event.number < 10)
    ]
    return Study.fold([opened, *turned])


STUDIES: dict[str, Callable[[], Study]] = {
    "constrained": constrained,
    "edited": edited,
    "minimized": minimized,
}


@pytest.fixture(params=STUDIES)
def study(request: pytest.FixtureRequest) -> Study:
    return STUDIES[request.param]()


def test_the_study_has_the_best_that_is_meant(study: Study) -> None:
    assert study.best_trial is study.trials[BEST]
    assert abs(study.best_value or 0.0) == VALUE
    assert study.ranked[0] is study.best_trial
    assert len(study.ranked) == 30
    assert [trial.number for trial in study.ranked] == sorted(
        range(10, 40), key=lambda number: study.objective.loss(study.trials[number].value or 0.0)
    )


def best_of(study: Study) -> tuple[int, float]:
    best = study.best_trial
    assert best is not None
    assert best.value is not None
    return best.number, best.value


def test_the_report_names_it_in_its_head_its_table_and_the_line_of_progress(study: Study) -> None:
    number, value = best_of(study)
    facts = facts_of(study, Tables(study).status(last_heard(study)))
    table = next(table for table in facts.tables if table.title == "The best trials")
    assert table.rows[0][:2] == (str(number), number_in_words(value))
    assert {int(row[0]) for row in table.rows} == {trial.number for trial in study.ranked[:10]}
    assert (table.leading, table.note) == (1, "and 20 more")
    assert facts.best is not None
    assert facts.best == (number_in_words(value), f"accuracy, trial {number}, measured once")
    assert facts.progress[-1] == value
    assert max(facts.progress, key=lambda each: study.objective.loss(each)) == facts.progress[0]


def test_a_comparison_has_its_value_in_the_table_and_at_the_end_of_the_line(study: Study) -> None:
    _, value = best_of(study)
    compared = Comparison({"one": [study]}, "trials")
    assert compared.table().loc["one", "best"] == value
    assert compared.plot().data[0].y[-1] == value
    line = compared.plot().data[0]
    assert compared.table().loc["one", "to_common"] == line.x[line.y.index(value)]


def test_the_chart_of_the_history_ends_at_it(study: Study) -> None:
    _, value = best_of(study)
    drawn = figure(study, "history")
    line = next(trace for trace in drawn.data if trace.name == "best so far")
    assert [each for each in line.y if each is not None][-1] == value
    shown = ShownTrials(study)
    shown.refresh()
    assert shown.leader == study.ranked[0].number


def test_the_saved_output_names_it(study: Study) -> None:
    number, value = best_of(study)
    saved = bundle(study)
    assert f"best {number_in_words(value)} in trial {number}, measured once:" in saved["text/plain"]
    first = re.search(r"<tbody><tr><td>(\d+)</td>", saved["text/html"])
    assert first is not None
    assert int(first[1]) == number
    tables = saved["application/vnd.jupyter-tune.dashboard+json"]["tables"]
    assert tables["status"]["best"]["number"] == number
    assert [each for each in tables["trials"]["best"] if each is not None][-1] == value


def test_the_terminal_shows_it(study: Study) -> None:
    number, value = best_of(study)
    text = "\n".join(screen(study, Tables(study).status(last_heard(study)), 120, 60))
    assert f"best {number_in_words(value)} in trial {number}, measured once:" in text
    history = re.search(r"best so far \S+ \S+ (\S+)\n", text)
    assert history is not None
    assert history[1] == number_in_words(value)
    starred = [n for n, trial in study.trials.items() if "(best)" in _line(study, trial, 1)]
    assert starred == [number]


def test_the_list_of_studies_has_it_and_its_line_ends_there(study: Study) -> None:
    number, value = best_of(study)
    told = overview(study)
    assert (told.best_trial, told.best, told.spark[-1]) == (number, value, value)


def test_what_is_exported_says_which_trials_may_be_the_best(study: Study) -> None:
    number, _ = best_of(study)
    frame = trials_frame(study)
    rows = list(csv.DictReader(io.StringIO(as_csv(study))))
    found = frame[(frame.state == "complete") & frame.value.abs().lt(float("inf"))]
    if study.constraints:
        found = found[found.feasible]
    if len(study.codes) > 1:
        found = found[found.system_attrs_code == study.code]
    best = found.value.idxmax() if study.objective.maximize else found.value.idxmin()
    assert frame.number[best] == number
    assert int(rows[best]["number"]) == number


def test_advice_is_about_the_best_and_their_ranges(study: Study) -> None:
    number, _ = best_of(study)
    edges = [finding.text for finding in advice(study, {}) if finding.kind == "edge"]
    assert len(edges) == 1
    assert f"lie in the highest 10% of its range, 0.0001 to 0.1 (trial {number}, the best, has" in edges[0]


def test_a_pruned_trial_of_code_that_was_edited_leads_nothing() -> None:
    edit = CodeChanged(1, {"source": "new"}, ["train"], edited=True)
    later = ran(5, 0.4, state=PRUNED)
    settings = Settings("accuracy", trials=60, max_steps=3)
    old = Tables(studies.study(*ran(4, 0.9), edit, settings=settings)).status(2000.0)
    new = Tables(studies.study(*ran(4, 0.9), edit, *later, settings=settings)).status(2000.0)
    assert old["leader"] is None
    assert new["leader"] is not None
    assert new["leader"]["number"] == 5


def test_the_best_of_several_measurements_stands_first_though_another_was_luckier() -> None:
    events = [*ran(0, 0.99), *ran(1, 0.8), *ran(2, 0.1, lr=0.05), *ran(3, 0.82, lr=0.05 + 0.001)]
    study = studies.study(*events, settings=Settings("accuracy", trials=4, confirm=2, max_steps=3))
    assert study.best_trial is study.trials[1]
    assert [trial.number for trial in study.ranked] == [1, 0], "a second measurement is no trial of its own"
    facts = facts_of(study, Tables(study).status(last_heard(study)))
    table = next(table for table in facts.tables if table.title == "The best trials")
    assert table.rows[0][0] == "1"
    assert table.note == "trial 1 is the best by all measurements of its parameters"
    assert facts.best is not None
    assert facts.best[0] == "0.81"
    assert facts.best[1].startswith("accuracy, trial 1, ± 0.45, mean of 2 measurements")
    compared = Comparison({"one": [study]}, "trials")
    assert compared.table().loc["one", "best"] == pytest.approx(0.81)
    page = bundle(study)["text/html"]
    assert re.search(r"<tbody><tr><td>1</td>", page)


def test_with_several_metrics_the_front_is_what_is_found() -> None:
    settings = Settings("accuracy", also=(("cost", "minimize"),), trials=9, max_steps=3)
    events = [*ran(0, 0.5, cost=1.0), *ran(1, 0.9, cost=9.0), *ran(2, 0.4, cost=5.0)]
    study = studies.study(*events, settings=settings)
    assert [trial.number for trial in study.ranked] == [1, 0, 2]
    facts = facts_of(study, Tables(study).status(last_heard(study)))
    assert facts.best is None
    assert facts.found == "2 trials on the front of accuracy and cost."
    table = next(table for table in facts.tables if table.title == "The best trials")
    assert table.head[:3] == ("trial", "accuracy", "cost")
    assert [row[:3] for row in table.rows] == [("1", "0.9", "9"), ("0", "0.5", "1"), ("2", "0.4", "5")]
    assert table.leading == 2
    asked = next(table for table in facts.tables if table.title == "What was asked")
    assert [text for name, text in asked.rows if name == "objective"] == [
        "maximize accuracy",
        "minimize cost",
    ]
    assert facts.progress == ()
