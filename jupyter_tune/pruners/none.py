"""No pruning: every trial runs to its end."""

from __future__ import annotations

from jupyter_tune.core.study import Study


class NoPruner:
    def keeps(self, study: Study, number: int) -> bool:
        return True
