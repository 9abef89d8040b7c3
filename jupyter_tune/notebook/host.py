"""What runs this notebook: a person's front end, or a program that executes its cells one after the other."""

from __future__ import annotations

import os

from IPython import get_ipython


def is_headless() -> bool:
    """Whether the running cell was sent by nbclient (nbconvert, papermill), which asks for no input.

    Such a run ends the kernel after its last cell, has no page meanwhile, and saves the state of all widgets
    in the notebook. Voilà runs the cells by nbclient too, but for a page that waits for them.
    """
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None or is_app():
        return False
    content = kernel.get_parent().get("content", {})
    return not content.get("allow_stdin", True)


def is_app() -> bool:
    """Whether Voilà has started this kernel, for a page that shows the outputs alone."""
    return "VOILA_BASE_URL" in os.environ
