"""One study, struck at random moments until its end; and what the audit finds.

The moments of a study are drawn uniformly from its life, which begins with the cell and lasts as long as
those of the struck studies before it. So kills also fall while a driver starts, takes over or resumes, and a
while after the end. Where nothing is there to be killed, or the user is still acting upon the kill before,
a moment is drawn again.
"""

from __future__ import annotations

import os
import random
import signal
import time
from dataclasses import dataclass, field

import psutil

from jupyter_tune.core.study import Study
from tests.benchmarks.kills import training
from tests.benchmarks.kills.audit import LEFT, LOST_REPORT, Violation, audit, overlaps
from tests.benchmarks.kills.ledger import ACKED, LATE, acknowledged, running_again_s
from tests.benchmarks.kills.scene import LOOK_S, Scene, family_of
from tests.benchmarks.kills.victims import Victim, go_on
from tests.processes import is_gone

AFTER_END_S = 0.5
"""How long after its end a study is still struck."""
LATE_S = 0.1
"""A moment that is missed by more, since the user was still acting, is drawn again."""
SILENT_S = 60.0
"""Seconds without any progress after which a study cannot go on."""
AGAIN_S = 0.2
"""Seconds after which a user whose resuming was refused tries again."""


@dataclass
class Strike:
    """`moment`: its number; `at`: unix seconds; `after_s`: since the cell or the user's last action;
    `since`: when the user acted upon it."""

    moment: int
    at: float
    after_s: float
    phase: str
    hit: set[int]
    since: float = 0.0
    again_s: float | None = None

    def __str__(self) -> str:
        return f"moment {self.moment}, {self.after_s:.3f} s after the last action, {self.phase}"


@dataclass
class Outcome:
    """What became of one study."""

    strikes: list[Strike] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    redrawn: int = 0
    acked: int = 0
    late: int = 0
    overlaps: int = 0
    lasted_s: float = 0.0


class Striking:
    """Args: life_s: from which the moments are drawn; first: the number of the first one."""

    def __init__(self, scene: Scene, victim: Victim, rng: random.Random, life_s: float, first: int):
        self._scene, self._victim, self._rng = scene, victim, rng
        self._life_s, self._first = life_s, first
        self._struck: set[psutil.Process] = set()
        self._lingering: list[tuple[psutil.Process, float]] = []
        self._look_at = 0.0
        self.outcome = Outcome()

    def run(self, most: int) -> Outcome:
        """Run the study to its end, with at most `most` kills."""
        scene, outcome = self._scene, self.outcome
        began = acted = scene.tune()
        moments = sorted(self._rng.uniform(0.0, self._life_s) for _ in range(most))
        while moments:
            at = began + moments.pop(0)
            if time.time() <= at and not self._wait_till(at):
                break
            struck = self._strike(acted) if time.time() - at < LATE_S else None
            if struck is not None:
                acted = struck.since = self._victim.go_on(scene)
                continue
            outcome.redrawn += 1
            elapsed = time.time() - began
            if elapsed < self._life_s:
                moments = sorted([*moments, self._rng.uniform(elapsed, self._life_s)])
        self._to_the_end()
        outcome.lasted_s = (scene.ended_at or time.time()) - began
        self._audit()
        return outcome

    def _wait_till(self, at: float) -> bool:
        """False if the study has been over for a while before."""
        while (left := at - time.time()) > LOOK_S:
            ended_at = self._scene.ended_at
            if ended_at is not None and time.time() > ended_at + AFTER_END_S:
                return False
            self._look()
            time.sleep(min(LOOK_S, max(0.0, at - time.time())))
        time.sleep(max(0.0, left))
        return True

    def _look(self) -> None:
        """Do what does not wait for the study: start parts of the cluster, look at what is to be gone."""
        if self._scene.cluster is not None:
            self._scene.cluster.tend()
        if time.time() > self._look_at:
            self._look_at = time.time() + 1.0
            self._note_lingering()

    def _strike(self, acted: float) -> Strike | None:
        scene, strikes = self._scene, self.outcome.strikes
        phase = scene.phase(strikes[-1].at if strikes else None)
        found = self._victim.find(scene)
        if not found:
            return None
        try:
            chosen = psutil.Process(self._rng.choice(found))
            family = family_of(chosen.pid)
            hit = scene.hit(family)
            if chosen in self._struck or is_gone(chosen):
                return None
            at = time.time()
            os.kill(chosen.pid, signal.SIGKILL)
        except (ProcessLookupError, psutil.NoSuchProcess):
            return None
        self._struck.add(chosen)
        strikes.append(Strike(self._first + len(strikes), at, at - acted, phase, hit))
        self._lingering += [(each, at + self._victim.gone_s) for each in family]
        return strikes[-1]

    def _to_the_end(self) -> None:
        """Wait for the study's end; try again what was refused. A silence of SILENT_S is given up."""
        scene = self._scene
        progress, until = -1, 0.0
        while scene.ended_at is None:
            done = len(scene.records) + len(scene.lines)
            if done != progress:
                progress, until = done, time.monotonic() + SILENT_S
            if time.monotonic() > until:
                return
            cell = scene.outcome()
            if cell is not None and cell.status != "ok" and scene.ended_at is None:
                self.outcome.refused.append(cell.error)
                time.sleep(AGAIN_S)
                go_on(scene)
            self._look()
            time.sleep(LOOK_S)

    # afterwards

    def _audit(self) -> None:
        scene, outcome = self._scene, self.outcome
        shown = self._seen_by_the_notebook()
        outcome.violations += self._left()
        lines, records = scene.lines, scene.records
        outcome.violations += audit(lines, records, training.TRIALS)
        if shown:
            outcome.violations.append(shown)
        outcome.acked = sum(1 for _ in acknowledged(lines))
        outcome.late = sum(line.kind in (ACKED, LATE) for line in lines) - outcome.acked
        outcome.overlaps = overlaps(lines)
        nexts = [*(strike.at for strike in outcome.strikes[1:]), float("inf")]
        for strike, next_at in zip(outcome.strikes, nexts, strict=False):
            took = running_again_s(lines, strike.at, strike.since, strike.hit)
            if took is not None and strike.since + took < next_at:
                strike.again_s = took

    def _seen_by_the_notebook(self) -> Violation | None:
        """Close the study in the notebook; what its handle shows must be what the journal has."""
        scene = self._scene
        scene.outcome()
        if scene.ended_at is None or not scene.has_handle:
            # its driver ends with the kernel
            return None
        seen = scene.kernel.run(training.END).result
        study = Study.fold(scene.records)
        there = repr(["ended", {n: [t.state, t.curve] for n, t in sorted(study.trials.items())}])
        if "".join(seen.split()) == "".join(there.split()):
            return None
        return Violation(LOST_REPORT, f"the notebook shows {seen}, the journal has {there}")

    def _left(self) -> list[Violation]:
        """What belongs to the study and did not end in time after it."""
        until = time.time() + self._victim.gone_s
        while time.time() < until or self._lingering:
            self._note_lingering()
            left = self._scene.left()
            if not left and not self._lingering:
                break
            time.sleep(0.05)
        return [Violation(LEFT, _described(process)) for process in left]

    def _note_lingering(self) -> None:
        """Forget what has ended of killed families, and note what should have."""
        now = time.time()
        self._lingering = [(each, until) for each, until in self._lingering if not is_gone(each)]
        for each, until in self._lingering:
            if now > until:
                self.outcome.violations.append(Violation(LEFT, _described(each)))
        self._lingering = [(each, until) for each, until in self._lingering if now <= until]


def _described(process: psutil.Process) -> str:
    try:
        return f"{process.pid} {' '.join(process.cmdline())[:200]} ({process.status()})"
    except psutil.NoSuchProcess:
        return f"{process.pid}, which has ended since"
