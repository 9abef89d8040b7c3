"""Which slots are no longer used, because attempts fail on them that do not fail elsewhere.

A slot is quarantined when its last IN_A_ROW attempts all failed, in ways that no other slot has seen: a GPU
with a broken memory, a host without the data. What fails on several slots is the fault of the code. The last
slot in use is never quarantined. A study whose driver is started anew, or whose number of workers is changed,
uses all slots again.
"""

from __future__ import annotations

IN_A_ROW = 3

Kind = tuple[str, str]


class Slots:
    """How attempts ended on each slot. Nothing is changed in place: snapshots of a study share it."""

    def __init__(self) -> None:
        # slot -> kinds of the failures since its last success, the latest IN_A_ROW
        self._failures: dict[str, tuple[Kind, ...]] = {}
        self._seen_on: dict[Kind, frozenset[str]] = {}

    def ended(self, slot: str, failure: Kind | None) -> Slots:
        """These slots, after an attempt on `slot` ended. `failure`: its kind (failures.py), if it failed."""
        changed = Slots()
        row = () if failure is None else (*self._failures.get(slot, ()), failure)[-IN_A_ROW:]
        changed._failures = {**self._failures, slot: row}
        changed._seen_on = self._seen_on
        if failure is not None:
            seen = self._seen_on.get(failure, frozenset()) | {slot}
            changed._seen_on = {**self._seen_on, failure: seen}
        return changed

    def quarantined(self, workers: int) -> tuple[str, ...]:
        """The slots not to be used, of `workers` in all, in the order of their names."""
        suspects = sorted(
            slot
            for slot, row in self._failures.items()
            if len(row) == IN_A_ROW and all(self._seen_on[kind] == {slot} for kind in row)
        )
        return tuple(suspects[: max(0, workers - 1)])
