from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import pytest

from jupyter_tune.client.plots import StudyPlots
from jupyter_tune.core.parameters import Scalar
from jupyter_tune.core.study import Study
from jupyter_tune.errors import OptionError
from jupyter_tune.views.charts.style import BEYOND
from tests.views import studies


class Plots(StudyPlots):
    """A study whose model is a given one; what was asked of the model is kept."""

    def __init__(self, study: Study):
        self._study = study
        self.asked: list[tuple[Any, ...]] = []

    def snapshot(self) -> Study:
        return self._study

    def landscape(
        self,
        x: str | None = None,
        y: str | None = None,
        at: Mapping[str, Scalar] | None = None,
        target: str | None = None,
    ) -> dict[str, Any]:
        self.asked.append((x, y, at, target))
        return studies.landscape("category" if y == "act" else "log")

    def axes(self, x: str | None = None, y: str | None = None) -> tuple[str, str]:
        return x or "lr", y or "width"


PLOTS = sorted(name for name in dir(StudyPlots) if name.startswith("plot_"))


def test_the_names_are_optunas_and_a_few_of_our_own() -> None:
    assert [
        *("plot_acquisition", "plot_contour", "plot_edf", "plot_hypervolume_history"),
        *("plot_intermediate_values", "plot_optimization_history", "plot_parallel_coordinate"),
        *("plot_param_importances", "plot_pareto_front", "plot_posterior", "plot_posterior_slice"),
        *("plot_rank", "plot_slice", "plot_timeline"),
    ] == PLOTS


OF_SEVERAL = {"plot_pareto_front", "plot_hypervolume_history"}


@pytest.mark.parametrize("name", sorted({*PLOTS} - OF_SEVERAL))
@pytest.mark.parametrize("trials", [0, 1, 60])
def test_every_plot_is_a_figure_with_a_title(name: str, trials: int) -> None:
    drawn = getattr(Plots(studies.study(*studies.story(trials))), name)()
    assert isinstance(drawn, go.Figure)
    assert drawn.layout.title.text.startswith("mnist: ")


@pytest.mark.parametrize("name", ["plot_contour", "plot_posterior", "plot_acquisition"])
def test_planes_are_asked_for_as_given(name: str) -> None:
    plots = Plots(studies.finished(5))
    drawn = getattr(plots, name)("lr", "act", at={"width": 64})
    assert plots.asked == [("lr", "act", {"width": 64}, None)]
    assert (drawn.layout.xaxis.title.text, drawn.layout.yaxis.title.text) == ("lr", "act")


def test_ranks_need_no_model() -> None:
    study = studies.finished(60)
    plots = Plots(study)
    drawn = plots.plot_rank(y="act")
    assert plots.asked == []
    with_value = sorted((trial.value, number) for number, trial in study.trials.items() if trial.value)
    assert list(drawn.data[0].customdata) == [number for _, number in with_value]
    place: dict[Scalar, float] = {"relu": 0.25, "tanh": 0.75}
    assert list(drawn.data[0].y) == [place[study.trials[number].params["act"]] for _, number in with_value]
    assert (drawn.layout.xaxis.type, drawn.layout.yaxis.type) == ("log", "linear")


def test_params_are_shown_in_the_order_given_and_checked() -> None:
    plots = Plots(studies.finished(10))
    shown = [trace.name for trace in plots.plot_slice(["act", "lr"]).data]
    assert [name for name in shown if name != BEYOND] == ["act", "lr"]
    assert list(plots.plot_parallel_coordinate(["act", "lr"]).layout.xaxis.ticktext) == [
        "act",
        "lr",
        "accuracy",
    ]
    with pytest.raises(OptionError, match="params: 'seed' is a constant; choose among lr, width, act"):
        plots.plot_parallel_coordinate(["seed"])
    with pytest.raises(OptionError, match=r"params: give a list of names, got 'lr'; use \['lr'\]"):
        plots.plot_slice("lr")
