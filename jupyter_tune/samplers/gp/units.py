"""Where trials lie in the declared unit cube, each computed once.

A suggestion asks for the places of all trials, with results or not: it refuses to run one again. At 10,000
trials that was half of its price. What is kept depends on the declared space and the params alone, so nothing
that is decided depends on what was asked before.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from jupyter_tune.core.parameters import Params
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import Trial
from jupyter_tune.samplers.gp.encoding import Array, Encoding

_KEPT = 4
"""Spaces whose trials are kept."""

# space -> number of a trial -> its params, by identity, and u
_spaces: OrderedDict[str, dict[int, tuple[Params, list[float]]]] = OrderedDict()


def units_of(trials: Sequence[Trial], encoding: Encoding) -> Array:
    """u of `trials`: n x p."""
    known = _known(encoding)
    units = [_unit(trial, encoding, known) for trial in trials]
    return np.array(units, dtype=np.float64).reshape(-1, len(encoding))


def tried_in(study: Study, encoding: Encoding) -> Array:
    """u of all trials of the present code, which need not be run again: t x p."""
    return units_of([trial for trial in study.trials.values() if not study.is_earlier(trial)], encoding)


def _unit(trial: Trial, encoding: Encoding, known: dict[int, tuple[Params, list[float]]]) -> list[float]:
    kept = known.get(trial.number)
    # another study may have the same space, and another trial of that number
    if kept is None or kept[0] is not trial.params:
        kept = known[trial.number] = trial.params, encoding.to_unit(trial.params)
    return kept[1]


def _known(encoding: Encoding) -> dict[int, tuple[Params, list[float]]]:
    key = encoding.key
    known = _spaces.setdefault(key, {})
    _spaces.move_to_end(key)
    while len(_spaces) > _KEPT:
        _spaces.popitem(last=False)
    return known
