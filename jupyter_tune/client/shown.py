"""How a study is shown by hosts that show widgets."""

from __future__ import annotations

from typing import Any


class ShownStudy:
    """A study that can be looked at, and steered, on a page."""

    def dashboard(self) -> Any:
        """The dashboard as a widget, live: the value of a cell in marimo, a part of a layout in Jupyter.

        Raises: TuneError if the front end is not built.
        """
        import jupyter_tune

        # widgets are the notebook's, which is above this room
        return jupyter_tune._dashboard_of(self)

    def _display_(self) -> Any:
        """What marimo shows of a study."""
        return self.dashboard()
