"""What a cell that has waited for its study says of it."""

from __future__ import annotations

from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.core.stopping import failed_as_a_whole
from jupyter_tune.core.study import INTERRUPTED
from jupyter_tune.errors import DriverError, TuneError


def complain_of(handle: StudyHandle, *, raises: bool) -> None:
    """Print the errors of a study that is over.

    Args: raises: whether a study that has failed as a whole is an error, as in a pipeline, which must not go
        on with what was not found.

    Raises: DriverError for a study that was interrupted; TuneError.
    """
    if handle.state == INTERRUPTED:
        raise DriverError(
            f"study {handle.name!r} was interrupted: the process that ran it has ended; "
            "run the cell again with --resume"
        )
    for level, text in handle.notices:
        if level == "error":
            print(text)
    if raises and (why := failed_as_a_whole(handle.snapshot())):
        raise TuneError(f"study {handle.name!r}: {why}")
