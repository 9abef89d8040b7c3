"""What attempts have made is recorded: every fact once and in order, over the lives of all drivers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from jupyter_tune.core.encoding import event_to_text
from jupyter_tune.core.events import Event, TrialEnded, TrialReported, TrialStarted
from jupyter_tune.core.ports import Key, TrialFact


class MadeFacts:
    """Of attempts whose facts come once. Args: require: see Invariants."""

    def __init__(self, require: Callable[[bool, str], None]):
        self._require = require
        self._made: dict[Key, list[str]] = {}
        self._recorded: Counter[Key] = Counter()
        self._started: set[Key] = set()

    def begun(self, key: Key) -> None:
        """Another attempt may have been launched under this key, of which nothing is recorded."""
        self._require(key not in self._started, f"attempt {key} was launched again, and had started before")
        self._made[key] = []
        self._recorded[key] = 0

    def made(self, fact: TrialFact) -> None:
        self._made[fact.number, fact.attempt].append(event_to_text(fact))

    def recorded(self, event: Event, text: str) -> None:
        """A record of the file; of a trial's end, only one that its attempt has made."""
        if not isinstance(event, (TrialStarted, TrialReported, TrialEnded)):
            return
        key = event.number, event.attempt
        made = self._made.get(key, [])
        if isinstance(event, TrialEnded) and text not in made[-1:]:
            return
        if isinstance(event, TrialStarted):
            self._started.add(key)
        place = self._recorded[key]
        self._recorded[key] += 1
        self._require(
            made[place : place + 1] == [text],
            f"attempt {key}: its fact {place} was {made[place : place + 1]}, and recorded is {text}",
        )
