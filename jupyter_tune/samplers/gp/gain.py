"""What the next trial is likely to gain: the acquisition where the sampler would go."""

from __future__ import annotations

from typing import Any

import numpy as np

from jupyter_tune.core.study import Study
from jupyter_tune.samplers.gp.belief import Belief
from jupyter_tune.samplers.gp.encoding import Encoding
from jupyter_tune.samplers.gp.observations import Observations
from jupyter_tune.samplers.gp.plateaus import Plateaus
from jupyter_tune.samplers.gp.region import Region
from jupyter_tune.samplers.gp.search import maximise
from jupyter_tune.samplers.gp.surfaces import improvement

_SEED = 0


def gain(study: Study, belief: Belief, observations: Observations) -> dict[str, Any]:
    """The expected improvement over the best posterior mean at the best point of the present ranges.

    Args: belief: made from `observations` of `study`.

    Returns: value: in metric units, >= 0, pending trials taken into account, and 0 where all ground is
             known to be flat; note: what it is, for people.
    """
    score = Plateaus.of(belief.units, observations).avoided(belief.score)
    # copies of trials count too: a further measurement of the best point is a gain
    nothing = np.empty((0, len(belief.encoding)))
    ranges = Encoding(study.space, study.ranges)
    region = Region(study, ranges, {}, _SEED)
    _, log_improvement = maximise(
        score, ranges, belief.best_first(observations.losses), nothing, _SEED, region
    )
    metric = study.settings.metric
    return {
        "value": float(improvement(belief, np.array(log_improvement))),
        "note": f"expected improvement of {metric} by the next trial at its best point in the present ranges",
    }
