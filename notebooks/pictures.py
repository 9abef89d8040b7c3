"""The picture of an executed notebook: the figures of its cell that is tagged `gallery`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nbformat import NotebookNode

from jupyter_tune.views.drawing import Chart, png

TAG = "gallery"
_FIGURE = "application/vnd.plotly.v1+json"


def tagged(notebook: NotebookNode) -> list[NotebookNode]:
    """The cells whose figures are the notebook's picture."""
    return [cell for cell in notebook.cells if TAG in cell.metadata.get("tags", ())]


def picture(notebook: NotebookNode) -> bytes:
    """A PNG, drawn as the charts of a saved notebook are. Raises ValueError if there is no figure."""
    charts = dict(_figures(notebook))
    if not charts:
        raise ValueError(f"no figure in a cell that is tagged {TAG!r}")
    return png(charts)


def _figures(notebook: NotebookNode) -> Iterator[tuple[str, Chart]]:
    for cell in tagged(notebook):
        for output in cell.outputs:
            figure: dict[str, Any] | None = output.get("data", {}).get(_FIGURE)
            if figure is not None:
                # without the note in small letters
                yield figure["layout"]["title"]["text"].partition("<br>")[0], figure
