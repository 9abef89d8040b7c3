"""One suggestion kept ahead: when it is made, for whom it is good, and when none is."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from jupyter_tune.core.commands import Suggest
from jupyter_tune.core.events import (
    Event,
    RangesNarrowed,
    Record,
    StudyOpened,
    TrialEnded,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Float, Params
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.driver.lookahead import PATIENCE, Lookahead, Thought

SLOW_S = 60.0


class Mind:
    """What a sampler's thread would do: `begin` and `end` the thoughts by hand."""

    def __init__(self) -> None:
        self.studies: list[Study] = []
        self.thoughts: list[Future[tuple[Params, str]]] = []

    def think(self, study: Study, command: Suggest) -> Thought:
        self.studies.append(study)
        self.thoughts.append(Future())
        return self.thoughts[-1]

    def begin(self) -> None:
        assert self.thoughts[-1].set_running_or_notify_cancel()

    def end(self) -> None:
        self.begin()
        self.thoughts[-1].set_result(({"x": 0.5}, "gp"))


def a_study(*lengths_s: float) -> Study:
    """Trials that took so long one after the other, and one more that runs."""
    study = Study(StudyOpened("s", Space(x=Float(0.0, 1.0)), Settings("score")))
    for number, length_s in enumerate([*lengths_s, None]):
        tell(study, TrialSuggested(number, {"x": 0.1}, "gp"), 0.0)
        tell(study, TrialStarted(number, 1, "slot"), 0.0)
        if length_s is not None:
            tell(study, TrialEnded(number, 1, "complete", 1.0), length_s)
    return study


def tell(study: Study, event: Event, at: float) -> None:
    study.apply(Record(study.seq + 1, at, event))


@pytest.fixture
def mind() -> Mind:
    return Mind()


@pytest.fixture
def ahead(mind: Mind) -> Lookahead:
    return Lookahead(mind.think)


def test_what_is_ready_is_taken_once(mind: Mind, ahead: Lookahead) -> None:
    study = a_study()
    ahead.prepare(study, Suggest(1), SLOW_S)
    mind.end()
    thought = ahead.take(Suggest(1), 0)
    assert thought is mind.thoughts[0]
    assert ahead.take(Suggest(1), 0) is None


@pytest.mark.parametrize(
    ("command", "revision"), [(Suggest(2), 0), (Suggest(1, {"x": 0.3}, "user"), 0), (Suggest(1), 1)]
)
def test_it_is_good_for_nothing_else(mind: Mind, ahead: Lookahead, command: Suggest, revision: int) -> None:
    ahead.prepare(a_study(), Suggest(1), SLOW_S)
    mind.end()
    assert ahead.take(command, revision) is None
    assert ahead.take(Suggest(1), 0) is None, "what nobody could use is not kept"


def test_one_in_the_making_is_waited_for_and_one_that_has_not_begun_is_not(
    mind: Mind, ahead: Lookahead
) -> None:
    ahead.prepare(a_study(), Suggest(1), SLOW_S)
    mind.begin()
    assert ahead.take(Suggest(1), 0) is mind.thoughts[0]
    ahead.prepare(a_study(), Suggest(1), SLOW_S)
    assert ahead.take(Suggest(1), 0) is None
    assert mind.thoughts[1].cancelled(), "the thread is spared it"


def test_it_is_thought_of_again_only_when_it_would_be_another(mind: Mind, ahead: Lookahead) -> None:
    study = a_study()
    ahead.prepare(study, Suggest(1), SLOW_S)
    ahead.prepare(study, Suggest(1), SLOW_S)
    assert len(mind.thoughts) == 1
    tell(study, TrialEnded(0, 1, "complete", 1.0), 1.0)
    ahead.prepare(study, Suggest(1), SLOW_S)
    tell(study, RangesNarrowed(1, {"x": [0.0, 0.5]}), 1.0)
    ahead.prepare(study, Suggest(1), SLOW_S)
    ahead.prepare(study, Suggest(2), SLOW_S)
    assert [thought.cancelled() for thought in mind.thoughts] == [True, True, True, False]


def test_the_thread_has_the_study_of_the_moment(mind: Mind, ahead: Lookahead) -> None:
    study = a_study()
    ahead.prepare(study, Suggest(1), SLOW_S)
    tell(study, TrialEnded(0, 1, "complete", 1.0), 1.0)
    assert [trial.number for trial in mind.studies[0].live] == [0]


@pytest.mark.parametrize(("share", "prepared"), [(0.9 * PATIENCE, False), (1.1 * PATIENCE, True)])
def test_where_thinking_is_short_beside_a_trial_nothing_is_prepared(
    mind: Mind, ahead: Lookahead, share: float, prepared: bool
) -> None:
    study = a_study(50.0, 150.0)
    for number in (0, 1):
        ahead.note(study.trials[number])
    ahead.prepare(study, Suggest(3), share * 100.0)
    assert bool(mind.thoughts) is prepared


def test_a_trial_that_never_started_tells_nothing_of_their_length(mind: Mind, ahead: Lookahead) -> None:
    study = a_study()
    tell(study, TrialSuggested(1, {"x": 0.2}, "gp"), 0.0)
    tell(study, TrialEnded(1, 1, "cancelled"), 10_000.0)
    ahead.note(study.trials[1])
    ahead.prepare(study, Suggest(2), 1.0)
    assert len(mind.thoughts) == 1
