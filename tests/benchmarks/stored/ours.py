"""A study of ours: written through the journal, read as a user does."""

from __future__ import annotations

from pathlib import Path

import pandas  # noqa: F401

import jupyter_tune as jt
from jupyter_tune.client.listing import listing
from jupyter_tune.core.events import (
    Event,
    StudyEnded,
    StudyOpened,
    TrialEnded,
    TrialReported,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Float
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.journal import Journal
from jupyter_tune.views.overview import overview
from tests.benchmarks.stored.trials import BEGAN, NAME, SLOTS, STEP_S, STEPS, Timed, arguments, trained


def fill(file: Path, trials: int) -> None:
    space = Space(x=Float(0.0, 1.0), lr=Float(1e-5, 1.0, log=True), width=Float(8.0, 1024.0))
    settings = Settings(
        "score", trials=trials, workers=SLOTS, sampler="random", pruner="none", max_steps=STEPS
    )
    at = BEGAN
    journal = Journal.create(file, StudyOpened(NAME, space, settings), at)

    def append(events: list[Event]) -> None:
        journal.append(events, at, durable=False)

    for together in trained(trials):
        append([TrialSuggested(each.number, {**each.params}, "random") for each in together])
        append([TrialStarted(each.number, 1, f"local/{each.number % SLOTS}", 1000) for each in together])
        for step in range(1, STEPS + 1):
            at += STEP_S
            append(
                [TrialReported(each.number, 1, step, {"score": each.curve[step - 1]}) for each in together]
            )
        append([TrialEnded(each.number, 1, "complete") for each in together])
    append([StudyEnded("trials")])
    # as a driver leaves it
    journal.keep(overview(Study.fold(journal.records())).to_json())
    journal.close()


def read(file: Path, trials: int) -> None:
    timed = Timed()
    rows = timed("list", lambda: listing(file.parent).here)
    assert [row.trials for row in rows] == [trials], rows
    study = timed("open", lambda: jt.load_study(file))
    found = timed("trials", lambda: study.trials)
    assert len(found) == trials
    assert all(len(trial.curve) == STEPS for trial in found)
    frame = timed("frame", study.trials_dataframe)
    assert len(frame) == trials
    timed.say()


if __name__ == "__main__":
    what, _, file, trials = arguments()
    {"fill": fill, "read": read}[what](file, trials)
