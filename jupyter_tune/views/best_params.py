"""The best params, which say how sure they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_tune.core.study import Study
from jupyter_tune.views.tables.spread import ONCE, best_spread_in_words, with_spread
from jupyter_tune.views.words import number_in_words


class BestParams(dict[str, Any]):
    """A dict like any other; a notebook shows its `certainty` beside it.

    certainty: `accuracy 0.91 ± 0.01, mean of 4 measurements, 95 % 0.88 to 0.92, best of 9 with 83 %`; or
    `accuracy 0.91, measured once, which does not tell how sure it is`.
    """

    def __init__(self, params: Mapping[str, Any], study: Study):
        super().__init__(params)
        spread, value = best_spread_in_words(study), study.best_value
        self.certainty = ""
        if value is not None:
            told = f"{study.objective.metric} {with_spread(number_in_words(value), spread)}"
            self.certainty = told + (", which does not tell how sure it is" if spread == ONCE else "")

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.pretty(dict(self))
        if self.certainty:
            printer.text(f"  # {self.certainty}")
