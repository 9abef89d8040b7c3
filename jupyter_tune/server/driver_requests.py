"""Requests of pages to the driver of a study, which grants or refuses them; its kernel takes no part."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_tune import journal
from jupyter_tune.client.connection import Connection
from jupyter_tune.errors import DriverError, OptionError
from jupyter_tune.wire import requests
from jupyter_tune.wire.requests import Request, Steering, Stop

FROM_PAGES: dict[str, type[Request]] = {**requests.named(Steering), requests.name_of(Stop): Stop}
"""What a page may send, by name."""


def request_in(message: Mapping[str, Any]) -> Request:
    """The request in a message. Raises: OptionError for what is none."""
    try:
        return requests.from_message(dict(message), FROM_PAGES)
    except DriverError as error:
        raise OptionError(str(error)) from None


def pass_on(path: Path, request: Request) -> None:
    """Send a request to the driver of the study in `path`, and wait for its answer.

    Raises: TuneError with the reason if no driver runs it, or if it refuses.
    """
    holder, name = journal.holder(path), journal.stem(path)
    if holder is None or not holder["socket"]:
        raise DriverError(
            f"study {name!r} is not running; run its cell again with --resume --name {name} to go on with it"
        )
    if journal.is_stalled(holder):
        raise DriverError(
            f"the process that runs study {name!r} ({holder['pid']}) has given no sign of life for "
            f"{holder['silent_s']:.0f} s; resuming the study takes it over"
        )
    connection = Connection.to(holder["socket"])
    try:
        connection.request(request)
    finally:
        connection.close()
