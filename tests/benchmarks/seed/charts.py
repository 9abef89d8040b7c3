"""One Plotly chart for each kind of experiment: when the target was reached, or what a budget brought."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import plotly.graph_objects as go

from tests.benchmarks.seed.experiments import (
    BAYESIAN,
    BAYESIAN_CONFIRMED,
    OURS,
    OURS_HYPERBAND,
    RANDOM,
    RANDOM_ASHA,
    RANDOM_CONFIRMED,
)
from tests.benchmarks.seed.outcomes import Outcome
from tests.benchmarks.seed.simulation import Run

COLOURS = {
    RANDOM: "#9aa0a6",
    BAYESIAN: "#4c78a8",
    RANDOM_ASHA: "#e0a030",
    OURS: "#d1495b",
    OURS_HYPERBAND: "#7b4fa3",
    RANDOM_CONFIRMED: "#c4c8cc",
    BAYESIAN_CONFIRMED: "#72b7b2",
}


def chart(outcome: Outcome) -> go.Figure:
    draw = time_to_target if outcome.experiment.kind == "time to target" else best_by_training
    figure = draw(outcome)
    figure.update_layout(
        template="plotly_white",
        width=820,
        height=420,
        title=f"{outcome.experiment.name}: {outcome.experiment.title}",
        legend={"orientation": "h", "y": -0.22},
        margin={"t": 60, "r": 20},
    )
    return figure


def time_to_target(outcome: Outcome) -> go.Figure:
    """The share of seeds that have reached the target, over virtual time; a dot for each seed."""
    figure = go.Figure()
    horizon = max(run.ended_s for runs in outcome.runs.values() for run in runs)
    for name in outcome.runs:
        reached = sorted(time for time in outcome.times_s(name) if math.isfinite(time))
        share = [(place + 1) / outcome.seeds for place in range(len(reached))]
        figure.add_scatter(
            x=[0.0, *reached, horizon],
            y=[0.0, *share, share[-1] if share else 0.0],
            name=name,
            mode="lines+markers",
            marker={"size": [0, *[6] * len(reached), 0]},
            line={"shape": "hv", "color": COLOURS[name]},
        )
    figure.update_xaxes(title="virtual time, s", rangemode="tozero")
    figure.update_yaxes(
        title=f"share of seeds at accuracy {outcome.experiment.target:.4g}", tickformat=".0%", range=[0, 1.03]
    )
    return figure


def best_by_training(outcome: Outcome) -> go.Figure:
    """The best accuracy after so many trainings: the median over the seeds, and their middle half."""
    figure = go.Figure()
    for method in outcome.experiment.methods:
        low, middle, high = np.quantile(_best_so_far(outcome.runs[method.name]), [0.25, 0.5, 0.75], axis=0)
        trainings = np.arange(1, len(middle) + 1)
        colour = COLOURS[method.name]
        figure.add_scatter(
            x=np.concatenate([trainings, trainings[::-1]]),
            y=np.concatenate([high, low[::-1]]),
            fill="toself",
            fillcolor=colour,
            opacity=0.18,
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
        )
        label = f"{method.name}, {method.workers} at once"
        figure.add_scatter(x=trainings, y=middle, name=label, mode="lines", line={"color": colour})
    figure.update_xaxes(title="trainings ended", rangemode="tozero")
    figure.update_yaxes(title="best accuracy so far (median, middle half of seeds)", tickformat=".1%")
    return figure


def _best_so_far(runs: Sequence[Run]) -> list[list[float]]:
    """`seeds x trainings`."""
    return [list(accumulate(run.finals, max)) for run in runs]
