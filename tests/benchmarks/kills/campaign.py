"""All moments of one victim: study after study, until as many kills have struck."""

from __future__ import annotations

import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from jupyter_tune.executors.local.devices import FAKE
from jupyter_tune.executors.local.leases import FOLDER_VARIABLE
from tests.benchmarks.kills.audit import STUCK, Violation
from tests.benchmarks.kills.cluster import Cluster
from tests.benchmarks.kills.scene import Scene
from tests.benchmarks.kills.strikes import AFTER_END_S, Outcome, Striking
from tests.benchmarks.kills.victims import Victim
from tests.real_kernel import Kernel

KILLS = 5
"""Per study, at most."""


class Campaign:
    """Args: kept: where the folder is kept if something was wrong."""

    def __init__(self, victim: Victim, moments: int, seed: int, kept: Path):
        self.victim, self.moments, self.seed = victim, moments, seed
        self.outcomes: list[Outcome] = []
        self.life_s = 0.0
        self.took_s = 0.0
        self.loads: list[float] = []
        self._kept = kept
        self._rng = random.Random(f"{seed} {victim.name}")

    @property
    def violations(self) -> list[Violation]:
        return [violation for outcome in self.outcomes for violation in outcome.violations]

    @property
    def struck(self) -> int:
        return sum(len(outcome.strikes) for outcome in self.outcomes)

    def count(self, kind: str) -> int:
        """How often this was found; of what stops a study, in how many studies."""
        kinds = [[violation.kind for violation in outcome.violations] for outcome in self.outcomes]
        return sum(kind in each if kind == STUCK else each.count(kind) for each in kinds)

    def run(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix=f"kills-{self.victim.name.replace(' ', '-')}-"))
        os.environ[FOLDER_VARIABLE] = str(folder / "leases")
        os.environ[FAKE] = "0"
        began = time.monotonic()
        self._say(f"seed {self.seed}, {self.moments} moments, in {folder}")
        cluster = Cluster(folder, nannies=self.victim.has_nannies) if self.victim.on_cluster else None
        kernel = Kernel(folder)
        try:
            kernel = self._strike_all(folder, kernel, cluster)
        finally:
            kernel.close()
            if cluster is not None:
                cluster.close()
        self.took_s = time.monotonic() - began
        if self.violations:
            self._say(f"kept: {shutil.move(folder, self._kept)}")
        else:
            shutil.rmtree(folder)

    def _strike_all(self, folder: Path, kernel: Kernel, cluster: Cluster | None) -> Kernel:
        number = 0
        while self.struck < self.moments:
            scene = Scene(folder, f"study{number}", kernel, cluster)
            # the first is left alone: it says how long a study lives
            most = min(KILLS, self.moments - self.struck) if number else 0
            striking = Striking(scene, self.victim, self._rng, self.life_s, self.struck + 1)
            try:
                outcome = striking.run(most)
            except AssertionError as error:
                outcome = striking.outcome
                outcome.violations.append(Violation(STUCK, f"the kernel: {error}"))
            kernel = scene.kernel
            self.outcomes.append(outcome)
            self.loads.append(os.getloadavg()[0])
            self._tell(scene, outcome)
            self._say(f"{self.struck} of {self.moments} moments")
            lives = [each.lasted_s for each in self.outcomes[-5:] if each.lasted_s]
            self.life_s = statistics.median(lives) * (1.5 if number == 0 else 1.0) + AFTER_END_S
            if number == 0:
                self._say(f"an undisturbed study lives {outcome.lasted_s:.2f} s")
            if any(violation.kind == STUCK for violation in outcome.violations):
                # what is stuck must not disturb the next
                kernel.close()
                kernel = Kernel(folder)
            number += 1
        return kernel

    def _tell(self, scene: Scene, outcome: Outcome) -> None:
        for violation in outcome.violations:
            self._say(f"seed {self.seed}, {scene.name}: {violation.kind}: {violation.text}")
        for strike in outcome.strikes if outcome.violations or outcome.refused else ():
            self._say(f"    {strike}")
        for text, count in Counter(outcome.refused).items():
            self._say(f"    refused {count} times: {text}")

    def _say(self, text: str) -> None:
        print(f"{self.victim.name}: {text}", file=sys.stderr, flush=True)
