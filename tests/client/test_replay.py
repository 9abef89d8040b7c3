"""Replaying real studies: what their drivers decided is decided again, whatever the timing was."""

from __future__ import annotations

import pytest

import jupyter_tune as jt
from jupyter_tune.client.replay import Difference, Replay
from jupyter_tune.core.events import TrialSuggested
from jupyter_tune.journal import read_records

pytestmark = pytest.mark.usefixtures("nothing_stays")


def train(x: float, lr: float) -> None:
    for step in range(1, 10):
        jt.report(score=1 - (x - 0.3) ** 2 - abs(lr - 0.1) / step, step=step)


def test_a_study_with_suggestions_made_ahead_is_replayed_exactly() -> None:
    study = jt.tune(
        train,
        {"x": jt.Float(0, 1), "lr": jt.Float(1e-3, 1, log=True)},
        maximize="score",
        trials=16,
        workers=2,
        max_steps=9,
        name="ahead",
    )
    study.wait()
    study.resume(trials=4)
    study.wait()
    records = read_records(study.path)
    suggested = [(r.seq, r.event.known) for r in records if isinstance(r.event, TrialSuggested)]
    ahead = [seq for seq, known in suggested if known is not None and known < seq - 1]
    assert ahead, "some suggestions did not know what was recorded last"
    replayed = study.replay()
    assert replayed.is_same, replayed
    assert replayed.counts["suggestions"] == 20
    assert replayed.counts["ends"] == 2
    assert "all the same" in repr(replayed)
    other = study.what_if(pruner="none", workers=1)
    assert (other.changed.trials, other.changed.pruned) == (20, 0)
    assert other.changed.steps >= other.recorded.steps
    assert "20 recorded trials" in repr(other)


def test_a_difference_is_told_in_words_with_the_libraries_that_differ() -> None:
    first = Difference(31, "the suggestion of trial 7", "gp: {'lr': 0.1}", "gp: {'lr': 0.2}")
    counts = {"suggestions": 9, "prunes": 2, "resumes": 0, "ends": 1}
    told = repr(Replay("toy", counts, 1, 2, first, {"torch": ["2.9.0", "2.13.0"]}))
    assert told.splitlines() == [
        "Replay of toy: 12 decisions (9 suggestions, 2 prunes, 1 end), 2 of them differ",
        "The first is the suggestion of trial 7, record 31:",
        "  then   gp: {'lr': 0.1}",
        "  again  gp: {'lr': 0.2}",
        "1 more suggestions differ, and this older journal does not tell what they knew",
        "Other libraries may decide otherwise: torch 2.13.0 (then 2.9.0)",
    ]
