"""One suggestion kept ahead: when it is computed, for which command it is used, and when there is none."""

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
from jupyter_tune.driver.lookahead import PATIENCE, Lookahead
from jupyter_tune.driver.sampler_thread import PendingSuggestion

SLOW_S = 60.0


class ByHand:
    """A sampler thread whose suggestions the test begins and ends."""

    def __init__(self) -> None:
        self.studies: list[Study] = []
        self.suggestions: list[Future[tuple[Params, str]]] = []

    def suggest(self, study: Study, command: Suggest) -> PendingSuggestion:
        self.studies.append(study)
        self.suggestions.append(Future())
        return self.suggestions[-1]

    def begin(self) -> None:
        assert self.suggestions[-1].set_running_or_notify_cancel()

    def end(self) -> None:
        self.begin()
        self.suggestions[-1].set_result(({"x": 0.5}, "gp"))


def a_study(*lengths_s: float) -> Study:
    """Trials of these lengths, one after the other, and one more that runs."""
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
def thread() -> ByHand:
    return ByHand()


@pytest.fixture
def ahead(thread: ByHand) -> Lookahead:
    return Lookahead(thread.suggest)


def test_what_is_ready_is_taken_once(thread: ByHand, ahead: Lookahead) -> None:
    study = a_study()
    ahead.prepare(study, Suggest(1), SLOW_S)
    thread.end()
    suggestion = ahead.take(Suggest(1), 0)
    assert suggestion is thread.suggestions[0]
    assert ahead.take(Suggest(1), 0) is None


@pytest.mark.parametrize(
    ("command", "revision"), [(Suggest(2), 0), (Suggest(1, {"x": 0.3}, "user"), 0), (Suggest(1), 1)]
)
def test_it_is_good_for_nothing_else(
    thread: ByHand, ahead: Lookahead, command: Suggest, revision: int
) -> None:
    ahead.prepare(a_study(), Suggest(1), SLOW_S)
    thread.end()
    assert ahead.take(command, revision) is None
    assert ahead.take(Suggest(1), 0) is None, "an unused suggestion is not kept"


def test_one_in_the_making_is_waited_for_and_one_that_has_not_begun_is_not(
    thread: ByHand, ahead: Lookahead
) -> None:
    ahead.prepare(a_study(), Suggest(1), SLOW_S)
    thread.begin()
    assert ahead.take(Suggest(1), 0) is thread.suggestions[0]
    ahead.prepare(a_study(), Suggest(1), SLOW_S)
    assert ahead.take(Suggest(1), 0) is None
    assert thread.suggestions[1].cancelled(), "the thread is spared it"


def test_it_is_suggestion_of_again_only_when_it_would_be_another(thread: ByHand, ahead: Lookahead) -> None:
    study = a_study()
    ahead.prepare(study, Suggest(1), SLOW_S)
    ahead.prepare(study, Suggest(1), SLOW_S)
    assert len(thread.suggestions) == 1
    tell(study, TrialEnded(0, 1, "complete", 1.0), 1.0)
    ahead.prepare(study, Suggest(1), SLOW_S)
    tell(study, RangesNarrowed(1, {"x": [0.0, 0.5]}), 1.0)
    ahead.prepare(study, Suggest(1), SLOW_S)
    ahead.prepare(study, Suggest(2), SLOW_S)
    assert [suggestion.cancelled() for suggestion in thread.suggestions] == [True, True, True, False]


def test_the_thread_has_the_study_of_the_moment(thread: ByHand, ahead: Lookahead) -> None:
    study = a_study()
    ahead.prepare(study, Suggest(1), SLOW_S)
    tell(study, TrialEnded(0, 1, "complete", 1.0), 1.0)
    assert [trial.number for trial in thread.studies[0].live] == [0]


@pytest.mark.parametrize(("share", "prepared"), [(0.9 * PATIENCE, False), (1.1 * PATIENCE, True)])
def test_where_thinking_is_short_beside_a_trial_nothing_is_prepared(
    thread: ByHand, ahead: Lookahead, share: float, prepared: bool
) -> None:
    study = a_study(50.0, 150.0)
    for number in (0, 1):
        ahead.note(study.trials[number])
    ahead.prepare(study, Suggest(3), share * 100.0)
    assert bool(thread.suggestions) is prepared


def test_a_trial_that_never_started_tells_nothing_of_their_length(thread: ByHand, ahead: Lookahead) -> None:
    study = a_study()
    tell(study, TrialSuggested(1, {"x": 0.2}, "gp"), 0.0)
    tell(study, TrialEnded(1, 1, "cancelled"), 10_000.0)
    ahead.note(study.trials[1])
    ahead.prepare(study, Suggest(2), 1.0)
    assert len(thread.suggestions) == 1
