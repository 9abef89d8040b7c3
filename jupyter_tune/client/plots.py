"""The figures of a study: what `study.plot_...()` gives, named as Optuna names them.

Each is a `plotly.graph_objects.Figure`; Plotly is imported when the first is asked for. Those that show
what the sampler's model believes ask the driver, so they need a study that runs; all others read the
trials alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jupyter_tune.core.parameters import Scalar
from jupyter_tune.core.study import Study
from jupyter_tune.errors import OptionError

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


class StudyPlots(ABC):
    """Figures of `snapshot()`; those of the sampler's model ask for its `landscape`.

    Raises, wherever parameters are named: OptionError if one is unknown or constant.
    """

    @abstractmethod
    def snapshot(self) -> Study: ...

    @abstractmethod
    def landscape(
        self,
        x: str | None = None,
        y: str | None = None,
        at: Mapping[str, Scalar] | None = None,
        target: str | None = None,
    ) -> dict[str, Any]: ...

    @abstractmethod
    def axes(self, x: str | None = None, y: str | None = None) -> tuple[str, str]: ...

    # of several metrics

    def plot_pareto_front(self, targets: Sequence[str] | None = None) -> Figure:
        """The trials over two or three metrics: those on the front, the others, and the infeasible.

        Args: targets: the metrics, if the study is after more than three.
        """
        from jupyter_tune.views.charts.pareto import pareto_front

        return pareto_front(self.snapshot(), targets)

    def plot_hypervolume_history(self, reference: Sequence[float] | None = None) -> Figure:
        """The volume that the feasible trials up to each one dominate.

        Args: reference: a value of each metric that is worse than all of interest; by default a little worse
            than the worst.
        """
        from jupyter_tune.views.charts.pareto import hypervolume_history

        return hypervolume_history(self.snapshot(), reference)

    # of the trials

    def plot_optimization_history(self, target: str | None = None) -> Figure:
        """The value of every trial, the best so far, and what people did meanwhile.

        Args: target: with several metrics, which of them; by default the first.
        """
        return self._figure("history", target=target)

    def plot_intermediate_values(self) -> Figure:
        """The learning curve of every trial; of many trials a bounded choice."""
        return self._figure("curves")

    def plot_parallel_coordinate(
        self, params: Sequence[str] | None = None, target: str | None = None
    ) -> Figure:
        """Every complete trial as a line over the parameters to its value; the brighter, the better.

        Args:
            params: the parameters in this order; the first 8 that vary if not given.
            target: with several metrics, which of them; by default the first.
        """
        return self._figure("parallel", params=params, target=target)

    def plot_slice(self, params: Sequence[str] | None = None, target: str | None = None) -> Figure:
        """The value of every complete trial over each parameter; the colour is its number.

        Args: params, target: as for `plot_parallel_coordinate`.
        """
        return self._figure("slice", params=params, target=target)

    def plot_rank(self, x: str | None = None, y: str | None = None) -> Figure:
        """The trials with a value over two parameters, coloured by how they rank.

        Args: x, y: the first two that vary if not given.
        """
        from jupyter_tune.views.tables.plane import plane

        return self._figure("rank", plane(self.snapshot(), *self.axes(x, y)))

    def plot_timeline(self) -> Figure:
        """When each trial ran, and in which slot."""
        return self._figure("timeline")

    def plot_edf(self, target: str | None = None) -> Figure:
        """The empirical distribution of the complete trials' values; `target` as for
        `plot_optimization_history`."""
        return self._figure("edf", target=target)

    # of the model

    def plot_param_importances(self, target: str | None = None) -> Figure:
        """The share of the modelled variance that each parameter explains, with its uncertainty; `target` as
        for `plot_optimization_history`."""
        return self._figure("importances", self.landscape(target=target), target=target)

    def plot_contour(
        self,
        x: str | None = None,
        y: str | None = None,
        at: Mapping[str, Scalar] | None = None,
        target: str | None = None,
    ) -> Figure:
        """The metric that the model expects over two parameters as lines, the trials in colours.

        Args:
            x, y:   the first two that vary if not given.
            at:     values at which other parameters are held; the best trial's if not given.
            target: with several metrics, which of them; by default the first.
        """
        return self._figure("contour", self.landscape(x, y, at, target), target=target)

    def plot_posterior(
        self,
        x: str | None = None,
        y: str | None = None,
        at: Mapping[str, Scalar] | None = None,
        target: str | None = None,
    ) -> Figure:
        """The metric that the model expects over two parameters; arguments as for `plot_contour`."""
        return self._figure("landscape_mean", self.landscape(x, y, at, target), target=target)

    def plot_posterior_slice(
        self, x: str | None = None, at: Mapping[str, Scalar] | None = None, target: str | None = None
    ) -> Figure:
        """The metric that the model expects along one parameter with its 95 % band, and below it what the
        next trial is worth there."""
        return self._figure("slice_x", self.landscape(x, None, at, target), target=target)

    def plot_acquisition(
        self,
        x: str | None = None,
        y: str | None = None,
        at: Mapping[str, Scalar] | None = None,
        target: str | None = None,
    ) -> Figure:
        """The expected improvement over two parameters; arguments as for `plot_contour`."""
        return self._figure("landscape_acquisition", self.landscape(x, y, at, target), target=target)

    def _figure(
        self,
        chart: str,
        landscape: dict[str, Any] | None = None,
        params: Sequence[str] | None = None,
        target: str | None = None,
    ) -> Figure:
        from jupyter_tune.core.one_metric import one_metric
        from jupyter_tune.views.charts import figure

        if isinstance(params, str):
            raise OptionError(f"params: give a list of names, got {params!r}; use [{params!r}]")
        return figure(one_metric(self.snapshot(), target), chart, landscape, params)
