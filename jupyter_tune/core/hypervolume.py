"""How much a front dominates: the volume between it and a reference point that is worse in every metric."""

from __future__ import annotations

from collections.abc import Sequence

Losses = Sequence[float]


def hypervolume(front: Sequence[Losses], reference: Losses) -> float:
    """The volume that the losses of `front` dominate, up to `reference`; 0 of none that is better than it.

    Slices along the last metric: between two of its values the volume is that of one metric less.
    """
    inside = [losses for losses in front if all(a < b for a, b in zip(losses, reference, strict=True))]
    if not inside:
        return 0.0
    if len(reference) == 1:
        return reference[0] - min(losses[0] for losses in inside)
    levels = sorted({losses[-1] for losses in inside})
    volume = 0.0
    for low, high in zip(levels, [*levels[1:], reference[-1]], strict=True):
        below = [losses[:-1] for losses in inside if losses[-1] <= low]
        volume += (high - low) * hypervolume(below, reference[:-1])
    return volume
