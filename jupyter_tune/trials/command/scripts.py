"""Lets a script that a command runs use `jupyter_tune.report` and `jupyter_tune.trial`.

The script finds the socket in its environment (report.py) and speaks there as a trial does to its supervisor:
`reported` is answered by `acknowledged`, or by `halt`. This works through launchers too (`sh -c`, torchrun),
because an environment is inherited where an open descriptor is not.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
import tempfile
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from jupyter_tune.core.encoding import attrs_in, fold_in, metrics_in
from jupyter_tune.core.events import Metrics
from jupyter_tune.core.folds import Label
from jupyter_tune.core.notes import Tags
from jupyter_tune.trials.channel import TrialHalted
from jupyter_tune.trials.report import JOB, RunningTrial
from jupyter_tune.wire.frames import Link, Message

Report: TypeAlias = tuple[int, Metrics, Tags, Label | None]
Post = Callable[[int, Metrics, Tags, Label | None], None]


class Scripts:
    """The scripts that report themselves.

    Args:
        selector: calls the function that is registered for a descriptor when that can be read.
        post:     sends a report on, without waiting.
    """

    def __init__(self, selector: selectors.BaseSelector, post: Post):
        self._selector = selector
        self._post = post
        self._links: set[Link] = set()
        self._unanswered: deque[Link | None] = deque()
        # the driver's clean-up of what killed processes leave knows this form of a name
        self._folder = tempfile.TemporaryDirectory(prefix=f"jupyter-tune-{os.getuid()}-{os.getpid()}-")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(Path(self._folder.name) / "report.sock"))
        self._listener.listen()
        self._listener.setblocking(False)
        selector.register(self._listener, selectors.EVENT_READ, self._accept)

    def environment(self, running: RunningTrial, last_step: int) -> dict[str, str]:
        """What report.py needs to join the trial."""
        job = {
            "socket": self._listener.getsockname(),
            "number": running.number,
            "params": running.params,
            "metrics": list(running.metrics),
            "seed": running.seed,
            "folder": str(running.folder),
            "last_step": last_step,
            "attempt": running.attempt,
            "repeat": running.repeat,
        }
        return {JOB: json.dumps(job)}

    def scraped(self) -> None:
        """A report was sent that no script waits for."""
        self._unanswered.append(None)

    def acknowledged(self, count: int) -> None:
        """The next `count` reports, in the order in which they were sent, are committed."""
        for _ in range(min(count, len(self._unanswered))):
            link = self._unanswered.popleft()
            if link is not None:
                link.send({"type": "acknowledged"})

    def halt(self, halt: TrialHalted) -> bool:
        """Tell every script to stop at its report. Returns whether there is one."""
        for link in self._links:
            link.send({"type": "halt", "state": halt.state, "reason": halt.reason})
        return bool(self._links)

    def close(self) -> None:
        for link in self._links:
            link.close()
        self._listener.close()
        self._folder.cleanup()

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return  # it is gone again
        link = Link(connection)
        self._links.add(link)
        self._selector.register(link, selectors.EVENT_READ, lambda: self._receive(link))

    def _receive(self, link: Link) -> None:
        for message in link.receive():
            report = _report_in(message)
            if report is not None:
                self._unanswered.append(link)
                self._post(*report)
        if link.lost:
            self._selector.unregister(link)
            self._links.discard(link)
            link.close()


def _report_in(message: Message) -> Report | None:
    """The step, metrics, attributes and fold of a message; None for one that is no report."""
    step, metrics = message.get("step"), message.get("metrics")
    if message.get("type") != "reported" or type(step) is not int or not isinstance(metrics, dict):
        return None
    return step, metrics_in(message), attrs_in(message), fold_in(message)
