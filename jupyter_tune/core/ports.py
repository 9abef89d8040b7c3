"""The protocols of samplers, pruners and executors; the driver and `Tuner` choose the implementations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from jupyter_tune.core.commands import Halt, Launch, Suggest
from jupyter_tune.core.events import TrialEnded, TrialReported, TrialStarted
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.study import Study

TrialFact = TrialStarted | TrialReported | TrialEnded

Key = tuple[int, int]
"""(trial number, attempt)"""


class Sampler(Protocol):
    """Proposes params. Has no state but caches: all it knows, it reads from the study."""

    def suggest(self, study: Study, command: Suggest, seed: int) -> tuple[Params, str]:
        """Params for trial `command.number`, and the name of the sampler that proposed them.

        They lie in `study.ranges`, keep `command.given` as it is, and depend on the arguments alone: `seed`
        is the only source of randomness.
        """
        ...


class Pruner(Protocol):
    """Decides which trials go on. Has no state but caches: all it knows, it reads from the study."""

    def prune_reason(self, study: Study, number: int) -> str:
        """Why a running trial is stopped now, for users to read; "" if it goes on. Called once for every
        step that takes the trial further; the report is already in the study."""
        ...

    def resumes(self, study: Study) -> list[int]:
        """The pruned trials that go on, the most promising first: those of `study.resumable` from their
        checkpoint, others from the beginning. Called when a slot is free."""
        ...


@dataclass(frozen=True, slots=True)
class Work:
    """Everything an executor needs to know to run the trials of one study.

    `payload`: file with the pickled code and data (only trial processes open it);
    `files`: folder of the study's logs, checkpoints and artifacts;
    `options`: what the trial program needs beside it (sys.path, working directory, ...).
    """

    payload: str
    files: str
    metric: str
    options: dict[str, Any]


class Executor(Protocol):
    """Runs attempts. Facts about them arrive through `post`, in order per attempt:
    started, reported (any number), ended; exactly one `ended` for every launch.

    Every method is called from one asyncio loop, on which `post` is called too.
    """

    async def open(
        self, work: Work, post: Callable[[TrialFact], None], adrift: Mapping[Key, int]
    ) -> Collection[Key]:
        """Get ready for `work`. Raises TuneError if trials could not run here.

        Args: adrift: attempts that may still run for an earlier driver of the study, with how many facts of
        each are recorded.

        Returns: those of them that go on here, as if launched. Their further facts are posted after this
        returns, each once. All others have ended, or end without a fact.
        """
        ...

    def launch(self, command: Launch) -> None: ...

    def acknowledge(self, fact: TrialFact) -> None:
        """`fact` is committed and the trial may go on; a Halt comes before it if it may not."""
        ...

    def halt(self, command: Halt) -> None:
        """End the attempt. It reports its own end: with `command.state`, unless it was faster."""
        ...

    def recall(self, number: int, attempt: int) -> bool:
        """Take a launch back if its attempt still waits for a slot: then nothing is posted of it. Whether it
        did."""
        ...

    async def close(self, *, taken_over: bool = False) -> None:
        """Leave no process behind. May be called twice.

        Args: taken_over: another driver has the study, and goes on with the attempts that it finds.
        """
        ...
