"""The best params, which say how sure they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_tune.core.study import Study
from jupyter_tune.views.tables.spread import best_spread_in_words
from jupyter_tune.views.words import number_in_words


class BestParams(dict[str, Any]):
    """A dict like any other; a notebook shows its `certainty` beside it.

    certainty: `accuracy 0.91 ± 0.01, mean of 4 measurements, best of 3 with 83 %`; "" where nothing is known.
    """

    def __init__(self, params: Mapping[str, Any], study: Study):
        super().__init__(params)
        spread, value = best_spread_in_words(study), study.best_value
        is_known = spread != "" and value is not None
        self.certainty = (
            f"{study.objective.metric} {number_in_words(value or 0.0)} {spread}" if is_known else ""
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.pretty(dict(self))
        if self.certainty:
            printer.text(f"  # {self.certainty}")
