"""Each mistake made in the package is found by the simulation, within a bounded number of seeds."""

from __future__ import annotations

import re

import pytest

from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.world import SimulationError, World

CAUGHT_WITHIN = 300
"""Seeds; most mistakes show in the first twenty."""


def run_until_caught() -> str:
    """What the failing seed says; "" if none fails."""
    for seed in range(CAUGHT_WITHIN):
        try:
            World(seed).run()
        except SimulationError as error:
            return str(error)
    return ""


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.mistake)
def test_every_mistake_breaks_an_invariant(mutant: Mutant) -> None:
    with mutant.made():
        assert run_until_caught()


def test_a_failing_seed_says_how_to_run_it_again_and_does_the_same_then() -> None:
    mutant = next(mutant for mutant in MUTANTS if mutant.mistake == "two attempts share a curve")
    with mutant.made():
        first, again = run_until_caught(), run_until_caught()
    assert first == again
    assert re.search(r"python -m tests.simulation \d+ ", first)
    assert "TrialStarted" in first
    assert "VIOLATED: " in first
