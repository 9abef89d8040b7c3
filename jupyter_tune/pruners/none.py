"""No pruning: every trial runs to its end."""

from __future__ import annotations

from jupyter_tune.core.study import Study


class NoPruner:
    def prune_reason(self, study: Study, number: int) -> str:
        return ""

    def resumes(self, study: Study) -> list[int]:
        return []
