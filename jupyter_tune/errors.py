"""The public errors. Messages name the culprit, the value and the way out."""

from __future__ import annotations


class TuneError(Exception):
    """Base class of all errors that this package raises on purpose."""

    def _render_traceback_(self) -> list[str]:
        # IPython calls this instead of printing a traceback: the message alone is enough
        return [f"{type(self).__name__}: {self}"]


class SpaceError(TuneError, ValueError):
    """A range, choice or parameter value is invalid."""


class OptionError(TuneError, ValueError):
    """An option of %%tune, tune() or Tuner is invalid."""


class PayloadError(TuneError):
    """An object that the training code uses cannot be sent to the trials."""


class CellError(TuneError, SyntaxError):
    """The text of a %%tune cell does not describe a study."""


class JournalError(TuneError):
    """A study file cannot be opened, read or written."""


class FencedError(JournalError):
    """Another process has taken the study over; this one may not write to it any more."""


class DriverError(TuneError):
    """The study's driver process has ended or has refused a request."""


class ArtifactError(TuneError):
    """An artifact cannot be saved, found or loaded."""


class ReportError(TuneError, TypeError):
    """A value given to report() is not a number."""
