"""What is packed here is loaded in real trials."""

from __future__ import annotations

from tests.trial_lab import lab, no_process_is_left, the_notebook_has_nothing_of_its_own

__all__ = ["lab", "no_process_is_left", "the_notebook_has_nothing_of_its_own"]
