"""One root error. Messages name the culprit, the value and the way out."""

from __future__ import annotations


class TuneError(Exception):
    """Root of everything this package raises on purpose."""

    def _render_traceback_(self) -> list[str]:
        # IPython's hook: the message says what to do, our frames would only bury it
        return [f"{type(self).__name__}: {self}"]


class SpaceError(TuneError, ValueError):
    """A range, choice or parameter value that cannot be."""


class OptionError(TuneError, ValueError):
    """An option of %%tune, tune() or Tuner that cannot be."""


class PayloadError(TuneError):
    """Something the training code uses cannot travel to the trials."""


class CellError(TuneError, SyntaxError):
    """The text of a %%tune cell does not describe a study."""


class JournalError(TuneError):
    """A study file that cannot be opened, read or written."""


class DriverError(TuneError):
    """The study's driver process is gone or refused a request."""


class ReportError(TuneError, TypeError):
    """report() was given something that is not a number."""
