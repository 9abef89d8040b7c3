"""The conditional problems, chosen by kind before any tuner was run on them; none was dropped or changed.

`HELD_OUT` were not run while the sampler was improved on the others.
"""

from __future__ import annotations

from functools import cache

from tests.benchmarks.search.conditional.families import FAMILIES
from tests.benchmarks.search.conditional.formulas import FORMULAS
from tests.benchmarks.search.problems import Problem

HELD_OUT = (
    "regressors_diabetes",
    "probabilities_wine",
    "pipeline_cancer",
    "schedules",
    "rare_branch",
    "layers",
)


@cache
def conditional() -> dict[str, Problem]:
    """All of them, by name."""
    found = [
        *(
            Problem(name, "families", model.space, model.loss, costly=True)
            for name, model in FAMILIES.items()
        ),
        *(Problem(name, "formulas", each.space, each.loss, each.optimum) for name, each in FORMULAS.items()),
    ]
    return {problem.name: problem for problem in found}
