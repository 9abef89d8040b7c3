"""`study.dashboard()`: the dashboard as a widget by itself, for hosts and layouts that show widgets.

Jupyter     the kernel keeps a widget for as long as it lives: a study has one
marimo      closes a widget when the cell that made it runs again: each call makes one
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from IPython import get_ipython

from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.notebook.dashboard import Dashboard
from jupyter_tune.notebook.following import Following

_widgets: WeakKeyDictionary[StudyHandle, Dashboard] = WeakKeyDictionary()


class _Widget(Following):
    """A dashboard that follows its study until it is closed."""

    def __init__(self, handle: StudyHandle):
        super().__init__(handle)
        assert self._dashboard is not None
        self.dashboard = self._dashboard
        self._update()
        self._follow()


def dashboard_of(handle: StudyHandle) -> Dashboard:
    """The dashboard of `handle`, live. Raises TuneError if the front end is not built."""
    shown = _widgets.get(handle)
    if shown is None or shown.is_closed or get_ipython() is None:
        shown = _widgets[handle] = _Widget(handle).dashboard
    return shown
