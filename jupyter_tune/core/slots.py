"""Which places are no longer used, because attempts fail there that do not fail elsewhere.

A place is what may be broken: a GPU, a worker of a cluster; it has one slot or several. It is quarantined
when its last IN_A_ROW attempts all failed, in ways that no other place has seen: a GPU with a broken memory,
a host without the data. What fails in several places is the fault of the code. The last slot in use is never
quarantined. A study whose driver is started anew, or whose number of workers is changed, uses all places
again.
"""

from __future__ import annotations

from jupyter_tune.core.events import TrialEnded
from jupyter_tune.core.failures import failure_kind
from jupyter_tune.core.trial import CANCELLED, Trial

IN_A_ROW = 3

Kind = tuple[str, str]


class Slots:
    """How attempts ended in each place. Nothing is changed in place: snapshots of a study share it."""

    def __init__(self) -> None:
        # kinds of the failures since the last success, the latest IN_A_ROW, by place; of places that have any
        self._failures: dict[str, tuple[Kind, ...]] = {}
        self._seen_in: dict[Kind, frozenset[str]] = {}
        self._slots_of: dict[str, frozenset[str]] = {}
        # a cache, by the number of workers
        self._found: dict[int, dict[str, int]] = {}

    def ended(self, slot: str, failure: Kind | None, place: str = "") -> Slots:
        """These slots, after an attempt on `slot` ended.

        Args: failure: its kind (failures.py), if it failed; place: of the slot, "" for the slot itself.
        """
        place = place or slot
        known = self._slots_of.get(place, frozenset())
        if failure is None and place not in self._failures and slot in known:
            return self
        changed = Slots()
        row = () if failure is None else (*self._failures.get(place, ()), failure)[-IN_A_ROW:]
        changed._failures = {each: kinds for each, kinds in self._failures.items() if each != place}
        if row:
            changed._failures[place] = row
        changed._slots_of = self._slots_of if slot in known else {**self._slots_of, place: known | {slot}}
        changed._seen_in = self._seen_in
        if failure is not None:
            seen = self._seen_in.get(failure, frozenset()) | {place}
            changed._seen_in = {**self._seen_in, failure: seen}
        return changed

    def after(self, trial: Trial, event: TrialEnded, *, has_failed: bool) -> Slots:
        """These slots, after the attempt of `trial`, which ran, has ended by `event`."""
        if event.state == CANCELLED:
            return self
        kind = failure_kind(event.error, event.reason or event.state) if has_failed else None
        return self.ended(trial.slot, kind, trial.place)

    def quarantined(self, workers: int) -> dict[str, int]:
        """The places not to be used, with how many of the slots in use each of them has.

        Args: workers: how many slots the study uses in all.
        """
        if workers not in self._found:
            self._found[workers] = self._quarantined(workers)
        return self._found[workers]

    def _quarantined(self, workers: int) -> dict[str, int]:
        found: dict[str, int] = {}
        for place, row in sorted(self._failures.items()):
            alone = len(row) == IN_A_ROW and all(self._seen_in[kind] == {place} for kind in row)
            count = len(self._slots_of[place])
            if alone and sum(found.values()) + count < workers:
                found[place] = count
        return found
