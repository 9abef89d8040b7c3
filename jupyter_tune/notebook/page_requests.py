"""What a page requests: passed on to the study on the thread on which it arrives, without waiting.

Answers come back on the connection's thread; a refusal is shown on the page.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol

from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.client.restarts import later
from jupyter_tune.core.notes import Tags
from jupyter_tune.core.readers.tags import tags
from jupyter_tune.errors import TuneError
from jupyter_tune.notebook.landscapes import Landscapes
from jupyter_tune.wire import requests
from jupyter_tune.wire.requests import Request, Steering


@dataclass(frozen=True)
class Snapshot(Request):
    """The tables as they are now."""


@dataclass(frozen=True)
class Log(Request):
    """What `trial` printed, and its traceback."""

    trial: int


@dataclass(frozen=True)
class Replace(Request):
    """Start what the cell could start, in place of the study."""


@dataclass(frozen=True)
class Start(Request):
    """Start what the cell could start, as the study `name`."""

    name: str


@dataclass(frozen=True)
class Tag(Request):
    """Put a tag on trial `of`, or on the study (None): NAME or NAME=VALUE, as typed."""

    of: int | None
    tag: str


@dataclass(frozen=True)
class Untag(Request):
    """Take the tag `name` from trial `of`, or from the study."""

    of: int | None
    name: str


@dataclass(frozen=True)
class Note(Request):
    """Write `text` on trial `of`, or on the study, in place of the note there; empty, it takes it away."""

    of: int | None
    text: str


_OTHERS = (requests.Stop, requests.Landscape, Snapshot, Log, Replace, Start, Tag, Untag, Note)

FROM_PAGES: dict[str, type[Request]] = {
    **requests.named(Steering),
    **{requests.name_of(request): request for request in _OTHERS},
}
"""What a page may send, by name."""


class Page(Protocol):
    """Where answers go."""

    def notice(self, level: str, text: str) -> None: ...

    def answer_log(self, trial: int, text: str, error: str = "") -> None: ...


class PageRequests:
    """The requests of the pages that show `page`.

    Args: start: starts what the cell could start, under a name or (None) in place of the study.
    """

    def __init__(
        self, handle: StudyHandle, page: Page, landscapes: Landscapes, start: Callable[[str | None], None]
    ):
        self._handle = handle
        self._page = page
        self._landscapes = landscapes
        self._start = start

    def pass_on(self, request: Request) -> None:
        try:
            match request:
                case requests.Landscape(x=x, y=y, at=at):
                    self._landscapes.want(x, y, at)
                case Log(trial=number):
                    read = later(functools.partial(self._handle.read_log, number))
                    read.add_done_callback(functools.partial(self._show_log, number))
                case Replace():
                    self._show_refusal_of(later(functools.partial(self._start, None)))
                case Start(name=name):
                    self._show_refusal_of(later(functools.partial(self._start, name)))
                case Tag(of=trial, tag=typed):
                    self._show_refusal_of(later(functools.partial(self._tag, tags(typed, "tag"), trial)))
                case Untag(of=trial, name=name):
                    self._show_refusal_of(later(functools.partial(self._tag, {name: None}, trial)))
                case Note(of=trial, text=text):
                    self._show_refusal_of(later(functools.partial(self._handle.note, text, trial)))
                case _:
                    self._show_refusal_of(self._handle.send(request))
        except TuneError as error:
            self._page.notice("error", str(error))

    def _tag(self, changes: Tags, trial: int | None) -> None:
        self._handle.tag(changes, trial=trial)

    def _show_refusal_of(self, answer: Future[Any]) -> None:
        answer.add_done_callback(self._show_refusal)

    def _show_refusal(self, answer: Future[Any]) -> None:
        error = answer.exception()
        if error is not None:
            self._page.notice("error", str(error))

    def _show_log(self, number: int, answer: Future[tuple[str, str]]) -> None:
        self._show_refusal(answer)
        if answer.exception() is None:
            self._page.answer_log(number, *answer.result())
