"""Each mistake made in the package is found by the simulation, within a bounded number of seeds."""

from __future__ import annotations

import re

import pytest

from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.world import SimulationError, World, plan_of

CAUGHT_WITHIN = 300
"""Seeds; most mistakes show in the first twenty."""


def run_until_caught(mutant: Mutant) -> str:
    """What the failing seed says; "" if none fails."""
    with mutant.made():
        for seed in range(CAUGHT_WITHIN):
            if plan_of(seed).outlives != mutant.of_found:
                continue
            try:
                World(seed).run()
            except SimulationError as error:
                return str(error)
    return ""


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.mistake)
def test_every_mistake_breaks_an_invariant(mutant: Mutant) -> None:
    assert run_until_caught(mutant)


@pytest.mark.parametrize("mistake", ["two attempts share a curve", "a report is recorded by two drivers"])
def test_a_failing_seed_says_how_to_run_it_again_and_does_the_same_then(mistake: str) -> None:
    mutant = next(mutant for mutant in MUTANTS if mutant.mistake == mistake)
    first, again = run_until_caught(mutant), run_until_caught(mutant)
    assert first == again
    assert re.search(r"python -m tests.simulation \d+ ", first)
    assert "TrialStarted" in first
    assert "VIOLATED: " in first
