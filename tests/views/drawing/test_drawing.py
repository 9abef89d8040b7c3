from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ET
from typing import Any

import matplotlib
import matplotlib.image
import numpy as np
import pytest

from jupyter_tune.core.events import TrialEnded, TrialReported
from jupyter_tune.core.objective import Objective
from jupyter_tune.core.settings import Settings
from jupyter_tune.views.charts import INK, PALETTE, figure, filled, templates
from jupyter_tune.views.charts.comparison import comparison
from jupyter_tune.views.drawing import HEIGHT, WIDTH, png, svg
from jupyter_tune.views.tables.progress import Band
from tests.views import studies

CHARTS = templates(studies.SPACE)
SVG = "{http://www.w3.org/2000/svg}"


def texts(drawn: str) -> list[str]:
    return ["".join(element.itertext()) for element in ET.fromstring(drawn).iter(f"{SVG}text")]


def has_colour(picture: bytes, colour: str) -> bool:
    pixels = matplotlib.image.imread(io.BytesIO(picture))[..., :3]
    wanted = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return bool((np.abs(pixels - wanted).max(axis=-1) < 0.1).any())


def test_titles_ticks_and_legend_are_text() -> None:
    words = texts(svg(filled(studies.finished(30), CHARTS["history"]), INK))
    assert {"trial", "accuracy", "complete", "pruned", "best so far"} <= set(words)
    assert "failed" not in words


def test_a_study_without_results_says_so() -> None:
    assert "nothing to show" in texts(svg(filled(studies.study(), CHARTS["curves"]), INK))


@pytest.mark.parametrize("kind", ["log", "linear", "category"])
def test_a_landscape_on_any_scale(kind: str) -> None:
    landscape = studies.landscape(kind)
    words = texts(svg(filled(studies.study(), CHARTS["landscape_mean"], landscape), INK))
    assert "0.001" in words
    assert ("tanh" in words) == (kind == "category")


def test_a_landscape_of_one_row_and_holes_is_drawn() -> None:
    landscape = {**studies.landscape(), "y_values": [64], "mean": [[None] + [0.5] * 23]}
    assert svg(filled(studies.study(), CHARTS["landscape_mean"], landscape), INK)


def test_words_have_the_ink_and_no_ground_is_drawn() -> None:
    drawn = svg(filled(studies.finished(30), CHARTS["history"]), "#123456")
    elements = ET.fromstring(drawn).iter(f"{SVG}text")
    assert all("#123456" in element.attrib["style"] for element in elements)
    assert "#ffffff" not in drawn


def test_names_that_look_like_attributes_are_left_alone() -> None:
    name = 'a id="b" x="1.2345"'
    study = studies.study(*studies.story(5), settings=Settings(name))
    assert name in texts(svg(filled(study, CHARTS["history"]), INK))


def test_the_legend_has_the_order_of_ranks() -> None:
    words = texts(svg(filled(studies.study(*studies.story(300)), CHARTS["history"]), INK))
    assert [word for word in words if word in (*PALETTE, "best so far")] == [
        *("complete", "pruned", "failed", "best so far")
    ]


def test_a_landscape_has_neither_grid_nor_legend() -> None:
    landscape = studies.landscape()
    drawn = svg(filled(studies.study(), CHARTS["landscape_mean"], landscape), INK)
    assert not {"trials", "best"} & set(texts(drawn))
    assert "stroke-opacity: 0.22" not in drawn


def test_a_curve_of_one_reading_is_a_dot() -> None:
    def dots(steps: int) -> int:
        reports = (TrialReported(0, 1, step, {"accuracy": 0.5}) for step in range(1, steps + 1))
        study = studies.study(*studies.started(), *reports, TrialEnded(0, 1, "complete"))
        return svg(filled(study, CHARTS["curves"]), INK).count("<use ")

    # of a longer one it is the end
    assert dots(1) == dots(9) == 1


def test_thousands_of_marks_are_one_image() -> None:
    few, many = (
        svg(filled(studies.study(*studies.story(n, steps=1)), CHARTS["history"]), INK) for n in (900, 3000)
    )
    assert "<image" not in few
    assert "<image" in many
    assert many.count("<use ") < 1000


def test_states_have_their_colours_in_the_png() -> None:
    picture = png({"results": filled(studies.finished(60), CHARTS["history"])})
    assert has_colour(picture, PALETTE["complete"])
    assert has_colour(picture, PALETTE["pruned"])
    assert not has_colour(picture, PALETTE["running"])


def test_charts_stand_side_by_side() -> None:
    chart = filled(studies.finished(5), CHARTS["history"])
    one, two = png({"one": chart}), png({"one": chart, "$two_{": chart})
    height, width, _ = matplotlib.image.imread(io.BytesIO(one)).shape
    assert width > height > width * HEIGHT / WIDTH
    assert matplotlib.image.imread(io.BytesIO(two)).shape[:2] == (height, 2 * width)


def test_drawing_leaves_matplotlib_as_it_was() -> None:
    before = dict(matplotlib.rcParams)
    svg(filled(studies.finished(5), CHARTS["history"]), INK)
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("trials", [0, 1, 60])
@pytest.mark.parametrize("landscape", [None, studies.landscape(), studies.landscape("category")])
def test_every_template_can_be_drawn(name: str, trials: int, landscape: dict[str, Any] | None) -> None:
    study = studies.study(*studies.story(trials))
    chart = filled(study, CHARTS[name], landscape)
    has_something = any(trace.get("y") or trace.get("z") for trace in chart["data"])
    assert ("nothing to show" in texts(svg(chart, INK))) != has_something


def test_each_parameter_has_axes_of_its_own_with_the_metric_named_once() -> None:
    words = texts(svg(filled(studies.finished(60), CHARTS["slice"]), INK))
    assert {"lr", "width", "act", "relu", "tanh", "trial"} <= set(words)
    assert words.count("accuracy") == 1


def test_bars_have_the_colours_of_their_states_and_rows_for_slots() -> None:
    chart = filled(studies.finished(60), CHARTS["timeline"])
    assert {"slot 0", "slot 3", "complete", "pruned"} <= set(texts(svg(chart, INK)))
    assert has_colour(png({"timeline": chart}), PALETTE["complete"])


def test_parallel_lines_have_the_metrics_ticks_on_the_right() -> None:
    words = texts(svg(filled(studies.finished(60), CHARTS["parallel"]), INK))
    # both ends of the ranges, choices, names, and ticks between the least and the greatest value
    assert {"1e-4", "0.1", "8", "512", "relu", "tanh", "lr", "act", "accuracy", "0.9"} <= set(words)


def test_a_single_result_is_not_cut_by_the_edge() -> None:
    drawn = svg(filled(studies.finished(1), CHARTS["history"]), INK)
    mark = re.search(r'<g clip-path="[^"]*"><use [^>]*x="([\d.]+)"', drawn)
    edge = re.search(r'<clipPath[^>]*><rect x="([\d.]+)"', drawn)
    assert mark is not None
    assert edge is not None
    assert float(mark[1]) - float(edge[1]) > 7 / 2


@pytest.mark.parametrize("chart", CHARTS)
def test_a_figure_that_a_notebook_has_saved_is_drawn_with_the_words_of_its_chart(chart: str) -> None:
    study, landscape = studies.finished(30), studies.landscape()
    saved = json.loads(figure(study, chart, landscape).to_json())
    assert set(texts(svg(saved, INK))) >= set(texts(svg(filled(study, CHARTS[chart], landscape), INK)))


def test_compared_studies_are_drawn_with_their_bands() -> None:
    band = Band(x=(1.0, 2.0), median=(0.5, 0.8), low=(0.4, 0.7), high=(0.6, 0.9))
    chart = comparison({"gp": (3, band), "random": (1, band)}, "trials", Objective("accuracy"))
    words = texts(svg(chart, INK))
    assert words.index("gp (3 studies)") < words.index("random")
    # the band's blue over white
    middle = matplotlib.image.imread(io.BytesIO(png({"": chart})))[..., :3].reshape(-1, 3)
    assert (np.abs(middle - np.array([0xD1, 0xE5, 0xF1]) / 255).max(axis=-1) < 0.02).mean() > 0.02


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("values", [(-1e308, 1e308), (1.7e308,)], ids=["both ends", "one"])
def test_pictures_bear_the_greatest_numbers_there_are(chart: str, values: tuple[float, ...]) -> None:
    events = [event for at, value in enumerate(values) for event in studies.whole(at, value=value)]
    assert svg(filled(studies.study(*events), CHARTS[chart]), INK).endswith("</svg>")
