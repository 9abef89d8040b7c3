"""Whole studies in virtual time, with faults; each seed is one history.

CI runs SEEDS of them, `make test-sim` more. A failure prints what happened and how to run that seed again.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys

import pytest

from jupyter_tune.core.events import AttemptsFound, TrialEnded, TrialReported, TrialStarted
from jupyter_tune.core.trial import COMPLETE, ENDED
from tests.simulation.__main__ import digest
from tests.simulation.world import World

SEEDS = int(os.environ.get("SEEDS", "400"))
SHARE = 100
"""Seeds in one test."""


@functools.cache
def what_happened_in(seed: int) -> frozenset[object]:
    """Runs this history. Returns what became of its study and trials: words, states, kinds of events."""
    world = World(seed)
    world.run()
    study, trials = world.checks.study, world.checks.study.trials.values()
    words = {
        "retried": any(trial.retried for trial in trials),
        "resumed": any(trial.resumed and trial.state == COMPLETE for trial in trials),
        "out of memory": any(trial.runs_alone for trial in trials),
        "quarantine": bool(study.quarantined),
        "taken over": len(world.drivers) > 1,
        "stopped": (study.end_reason or "").startswith("stopped by the user"),
        "confirmed": study.search_ended is not None and study.confirmed is not None,
    }
    happened = {word for word, is_so in words.items() if is_so}
    return frozenset({*happened, *(trial.state for trial in trials), *world.checks.found})


@pytest.mark.parametrize("first", range(0, SEEDS, SHARE))
def test_no_fault_breaks_an_invariant(first: int) -> None:
    for seed in range(first, min(first + SHARE, SEEDS)):
        what_happened_in(seed)


def test_everything_that_may_become_of_a_study_does_in_some_seed() -> None:
    words = {"retried", "resumed", "out of memory", "quarantine", "taken over", "stopped", "confirmed"}
    # what attempts did while they had no driver, and what became of them
    of_found = {TrialStarted, TrialReported, TrialEnded, AttemptsFound}
    unseen: set[object] = {*words, *ENDED, *of_found}
    for seed in range(300):
        unseen -= what_happened_in(seed)
        if not unseen:
            return
    raise AssertionError(f"in no seed: {unseen}")


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_a_seed_is_one_journal_to_the_byte_in_every_process(hash_seed: str) -> None:
    program = [sys.executable, "-m", "tests.simulation", "--journals", "0", "10"]
    environ = {**os.environ, "PYTHONHASHSEED": hash_seed}
    ran = subprocess.run(program, env=environ, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [digest(0, 10)]
