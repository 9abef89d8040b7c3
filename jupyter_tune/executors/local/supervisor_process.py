"""Starts a supervisor, has it preload modules and check payloads, and ends it; for its driver."""

from __future__ import annotations

import asyncio
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence

from jupyter_tune.executors.local.devices import VISIBLE
from jupyter_tune.executors.local.processes import interpreter
from jupyter_tune.wire.frames import Link, Message

CLOSE_S = 10.0
"""Seconds that a supervisor has to end after its socket is closed."""

CHECK_S = 60.0
"""Seconds for a check of the payload, with the imports before it, on a busy machine."""

_MODULE = "jupyter_tune.executors.local.supervisor"


class SupervisorProcess:
    """A supervisor process and our end of its socket. The process ends when the socket is closed.

    Args:
        preload: modules to import at once.
        environ: its environment; default: that of this process.
    """

    def __init__(self, preload: Sequence[str] = (), environ: Mapping[str, str] | None = None):
        ours, theirs = socket.socketpair()
        self.loaded: list[str] = []
        self.environ = environ
        with theirs:
            self.process = subprocess.Popen(
                interpreter(_MODULE, str(theirs.fileno())),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                env=environ,
            )
        self.link = Link(ours)
        self.is_ready = False
        self.load(preload)

    def load(self, modules: Sequence[str]) -> None:
        """Ask it to import `modules`, leaving out those already asked for."""
        more = [name for name in modules if name not in self.loaded]
        if more:
            self.loaded += more
            self.link.send({"type": "preload", "modules": more})

    def listen(self, receive: Callable[[SupervisorProcess], None]) -> None:
        """Have `receive` called on the running loop whenever something has come, or the socket has ended."""
        asyncio.get_running_loop().add_reader(self.link, receive, self)
        self._send_rest()

    def stop_listening(self) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(self.link)
        loop.remove_writer(self.link)

    def send(self, message: Message) -> None:
        """Send a message; what the socket has no room for follows on the running loop."""
        self.link.send(message)
        self._send_rest()

    def _send_rest(self) -> None:
        if self.link.has_unsent:
            asyncio.get_running_loop().add_writer(self.link, self._flush)

    def _flush(self) -> None:
        self.link.flush()
        if not self.link.has_unsent:
            asyncio.get_running_loop().remove_writer(self.link)

    async def check(self, payload: str, options: Message) -> tuple[str, list[str]]:
        """Load `payload` once in a process like a trial's.

        To be called before an executor owns this handle.

        Returns: the error, "" for none, and notices, a sentence each. The error is also "" if the check
        takes longer than CHECK_S or the supervisor dies; the first trial then meets the problem itself.
        """
        if options.get("gpus") is not None:
            # this process has leased none
            options = {**options, "env": {**options.get("env", {}), VISIBLE: ""}}
        self.link.send({"type": "check", "job": {"number": 0, "payload": payload, "options": options}})
        loop = asyncio.get_running_loop()
        readable = asyncio.Event()
        loop.add_reader(self.link, readable.set)
        try:
            async with asyncio.timeout(CHECK_S):
                while not self.link.lost:
                    await readable.wait()
                    readable.clear()
                    self.link.flush()
                    for message in self.link.receive():
                        self.is_ready = self.is_ready or message["type"] == "ready"
                        if message["type"] == "checked":
                            return str(message["error"]), list(message["notices"])
        except TimeoutError:
            return "", []
        finally:
            loop.remove_reader(self.link)
        return "", []

    async def end(self) -> None:
        """Wait until it has ended; kill it after CLOSE_S. Trials of a killed supervisor die with it."""
        self.link.close()
        loop = asyncio.get_running_loop()
        until = loop.time() + CLOSE_S
        while self.process.poll() is None:
            if loop.time() > until:
                self.process.kill()
            await asyncio.sleep(0.005)
