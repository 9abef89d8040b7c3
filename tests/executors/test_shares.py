"""Who gets what of a machine, and in which order."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from jupyter_tune.executors.local.shares import SLACK, Holder, Holding, Need, Ticket, serve

FOUR = frozenset(range(4))
BOTH = ("GPU-0", "GPU-1")


def a_study(name: str = "a", cpus: frozenset[int] = FOUR, cores: float | None = None) -> Holder:
    return Holder(name, 1, cpus, len(cpus) if cores is None else cores)


def waits(holder: Holder, turn: int, need: Need, key: str = "") -> Holder:
    holder.waits[key or str(turn)] = Ticket(turn, need)
    return holder


def test_cores_are_given_until_they_are_out():
    mine = a_study()
    for turn in range(1, 6):
        waits(mine, turn, Need(1.0))
    served = serve([mine], mine)
    assert list(served.gets) == ["1", "2", "3", "4"]
    assert served.lacks_cores == ("5",)


def test_three_thirds_are_a_whole():
    mine = a_study(cores=2.0)
    for turn in range(1, 4):
        waits(mine, turn, Need(2 / 3, 1 / 3, ("GPU-0",)))
    assert len(serve([mine], mine).gets) == 3


def test_what_another_study_holds_is_not_given():
    mine, other = waits(a_study(), 1, Need(2.0)), a_study("other")
    other.holds["x"] = Holding(3.0)
    assert not serve([mine, other], mine).gets
    other.holds["x"] = Holding(2.0)
    assert serve([mine, other], mine).gets == {"1": Holding(2.0, (), 0.0)}


def test_first_come_first_served():
    mine, other = waits(a_study(), 2, Need(1.0)), waits(a_study("other"), 1, Need(4.0))
    other.holds["x"] = Holding(1.0)
    served = serve([mine, other], mine)
    assert (served.gets, served.lacks_cores) == ({}, ("2",))


def test_a_share_and_a_whole_gpu_do_not_overlap():
    mine, other = waits(a_study(), 1, Need(1.0, 1.0, ("GPU-0",))), a_study("other")
    other.holds["x"] = Holding(0.0, ("GPU-0",), 0.5)
    assert serve([mine, other], mine).lacks_gpus == ("1",)
    del other.holds["x"]
    assert serve([mine, other], mine).gets == {"1": Holding(1.0, ("GPU-0",), 1.0)}


def test_one_that_waits_for_a_whole_gpu_is_not_overtaken_by_shares():
    mine, other = a_study(), waits(a_study("other"), 1, Need(0.0, 1.0, ("GPU-0",)))
    mine.holds["x"] = Holding(0.0, ("GPU-0",), 0.5)
    waits(mine, 2, Need(0.0, 0.5, ("GPU-0",)))
    assert serve([mine, other], mine).lacks_gpus == ("2",)


def test_one_that_waits_for_a_gpu_leaves_the_others_and_the_cores():
    mine, other = a_study(), waits(a_study("other"), 1, Need(1.0, 1.0, ("GPU-0",)))
    other.holds["x"] = Holding(0.0, ("GPU-0",))
    waits(mine, 2, Need(4.0, 1.0, BOTH))
    assert serve([mine, other], mine).gets == {"2": Holding(4.0, ("GPU-1",), 1.0)}


def test_trials_are_spread_over_gpus():
    mine = a_study()
    for turn in range(1, 5):
        waits(mine, turn, Need(0.0, 0.5, BOTH))
    gets = serve([mine], mine).gets
    assert [holding.gpus for holding in gets.values()] == [("GPU-0",), ("GPU-1",)] * 2


def test_a_trial_gets_two_gpus_in_their_order():
    mine = waits(a_study(), 1, Need(0.0, 2.0, ("GPU-2", "GPU-0", "GPU-1")))
    mine.holds["x"] = Holding(0.0, ("GPU-0",), 0.5)
    assert serve([mine], mine).gets == {"1": Holding(0.0, ("GPU-2", "GPU-1"), 1.0)}


def test_studies_on_disjoint_processors_do_not_compete():
    mine = waits(a_study(cpus=frozenset({0, 1})), 1, Need(2.0))
    other = a_study("other", cpus=frozenset({2, 3}))
    other.holds["x"] = Holding(2.0)
    assert serve([mine, other], mine).gets
    wide = a_study("wide")
    wide.holds["x"] = Holding(2.0)  # may lie on the two processors of `other` as well
    assert serve([mine, wide], mine).gets
    wide.holds["x"] = Holding(3.0)
    assert not serve([mine, wide], mine).gets


def test_a_quota_counts_and_not_the_processors():
    mine = waits(a_study(cpus=frozenset(range(64)), cores=2), 1, Need(1.0))
    other = a_study("other", cpus=frozenset(range(64)), cores=2)
    other.holds["x"] = Holding(1.5)
    assert not serve([mine, other], mine).gets


NEEDS = st.tuples(st.sampled_from([0.25, 2 / 3, 1.0, 2.0, 4.0]), st.sampled_from([0.0, 1 / 3, 0.5, 1.0, 2.0]))


@given(st.lists(st.tuples(NEEDS, st.integers(0, 2)), min_size=1, max_size=25), st.integers(0, 2**32))
def test_no_gpu_and_no_core_is_given_twice_and_every_ticket_is_served(asked, seed):
    """Trials of three studies come and end at random: nothing is overfilled, and all run in the end."""
    rng = random.Random(seed)
    studies = [a_study(str(index)) for index in range(3)]
    for turn, ((cores, gpu), index) in enumerate(asked, 1):
        waits(studies[index], turn, Need(cores, gpu, BOTH))
    left = len(asked)
    while left:
        for study in rng.sample(studies, 3):
            for key, holding in serve(studies, study).gets.items():
                del study.waits[key]
                study.holds[key] = holding
        running = [(study, key) for study in studies for key in study.holds]
        assert sum(study.holds[key].cores for study, key in running) <= 4 + 99 * SLACK
        for gpu in BOTH:
            shares = [study.holds[key].share for study, key in running if gpu in study.holds[key].gpus]
            assert sum(shares) <= 1 + 99 * SLACK
        assert running, "something waits and nothing runs"
        study, key = rng.choice(running)
        del study.holds[key]
        left -= 1
