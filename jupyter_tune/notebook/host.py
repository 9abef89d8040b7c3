"""What runs this notebook: a person's front end, or a program that executes its cells one after the other."""

from __future__ import annotations

from IPython import get_ipython


def is_headless() -> bool:
    """Whether the running cell was sent by nbclient (nbconvert, papermill), which asks for no input.

    Such a run ends the kernel after its last cell, has no page meanwhile, and saves the state of all widgets
    in the notebook.
    """
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None:
        return False
    content = kernel.get_parent().get("content", {})
    return not content.get("allow_stdin", True)
