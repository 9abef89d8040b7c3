"""What a page asks of its study: handed on to the driver on whatever thread it arrives, never waited for.

Answers come back on the client's thread; a refusal is said on the page.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.client.restarts import later
from jupyter_tune.errors import DriverError
from jupyter_tune.notebook.dashboard import REQUESTS, Dashboard
from jupyter_tune.notebook.landscapes import Landscapes


class PageRequests:
    """The requests of the pages that show `dashboard`.

    Args: start: starts what the cell could start, under a name or (None) in place of the study.
    """

    def __init__(
        self,
        handle: StudyHandle,
        dashboard: Dashboard,
        landscapes: Landscapes,
        start: Callable[[str | None], None],
    ):
        self._handle = handle
        self._dashboard = dashboard
        self._landscapes = landscapes
        self._start = start

    def hand_on(self, request: dict[str, Any]) -> None:
        try:
            match request["type"]:
                case "landscape":
                    self._landscapes.want(request["x"], request["y"], request.get("at"))
                case "log":
                    number = request["trial"]
                    self._handle.send("log", trial=number).add_done_callback(
                        lambda answer: self._show_log(number, answer)
                    )
                case "replace" | "start":
                    started = later(functools.partial(self._start, request.get("name")))
                    started.add_done_callback(self._say_if_refused)
                case do:
                    fields = {name: request[name] for name in REQUESTS[do]}
                    self._handle.send(do, **fields).add_done_callback(self._say_if_refused)
        except DriverError as error:
            self._dashboard.notice("error", str(error))

    def _say_if_refused(self, answer: Future[Any]) -> None:
        error = answer.exception()
        if error is not None:
            self._dashboard.notice("error", str(error))

    def _show_log(self, number: int, answer: Future[Any]) -> None:
        self._say_if_refused(answer)
        if answer.exception() is None:
            self._dashboard.answer_log(number, answer.result()["text"], answer.result()["error"])
