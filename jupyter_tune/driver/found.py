"""Attempts of an earlier driver that the executor still runs: which of them the study goes on with."""

from __future__ import annotations

from collections.abc import Collection

from jupyter_tune.core.commands import Halt
from jupyter_tune.core.engine import Engine
from jupyter_tune.core.events import AttemptsFound, Event
from jupyter_tune.core.ports import Executor, Key
from jupyter_tune.core.trial import LOST, WAITING


def gone_on_with(found: Collection[Key], engine: Engine, executor: Executor) -> list[Event]:
    """What is recorded of the attempts `found`; those that are not wanted any more are ended. A request may
    have decided on their trials while the executor opened."""
    kept = [key for key in sorted(found) if _is_still_wanted(*key, engine)]
    for number, attempt in set(found) - set(kept):
        executor.halt(Halt(number, attempt, LOST, "the study has gone on without it"))
    return [AttemptsFound([list(key) for key in kept])] if kept else []


def _is_still_wanted(number: int, attempt: int, engine: Engine) -> bool:
    if engine.is_launching(number):
        return (number, attempt) in engine.launching
    return engine.study.trials[number].state == WAITING
