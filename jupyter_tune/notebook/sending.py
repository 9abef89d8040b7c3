"""What dashboards send leaves the kernel whole, also while it exits.

pyzmq refuses a large message once its own exit handler has run, after the first parts of the message have
gone: the next thing the kernel sends is taken for the rest, and its reader gets neither. The threads of
dashboards run until the interpreter is gone, so they must fall silent before that. Delete when pyzmq copies
large messages at exit.
"""

from __future__ import annotations

import atexit
import sys
import threading
from collections.abc import Callable

# Exit handlers run in reverse order: pyzmq's is registered by this import, and so runs after the one below.
import zmq.utils.garbage  # noqa: F401

_lock = threading.RLock()
_has_ended = False


def send_whole(send: Callable[[], None]) -> None:
    """Call `send`, unless the kernel exits."""
    with _lock:
        if not _has_ended:
            send()


@atexit.register
def _fall_silent() -> None:
    global _has_ended
    with _lock:
        _has_ended = True
    # waits until the thread that sends for the kernel has nothing left
    sys.stdout.flush()
