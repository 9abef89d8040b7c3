"""How sure the best value is: the same words in every view."""

from __future__ import annotations

from jupyter_tune.core.events import TrialEnded, TrialStarted, TrialSuggested
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE
from jupyter_tune.views.best_params import BestParams
from jupyter_tune.views.report.facts import facts_of
from jupyter_tune.views.saved.text import text
from jupyter_tune.views.tables.found import found_in_words
from jupyter_tune.views.tables.spread import best_spread_in_words
from jupyter_tune.views.tables.tables import Tables
from tests.core.studies import study_of


def measured(*scores: tuple[float, float]) -> Study:
    """A study of trials at these x, with these scores."""
    events = (
        event
        for number, (x, score) in enumerate(scores)
        for event in (
            TrialSuggested(number, {"x": x, "y": 0.5}, "random"),
            TrialStarted(number, 1),
            TrialEnded(number, 1, COMPLETE, score),
        )
    )
    return study_of(*events, trials=9)


def words(study: Study) -> list[str]:
    """What the handle, the best params, the text and the report say."""
    status = Tables(study).status(study.last_at)
    report = facts_of(study, status).best
    assert study.best_trial is not None
    assert report is not None
    return [
        found_in_words(study),
        BestParams(study.best_trial.params, study).certainty,
        text(status),
        " ".join(report),
    ]


def test_one_reading_is_said_to_be_one_in_every_view() -> None:
    found, certain, shown, report = words(measured((0.1, 0.5), (0.2, 0.75)))
    assert found == "best score 0.75, measured once (trial 1)"
    assert certain == "score 0.75, measured once, which does not tell how sure it is"
    assert "best 0.75 in trial 1, measured once: x=0.2" in shown
    assert report == "0.75 score, trial 1, measured once"


def test_several_measurements_say_how_sure_they_are_in_every_view() -> None:
    study = measured((0.1, 0.5), (0.2, 0.75), (0.2, 0.73), (0.2, 0.74), (0.3, 0.6))
    spread = best_spread_in_words(study)
    assert spread.startswith("± 0.0")
    assert ", mean of 3 measurements, 95 % 0.7" in spread
    assert ", best of 3 with " in spread
    assert all(spread in each for each in words(study))


def test_where_the_noise_is_known_one_reading_has_an_interval() -> None:
    study = measured((0.1, 0.5), (0.1, 0.51), (0.2, 0.75))
    assert best_spread_in_words(study).startswith("measured once, 95 % 0.")
