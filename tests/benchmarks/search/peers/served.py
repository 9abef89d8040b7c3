"""The peer's side of the pipe: a tuner behind JSON lines, in an environment of its own.

Every tuner, ours too, runs as a child process and is asked and told over stdin and stdout, so that no
library's pins, threads or chatter reach the harness, and all pay the same price for the pipe. An adapter
is a file beside this one that wraps one library in a `Served` and ends with

    if __name__ == "__main__":
        serve(MyServed)

Standard library only: this file runs in every environment. The first line in is the set-up, each later
one a request with "op"; each request gets one line back. An op that raises answers {"error": ...} and ends
the process: what the tuner holds after that is anybody's guess.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TextIO, TypeAlias

Params: TypeAlias = dict[str, Any]


def is_active(parameter: dict[str, Any], params: Params) -> bool:
    """Whether `parameter` exists beside these values of the parameters before it."""
    return all(params.get(parent) in values for parent, values in parameter.get("when", {}).items())


@dataclass(frozen=True)
class Setup:
    """What a tuner is told before its first ask; it minimises.

    `space`: the parameters, each {"name", "kind": float | int | categorical, "low", "high", "log",
    "choices"} and, where it is conditional, "when": {parent: values}; `max_steps`: the length of a full
    training, None where there are no curves; `workers`: how many trials may be pending at a time; `variant`:
    which of the adapter's tuners.
    """

    space: list[dict[str, Any]]
    seed: int
    max_steps: int | None
    workers: int
    variant: str


@dataclass(frozen=True)
class Suggestion:
    """A trial to run, to step `until` at most (None: to the end); then it wants to be told."""

    id: Any
    params: Params
    until: int | None = None


class Served(ABC):
    """One tuner, as an adapter wraps it. Asks may come before earlier trials are told."""

    @abstractmethod
    def __init__(self, setup: Setup): ...

    @abstractmethod
    def ask(self) -> Suggestion: ...

    def report(self, id: Any, step: int, loss: float) -> bool:
        """Whether the trial goes on. A tuner that cannot stop trials says yes."""
        return True

    @abstractmethod
    def tell(self, id: Any, loss: float | None, state: str) -> None:
        """The end of a trial: complete, pruned (also after a report answered no) or failed (no loss)."""

    def add(self, params: Params, loss: float) -> None:
        """Learn a result that was not asked for; only the measurement of a suggestion's price needs it."""
        raise NotImplementedError("this adapter adds no results")

    @abstractmethod
    def versions(self) -> dict[str, str]:
        """Name and version of each library that shapes the suggestions."""


def serve(make: Callable[[Setup], Served]) -> None:
    """Answer requests until stdin closes. `sys.argv[1]` is the variant."""
    replies = _private_stdout()
    setup = Setup(**json.loads(sys.stdin.readline()), variant=sys.argv[1] if len(sys.argv) > 1 else "")
    served: Served | None = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            # inside, so that a tuner that cannot be made says why to whoever asks first
            served = served or make(setup)
            answer = _answer(served, request)
        except Exception as error:
            traceback.print_exc()
            print(json.dumps({"error": f"{type(error).__name__}: {error}"}), file=replies, flush=True)
            sys.exit(1)
        print(json.dumps(answer), file=replies, flush=True)


def _answer(served: Served, request: dict[str, Any]) -> dict[str, Any]:
    op = request.pop("op")
    # process_time counts all threads of the process
    cpu, wall = time.process_time(), time.perf_counter()
    match op:
        case "ask":
            suggestion = served.ask()
            answer = {"id": suggestion.id, "params": suggestion.params, "until": suggestion.until}
        case "report":
            answer = {"go_on": bool(served.report(**request))}
        case "tell":
            served.tell(**request)
            answer = {}
        case "add":
            served.add(**request)
            answer = {}
        case "versions":
            return dict(served.versions())
        case _:
            raise ValueError(f"op {op!r} is not known; use ask, report, tell, add or versions")
    return {**answer, "cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}


def _private_stdout() -> TextIO:
    """The stdout that was; what libraries print from now on goes to stderr, from C code too."""
    sys.stdout.flush()
    kept = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return kept
