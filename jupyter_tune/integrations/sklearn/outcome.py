"""What came of a search's trials: those that ran, or the error where none can be the best."""

from __future__ import annotations

import warnings
from typing import Any

from sklearn.exceptions import FitFailedWarning

from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.client.study_trial import StudyTrial
from jupyter_tune.core.trial import COMPLETE, FAILED
from jupyter_tune.errors import TuneError
from jupyter_tune.integrations.sklearn.evaluation import ERROR
from jupyter_tune.integrations.sklearn.results import status_of


class FitFailedError(TuneError, ValueError):
    """No trial of a search came to its end, or one failed and `error_score` is "raise"."""


def trials_of(study: StudyHandle, error_score: Any) -> list[StudyTrial]:
    """The trials of `study`, which has ended, that have run, by number.

    Warns FitFailedWarning where some have failed, as scikit-learn's searches do.

    Raises: FitFailedError if none is complete, or one has failed and `error_score` is "raise".
    """
    trials = [trial for trial in study.trials if not trial.is_withdrawn]
    failed = [trial for trial in trials if trial.state == FAILED]
    if failed and error_score == "raise":
        raise FitFailedError(f"trial {failed[0].number} failed, {failed[0].params}: {_why(failed[0])}")
    if not any(status_of(trial) == COMPLETE for trial in trials):
        if failed:
            raise FitFailedError(f"All the {len(failed)} trials failed, the first one of: {_why(failed[0])}")
        raise FitFailedError(f"no trial can be the best: {study.reason}; allow more time or trials")
    if failed:
        _warn(f"{len(failed)} of {len(trials)} trials failed, the first one of: {_why(failed[0])}")
    replaced = [trial for trial in trials if ERROR in trial.user_attrs]
    if replaced:
        _warn(
            f"in {len(replaced)} of {len(trials)} trials a fit failed, whose score is {error_score}; the "
            f"first one of: {replaced[0].user_attrs[ERROR]}"
        )
    return trials


def _warn(text: str) -> None:
    warnings.warn(text, FitFailedWarning, stacklevel=4)  # where fit is called


def _why(trial: StudyTrial) -> str:
    return trial.error or trial.reason
