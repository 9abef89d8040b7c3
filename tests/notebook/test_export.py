"""A notebook that is exported to html shows the study, whenever it was saved; no kernel, no browser."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter

from jupyter_tune.client.fold import Fold
from jupyter_tune.core.study import Study
from jupyter_tune.notebook.dashboard import Dashboard
from jupyter_tune.notebook.pictures import passing_picture
from jupyter_tune.views.saved.bundle import bundle
from jupyter_tune.views.words import number_in_words
from tests.views import studies

pytestmark = pytest.mark.usefixtures("front_end")

RECORDS = studies.records(*studies.story(30))
WAYS = {
    "load": "%load_ext jupyter_tune",
    "show": "%tune show mnist",
    "resume": "%tune resume mnist",
}


def exported(data: dict[str, Any]) -> str:
    output = nbformat.v4.new_output("display_data", data=data)
    cell = nbformat.v4.new_code_cell("%%tune", outputs=[output])
    html, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    return str(html)


@pytest.mark.parametrize("known", [1, 12, len(RECORDS)], ids=["at once", "mid-run", "all trials done"])
def test_a_running_study_is_named_with_its_best_and_the_way_back(known: int) -> None:
    study = Study.fold(RECORDS[:known])
    board = Dashboard(Fold(study), print, ways=WAYS)
    board.show_picture(passing_picture(board.status, WAYS))
    html = exported(board.bundle()[0])
    assert "mnist" in html
    assert "maximize accuracy" in html
    assert "%tune show mnist" in html
    best = study.best_trial
    assert ("no trial is complete" if best is None else number_in_words(best.value or 0.0)) in html


def test_an_ended_study_is_shown_with_its_charts() -> None:
    study = studies.finished(30)
    board = Dashboard(Fold(study), print, ways=WAYS)
    board.show_picture(bundle(study))
    html = exported(board.bundle()[0])
    best = study.best_trial
    assert best is not None
    assert number_in_words(best.value or 0.0) in html
    assert html.count('alt="chart: ') == 5
