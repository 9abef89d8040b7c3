from __future__ import annotations

import io
import xml.etree.ElementTree as ET

import matplotlib
import matplotlib.image
import numpy as np
import pytest

from jupyter_tune.views.charts import PALETTE, curves, filled, history, landscape_mean
from jupyter_tune.views.drawing import HEIGHT, WIDTH, png, svg
from tests.views import studies

SVG = "{http://www.w3.org/2000/svg}"


def texts(drawn: str) -> list[str]:
    return ["".join(element.itertext()) for element in ET.fromstring(drawn).iter(f"{SVG}text")]


def has_colour(picture: bytes, colour: str) -> bool:
    pixels = matplotlib.image.imread(io.BytesIO(picture))[..., :3]
    wanted = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return bool((np.abs(pixels - wanted).max(axis=-1) < 0.2).any())


def test_titles_ticks_and_legend_are_text() -> None:
    words = texts(svg(filled(studies.finished(30), history()), "results"))
    assert {"trial", "accuracy", "complete", "pruned", "best so far"} <= set(words)
    assert "failed" not in words


def test_a_study_without_results_says_so() -> None:
    assert "nothing to show" in texts(svg(filled(studies.study(), curves()), "curves"))


@pytest.mark.parametrize("kind", ["log", "linear", "category"])
def test_a_landscape_on_any_scale(kind: str) -> None:
    landscape = studies.landscape(kind)
    words = texts(svg(filled(studies.study(), landscape_mean(), landscape), "landscape"))
    assert "0.001" in words
    assert ("tanh" in words) == (kind == "category")


def test_a_landscape_of_one_row_and_holes_is_drawn() -> None:
    landscape = {**studies.landscape(), "y_values": [64], "mean": [[None] + [0.5] * 23]}
    assert svg(filled(studies.study(), landscape_mean(), landscape), "landscape")


def test_states_have_their_colours_in_the_png() -> None:
    picture = png([filled(studies.finished(60), history())])
    assert has_colour(picture, PALETTE["complete"])
    assert has_colour(picture, PALETTE["pruned"])
    assert not has_colour(picture, PALETTE["running"])


def test_charts_stand_side_by_side() -> None:
    one, two = (png([filled(studies.finished(5), history())] * n) for n in (1, 2))
    height, width, _ = matplotlib.image.imread(io.BytesIO(one)).shape
    assert width / height == pytest.approx(WIDTH / HEIGHT, abs=0.01)
    assert matplotlib.image.imread(io.BytesIO(two)).shape[:2] == (height, 2 * width)


def test_drawing_leaves_matplotlib_as_it_was() -> None:
    before = dict(matplotlib.rcParams)
    svg(filled(studies.finished(5), history()), "results")
    assert dict(matplotlib.rcParams) == before
