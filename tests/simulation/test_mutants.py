"""Each mistake made in the package is found by the simulation, within a bounded number of seeds."""

from __future__ import annotations

import re

import pytest

from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.world import SimulationError, World, plan_of

CAUGHT_WITHIN = 300
"""Seeds; most mistakes show in the first twenty."""

SHOWN_IN = {
    "a granted request is not recorded": 54,
    "a halt that is lost": 47,
    "a waiting trial that is not ended": 21,
    "no fencing: a former owner writes on": 127,
    "no liveness: a stopped driver keeps its study": 21,
    "reports of older attempts count": 58,
    "starts of older attempts count": 58,
    "ends of older attempts count": 69,
    "an outcome that reopens a trial": 95,
    "a withdrawn trial is not given back": 21,
    "withdrawn, though an attempt was lost": 14,
    "an ended trial stays halted": 14,
    "one more slot than there are": 14,
    "out of memory, beside others": 37,
    "a trial whose end is in flight is launched": 108,
    "a paused study starts trials": 49,
    "the end holds, whatever comes": 47,
    "the last slot is quarantined": 15,
    "a lost attempt ends its trial": 14,
    "a stop that is not obeyed": 65,
    "NaN is the best": 117,
    "budgets below what is spent": 28,
    "what was found is started again": 26,
    "what was found before its start is launched again": 11,
    "reports of an earlier attempt are left out of the next": 20,
    "what was found goes on beside the attempt that was launched meanwhile": 57,
    "what was found and is not wanted never ends": 57,
    "a former driver ends what the next one goes on with": 148,
    "an attempt obeys an earlier driver again": 84,
    "an attempt of no driver is not ended": 11,
}
"""A seed that shows a mistake, of those that the first seeds do not show. It is run before the others, which
follow if it shows the mistake no more, as after a change of the package or of the scenarios."""


def run_until_caught(mutant: Mutant) -> str:
    """What the failing seed says; "" if none fails."""
    with mutant.made():
        for seed in sorted(range(CAUGHT_WITHIN), key=lambda seed: seed != SHOWN_IN.get(mutant.mistake)):
            if plan_of(seed).outlives != mutant.of_found:
                continue
            try:
                World(seed).run()
            except SimulationError as error:
                return str(error)
    return ""


def test_the_seeds_that_are_tried_first_are_of_mistakes_that_there_are() -> None:
    assert SHOWN_IN.keys() <= {mutant.mistake for mutant in MUTANTS}
    assert all(seed < CAUGHT_WITHIN for seed in SHOWN_IN.values())


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
