"""The figures of a study: what `study.plot_...()` gives, named as Optuna names them.

Plotly is imported when the first figure is asked for.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from jupyter_tune.core.study import Study

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


class StudyPlots(ABC):
    """Figures of `snapshot()`; those of the sampler's model ask for its `landscape`."""

    @abstractmethod
    def snapshot(self) -> Study: ...

    @abstractmethod
    def landscape(self, x: str | None = None, y: str | None = None) -> dict[str, Any]: ...

    def plot_optimization_history(self) -> Figure:
        """The value of every trial, and the best so far."""
        return self._figure("history")

    def plot_intermediate_values(self) -> Figure:
        """The learning curve of every trial."""
        return self._figure("curves")

    def plot_acquisition(self, x: str | None = None, y: str | None = None) -> Figure:
        """The expected improvement over two parameters, as the sampler's model sees it."""
        return self._figure("landscape_acquisition", self.landscape(x, y))

    def plot_posterior(self, x: str | None = None, y: str | None = None) -> Figure:
        """The metric that the sampler's model expects over two parameters."""
        return self._figure("landscape_mean", self.landscape(x, y))

    def _figure(self, chart: str, landscape: dict[str, Any] | None = None) -> Figure:
        from jupyter_tune.views.charts import figure

        return figure(self.snapshot(), chart, landscape)
