"""The package with one mistake in it: each of these must break an invariant within a few seeds.

A mutant is a function whose text has one piece replaced by another. If that piece is not in it, the function
was changed, and the mistake is to be made anew.
"""

from __future__ import annotations
import __future__

import inspect
import sys
import textwrap
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from jupyter_tune.core import launches, resuming, retries, stopping
from jupyter_tune.core.engine import Engine
from jupyter_tune.core.objective import Objective
from jupyter_tune.core.slots import Slots
from jupyter_tune.core.steering import Steering
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import Trial
from jupyter_tune.driver import found, requests
from jupyter_tune.driver.loop import StudyLoop
from jupyter_tune.driver.suggestions import Suggestions
from jupyter_tune.journal import lease
from jupyter_tune.journal.records import Journal
from tests.simulation.executor import SimulatedExecutor


@dataclass(frozen=True)
class Mutant:
    """`owner`: the class or module; `function`: its name there; `beside`: a second mistake that it takes;
    `of_found`: it shows where attempts outlive their drivers; the others are looked for where they do not.
    """

    mistake: str
    owner: Any
    function: str
    old: str
    new: str
    beside: Mutant | None = None
    of_found: bool = False

    @contextmanager
    def made(self) -> Iterator[None]:
        there = inspect.getattr_static(self.owner, self.function)
        original: Any = there.fget if isinstance(there, property) else there
        text = textwrap.dedent(inspect.getsource(original))
        assert text.count(self.old) == 1, f"{self.mistake}: {self.old!r} is not once in {self.function}"
        module = vars(sys.modules[original.__module__])
        code = compile(
            text.replace(self.old, self.new),
            f"<{self.mistake}>",
            "exec",
            flags=__future__.annotations.compiler_flag,
            dont_inherit=True,
        )
        scope: dict[str, Any] = {}
        exec(code, module, scope)
        mutant = scope[self.function]
        with ExitStack() as places:
            if self.beside is not None:
                places.enter_context(self.beside.made())
            if inspect.isclass(self.owner):
                places.enter_context(patch.object(self.owner, self.function, mutant))
            else:
                # everywhere it was imported by name
                for place in list(sys.modules.values()):
                    if getattr(place, "__dict__", {}).get(self.function) is there:
                        places.enter_context(patch.object(place, self.function, mutant))
            yield


_NO_BEAT = Mutant(
    "a lease taken over is not seen", lease, "beat", "return there is None", "return True or there is None"
)

_MISTAKES: tuple[tuple[Any, ...], ...] = (
    (
        "acknowledged before it is committed",
        StudyLoop,
        "_drain_once",
        "records = self.journal.append(",
        "[self._executor.acknowledge(e) for e in batch if isinstance(e, TrialReported)]\n"
        "        records = self.journal.append(",
    ),
    (
        "handled again after a full disk",
        StudyLoop,
        "_drain_once",
        "self._inbox = [*later]\n        self._recorded.set()",
        "self._recorded.set()",
    ),
    (
        "lists are told of a record that is not handled",
        StudyLoop,
        "_drain_once",
        "self._recorded.set()",
        "self._recorded.set(); self._overviews.write()",
    ),
    ("a granted request is not recorded", StudyLoop, "record", "self._inbox += events", "pass"),
    ("a halt that is lost", StudyLoop, "_do", "self._executor.halt(command)", "pass"),
    (
        "a waiting trial that is not ended",
        StudyLoop,
        "_do",
        "if waits and not self._engine.is_launching(number)",
        "if False",
    ),
    (
        "suggested from ranges that moved",
        Suggestions,
        "_suggestion",
        "revision == self._study.revision and",
        "",
    ),
    (
        "no fencing: a former owner writes on",
        Journal,
        "append",
        "Record(self._seq + i",
        "Record(self._connection.execute('SELECT max(seq) FROM records').fetchone()[0] + i",
        _NO_BEAT,
    ),
    ("no liveness: a stopped driver keeps its study", lease, "is_stalled", "STALLED_S", "1e9"),
    (
        "reports of older attempts count",
        Study,
        "_report",
        "event.attempt != self.trials[event.number].attempt",
        "False",
    ),
    ("starts of older attempts count", Study, "_start", "event.attempt <= trial.attempt", "False"),
    ("ends of older attempts count", Study, "_end", "not trial.is_live or stale", "not trial.is_live"),
    ("an outcome that reopens a trial", Study, "_end", "not trial.is_live or stale", "stale"),
    ("two attempts share a curve", Study, "_start", "self._forget_curve(trial)", "pass"),
    ("a withdrawn trial is not given back", Study, "_end", "self._withdrawn += trial.is_withdrawn", "pass"),
    ("the budget is counted twice", Study, "spent", "len(self.trials) -", "len(self.trials) + 1 -"),
    ("withdrawn, though an attempt was lost", Trial, "is_withdrawn", "self.attempt == 1 and", ""),
    ("an ended trial stays halted", Steering, "_halted", "if asked:", "if False:"),
    ("a retry without a new attempt", launches, "launch_of", "trial.attempt + 1", "max(1, trial.attempt)"),
    ("a trial without its limit", launches, "launch_of", "settings.trial_timeout_s", "None"),
    (
        "a launch in flight is forgotten",
        Engine,
        "_launch",
        "self._launching[trial.number] = command.attempt",
        "pass",
    ),
    ("a suggestion in flight is forgotten", Engine, "committed", "+ len(self._suggesting)", ""),
    (
        "one more slot than there are",
        launches,
        "that_start",
        "max(0, study.usable_slots",
        "max(0, 1 + study.usable_slots",
    ),
    ("out of memory, beside others", launches, "that_start", "if alone is not None", "if False"),
    (
        "a halt is given again and again",
        Engine,
        "_halt",
        "if self._halting.get(trial.number) == attempt",
        "if False",
    ),
    (
        "a trial whose end is in flight is launched",
        Engine,
        "_launch_waiting",
        " - self._halting.keys()",
        "",
    ),
    ("a paused study starts trials", Engine, "_fill", "if study.paused:", "if False:"),
    ("the end while trials run", Engine, "_wind_down", "if not self._occupied:", "if True:"),
    ("the end holds, whatever comes", Engine, "handle", "self.is_closing = False", "pass"),
    ("the last slot is quarantined", Slots, "_quarantined", "count < workers", "count <= workers"),
    ("one retry too many", Study, "_end", "len(trial.retried) <", "len(trial.retried) <="),
    (
        "a lost attempt ends its trial",
        retries,
        "further_attempts",
        "(LOST, CRASH, MEMORY)",
        "(CRASH, MEMORY)",
    ),
    ("a stop that is not obeyed", stopping, "stop_reason", "else STOP_RULES", "else STOP_RULES[1:]"),
    ("NaN is the best", Objective, "is_better", "math.isnan(value) or", ""),
    ("the worst is the best", Objective, "is_better", "value > than if", "value < than if"),
    ("budgets below what is spent", requests, "_change_budget", "event.trials < loop.committed", "False"),
    ("a search that ends and goes on", Engine, "_halts_of_the_search", "is not None", "is None"),
    (
        "the best are measured again for ever",
        Engine,
        "_to_confirm",
        "begun >= study.settings.confirm",
        "False",
    ),
    ("an end that hides what is not confirmed", Engine, "_wind_down", "reason + missing", "reason"),
    ("taken over, and nothing is lost", resuming, "first_facts", "yield begun", "pass"),
)

_MISTAKES_WITH_FOUND: tuple[tuple[Any, ...], ...] = (
    ("what was found is started again", Study, "_find", "self._move(trial, RUNNING)", "pass"),
    (
        "what was found before its start is launched again",
        Engine,
        "handle",
        "self._launching |= {number: attempt for number, attempt in attempts if number in waiting}",
        "pass",
    ),
    ("a fact that no driver received is lost", Study, "adrift", "1 + t.reports", "2 + t.reports"),
    ("a report is recorded by two drivers", Study, "_report", "trial.reports += 1", "pass"),
    (
        "reports of an earlier attempt are left out of the next",
        Study,
        "_start",
        "trial.reports, trial.is_adrift = 0, False",
        "trial.is_adrift = False",
    ),
    (
        "what was found goes on beside the attempt that was launched meanwhile",
        found,
        "_is_still_wanted",
        "(number, attempt) in engine.launching",
        "True",
    ),
    (
        "what was found and is not wanted never ends",
        found,
        "gone_on_with",
        'executor.halt(Halt(number, attempt, LOST, "the study has gone on without it"))',
        "pass",
    ),
    (
        "gone on with before it is committed",
        found,
        "gone_on_with",
        "return [AttemptsFound([list(key) for key in kept])] if kept else []",
        "return [engine.study._find(*key) for key in kept] and []",
    ),
    ("a former driver ends what the next one goes on with", StudyLoop, "close", "self._is_fenced", "False"),
    # of an executor, which the study cannot mend
    (
        "an attempt obeys an earlier driver again",
        SimulatedExecutor,
        "_finds",
        "attempt.term >= self.term",
        "False",
    ),
    ("an attempt of no driver is not ended", SimulatedExecutor, "_finds", "attempt.vanish()", "pass"),
)

MUTANTS = (
    *(Mutant(*mistake) for mistake in _MISTAKES),
    *(replace(Mutant(*mistake), of_found=True) for mistake in _MISTAKES_WITH_FOUND),
)
